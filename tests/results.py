"""Write core/saved_runs/RESULTS.md from the saved runs. Run: python -m tests.results; `git diff` then shows what new runs changed.

The text around the figures stands in tests/results.md, where {{name}} stands for what PARTS[name]() returns.
"""

import contextlib
import functools
import io
import json
import math
import re
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from core.__main__ import main
from core.commands import calibrate, plan, stages
from core.commands.choose import regret as choose_regret
from core.commands.landscape import beside
from core.commands.output import choice, percent
from core.commands.runs import moved
from core.findings.calibration import coverage
from core.findings.calibration.rates import EXAMPLES, FALSE, FOUND, GAPS, SEEDS, holds
from core.findings.calibration.worlds import WORLDS
from core.findings.choosers.baselines import sentences
from core.findings.choosers.contrasts import estimates, summary
from core.findings.diagnose import counts
from core.findings.evidence import UNTRAINED
from core.findings.four_choices import AS_TAKEN
from core.findings.landscape import Landscape, landscapes
from core.findings.literature.verdicts import Literature, literature
from core.findings.names import pair_text
from core.findings.questions import questions, shared_texts
from core.findings.seams import tables as seam_tables
from core.findings.seams.sentences import sentences as seam_sentences
from core.findings.two_landscapes import SharedOrder
from core.recipe import PRESETS, Optimiser, known_as, preset
from core.store import saved
from core.store.saved import read, saved_runs, truth
from core.studies import contrasts
from core.studies.mistakes.catalogue import MISTAKES
from core.studies.seams import arms, experiment_table
from core.studies.seams import report as seam_study
from core.views.landscape.aspects import best_text, over_tasks
from core.views.landscape.literature import together
from tests import results_seams

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "tests" / "results.md"
RESULTS = ROOT / "core" / "saved_runs" / "RESULTS.md"
SAVED = sorted(saved.FOLDER.glob("*.jsonl"))
SCALE = "mpnet-base--sick--presets"
WIDTH = 156
Rows = list[list[str]]


def records_of(name: str) -> list[dict]:
    return read(saved.FOLDER / f"{name}.jsonl")


def layers_of(record: dict) -> str:
    return "none" if record["recipe"]["seeding"]["untrained_layers"] else choice(record["recipe"]["layers"])


def rate_of(record: dict) -> float:
    return record["recipe"]["optimiser"]["learning_rate"]


def preset_names(layers: int, k: int) -> dict[tuple[int, ...], str]:
    """Return what the tables call the presets of k layers."""
    both_ends = f"spread, both ends kept{f': {known} had these' if (known := known_as('spread', layers, k)) else ''}"
    texts = f"first {k}, nearest the input", f"last {k}, nearest the output", "odd", "even", both_ends
    return {preset(name, layers, k): text for text, name in zip(texts, PRESETS)}


def name_of(record: dict) -> str:
    return "control: untrained layers" if layers_of(record) == "none" else preset_names(6, 3)[tuple(record["recipe"]["layers"])]


def sick_presets() -> list[dict]:
    """Return the runs of the presets and the control on SICK, at the learning rate that was chosen."""
    return [record for record in records_of("minilm-l6--sick--rates") if rate_of(record) == Optimiser().learning_rate]


def preset_rows() -> Rows:
    return [
        [name_of(record), layers_of(record), percent(record["initial"]["accuracy"]), percent(record["final"]["accuracy"]),
         percent(record["final"]["macro_f1"]), f"{moved(record):.1f}", f"{record['seconds']:.0f}"]
        for record in sick_presets()
    ]


def sick_teacher() -> str:
    (first, *_) = sick_presets()
    return (
        f"Test accuracy of the teacher: {percent(first['teacher']['accuracy'])}; always naming the most frequent label: {percent(first['majority'])}."
    )


def last_validation(record: dict) -> float:
    return [point["val_accuracy"] for point in record["curve"] if point["val_accuracy"] is not None][-1]


def rate_rows() -> Rows:
    found: dict[tuple[str, str], dict[float, float]] = {}
    for record in records_of("minilm-l6--sick--rates"):
        found.setdefault((name_of(record), layers_of(record)), {})[rate_of(record)] = last_validation(record)
    return [[*names, *(percent(values[rate]) for rate in sorted(values))] for names, values in found.items()]


def scale_landscape() -> Landscape:
    (shown,) = landscapes(records_of(SCALE))
    return shown


def scale_rows() -> Rows:
    """Return the table at the assignment's scale, best first."""
    shown = scale_landscape()
    names = preset_names(12, 6) | AS_TAKEN | {UNTRAINED: "control: untrained layers"}
    mean = lambda part, figure, one: percent(np.mean([run[part][figure] for run in shown.runs[one]]))
    return [
        [names[one], choice(one) if one else "none", str(len(shown.runs[one])), mean("initial", "accuracy", one), mean("final", "accuracy", one),
         mean("final", "macro_f1", one), beside(shown, one) if one != shown.best else "highest mean"]
        for one in shown.means
    ]


def scale_teacher() -> str:
    """Return what the teacher, guessing and the noise between seeds come to."""
    shown = scale_landscape()
    return (
        f"Test accuracy of the teacher: {percent(shown.one['teacher']['accuracy'])}; always naming the most frequent label: "
        f"{percent(shown.one['majority'])}; from seed to seed one choice varies by {100 * shown.noise.sd:.2f} points "
        "(SD) on average."
    )


def scale_learned() -> str:
    """Return what became of the students that the assignment's table shows as unable to learn."""
    shown = scale_landscape()
    trained = {one: mean for one, mean in shown.means.items() if one != UNTRAINED}
    lowest, first = min(trained, key=trained.get), preset("first-k", 12, 6)
    above = 100 * (trained[lowest] - shown.one["majority"])
    assert max(trained, key=trained.get) == shown.best == preset("spread", 12, 6) and first in shown.can_be_best
    return (
        'The assignment has its "Top", the first 6, nearest the input, learn and the others not. Here every student of trained layers learns: '
        f"the lowest, layers {choice(lowest)}, lies {above:.1f} points above the most frequent label. Spread has the highest mean, "
        f"and the first 6 are not shown to be worse."
    )


@functools.cache
def built_in() -> dict:
    """Return the report on three layers on the built-in task that `python -m core landscape --k 3 --json` prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main(["landscape", "--k", "3", "--json"]) == 0
    return json.loads(printed.getvalue())


def choice_rows() -> Rows:
    """Return every choice of three layers on the built-in task, best first."""
    names = preset_names(6, 3)

    def row(one: dict) -> list[str]:
        layers, ascending = tuple(one["layers"]), tuple(sorted(one["layers"]))
        name = "control: untrained layers" if one["control"] else names.get(layers, "")
        if not one["control"] and layers != ascending:
            name = f"{choice(ascending)} in another order"
        return ["none" if one["control"] else choice(layers), name, percent(one["accuracy"]), interval_text(one["interval"]),
                one["beside_best"] or "highest mean", "yes" if one["can_be_best"] else ""]

    return [row(one) for one in built_in()["choices"]]


def interval_text(interval: tuple[float, float] | None) -> str:
    return "-" if interval is None else f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}"


def spread_text() -> str:
    spread, sd = 100 * built_in()["separation"]["spread"], 100 * built_in()["seed_sd"]
    return f"Best and worst lie {spread:.1f} points apart; from seed to seed one choice varies by {sd:.2f} points (SD) on average."


def short_runs() -> list[dict]:
    return [one for one in built_in()["short_runs"] if one["budget"].endswith("steps")]


def short_rows() -> Rows:
    """Return what short runs are worth on the built-in task, a row for each rung."""
    def row(one: dict) -> list[str]:
        tau = f"{one['tau']:.2f}", _span(one["interval"]), f"{one['ceiling']:.2f} ({_span(one['ceiling_range'])})"
        return [one["budget"], str(one["seeds"]), *tau, percent(one["agreement"]), " to ".join(map(percent, one["agreement_interval"]))]

    return [row(one) for one in short_runs()]


def trivial_text() -> str:
    """Return what the sum of layer numbers, a rule without a run, is worth beside short runs."""
    one = short_runs()[0]
    return (
        f"The sum of the layer numbers, lower first, needs no run: its tau is {one['trivial_tau']:.2f}, and it puts "
        f"{percent(one['trivial_agreement'])} in the right order."
    )


def _span(found: tuple[float, float] | None) -> str:
    return "-" if found is None else "{:.2f} to {:.2f}".format(*found)


@functools.cache
def over_all_tasks() -> tuple[list[Landscape], list[SharedOrder]]:
    found = landscapes(saved_runs())
    whole = lambda one: one.settings["budget"]["epochs"] == 3 and len(one.choices) == 20
    (full,) = [one for one in found if (*one.pair, one.k) == ("minilm-l6", "composed-nli", 3) and whole(one)]
    return over_tasks(full, found)


def task_rows() -> Rows:
    """Return how far the orders of two tasks or teachers agree: pairs told apart, those in the same order, and tau where there is an order."""
    def row(one: SharedOrder) -> list[str]:
        told = ["none (one seed)" if count is None else str(count) for count in one.told]
        name = f"{pair_text(*one.first.pair)} and {pair_text(*one.second.pair)}"
        if one.silent:
            return [name, " and ".join(told), "-", "-", "-", "-", "-"]
        found = one.agreement
        ceiling = f"{found.ceiling:.2f} ({_span(found.ceiling_range)})"
        return [name, " and ".join(told), str(one.both), str(one.alike), f"{found.tau:.2f}", _span(found.interval), ceiling]

    return [row(one) for one in over_all_tasks()[1]]


def task_text() -> str:
    """Return the headline, that of two tasks, and the best means."""
    compared, shared = over_all_tasks()
    return " ".join([*shared_texts([one for one in shared if one.first.pair[0] == one.second.pair[0]]), best_text(compared)])


def coverage_rows() -> Rows:
    """Return how often the bound of regret, the interval of tau and a table of choosers are right, a row for each promise and spread of the SDs: the
    range over tasks and sizes, of two and of three seeds."""
    found: dict[tuple[str, str], dict[int, list[float]]] = {}
    for line in read(coverage.PATH):
        cell = line["cell"]
        found.setdefault((cell["what"], cell["spread"]), {}).setdefault(cell["seeds"], []).append(line["covered"] / line["worlds"])
    each = lambda shares: f"{percent(min(shares))} to {percent(max(shares))}"
    return [[what, spread, *(each(by[seeds]) for seeds in sorted(by))] for (what, spread), by in sorted(found.items())]


def answers() -> str:
    """Return the questions with their answers, a paragraph and a list each."""
    return "\n\n".join(
        f"**{question.title}**\n\n" + "\n".join(f"- {answer}" for answer in question.answers or ("No saved run can tell yet.",))
        for question in questions(landscapes(saved_runs()))
    )


@functools.cache
def published_claims() -> Literature:
    return literature(landscapes(saved_runs()))


def claim_rows() -> Rows:
    """Return every published claim with the verdict of the saved runs, and where they say so."""
    return [[one.claim.sentence, one.claim.who, one.word, one.here] for one in published_claims().claims]


@functools.cache
def chooser_tables() -> list[dict]:
    return choose_regret.tables()


def chooser_text(one: dict) -> str:
    """Return one table of choosers with what is said of it."""
    head = choose_regret.HEAD[:8]
    rows = [list(map(str, choose_regret.row(judged)[:8])) for judged in one["judged"]]
    heading = f"**{one['k']} layers of {one['teacher']} on {one['task']}**: {choose_regret.ground_text(one)}"
    return "\n\n".join([heading, f"{lines([list(head)])}\n|---|---|---:|---:|---:|---:|---:|---:|\n{lines(rows)}", *sentences(one["verdicts"])])


def halving_text() -> str:
    """Return how the cost of successive halving is counted at the assignment's scale."""
    (steps,) = (pick["steps"] for pick in read(saved.FOLDER / "choosers" / "mpnet-base--sick.jsonl") if pick["method"] == "successive-halving")
    return (
        f"Successive halving ran there in bfloat16, the full runs in float32: it is counted by its {steps:,} training steps, as many as "
        f"{steps / records_of(SCALE)[0]['steps']:.1f} full runs make, not by the clock."
    )


@functools.cache
def stage_estimates() -> list:
    runs = read(ROOT / contrasts.FILE)
    return estimates(runs, truth(runs[0]["task_hash"], "test"))


def stage_rows() -> Rows:
    return [list(map(str, stages.row(one))) for one in stage_estimates()]


def seam_experiment() -> str:
    """Return the tables of the experiment on seams, with what is said of each."""
    by_task = experiment_table.measured_by_task(read(arms.FILE))
    if not by_task:
        return "None of its runs is there yet."
    left, judged = arms.missing(read(arms.FILE), arms.trials()), experiment_table.predictions_of(by_task)
    whole = lambda head, rows: f"{lines([list(head)])}\n|{'---|' * len(head)}\n{lines(rows)}"
    arm_table = whole(experiment_table.HEAD, experiment_table.arm_rows(by_task))
    prediction_table = whole(experiment_table.HEAD_PREDICTIONS, experiment_table.prediction_rows(judged))
    said = wrapped(" ".join(experiment_table.split_lines(by_task)))
    short = f" {len(left)} of its runs are missing." if left else ""
    return "\n\n".join([arm_table, said, prediction_table, wrapped(experiment_table.verdict_line(judged) + short)])


def bench(name: str) -> dict:
    return json.loads((saved.FOLDER / "bench" / f"{name}.json").read_text())


PEERS = ("training-6", "training-nli", "training-128", "training-12", "training-12-nli")
PEERS_SHOWN = (("notebook loop", "as documented"), ("HF Trainer", "best settings"), ("TextBrewer", "best settings"))


def cell_name(cell: dict) -> str:
    return f"{cell['teacher']} {cell['teacher_layers']}→{len(cell['layers'])}"


def peer_rows() -> Rows:
    """Return a training step beside its peers', a row for each student, task and workload."""
    times = lambda part: f"{part['median']:.2f} ({part['min']:.2f} to {part['max']:.2f})"
    rows = []
    for name in PEERS:
        padded = ", padded to 128" if name.endswith("-128") else ""
        for cell in bench(name)["cells"]:
            reached = {key: f"{100 * value:.0f}" for key, value in cell["peers"]["reached"].items() if key != "values"}
            by = {(row["loop"], row["settings"]): row for row in cell["peers"]["rows"]}
            ours = f"{1000 * by['Layer Lab', 'as it is']['seconds_per_step']['median']:.0f}"
            rows.append([
                f"{cell_name(cell)}, {cell['task']}, {cell['workload']}{padded}", ours, *(times(by[one]["times_ours"]) for one in PEERS_SHOWN),
                f"{reached['median']} % ({reached['min']} to {reached['max']})",
            ])
    return rows


def limit_rows() -> Rows:
    share = lambda part: f"{100 * part['utilisation']:.0f} %"
    limits = [(cell, cell["limit"]) for cell in bench("training")["cells"] if "limit" in cell]
    return [[cell_name(cell), share(limit["forward_backward"]), share(limit["loop"])] for cell, limit in limits]


def profile_text() -> str:
    share = {one["name"]: one["share"] for one in bench("training")["cells"][0]["profile"]["operations"]}
    products = sum(share[f"aten::{name}"] for name in ("mm", "addmm", "bmm"))
    return (
        f"the products are {100 * products:.0f} %, dropout's random numbers {100 * share['aten::bernoulli_']:.0f} %, copies and casts between "
        f"fp32 and bf16 {100 * share['aten::copy_']:.0f} %, the optimizer {100 * share['aten::_fused_adamw_']:.0f} %."
    )


def loop_rows() -> Rows:
    """Return what each loop reaches in one epoch of SICK."""
    (cell,) = bench("training-accuracy")["cells"]
    span = lambda part: f"{100 * part['min']:.1f} to {100 * part['max']:.1f}"
    return [[f"{row['loop']}, {row['settings']}", percent(row["accuracy"]["mean"]), span(row["accuracy"])] for row in cell["accuracy"]]


def frozen_embeddings() -> str:
    (cell,) = bench("training-accuracy")["cells"]
    return f"Frozen embeddings, an option, cost {100 * cell['ablation']['frozen_embeddings']['cost']:.1f} points."


def ablation_rows() -> Rows:
    return [[row["variant"], f"{row['times_all_on']['median']:.2f}"] for row in bench("training")["cells"][0]["ablation"]["rows"][1:]]


def app_rows() -> Rows:
    took, waited = bench("app"), bench("class")
    milliseconds = lambda name: f"{took[name]['median']:.0f} ms"
    minutes = lambda value: "{} min {} s".format(*divmod(round(value), 60))
    times = lambda name, other: f"{took[name]['median'] / took[other]['median']:.2f} times"
    return [
        ["click on a layer to the redrawn student, while a run trains", milliseconds("click"), f"{times('click', 'one_chart')} a one-chart app"],
        ["the same, to what the server draws of it", milliseconds("settled"), ""],
        ["opening the Lab to the diagram", milliseconds("diagram"), f"{times('diagram', 'hello')} Streamlit's hello app to its heading"],
        ["page switch to the landscape of all saved runs, seen before by the session", milliseconds("landscape"), ""],
        ["Run to the first loss point, training process started by the visit", milliseconds("cold"), ""],
        ["Run to the first loss point, a further run", milliseconds("warm"), ""],
        [f"{waited['learners']} learners press Run at once, {waited['choices']} different choices", minutes(waited["seconds"]["median"]),
         f"the last after {minutes(waited['seconds']['max'])}"],
    ]


def plan_rows() -> Rows:
    return [list(map(str, plan.cells(line))) for line in plan.lines()]


def cut() -> str:
    """Return the files that hold fewer runs than planned, or "nothing"."""
    short = [line for line in plan.lines("file") if line["made"] < line["planned"]]
    named = (f"`{line['name'].removesuffix('.jsonl')}` ({line['planned'] - line['made']} of {line['planned']} runs)" for line in short)
    return ", ".join(named) or "nothing"


def in_float32() -> list[str]:
    """Return the files with runs that a machine without bfloat16 made; those that asked for float32 are named so."""
    dtypes = {path.stem: {record["environment"]["dtype"] for record in read(path)} for path in SAVED}
    return [name for name, made in dtypes.items() if "float32" in made and not name.endswith("-fp32")]


def mistake_counts() -> dict:
    return counts(read(saved.FOLDER / "mistakes" / "minilm-l6--composed-nli.jsonl"))


def mistake_rows() -> Rows:
    return [[MISTAKES[name].title, str(each["named"]), str(each["of"])] for name, each in mistake_counts().items() if "look" in each]


def alarms() -> str:
    found = mistake_counts()
    runs, tables = found["correct runs"], found["correct"]
    return f"Correct runs: {runs['false']} of {runs['of']} raised an alarm, and so did {tables['false']} of {tables['of']} tables of them."


@functools.cache
def calibrated() -> dict[tuple, dict]:
    """Return (world, seeds, examples, gap) -> the counts of its drawn worlds."""
    return {tuple(one["cell"].values()): one for one in read(calibrate.DEFAULT)}


def rates(name: Callable[[dict], float], *cell) -> str:
    """Return '0.4 % / 0.5 %': a share with few and with many test examples."""
    world, seeds, gap = cell
    found = [calibrated()[world, seeds, examples, gap] for examples in EXAMPLES]
    return " / ".join(f"{100 * name(one['counts']) / one['worlds']:.1f}" for one in found) + " %"


def calibration_rows() -> Rows:
    worst = lambda counts: max(counts[name] for name in FALSE[1:3])
    shown = [lambda counts, name=name: counts[name] for name in FALSE]
    of = lambda world, seeds: [rates(column, world, seeds, 0.0) for column in (shown[0], worst, *shown[3:])]
    row = lambda world, seeds, first, second, *rest: [world, str(seeds), first, second, worst_of_all(world, seeds), *rest]
    return [row(world, seeds, *of(world, seeds)) for world in WORLDS for seeds in SEEDS]


@functools.cache
def every_choice() -> dict[tuple, dict]:
    """Return (world, seeds, examples, 0) -> the counts of each choice's explanation."""
    return {tuple(one["cell"].values()): one for one in read(calibrate.SAVED_EVERY)}


def worst_of_all(world: str, seeds: int) -> str:
    found = [every_choice().get((world, seeds, examples, 0.0)) for examples in EXAMPLES]
    return " / ".join("-" if one is None else f"{100 * max(one['counts']) / one['worlds']:.1f}" for one in found) + (" %" if any(found) else "")


def power_rows() -> Rows:
    cells = [(name, gap) for name in FOUND for gap in GAPS]
    return [
        [world, str(seeds), *(rates(lambda counts, name=name: counts[name], world, seeds, gap) for name, gap in cells)]
        for world in WORLDS for seeds in SEEDS
    ]


def calibration_text() -> str:
    """Return whether every rate holds."""
    null = [one for (*_, gap), one in calibrated().items() if not gap]
    null += [one | {"counts": {"worst": max(one["counts"])}} for one in every_choice().values()]
    count = sum(len(one["counts"]) for one in null)
    failed = [one["cell"] for one in null if not all(holds(number, one["worlds"]) for number in one["counts"].values())]
    said = f"None of {count} rates is shown to lie above 5 %" if not failed else f"{len(failed)} of {len(null)} kinds of world have a rate over 5 %"
    return f"{said} (the lower end of its exact 99.9 % interval)."


@functools.cache
def seams_study() -> dict:
    return json.loads(seam_study.PATH.read_text())


def seams_table(name: str) -> str:
    """Return a table of the study of seams, with its title and what stands below it."""
    (one,) = [table for table in seam_tables.tables(seams_study()) if table.name == name]
    ruler = "|".join("---:" if re.match(r"[+-]?\d", cell) else "---" for cell in one.rows[0])
    shown = f"{lines([list(one.head)])}\n|{ruler}|\n{lines(map(list, one.rows))}"
    return "\n\n".join(filter(None, [f"**{one.title}**", shown, one.below and wrapped(one.below)]))


def headline() -> list[str]:
    """Return README's sentences on the main results, each with its uncertainty."""
    found, scale = built_in(), scale_landscape()
    parts, short = found["separation"], short_runs()[0]
    can = sum(one["can_be_best"] for one in found["choices"])
    low, high = map(percent, short["agreement_interval"])
    (sick,) = [one for one in over_all_tasks()[1] if {one.first.pair[1], one.second.pair[1]} == {"composed-nli", "sick"} and not one.silent]
    above = min(mean for one, mean in scale.means.items() if one != UNTRAINED) - scale.one["majority"]
    return [
        f"All {parts['choices']} choices of three of MiniLM-L6's layers were distilled on the built-in task with {parts['seeds']} seeds: the best, "
        f"{choice(parts['best'])}, reaches {percent(parts['best_accuracy'])}, the worst, {choice(parts['worst'])}, "
        f"{percent(parts['worst_accuracy'])}, and the teacher {percent(found['teacher_accuracy'])}.",
        f"One choice varies by {100 * found['seed_sd']:.2f} points from seed to seed (SD) on average, and {can} choices can be the best.",
        f"Runs of {short['budget']} put {percent(short['agreement'])} (95 %: {low} to {high}) of the pairs that full runs tell apart in the right "
        "order.",
        f"Of the {sick.both} pairs that both this task and SICK tell apart, {sick.alike} stand in the same order.",
        f"At the assignment's scale, 6 of 12 layers on SICK, even the lowest student of trained layers is {100 * above:.1f} points "
        f"better than naming the most frequent label (SD from seed to seed: {100 * scale.noise.sd:.2f}).",
    ]


def lines(rows: Iterable[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


PARTS: dict[str, Callable[[], str | Rows]] = {
    "preset rows": preset_rows, "sick teacher": sick_teacher, "rate rows": rate_rows,
    "scale rows": scale_rows, "scale teacher": scale_teacher, "scale learned": scale_learned,
    "scale weights": lambda: scale_landscape().one["teacher"]["hash"],
    "choice rows": choice_rows, "spread": spread_text, "short rows": short_rows, "trivial": trivial_text,
    "built-in teacher": lambda: percent(built_in()["teacher_accuracy"]), "tied pairs": lambda: percent(short_runs()[0]["ties"]),
    "claim rows": claim_rows, "claims": lambda: f"{published_claims().summary} {together(published_claims())}",
    "two lists": lambda: published_claims().two_lists,
    "task rows": task_rows, "tasks": task_text, "coverage rows": coverage_rows, "answers": answers,
    "choices of 6 of 12": lambda: str(math.comb(12, 6)), "halving": halving_text,
    "choosers overall": lambda: choose_regret.overall(chooser_tables()), "choosers": lambda: "\n\n".join(map(chooser_text, chooser_tables())),
    "stage rows": stage_rows, "stages": lambda: summary(stage_estimates()), "seam experiment": seam_experiment,
    "peer rows": peer_rows, "limit rows": limit_rows, "profile": profile_text, "loop rows": loop_rows, "frozen": frozen_embeddings,
    "ablation rows": ablation_rows, "app rows": app_rows,
    "plan rows": plan_rows, "cut": cut, "in float32": lambda: ", ".join(f"`{name}`" for name in in_float32()),
    "mistake rows": mistake_rows, "alarms": alarms,
    "every worlds": lambda: f"{min((one['worlds'] for one in every_choice().values()), default=0):,}",
    "null worlds": lambda: f"{min(one['worlds'] for one in calibrated().values() if not one['cell']['gap']):,}",
    "seams": lambda: "\n".join(f"- {one}" for one in seam_sentences(seams_study())),
    **{f"seams, {name}": functools.partial(seams_table, name) for name in seam_tables.NAMES},
    "calibration rows": calibration_rows, "calibration": calibration_text, "power rows": power_rows,
    **results_seams.PARTS,
}


def part(name: str) -> str:
    found = PARTS[name]()
    return found if isinstance(found, str) else lines(found)


def wrapped(text: str) -> str:
    """Return the text in lines of at most WIDTH characters; a number and its % stay on one line."""
    text = " ".join(text.split()).replace(" %", "\N{NO-BREAK SPACE}%")
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False).replace("\N{NO-BREAK SPACE}", " ")


def filled(template: str) -> str:
    """Return the text with every {{name}} replaced. A paragraph with figures among its words is broken into lines anew."""
    def paragraph(text: str) -> str:
        new = re.sub(r"\{\{(.+?)\}\}", lambda found: part(found[1]), text)
        if new == text or text.startswith(("|", "```")) or re.fullmatch(r"\{\{[^{}]+\}\}", text):
            return new
        return wrapped(new)

    return "\n\n".join(map(paragraph, template.rstrip("\n").split("\n\n"))) + "\n"


if __name__ == "__main__":
    RESULTS.write_text(filled(TEMPLATE.read_text()))
