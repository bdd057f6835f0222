"""Print examples of a task, for example one phenomenon of the built-in one."""

import random

from core.commands.output import print_json
from core.data.catalogue import load
from core.errors import LabError


def add(parser) -> None:
    parser.add_argument("--task", default="composed-nli")
    parser.add_argument("--phenomenon", help="only examples tagged with it")
    parser.add_argument("--label", help="only examples of this class")
    parser.add_argument("--split", default="test", choices=("train", "validation", "test"))
    parser.add_argument("--n", type=int, default=9)
    parser.add_argument("--seed", type=int, default=0)


def run(args) -> None:
    task = load(args.task)
    split = task.split(args.split)
    tags = split.tags or ((),) * len(split)
    rows = range(len(split))
    if args.phenomenon:
        wanted = {args.phenomenon, f"phenomenon:{args.phenomenon}"}
        rows = [i for i in rows if wanted & set(tags[i])]
        if not rows:
            there = sorted({tag for names in tags for tag in names}) or ["none: this task has no tags"]
            raise LabError(f"No example of {args.task} is tagged {args.phenomenon!r}; its tags are {', '.join(there)}.")
    if args.label:
        if args.label not in task.labels:
            raise LabError(f"{args.task} has no label {args.label!r}; it has {', '.join(task.labels)}.")
        rows = [i for i in rows if task.labels[split.labels[i]] == args.label]
    rows = sorted(random.Random(args.seed).sample(list(rows), min(args.n, len(rows))))
    found = [{"first": split.first[i], "second": split.second[i] if split.second else None, "label": task.labels[split.labels[i]],
              "tags": list(tags[i])} for i in rows]
    if args.json:
        print_json(found)
        return
    for example in found:
        print(f"{example['label']:14}{example['first']}")
        if example["second"]:
            print(f"{'':14}{example['second']}")
        if example["tags"]:
            print(f"{'':14}[{', '.join(example['tags'])}]")
