"""Let an algorithm choose the layers: ranked choices with their scores and what they cost; with --regret, saved picks by the saved runs."""

from pathlib import Path

from core.commands.choose.regret import show_regret
from core.commands.distill import recipe_options, recipe_with
from core.commands.output import answer, choice, follow, table
from core.errors import LabError
from core.recipe import Recipe
from core.store import saved
from core.studies.choosers import picks
from core.studies.choosers.methods import METHODS, method_named
from core.studies.sweep import append

SHOWN = 10  # choices printed


def add(parser) -> None:
    parser.add_argument("--method", help="a chooser (default: block-influence), or `all` (which trains short runs); `list` names them")
    parser.add_argument("--k", type=int, help="student layers; without it the largest number that --max-parameters allows")
    parser.add_argument("--max-parameters", type=int, help="the most parameters the student may have")
    parser.add_argument("--seed", type=int, default=0, help="of short runs")
    parser.add_argument("--again", action="store_true", help="compute anew what is kept")
    parser.add_argument("--out", metavar="FILE", help="also add each pick to this file, one a line; what is there is not added again")
    parser.add_argument("--regret", action="store_true", help="choose nothing: judge the saved picks by the saved full runs")
    parser.add_argument("--freeze", action="store_true", help="choose nothing: freeze the settings of --method, or of all, once")
    parser.add_argument("--saved", metavar="FOLDER", help="with --regret and --freeze: the saved runs and choosers/ (default: core/saved_runs)")
    recipe_options(parser)


def run(args) -> None:
    folder = Path(args.saved) if args.saved else None
    recipe = recipe_with(args, (1,), args.seed)  # what short runs are made of; its layers and budget do not matter
    if args.freeze:
        only = None if args.method in (None, "all") else method_named(args.method).name
        print(picks.freeze(recipe, only, folder))
        return
    if args.regret:
        show_regret(args, folder)
        return
    if args.method == "list":
        kind = lambda method: "a baseline" if method.baseline else "reads labels" if method.labels else ""
        rows = [(name, method.title, kind(method)) for name, method in METHODS.items()]
        print(table(("method", "what it goes by", ""), rows))
        return
    if args.steps is not None or args.epochs is not None or args.rung is not None or args.examples is not None:
        raise LabError("A chooser's short runs have their own lengths; leave --steps, --epochs, --rung and --examples out.")
    if args.out and args.max_parameters is not None:
        raise LabError("A saved pick is of a given number of layers; leave out --max-parameters or --out.")
    names = list(METHODS) if args.method == "all" else [args.method or "block-influence"]
    documents = [found for found in (one(args, name, recipe, alone=len(names) == 1) for name in names) if found]
    if args.out:
        keep(Path(args.out), documents)
    answer(args, documents if args.method == "all" else documents[0], lambda: "\n\n".join(map(summary, documents)))


def keep(path: Path, documents: list[dict]) -> None:
    """Add the picks that the file does not hold yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    there = {picks.identity(document) for document in saved.read(path)}
    for document in documents:
        if picks.identity(document) not in there:
            append(path, picks.record(document))


def one(args, name: str, recipe: Recipe, alone: bool) -> dict | None:
    """Return a chooser's document; None for one of many that is a baseline and cannot choose this many layers, such as the odd ones."""
    from core.studies.choosers.choose import choose
    from core.training.events import Event, reported


    def events():
        found = yield from reported("choosing", lambda progress: choose(name, recipe, args.k, args.max_parameters, args.again, progress))
        yield Event("finished", {"document": found})

    try:
        return follow(events(), quiet=args.json)["document"]
    except LabError:
        if alone or not METHODS[name].baseline:
            raise
        return None


def summary(document: dict) -> str:
    """Return the pick, its cost, and the best choices in words."""
    rows = [(choice(found["layers"]), f"{found['score']:.4f}" if found["score"] is not None else "-") for found in document["choices"][:SHOWN]]
    lines = [
        f"{document['title']}: layers {choice(document['choices'][0]['layers'])} of {document['teacher']} on {document['task']}, "
        f"{document['size']['parameters']:,} parameters; it took {document['seconds']:.1f} s and {document['steps']} training steps",
        *document["notes"],
    ]
    if document["layer_scores"]:
        lines.append("layers: " + ", ".join(f"{layer} {score:.4g}" for layer, score in document["layer_scores"].items()))
    return "\n".join([*lines, table(("choice", "score"), rows)])
