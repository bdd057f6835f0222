"""Look inside a teacher: how alike its layers are, what each knows, and how a prediction forms."""

import json
from pathlib import Path

from core.commands.output import answer, follow, percent, table
from core.store.layer_scores import by_layer


def add(parser) -> None:
    parser.add_argument("--teacher", default="minilm-l6")
    parser.add_argument("--task", default="composed-nli")
    parser.add_argument("--examples", type=int, help="validation examples to measure on (default: 2000)")
    parser.add_argument("--again", action="store_true", help="measure anew what is kept")
    parser.add_argument("--pair", nargs="+", metavar="TEXT", help="one text, or the two of a pair: show its prediction forming instead")
    parser.add_argument("--pairs", metavar="FILE", help="write what teacher and a student of --layers say of a few validation pairs to this file")
    parser.add_argument("--layers", default="1,3,6", help="with --pairs: the student's, which is trained for 60 steps")


def run(args) -> None:
    if args.pair:
        pair(args)
        return
    if args.pairs:
        told(args)
        return
    from core.studies.inside.measure import EXAMPLES, measure

    examples = EXAMPLES if args.examples is None else args.examples
    scores = follow(measure(args.teacher, args.task, examples, again=args.again), quiet=args.json)["scores"]
    answer(args, scores, lambda: summary(scores))


def pair(args) -> None:
    from core.studies.inside.forming import forming

    found = forming(args.teacher, args.task, *args.pair[:2], *args.pair[2:])
    rows = [(f"layer {layer}" if layer else "embeddings", *map(percent, row)) for layer, row in enumerate(found["layers"])]
    answer(args, found, lambda: table(("after", *found["labels"]), rows))


def told(args) -> None:
    from core.recipe import Recipe, bundle, parse_layers, rung
    from core.studies.inside.pairs import tell

    recipe = Recipe(args.teacher, args.task, parse_layers(args.layers), bundle("hinton"), rung("60"))
    command = f"python -m core inside --teacher {args.teacher} --task {args.task} --layers {args.layers} --pairs {args.pairs}"
    path = Path(args.pairs)
    found = follow(tell(recipe, command, path.with_suffix(".safetensors")), quiet=args.json)["pairs"]
    path.write_text(json.dumps(found, indent=1) + "\n")
    rows = [(pair["first"], pair["second"] or "", found["labels"][pair["label"]], f"{pair['entropy']:.2f}") for pair in found["pairs"]]
    answer(args, found, lambda: table(("first", "second", "label", "entropy (nats)"), rows))


def summary(scores: dict) -> str:
    """Write a row a layer; layer 1 is nearest the input."""
    series = by_layer(scores)
    rows = [
        (layer, f"{series['influence'][layer]:.3f}", percent(series["exit_accuracy"][layer]), percent(series["probe_accuracy"][layer]),
         f"{series['attention_entropy'][layer]:.2f}", f"{series['attention_distance'][layer]:.1f}", f"{scores['angular'][layer - 1][layer]:.3f}",
         number(scores["cka"][layer - 1][layer]))
        for layer in range(1, scores["layers"] + 1)
    ]
    head = ("layer", "Block Influence", "exit here", "linear probe", "attention entropy (nats)", "attention distance (tokens)", "angle", "CKA")
    return "\n".join([
        f"{scores['teacher']} on {scores['task']}: {scores['examples']} validation examples, probes trained on {scores['probe_examples']}; "
        f"always the most frequent label: {percent(scores['majority'])}. Layer 1 is nearest the input; angle and CKA are with the layer before.",
        table(head, rows),
    ])


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
