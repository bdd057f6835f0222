"""Seed a student from teacher layers, distil it and measure it."""

import dataclasses
import json
from pathlib import Path

from core.commands.output import answer, choice, follow, percent, warnings
from core.errors import LabError
from core.findings.explanation.not_finite import not_finite
from core.models.catalogue import not_ready, status
from core.objectives import WEIGHTINGS
from core.recipe import BUNDLES, PRESETS, RUNGS, Budget, Labels, Objective, Optimiser, Recipe, Seeding, bundle, parse_layers, preset, rung
from core.store import records


def add(parser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--layers", help="teacher layers in order, 1 nearest the input, for example 1,3,5")
    which.add_argument("--preset", choices=tuple(PRESETS))
    which.add_argument("--recipe", metavar="FILE", help="a recipe as JSON (or a run's JSON); nothing else is read then")
    parser.add_argument("--k", type=int, help="student layers, with --preset")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--allow-repeats", action="store_true", help="let a teacher layer seed several student layers")
    parser.add_argument("--no-cache", action="store_true", help="ask the teacher live at every step")
    parser.add_argument("--keep", action="store_true", help="keep the student: `export` takes it away")
    recipe_options(parser)


def recipe_options(parser) -> None:
    """Add the options that decide a recipe besides its layers and its seed; the sweep takes them too."""
    parser.add_argument("--teacher", default="minilm-l6")
    parser.add_argument("--task", default="composed-nli")
    parser.add_argument("--objective", default="hinton", help=f"one of {', '.join(BUNDLES)}")
    parser.add_argument("--temperature", type=float, help="of the soft targets")
    parser.add_argument("--match", help="losses between layers compare with: seeding, uniform, or one teacher layer per student layer")
    parser.add_argument("--emphasis", choices=tuple(WEIGHTINGS), help="how the compared layers are weighted among themselves")
    parser.add_argument("--weight", action="append", default=[], metavar="LOSS=NUMBER", help="another weight for a loss of the objective")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=int, help="a full run")
    length.add_argument("--steps", type=int, help="a short run")
    length.add_argument("--rung", choices=tuple(RUNGS), help="a rung of the ladder (default: full)")
    parser.add_argument("--examples", type=int, help="train on this many examples only")
    parser.add_argument("--labels", default="all", help="how many training examples keep their label; only the teacher tells of the others")
    parser.add_argument("--wrong-labels", type=float, default=0.0, metavar="SHARE", help="share of the labels that are wrong, from 0 to 1")
    for name, kind in (("learning-rate", float), ("batch-size", int), ("weight-decay", float), ("warmup", float), ("clip", float)):
        parser.add_argument(f"--{name}", type=kind)
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"))
    parser.add_argument("--freeze-embeddings", action="store_true")
    parser.add_argument("--fresh-embeddings", action="store_true", help="do not copy the embeddings")
    parser.add_argument("--fresh-head", action="store_true", help="draw a new pooler and classifier")
    parser.add_argument("--untrained-layers", action="store_true", help="the control: fresh layers, all else copied")


def recipe_of(args) -> Recipe:
    """Return the recipe that the options describe. LabError for what does not fit together."""
    if args.recipe:
        return read_recipe(args.recipe)
    return recipe_with(args, layers_of(args), args.seed, args.allow_repeats)


def recipe_with(args, layers: tuple[int, ...], seed: int, allow_repeats: bool = False) -> Recipe:
    """Return the recipe of these layers and this seed; all else is as the options of `recipe_options` say."""
    budget = dataclasses.replace(rung(args.rung or "full"), examples=args.examples)
    if args.steps is not None or args.epochs is not None:
        budget = Budget(args.steps, args.epochs, args.examples)
    seeding = Seeding(not args.fresh_embeddings, args.fresh_head, args.untrained_layers)
    return Recipe(args.teacher, args.task, layers, objective_of(args), budget, optimiser_of(args), seeding, seed, allow_repeats, labels_of(args))


def layers_of(args) -> tuple[int, ...]:
    if args.layers is not None:
        if args.k is not None:
            raise LabError("The option --k goes with --preset; with --layers the student's size is the number of layers named.")
        return parse_layers(args.layers)
    if args.k is None:
        raise LabError("A preset needs --k, the number of student layers.")
    there = status(args.teacher, args.task)
    if there.layers is None:
        raise not_ready(args.teacher, args.task)
    return preset(args.preset, there.layers, args.k, args.seed)


def objective_of(args) -> Objective:
    changes = {}
    if args.temperature is not None:
        changes["temperature"] = args.temperature
    if args.match is not None:
        changes["match"] = args.match if args.match in ("seeding", "uniform") else parse_layers(args.match)
    if args.emphasis is not None:
        changes["emphasis"] = args.emphasis
    found = dataclasses.replace(bundle(args.objective), **changes)
    return dataclasses.replace(found, weights=tuple((dict(found.weights) | weights_of(args.weight, found)).items())) if args.weight else found


def weights_of(texts: list[str], objective: Objective) -> dict[str, float]:
    """Read the weights of texts such as 'attention_kl=3'. LabError for what is no number, or no loss of the objective."""
    weights = {}
    for text in texts:
        name, _, number = text.partition("=")
        try:
            weights[name] = float(number)
        except ValueError:
            raise LabError(f"The weight {text!r} is not written as LOSS=NUMBER, for example attention_kl=3.") from None
        if name not in dict(objective.weights):
            raise LabError(f"The objective {objective.name} has no loss {name!r}; its losses are {', '.join(dict(objective.weights))}.")
    return weights


def optimiser_of(args) -> Optimiser:
    names = ("learning_rate", "batch_size", "weight_decay", "warmup", "clip", "precision")
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    return Optimiser(**given, freeze_embeddings=args.freeze_embeddings)


def labels_of(args) -> Labels:
    if args.labels != "all" and not args.labels.isdecimal():
        raise LabError(f"The option --labels is {args.labels!r}; write a whole number, as 500, or all.")
    return Labels(None if args.labels == "all" else int(args.labels), args.wrong_labels)


def read_recipe(path: str) -> Recipe:
    try:
        data = json.loads(Path(path).read_text())
    except OSError as error:
        raise LabError(f"The recipe {path} cannot be read ({error.strerror}).") from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise LabError(f"The file {path} is not valid JSON.") from None
    return Recipe.from_dict(data["recipe"] if isinstance(data, dict) and "recipe" in data else data)


def run(args) -> None:
    recipe = recipe_of(args)
    from core.training.distill import Exact, distill

    record = follow(distill(recipe, exact=Exact(cache_signals=not args.no_cache), keep=args.keep))["record"]
    records.add(record)
    answer(args, record, lambda: summary(record))


def summary(record: dict) -> str:
    """Describe a run in a few lines; one whose figures are not finite in one sentence."""
    if not records.finite(record):
        return f"run {record['id']} {record['status']}: {not_finite(record).sentence}"
    final, first, teacher = record["final"], record["initial"], record["teacher"]
    norms = ", ".join(f"{part} {norm:.3g}" for part, norm in record["update_norms"].items())
    lines = [
        f"run {record['id']} {record['status']}: {record['recipe']['teacher']} on {record['recipe']['task']}, "
        f"layers {choice(record['recipe']['layers'])}, {record['steps']} of {record['steps_planned']} steps",
        f"on {record['split']}: accuracy {percent(final['accuracy'])} (before the first step {percent(first['accuracy'])}, "
        f"teacher {percent(teacher['accuracy'])}, always the most frequent label {percent(record['majority'])})",
        f"macro-F1 {percent(final['macro_f1'])}, agreement with the teacher {percent(final['agreement'])}, loss {final['loss']:.4f} nats",
        f"update norms: {norms}",
        f"{record['seconds']:.1f} s, {record['tokens_per_second'] or 0:,.0f} non-pad tokens/s on {record['environment']['device']} "
        f"in {record['environment']['dtype']}",
    ]
    return "\n".join([*lines, *warnings(record.get("fit")), *record["notes"]])
