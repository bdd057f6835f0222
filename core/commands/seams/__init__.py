"""Seams, the places where a student's layers were not neighbours in the teacher: what saved runs say, an experiment, and measuring them."""

from core.commands.seams import experiment, measure, study


def add(parser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--study", action="store_true", help="what tells a choice's accuracy, by the saved full runs (half a minute)")
    what.add_argument("--experiment", action="store_true", help="what share of a seam's cost is wrong input, what share missing work")
    what.add_argument("--measure", action="store_true", help="try every seam of a teacher, cut and bridged: forward passes only")
    what.add_argument("--heal", type=int, metavar="STEPS", help="a short run of every student with one seam; what --out holds is not made again")
    parser.add_argument("--teacher", default="minilm-l6", help="with --measure and --heal")
    parser.add_argument("--task", default="composed-nli", help="with --measure and --heal")
    parser.add_argument("--choices", action="store_true", help="with --measure: also every choice with all its seams at once; takes minutes")
    parser.add_argument("--again", action="store_true", help="with --measure: measure anew what is kept")
    experiment.add(parser)
    parser.add_argument("--out", metavar="FILE", help="the experiment's or --heal's runs; with --study and --measure, also the figures, as JSON")


def run(args) -> None:
    if args.study:
        study.run(args)
    elif args.experiment:
        experiment.run(args)
    elif args.measure:
        measure.run(args)
    else:
        measure.heal(args)
