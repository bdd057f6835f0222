"""List the mistakes that people make when they distil, make one in a short run, or count how often figures alone give them away."""

import sys
from pathlib import Path

from tqdm import tqdm

from core.commands.diagnose import report
from core.commands.distill import summary
from core.commands.output import answer, follow, percent, table, tell_broke_off
from core.errors import LabError
from core.findings.diagnose import counts, diagnose
from core.models.catalogue import ready_layers
from core.recipe import RUNGS, rung
from core.store.saved import FOLDER, read
from core.studies import sweep as study
from core.studies.mistakes.catalogue import MISTAKES, Mistake, mistakes

DEFAULT = FOLDER / "mistakes" / "minilm-l6--composed-nli.jsonl"


def add(parser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--run", dest="made", metavar="NAME", help="make this mistake in short runs and diagnose them; '+' joins several mistakes")
    what.add_argument("--seeds", type=int, metavar="N", help="the study: N seeds of every mistake with a signature, and correct runs, into --out")
    what.add_argument("--report", nargs="?", const=str(DEFAULT), metavar="FILE", help="the study's counts (default: of the saved one)")
    parser.add_argument("--correct-seeds", type=int, help="seeds of the correct runs of all presets (default: twice --seeds)")
    parser.add_argument("--out", metavar="FILE", help="where the study is kept (default: the saved one); what is there already is not run again")
    parser.add_argument("--teacher", default="minilm-l6")
    parser.add_argument("--task", default="composed-nli")
    parser.add_argument("--k", type=int, help="student layers (default: half of the teacher's)")
    parser.add_argument("--rung", choices=tuple(RUNGS), default="60")
    parser.add_argument("--seed", type=int, default=0)


def run(args) -> None:
    if args.made:
        _one(args)
    elif args.seeds is not None:
        _study(args)
    elif args.report:
        _report(args)
    else:
        answer(args, list(map(vars, MISTAKES.values())), lambda: "\n\n".join(map(_described, MISTAKES.values())))


def _described(each: Mistake) -> str:
    lines = (("written", each.written), ("wrong", each.wrong), ("in the figures", each.signature), ("proof", each.proof), ("here", each.here))
    return "\n".join([f"{each.name}: {each.title}", *(f"  {name}: {text}" for name, text in lines if text)])


def _one(args) -> None:
    mistakes(args.made)
    layers = ready_layers(args.teacher, args.task)
    from core.studies.mistakes import runs

    case = runs.Case(args.made, runs.recipes_of(args.made, args.teacher, args.task, layers, args.seed, rung(args.rung), args.k))
    record = follow(runs.run(case, layers))["record"]
    answer(args, record, lambda: "\n".join([*map(summary, record["runs"]), report(diagnose(record["runs"]))]))


def _study(args) -> None:
    correct = 2 * args.seeds if args.correct_seeds is None else args.correct_seeds
    if args.seeds < 0 or correct < 0 or args.seeds + correct == 0:
        raise LabError("The study needs at least one seed; give --seeds 10.")
    layers = ready_layers(args.teacher, args.task)
    from core.studies.mistakes import runs
    from core.training.loading import load_pair

    teacher, task, _ = load_pair(args.teacher, args.task)
    plan = runs.plan(args.teacher, args.task, layers, args.seeds, correct, rung(args.rung), args.k)
    path = Path(args.out) if args.out else DEFAULT
    engine, broke_off = study.in_turn(lambda case: runs.studied(case, layers)), []
    with tqdm(total=len(plan), unit="table", file=sys.stderr, dynamic_ncols=True, mininterval=1.0) as bar:
        for state in study.sweep(plan, path, teacher.key, task.hash, engine):
            bar.n = state["done"]
            if state["event"] is not None and state["event"].kind == "failed":
                broke_off.append(f"{state['recipe'].mistake or 'correct'} seed {state['recipe'].seed}: {state['event'].data['reason']}")
            if state["recipe"]:
                bar.set_postfix_str(f"{state['recipe'].mistake or 'correct'} seed {state['recipe'].seed}", refresh=False)
            bar.refresh()
    print(path)
    tell_broke_off(broke_off)


def _report(args) -> None:
    path = Path(args.report)
    if not path.is_file():
        raise LabError(f"There is no file {path}; `python -m core mistakes --seeds 10 --out {path}` makes it.")
    found = counts(read(path))
    rows = [(name, each["look"], f"{each['named']} of {each['of']}") for name, each in found.items() if "look" in each]
    lines = [table(("mistake", "figures", "named from the figures alone"), rows)]
    for key in ("correct", "correct runs"):
        false, of = found[key]["false"], found[key]["of"]
        lines.append(f"{key}: {false} false alarms in {of} ({percent(false / of) if of else '-'})")
    answer(args, found, lambda: "\n".join(lines))
