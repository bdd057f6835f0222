"""What the saved runs of a teacher, task and K say: every choice with its seeds, which can be the best, and what short runs are worth."""

from core.commands.output import answer, choice, percent, table
from core.errors import LabError
from core.findings.known_runs import known_runs
from core.findings.landscape import BETTER, UNTRAINED, WORSE, Choice, Landscape, full_counterpart, fullest, judged, landscapes, short_run_truth
from core.findings.literature.verdicts import Literature, literature
from core.findings.names import budget_name
from core.findings.questions import questions
from core.findings.validity import separation
from core.findings.words import cell
from core.recipe import count_of_layers
from core.statistics.collapse import collapsed_text
from core.store.saved import saved_runs
from core.views.landscape.literature import DIRECTION, row


def add(parser) -> None:
    parser.add_argument("--teacher", default="minilm-l6")
    parser.add_argument("--task", default="composed-nli")
    parser.add_argument("--k", type=int, default=3, help="student layers")
    parser.add_argument("--questions", action="store_true", help="what else all saved runs say: of distilling, order, longer runs, another teacher")
    parser.add_argument("--literature", action="store_true", help="published claims on the choice of layers, and what all saved runs say of each")


def run(args) -> None:
    if args.questions:
        asked = questions(landscapes(saved_runs()))
        written = lambda one: "\n".join([one.title, *(one.answers or ("No saved run can tell yet.",))])
        answer(args, list(map(vars, asked)), lambda: "\n\n".join(map(written, asked)))
        return
    if args.literature:
        tried = literature(landscapes(saved_runs()))
        answer(args, claims_document(tried), lambda: claims_text(tried))
        return
    found = report_on(args.teacher, args.task, args.k)
    answer(args, found, lambda: as_text(found))


def claims_document(found: Literature) -> list[dict]:
    """Return the claims as JSON has them: sentence, verdict, sources, published figures, every comparison in words, and the runs compared."""
    runs = lambda one: sorted({run for tried in one.tried for verdict in tried.verdicts for run in verdict.comparison.runs})
    shown = ("who", "sentence", "word", "here", "sources", "figures", "compared", "places")
    return [{"topic": one.topic} | {name: getattr(row(one), name) for name in shown} | {"runs": runs(one)} for one in found.claims]


def claims_text(found: Literature) -> str:
    """Write each claim with its verdict, and what the saved runs say."""
    rows = [f"{one.word.upper()}: {one.claim.sentence} ({one.claim.who})\n  {one.here}" for one in found.claims]
    return "\n".join(filter(None, (f"{found.summary} {DIRECTION}", *rows, found.two_lists)))


def report_on(teacher: str, task: str, k: int) -> dict:
    """Return the report on the fullest landscape of this size. LabError where none is saved."""
    of_size = [one for one in landscapes(known_runs(teacher, task)) if one.k == k and one.choices]
    if not of_size:
        raise LabError(f"No runs of {count_of_layers(k)} of {teacher} on {task} are saved; `python -m core plan --files` lists what there is.")
    shown = full_counterpart(fullest(of_size), of_size) or fullest(of_size)
    return report(shown, judged(shown, of_size))


def report(shown: Landscape, budgets: list[Landscape]) -> dict:
    """Return the report as JSON has it. budgets: the full runs, then those of other lengths. Accuracies and SD are fractions; against_best is
    worse, better, within (some points: the interval of the difference says how many) or unknown (too few runs to tell).
    """
    accuracies = {one: [run["final"]["accuracy"] for run in shown.runs[one]] for one in shown.choices}
    rows = [
        {"layers": list(one), "control": one == UNTRAINED, "seeds": len(shown.runs[one]), "accuracy": mean,
         "interval": shown.interval(one), "collapsed": shown.collapsed.get(one, 0), "can_be_best": one in shown.can_be_best,
         "against_best": None if one == shown.best else shown.against_best[one],
         "beside_best": None if one == shown.best else beside(shown, one)}
        for one, mean in shown.means.items()
    ]
    short = [
        {"budget": budget_name(other.one), "seeds": min(len(other.runs[one]) for one in other.choices), **vars(short_run_truth(other, shown))}
        for other in budgets[1:]
    ]
    return {
        "teacher": shown.pair[0], "task": shown.pair[1], "k": shown.k, "budget": budget_name(shown.one),
        "teacher_accuracy": shown.one["teacher"]["accuracy"], "separation": separation(accuracies), "seed_sd": shown.noise.sd,
        "seed_df": shown.noise.df, "choices": rows, "short_runs": short,
    }


def beside(shown: Landscape, one: Choice) -> str:
    """Return how a choice stands beside the best in words: 'worse', 'within 2.1 points' or 'too few runs to tell'."""
    word = shown.against_best[one]
    return word if word in (WORSE, BETTER) else cell(shown.beside_best(one))


def as_text(found: dict) -> str:
    """Write the report as a table of choices and a line a budget of short runs."""
    parts = found["separation"]
    size, teacher = count_of_layers(found["k"]), percent(found["teacher_accuracy"])
    rows = [
        ("untrained" if row["control"] else choice(row["layers"]), row["seeds"], percent(row["accuracy"]), row["beside_best"] or "highest mean",
         collapsed_text(row["collapsed"], row["seeds"]))
        for row in found["choices"]
    ]
    noise = "no choice has two seeds, so the noise is unknown"
    if found["seed_df"]:
        noise = f"seed SD {100 * found['seed_sd']:.2f} points ({found['seed_df']} degrees of freedom)"
    if "icc" in parts:
        noise += f"; reliability of one run (ICC) {parts['icc']:.2f}, among the ten best {parts['icc_top']:.2f}"
    lines = [
        f"{found['teacher']} on {found['task']}, students of {size}, {found['budget']}; teacher {teacher}",
        table(("layers", "seeds", "accuracy", "beside the best", ""), rows),
        f"Spread {100 * parts['spread']:.1f} points; {noise}",
    ]
    for short in found["short_runs"]:
        agree = "the full runs tell no pair apart" if short["agreement"] is None else (
            f"of the other pairs {percent(short['agreement'])} in the same order (by the sum {percent(short['trivial_agreement'])})"
        )
        span = lambda found: "" if found is None else " ({:.2f} to {:.2f})".format(*found)
        ceiling = f"noise ceiling {short['ceiling']:.2f}{span(short['ceiling_range'])}"
        tau = f"tau with the full runs {short['tau']:.2f}{span(short['interval'])}, {ceiling}"
        lines.append(
            f"{short['budget']}, {short['seeds']} seed{'s' * (short['seeds'] != 1)}, {short['choices']} choices: {tau}, "
            f"of the sum of layer numbers {short['trivial_tau']:.2f}; {percent(short['ties'])} of pairs are not told apart; {agree}"
        )
    return "\n".join(lines)
