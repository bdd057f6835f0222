"""Every figure that the README and the tasks' cards state is the one in the saved runs. Run: python -m pytest tests/test_claims.py"""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.commands import choose_regret, stages_contrasts
from core.commands.blind import answers_of
from core.commands.output import choice, percent
from core.commands.runs import moved
from core.data import reviews
from core.data.catalogue import load
from core.data.composed_nli import CARD
from core.findings.choosers.beats_baselines import sentences
from core.findings.choosers.contrasts import estimates, summary
from core.findings.diagnose import counts
from core.findings.evidence import UNTRAINED
from core.findings.four_choices import AS_TAKEN
from core.findings.landscape import landscapes
from core.findings.questions.questions import questions
from core.models.catalogue import bundled_folder
from core.recipe import PRESETS, Optimiser, Recipe, preset
from core.store.saved import read, saved_runs, truth
from core.studies import contrasts
from core.studies.choosers import picks
from core.studies.choosers.methods import METHODS
from core.studies.choosers.methods.successive_halving import HALVING_ARMS, rounds
from core.studies.mistakes.catalogue import MISTAKES
from core.studies.reading import kappa, sample
from core.studies.stages.staged import Staged
from core.studies.validity import by_choice, separation, transfer
from core.views.landscape.aspects import basis
from core.views.landscape.tasks import best_text, over_tasks

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
VALIDITY = ("minilm-l6--composed-nli--one-epoch", "minilm-l6--sick--k3", "minilm-l6--reviews--one-epoch")
SAVED = sorted((ROOT / "core" / "saved_runs").glob("*.jsonl"))


def rows_after(heading: str, text: str = README) -> list[list[str]]:
    """The cells of the first table after a heading, without its head."""
    part = text.split(heading, 1)[1]
    lines = re.search(r"(?:^\|.*\n?)+", part, re.M).group().splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def of(name: str) -> list[dict]:
    return read(ROOT / "core" / "saved_runs" / f"{name}.jsonl")


def layers_of(record: dict) -> str:
    return "none" if record["recipe"]["seeding"]["untrained_layers"] else choice(record["recipe"]["layers"])


def rate_of(record: dict) -> float:
    return record["recipe"]["optimiser"]["learning_rate"]


def test_the_table_of_the_presets_and_the_control_on_sick():
    records = [record for record in of("minilm-l6--sick--rates") if rate_of(record) == Optimiser().learning_rate]
    stated = rows_after("## The presets and a control on SICK")
    assert len(stated) == len(records) == 6
    for cells, record in zip(stated, records):
        assert cells[1:] == [
            layers_of(record), percent(record["initial"]["accuracy"]), percent(record["final"]["accuracy"]), percent(record["final"]["macro_f1"]),
            f"{moved(record):.1f}", f"{record['seconds']:.0f}",
        ]
        assert percent(record["teacher"]["accuracy"]) in README and percent(record["majority"]) in README


def test_the_learning_rate_is_the_one_that_validation_chose():
    found = {(layers_of(record), rate_of(record)): last_validation(record) for record in of("minilm-l6--sick--rates")}
    rates = (5e-5, 1e-4, 2e-4)
    for cells in rows_after("The learning rate, 2e-4"):
        assert cells[2:] == [percent(found[cells[1], rate]) for rate in rates]
    means = {rate: np.mean([value for (layers, one), value in found.items() if one == rate and layers != "none"]) for rate in rates}
    assert max(means, key=means.get) == Optimiser().learning_rate


def last_validation(record: dict) -> float:
    return [point["val_accuracy"] for point in record["curve"] if point["val_accuracy"] is not None][-1]


def test_the_presets_on_the_reviews_card():
    stated = rows_after("card:", f"card:\n{reviews.PRESET_RUNS}")
    for cells, record in zip(stated, of("minilm-l6--reviews--presets"), strict=True):
        assert cells[1:] == [
            layers_of(record), percent(record["initial"]["accuracy"]), percent(record["final"]["accuracy"]), percent(record["final"]["macro_f1"]),
        ]
        assert percent(record["teacher"]["accuracy"]) == "87.1 %"


def test_what_the_built_in_task_s_card_says_of_layer_choices_and_of_real_tasks():
    built_in, sick, films = (by_choice(of(name)) for name in VALIDITY)
    found = separation(built_in)
    controls = [record["final"]["accuracy"] for record in of("minilm-l6--composed-nli--one-epoch-control")]
    assert (found["choices"], found["seeds"]) == (20, 2) and found["spread"] >= 0.08 and found["icc"] >= 0.9
    for text in (
        f"best {percent(found['best_accuracy'])}, worst {percent(found['worst_accuracy'])}, spread {100 * found['spread']:.1f} points",
        f"untrained layers {percent(np.mean(controls))}.", f"(ICC) {found['icc']:.2f}, among the ten best {found['icc_top']:.2f}",
        f"seed SD {100 * found['seed_sd']:.2f} points",
    ):
        assert text in " ".join(CARD.split()), text
    for cells, real in zip(rows_after("as on real tasks?", CARD), (sick, films), strict=True):
        told = transfer(built_in, real, 6)
        low, high = told["interval"]
        ceiling = "unknown" if told["ceiling"] is None else f"{told['ceiling']:.2f}"
        assert cells[1:] == [f"{told['tau']:.2f} ({low:.2f} to {high:.2f})", f"{told['null_95']:.2f}", ceiling, f"{told['trivial']:.2f}"]
        least, most = told["advantage_interval"]
        assert f"{told['advantage']:+.2f} ({least:+.2f} to {most:+.2f}) on" in CARD and told["verdict"] == "tie"


def test_what_the_built_in_task_s_card_says_of_its_teacher():
    card = json.loads((bundled_folder("minilm-l6", "composed-nli") / "teacher.json").read_text())
    scores, groups, entropy = card["scores"], card["scores"]["test"]["groups"], card["target_entropy"]
    for text in (
        f"Test {percent(scores['test']['accuracy'])} (templates also in train {percent(groups['template:seen']['accuracy'])}, "
        f"others {percent(groups['template:unseen']['accuracy'])}; held-out word pairs {percent(groups['words:held-out']['accuracy'])})",
        f"validation {percent(scores['validation']['accuracy'])}, train {percent(scores['train']['accuracy'])}",
        f"{entropy['T=1']:.3f} nats at T = 1 and {entropy['T=2']:.3f} at T = 2",
    ):
        assert text in " ".join(CARD.split()), text


def test_the_second_blind_reading_is_scored_again():
    task = load("composed-nli")
    drawn = sample(task, 150, 11)
    answers = answers_of(ROOT / "core" / "saved_runs" / "readings" / "composed-nli--150-pairs--seed-11.tsv", task.labels, len(drawn))
    truth = [task.labels[task.split(part).labels[i]] for part, i in drawn]
    assert answers == truth and kappa(answers, truth) == 1.0
    assert "labelled 150 others: agreement 100 %, Cohen's kappa 1.00" in " ".join(CARD.split())


def id_of(record: dict) -> str:
    """The id that the record's recipe, or its staged run, has."""
    recipe, staged = Recipe.from_dict(record["recipe"]), record.get("staged")
    return Staged(staged["method"], recipe, staged.get("remove", 1), staged.get("test", False)).id if staged else recipe.id


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_saved_runs_are_whole_and_what_they_say(path):
    records = read(path)
    assert records and len({(r["id"], r["teacher"]["hash"]) for r in records}) == len(records)
    assert len({(r["teacher"]["hash"], r["task_hash"]) for r in records}) == 1
    for record in records:
        assert id_of(record) == record["id"]
        confusion = record["final"]["confusion"]
        n = sum(map(sum, confusion))
        assert len(record["predictions"]) == n
        assert record["final"]["accuracy"] == pytest.approx(sum(confusion[i][i] for i in range(len(confusion))) / n, abs=1e-6)
        assert all(norm > 0 for norm in record["update_norms"].values())


def in_float32() -> list[str]:
    """The files with runs that a machine without bfloat16 made; those that asked for float32 are named so."""
    dtypes = {path.stem: {record["environment"]["dtype"] for record in read(path)} for path in SAVED}
    return [name for name, made in dtypes.items() if "float32" in made and not name.endswith("-fp32")]


def test_which_runs_were_made_in_float32():
    named = README.split("In float32, since it did not:", 1)[1].split(". `--check`", 1)[0]
    assert set(re.findall(r"`(.+?)`", named)) == set(in_float32())
    assert {record["environment"]["dtype"] for path in SAVED for record in read(path)} == {"bfloat16", "float32"}


def test_no_saved_run_holds_a_sentence():
    """SICK's licence: records hold figures and predicted classes only."""
    for path in SAVED:
        assert "sentence" not in path.read_text().lower()


def preset_names(layers: int, k: int) -> dict[tuple[int, ...], str]:
    """What README's tables call the presets of k layers."""
    texts = f"first {k}, nearest the input", f"last {k}, nearest the output", "odd", "even", "spread, both ends kept"
    return {preset(name, layers, k): text for text, name in zip(texts, PRESETS)}


def choice_rows(told: dict) -> list[list[str]]:
    """README's table of every choice of three layers: of the landscape's JSON, best first."""
    names = preset_names(6, 3)

    def row(one: dict) -> list[str]:
        layers, ascending = tuple(one["layers"]), tuple(sorted(one["layers"]))
        name = "control: untrained layers" if one["control"] else names.get(layers, "")
        if not one["control"] and layers != ascending:
            name = f"{choice(ascending)} in another order"
        return ["none" if one["control"] else choice(layers), name, percent(one["accuracy"]), one["against_best"] or "the best"]

    return [row(one) for one in told["choices"]]


def spread_told(told: dict) -> str:
    spread, sd = 100 * told["separation"]["spread"], 100 * told["seed_sd"]
    return f"Best and worst lie {spread:.1f} points apart; from seed to seed one choice varies by {sd:.2f} points (SD)."


def test_every_choice_of_three_layers_on_the_built_in_task(capsys):
    assert main(["landscape", "--k", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    heading = "## Every choice of three layers on the built-in task"
    assert rows_after(heading) == choice_rows(told)
    short = [one for one in told["short_runs"] if one["budget"].endswith("steps")]
    text = " ".join(README.split(heading, 1)[1].split("```")[0].split())
    for stands in (
        f"the teacher's own is {percent(told['teacher_accuracy'])}", spread_told(told), f"cannot tell {percent(short[0]['ties'])} of the pairs apart",
        f"its tau is {short[0]['trivial_tau']:.2f}, and it puts {percent(short[0]['trivial_agreement'])} in the right order",
    ):
        assert stands in text, stands
    assert rows_after("What short runs are worth", text=README) == [rung_row(one) for one in short]


def rung_row(short: dict) -> list[str]:
    low, high = map(percent, short["agreement_interval"])
    tau = f"{short['tau']:.2f}", "{:.2f} to {:.2f}".format(*short["interval"]), f"{short['ceiling']:.2f}"
    return [short["budget"], str(short["seeds"]), *tau, percent(short["agreement"]), f"{low} to {high}"]


def test_how_fast_training_is():
    read_part = lambda part: json.loads((ROOT / "core" / "saved_runs" / "bench" / f"training{part}.json").read_text())
    whole, accuracy = read_part(""), read_part("-accuracy")
    peers = {part: read_part(part) for part in ("-6", "-nli", "-128", "-12", "-12-nli")}
    name = lambda cell: f"{cell['teacher']} {cell['teacher_layers']}→{len(cell['layers'])}"
    times = lambda part: f"{part['median']:.2f} ({part['min']:.2f} to {part['max']:.2f})"
    heading = "## How fast training is"
    shown = (("notebook loop", "as documented"), ("HF Trainer", "best settings"), ("TextBrewer", "best settings"))
    expected = []
    for part, result in peers.items():
        extra = ", padded to 128" if part == "-128" else ""
        for cell in result["cells"]:
            assert cell["peers"]["repeats"] == 5
            reached = {name: f"{100 * value:.0f}" for name, value in cell["peers"]["reached"].items() if name != "values"}
            by = {(row["loop"], row["settings"]): row for row in cell["peers"]["rows"]}
            ours = f"{1000 * by['Layer Lab', 'as it is']['seconds_per_step']['median']:.0f}"
            expected.append([f"{name(cell)}, {cell['task']}, {cell['workload']}{extra}", ours, *(times(by[one]["times_ours"]) for one in shown),
                             f"{reached['median']} % ({reached['min']} to {reached['max']})"])
    assert rows_after(heading) == expected
    limits = [cell for cell in whole["cells"] if "limit" in cell]
    assert len(limits) == 2 and rows_after("How near the machine's limit", README.split(heading, 1)[1]) == [
        [name(cell), f"{100 * cell['limit']['forward_backward']['utilisation']:.0f} %",
         f"{100 * cell['limit']['loop']['utilisation']:.0f} %"] for cell in limits
    ]
    share = {one["name"]: one["share"] for one in whole["cells"][0]["profile"]["operations"]}
    products = sum(share[f"aten::{name}"] for name in ("mm", "addmm", "bmm"))
    stands = (
        f"the products are {100 * products:.0f} %, dropout's random numbers {100 * share['aten::bernoulli_']:.0f} %, copies and casts between "
        f"fp32 and bf16 {100 * share['aten::copy_']:.0f} %, the optimizer {100 * share['aten::_fused_adamw_']:.0f} %."
    )
    assert stands in " ".join(README.split())
    (cell,) = accuracy["cells"]
    shares = lambda part: f"{100 * part['min']:.1f} to {100 * part['max']:.1f}"
    assert rows_after("What each loop reaches in 1 epoch of SICK") == [
        [f"{row['loop']}, {row['settings']}", percent(row["accuracy"]["mean"]), shares(row["accuracy"])] for row in cell["accuracy"]
    ]
    assert all(row["epochs"] == 1 and len(row["accuracy"]["values"]) == 3 for row in cell["accuracy"])
    assert f"an option, cost {100 * cell['ablation']['frozen_embeddings']['cost']:.1f} points" in " ".join(README.split())
    parts = whole["cells"][0]["ablation"]["rows"][1:]
    assert rows_after("What each part of the speed is worth") == [[row["variant"], f"{row['times_all_on']['median']:.2f}"] for row in parts]
    for row in [row for result in (whole, *peers.values()) for cell in result["cells"] for row in cell["peers"]["rows"]]:
        assert row["gradient_distance"] < 1e-3, row["loop"]  # they train the same thing


def test_what_choosers_pick_and_what_it_costs():
    found = choose_regret.tables()
    assert found and README.count("layers of minilm-l6 on") + README.count("layers of mpnet-base on") == len(found)
    assert choose_regret.overall(found) in README
    for one in found:
        heading = f"**{one['k']} layers of {one['teacher']} on {one['task']}**: {choose_regret.ground_text(one)}"
        assert rows_after(heading) == [list(map(str, choose_regret.row(judged)[:8])) for judged in one["judged"]]
        assert all(sentence in README.split(heading, 1)[1].split("\n**", 1)[0] for sentence in sentences(one["verdicts"]))


SCALE = "mpnet-base--sick--presets"


def scale_rows() -> list[list[str]]:
    """README's table at the assignment's scale, best first."""
    (shown,) = landscapes(of(SCALE))
    names = preset_names(12, 6) | AS_TAKEN | {UNTRAINED: "control: untrained layers"}
    mean = lambda part, figure, one: percent(np.mean([run[part][figure] for run in shown.runs[one]]))
    return [
        [names[one], choice(one) if one else "none", str(len(shown.runs[one])), mean("initial", "accuracy", one), mean("final", "accuracy", one),
         mean("final", "macro_f1", one), shown.against_best.get(one, "the best")]
        for one in shown.means
    ]


def scale_told() -> str:
    """Of the teacher, of guessing and of the noise between seeds."""
    (shown,) = landscapes(of(SCALE))
    return (
        f"Test accuracy of the teacher: {percent(shown.one['teacher']['accuracy'])}; always naming the most frequent label: "
        f"{percent(shown.one['majority'])}; from seed to seed one choice varies by {100 * shown.noise.sd:.2f} points "
        f"(SD, {shown.noise.df} degrees of freedom)."
    )


def scale_learned() -> str:
    """Of the students that the assignment's table shows as unable to learn."""
    (shown,) = landscapes(of(SCALE))
    trained = {one: mean for one, mean in shown.means.items() if one != UNTRAINED}
    lowest, ties = min(trained, key=trained.get), [choice(one) for one, word in shown.against_best.items() if word == "tie"]
    above = 100 * (trained[lowest] - shown.one["majority"])
    assert max(trained, key=trained.get) == shown.best == preset("spread", 12, 6) and choice(preset("first-k", 12, 6)) in ties
    return (
        'The assignment has its "Top", the first 6, nearest the input, learn and the others not. Here every student of trained layers learns: '
        f"the lowest, layers {choice(lowest)}, lies {above:.1f} points above the most frequent label. Spread has the highest mean, "
        f"and the first 6 are one of the {len(ties)} choices that tie with it."
    )


def test_the_table_at_the_assignments_scale():
    heading, records = "## The assignment's choices at the assignment's scale", of(SCALE)
    told = " ".join(README.split(heading)[1].split("\n## ")[0].split())
    assert rows_after(heading) == scale_rows() and scale_told() in told and scale_learned() in told
    assert "All in float32" in told and {record["environment"]["dtype"] for record in records} == {"float32"}
    assert {record["recipe"]["budget"]["epochs"] for record in records} == {3}


def test_what_is_told_of_the_picks_at_twelve_layers():
    runs, found = of(SCALE), {one["method"]: one for one in read(picks.folder() / "mpnet-base--sick.jsonl")}
    steps, told = sum(arms * made for arms, made in rounds(HALVING_ARMS)), " ".join(README.split())
    assert set(found) == {name for name, one in METHODS.items() if not one.baseline}
    assert len(runs) < math.comb(12, 6) / 2 and f"At 12→6 most of the {math.comb(12, 6)} choices have no full run" in told
    assert f"Successive halving ran there in bfloat16, the full runs in float32: it is counted by its {steps:,} training steps, as many as " in told
    assert f"as many as {steps / runs[0]['steps']:.1f} full runs make, not by the clock" in told and found["successive-halving"]["steps"] == steps
    dtypes = {name: one["environment"]["dtype"] for name, one in found.items()}
    assert dtypes.pop("successive-halving") == "bfloat16" and set(dtypes.values()) == {run["environment"]["dtype"] for run in runs} == {"float32"}
    assert {one["teacher_hash"] for one in found.values()} == {run["teacher"]["hash"] for run in runs}


def test_which_mistakes_figures_give_away():
    cases = read(ROOT / "core" / "saved_runs" / "mistakes" / "minilm-l6--composed-nli.jsonl")
    counted = counts(cases)
    rows = [[MISTAKES[name].title, str(each["named"]), str(each["of"])] for name, each in counted.items() if "look" in each]
    assert rows_after("Which mistakes figures give away") == rows
    runs, tables = counted["correct runs"], counted["correct"]
    assert f"{runs['false']} of {runs['of']} raised an alarm, and so did {tables['false']} of {tables['of']} tables of them." in README
    assert {run["recipe"]["budget"]["steps"] for case in cases for run in case["runs"]} == {60}
    assert {len(case["runs"]) for case in cases if not case["mistake"]} == {6}


def test_how_fast_the_app_is():
    took, waited = (json.loads((ROOT / "core" / "saved_runs" / "bench" / f"{name}.json").read_text()) for name in ("app", "class"))
    milliseconds = lambda name: f"{took[name]['median']:.0f} ms"
    minutes = lambda value: "{} min {} s".format(*divmod(round(value), 60))
    times = lambda name, other: f"{took[name]['median'] / took[other]['median']:.2f} times"
    assert rows_after("## How fast the app is") == [
        ["click on a layer to the redrawn student, while a run trains", milliseconds("click"), f"{times('click', 'one_chart')} a one-chart app"],
        ["the same, to what the server draws of it", milliseconds("settled"), ""],
        ["opening the Lab to the diagram", milliseconds("diagram"), f"{times('diagram', 'hello')} Streamlit's hello app to its heading"],
        ["page switch to the landscape of all saved runs, seen before by the session", milliseconds("landscape"), ""],
        ["Run to the first loss point, training process started by the visit", milliseconds("cold"), ""],
        ["Run to the first loss point, a further run", milliseconds("warm"), ""],
        [f"{waited['learners']} learners press Run at once, {waited['choices']} different choices", minutes(waited["seconds"]["median"]),
         f"the last after {minutes(waited['seconds']['max'])}"],
    ]


def tasks_told() -> tuple[str, list[list[str]]]:
    """README's sentences and table on tasks, and on the teacher of another seed among them."""
    found = landscapes(saved_runs())
    whole = lambda one: one.settings["budget"]["epochs"] == 3 and len(one.choices) == 20
    (full,) = [one for one in found if (*one.pair, one.k) == ("minilm-l6", "composed-nli", 3) and whole(one)]
    compared, rows = over_tasks(full, found)
    return f"{best_text(compared)} Intervals: {basis(compared)}.", [
        [row["name"].replace("\n", " and "), f"{row['tau']:.2f}", f"{row['low']:.2f} to {row['high']:.2f}", f"{row['ceiling']:.2f}"] for row in rows
    ]


def test_whether_the_best_choice_depends_on_the_task():
    told, rows = tasks_told()
    assert len(rows) == 6 and told in " ".join(README.split())
    assert rows_after("## Whether the best choice depends on the task") == rows


def test_what_the_saved_runs_answer():
    part = README.split("## Questions put to the saved runs", 1)[1].split("```", 1)[0]
    for question in questions(landscapes(saved_runs())):
        stated = part.split(f"**{question.title}**", 1)[1].split("**", 1)[0]
        told = question.answers or ("No saved run can tell yet.",)
        assert [line.removeprefix("- ") for line in stated.strip().splitlines()] == list(told)


def test_what_stages_and_attention_are_worth():
    runs = read(ROOT / contrasts.FILE)
    assert contrasts.missing(runs) == []
    found = estimates(runs, truth(runs[0]["task_hash"], "test"))
    assert summary(found) in README
    assert rows_after("## Stages and attention beside one stage") == [list(map(str, stages_contrasts.row(one))) for one in found]
