"""What each of a teacher's seams costs on a task, without training (--measure), or after short runs (--heal)."""

import json
from pathlib import Path

from core.commands.output import answer, choice, follow, percent, table
from core.errors import LabError


def add(parser) -> None:
    parser.add_argument("--teacher", default="minilm-l6")
    parser.add_argument("--task", default="composed-nli")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--measure", action="store_true", help="try every seam, cut and bridged: forward passes only")
    what.add_argument("--heal", type=int, metavar="STEPS", help="a short run of every student with one seam; what --out holds is not made again")
    parser.add_argument("--choices", action="store_true", help="with --measure: also every choice with all its seams at once; takes minutes")
    parser.add_argument("--again", action="store_true", help="measure anew what is kept")
    parser.add_argument("--out", metavar="FILE", help="where --measure also writes its document, and --heal its runs")


def run(args) -> None:
    if args.heal is not None:
        heal(args)
        return
    from core.studies.seams.measure import measure

    document = follow(measure(args.teacher, args.task, again=args.again, choices=args.choices), quiet=args.json)["costs"]
    if args.out:
        Path(args.out).parent.mkdir(parents=True, exist_ok=True)
        Path(args.out).write_text(json.dumps(document, indent=1) + "\n")
    answer(args, document, lambda: summary(document))


def summary(document: dict) -> str:
    """Write a row a seam."""
    points = lambda how, one: f"{100 * (document['accuracy'] - one[how]['accuracy']):.1f}"
    rows = [
        (f"{one['below']}-{one['above']}", one["above"] - one["below"] - 1, points("cut", one), points("bridged", one), f"{one['bridged']['kl']:.2f}",
         f"{one['cka']:.2f}", f"{one['distance']:.2f}") for one in document["seams"]
    ]
    return "\n".join([
        f"{document['teacher']} on {document['task']}: {percent(document['accuracy'])} of {document['examples']} validation examples; points of "
        f"accuracy lost by one seam, with nothing trained. From 0, the embeddings, to {document['layers'] + 1}, the head; it took "
        f"{sum(document['seconds'].values()):.0f} s",
        table(("seam", "layers missing", "cut", "bridged", "KL, bridged", "CKA", "distance"), rows),
    ])


def heal(args) -> None:
    if not args.out:
        raise LabError("The short runs need a file; name one with --out.")
    from core.studies.seams.healing import heal as short_runs

    for state in short_runs(args.teacher, args.task, args.heal, Path(args.out)):
        event = state["event"]
        if event is not None and event.kind == "finished":
            record = event.data["record"]
            left = "" if state["eta"] is None else f", {state['eta']:.0f} s left"
            made = f"layers {choice(record['recipe']['layers'])}, {percent(record['final']['accuracy'])}"
            print(f"{state['done']} of {state['of']}: {made}{left}", flush=True)
    answer(args, {"file": args.out}, lambda: args.out)
