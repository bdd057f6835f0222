"""Fine-tune a teacher on a task."""

import dataclasses
import shlex

from core.commands.output import answer, follow, percent
from core.recipe.tuning import NAMED, default_tuning, teacher_name


def add(parser) -> None:
    parser.add_argument("teacher", help=f"a catalogue name, a hub id or a local folder; {NAMED} says seed and settings, as the options do")
    parser.add_argument("--task", required=True)
    parser.add_argument("--epochs", type=int, help="default: the task's")
    parser.add_argument("--learning-rate", type=float, help="default: the task's")
    parser.add_argument("--seed", type=int, help="default: that of the teacher's name")
    parser.add_argument("--bundle", action="store_true", help="keep it in fp16 under core/assets, with its logits")
    parser.add_argument("--again", action="store_true", help="fine-tune anew even if this teacher is there")


def run(args) -> None:
    from core.training.tune import tune

    tuning = default_tuning(args.teacher, args.task)
    changes = {name: value for name, value in (("epochs", args.epochs), ("seed", args.seed)) if value is not None}
    if args.learning_rate is not None:
        changes["optimiser"] = dataclasses.replace(tuning.optimiser, learning_rate=args.learning_rate)
    tuning = dataclasses.replace(tuning, **changes)
    last = follow(tune(tuning, args.teacher if args.bundle else None, bundle=args.bundle, again=args.again))
    card, name = last["card"], teacher_name(tuning)
    answer(args, card | {"folder": last["folder"], "teacher": name}, lambda: "\n".join([
        *(f"{split}: accuracy {percent(scores['accuracy'])}, macro-F1 {percent(scores['macro_f1'])}, loss {scores['loss']:.4f} nats"
          for split, scores in card.get("scores", {}).items()),
        *(f"mean entropy of its targets on train at {temperature}: {nats:.4f} nats" for temperature, nats in card.get("target_entropy", {}).items()),
        f"{card['seconds']:.0f} s; kept in {last['folder']}",
        f"distill it with --teacher {shlex.quote(name)} --task {shlex.quote(args.task)}",
    ]))
