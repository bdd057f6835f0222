"""Every figure that RESULTS.md and the tasks' cards state is the one in the saved runs. Run: python -m pytest tests/test_claims.py"""

import json
import math
import re

import numpy as np
import pytest

from core.commands import plan
from core.commands.blind import answers_of, kappa, sample
from core.commands.choose import regret as choose_regret
from core.commands.output import percent
from core.commands.runs import moved
from core.data import reviews
from core.data.catalogue import load
from core.data.composed_nli import CARD
from core.findings.choosers.baselines import sentences
from core.findings.choosers.contrasts import summary
from core.findings.diagnose import counts
from core.findings.landscape import fullest, landscapes
from core.findings.questions import questions
from core.findings.validity import by_choice, separation, transfer
from core.models.catalogue import bundled_folder
from core.recipe import Optimiser, Recipe
from core.store import saved
from core.store.saved import read, saved_runs
from core.studies import contrasts
from core.studies.choosers import picks
from core.studies.choosers.methods import METHODS
from core.studies.choosers.methods.successive_halving import HALVING_ARMS, rounds
from core.studies.mistakes.catalogue import MISTAKES
from core.studies.stages.staged import Staged
from tests import results
from tests.results import RESULTS, SAVED, SCALE, in_float32, last_validation, layers_of, rate_of, records_of

TEXT = RESULTS.read_text()
VALIDITY = (  # the built-in task's runs and a real task's, by row of its card
    ("minilm-l6--composed-nli--k3", "minilm-l6--sick--k3"), ("minilm-l6--composed-nli--one-epoch", "minilm-l6--sick--k3"),
    ("minilm-l6--composed-nli--k3", "minilm-l6--reviews--k3"),
)


def rows_after(heading: str, text: str = TEXT) -> list[list[str]]:
    """The cells of the first table after a heading, without its head."""
    part = text.split(heading, 1)[1]
    lines = re.search(r"(?:^\|.*\n?)+", part, re.M).group().splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_file_is_what_the_saved_runs_say_now():
    assert results.filled(results.TEMPLATE.read_text()) == TEXT, "the saved runs say something else; `python -m tests.results` writes it"


def test_every_measured_figure_of_the_words_around_the_tables_is_filled_in():
    words = re.sub(r"```.*?```", "", results.TEMPLATE.read_text(), flags=re.S)
    assert set(re.findall(r"\{\{(.+?)\}\}", results.TEMPLATE.read_text())) == set(results.PARTS)
    assert not re.findall(r"\d+(?:\.\d+)? %|\d\.\d\d| \d+\.\d points", re.sub(r"\b(?:95|80|5) %", "", words))  # levels are no figures


def test_a_figure_among_words_breaks_their_lines_anew_and_one_in_a_table_or_alone_does_not(monkeypatch):
    monkeypatch.setattr(results, "PARTS", {"rows": lambda: [["1", "2"], ["3", ""]], "text": lambda: "one\n\ntwo"})
    assert results.filled("| a | b |\n|---|---|\n{{rows}}\n\n{{text}}\n\nhas\n{{text}}.\n") == (
        "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 |  |\n\none\n\ntwo\n\nhas one two.\n"
    )
    with pytest.raises(KeyError):
        results.filled("{{unknown}}")


def test_the_table_of_the_presets_and_the_control_on_sick():
    records = results.sick_presets()
    stated = rows_after("## The presets and a control on SICK")
    assert len(stated) == len(records) == 6
    for cells, record in zip(stated, records):
        assert cells[1:] == [
            layers_of(record), percent(record["initial"]["accuracy"]), percent(record["final"]["accuracy"]), percent(record["final"]["macro_f1"]),
            f"{moved(record):.1f}", f"{record['seconds']:.0f}",
        ]
        assert percent(record["teacher"]["accuracy"]) in TEXT and percent(record["majority"]) in TEXT


def test_the_learning_rate_is_the_one_that_validation_chose():
    found = {(layers_of(record), rate_of(record)): last_validation(record) for record in records_of("minilm-l6--sick--rates")}
    rates = (5e-5, 1e-4, 2e-4)
    for cells in rows_after("The learning rate, 2e-4"):
        assert cells[2:] == [percent(found[cells[1], rate]) for rate in rates]
    means = {rate: np.mean([value for (layers, one), value in found.items() if one == rate and layers != "none"]) for rate in rates}
    assert max(means, key=means.get) == Optimiser().learning_rate


def test_the_presets_on_the_reviews_card():
    stated = rows_after("card:", f"card:\n{reviews.PRESET_RUNS}")
    for cells, record in zip(stated, records_of("minilm-l6--reviews--presets"), strict=True):
        assert cells[1:] == [
            layers_of(record), percent(record["initial"]["accuracy"]), percent(record["final"]["accuracy"]), percent(record["final"]["macro_f1"]),
        ]
        assert percent(record["teacher"]["accuracy"]) == "87.1 %"


def test_what_the_built_in_task_s_card_says_of_layer_choices_and_of_real_tasks():
    found = separation(by_choice(records_of("minilm-l6--composed-nli--one-epoch")))
    controls = [record["final"]["accuracy"] for record in records_of("minilm-l6--composed-nli--one-epoch-control")]
    assert (found["choices"], found["seeds"]) == (20, 2) and found["spread"] >= 0.08 and found["icc"] >= 0.9
    for text in (
        f"best {percent(found['best_accuracy'])}, worst {percent(found['worst_accuracy'])}, spread {100 * found['spread']:.1f} points",
        f"untrained layers {percent(np.mean(controls))}.", f"(ICC) {found['icc']:.2f}, among the ten best {found['icc_top']:.2f}",
        f"seed SD {100 * found['seed_sd']:.2f} points",
    ):
        assert text in " ".join(CARD.split()), text
    for (_, _, *cells), names in zip(rows_after("as on real tasks?", CARD), VALIDITY, strict=True):
        told = transfer(*(fullest(landscapes(records_of(name))) for name in names))
        with_span = lambda name, span, told=told: "-" if told[name] is None else "{:.2f} ({:.2f} to {:.2f})".format(told[name], *told[span])
        assert cells == [
            ", ".join([*(str(count or "none") for count in told["told"]), str(told["both"])]), str(told["alike"]), with_span("tau", "interval"),
            f"{told['null_95']:.2f}" if "null_95" in told else "-", with_span("ceiling", "ceiling_range"), with_span("trivial", "trivial_interval"),
        ]
        assert told["alike"] == told["both"] and (told["tau"] is None or told["trivial"] >= told["tau"])


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
    answers = answers_of(saved.FOLDER / "readings" / "composed-nli--150-pairs--seed-11.tsv", task.labels, len(drawn))
    truth = [task.labels[task.split(part).labels[i]] for part, i in drawn]
    assert answers == truth and kappa(answers, truth) == 1.0
    assert "labelled 150 others: agreement 100 %, Cohen's kappa 1.00" in " ".join(CARD.split())


def id_of(record: dict) -> str:
    """The id that the record's recipe, or its staged run, has."""
    return (Staged.of(record) if "staged" in record else Recipe.from_dict(record["recipe"])).id


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


def test_which_runs_were_made_in_float32():
    named = TEXT.split("In float32, since it did not:", 1)[1].split(". `--check`", 1)[0]
    assert set(re.findall(r"`(.+?)`", named)) == set(in_float32())
    assert {record["environment"]["dtype"] for path in SAVED for record in read(path)} == {"bfloat16", "float32"}


def test_no_saved_run_holds_a_sentence():
    """SICK's licence: records hold figures and predicted classes only."""
    for path in SAVED:
        assert "sentence" not in path.read_text().lower()


def test_every_choice_of_three_layers_on_the_built_in_task():
    told = results.built_in()
    heading = "## Every choice of three layers on the built-in task"
    assert rows_after(heading) == results.choice_rows()
    seeds = {tuple(one["layers"]): one["seeds"] for one in told["choices"] if not one["control"]}
    ascending = {seeds[layers] for layers in seeds if list(layers) == sorted(layers)}
    assert ascending == {3} and {layers: seeds[layers] for layers in ((6, 4, 2), (4, 2, 6))} == {(6, 4, 2): 2, (4, 2, 6): 2} and len(seeds) == 22
    short = results.short_runs()
    text = " ".join(TEXT.split(heading, 1)[1].split("```")[0].split())
    for stands in (
        f"the teacher's own is {percent(told['teacher_accuracy'])}", results.spread_text(),
        f"do not tell {percent(short[0]['ties'])} of the pairs apart",
        f"its tau is {short[0]['trivial_tau']:.2f}, and it puts {percent(short[0]['trivial_agreement'])} in the right order",
    ):
        assert stands in text, stands
    assert rows_after("What short runs are worth", text=TEXT) == results.short_rows()


def test_how_fast_training_is():
    whole, accuracy = results.bench("training"), results.bench("training-accuracy")
    peers = [results.bench(name) for name in results.PEERS]
    heading = "## How fast training is"
    assert rows_after(heading) == results.peer_rows() and len(results.peer_rows()) == 7
    assert {cell["peers"]["repeats"] for result in peers for cell in result["cells"]} == {5}
    assert rows_after("How near the machine's limit", TEXT.split(heading, 1)[1]) == results.limit_rows() and len(results.limit_rows()) == 2
    assert results.profile_text() in " ".join(TEXT.split()) and results.frozen_embeddings() in " ".join(TEXT.split())
    assert rows_after("What each loop reaches in 1 epoch of SICK") == results.loop_rows()
    (cell,) = accuracy["cells"]
    assert all(row["epochs"] == 1 and len(row["accuracy"]["values"]) == 3 for row in cell["accuracy"])
    assert rows_after("What each part of the speed is worth") == results.ablation_rows()
    for row in [row for result in (whole, *peers) for cell in result["cells"] for row in cell["peers"]["rows"]]:
        assert row["gradient_distance"] < 1e-3, row["loop"]  # they train the same thing


def test_what_choosers_pick_and_what_it_costs():
    found = results.chooser_tables()
    assert found and TEXT.count("layers of minilm-l6 on") + TEXT.count("layers of mpnet-base on") == len(found)
    assert choose_regret.overall(found) in TEXT
    for one in found:
        heading = f"**{one['k']} layers of {one['teacher']} on {one['task']}**: {choose_regret.ground_text(one)}"
        assert rows_after(heading) == [list(map(str, choose_regret.row(judged)[:8])) for judged in one["judged"]]
        assert all(sentence in TEXT.split(heading, 1)[1].split("\n**", 1)[0] for sentence in sentences(one["verdicts"]))


def test_the_table_at_the_assignments_scale():
    heading, records = "## The assignment's choices at the assignment's scale", records_of(SCALE)
    told = " ".join(TEXT.split(heading)[1].split("\n## ")[0].split())
    assert rows_after(heading) == results.scale_rows() and results.scale_teacher() in told and results.scale_learned() in told
    assert "All in float32" in told and {record["environment"]["dtype"] for record in records} == {"float32"}
    assert {record["recipe"]["budget"]["epochs"] for record in records} == {3}


def test_what_is_told_of_the_picks_at_twelve_layers():
    runs, found = records_of(SCALE), {one["method"]: one for one in read(picks.folder() / "mpnet-base--sick.jsonl")}
    steps, told = sum(arms * made for arms, made in rounds(HALVING_ARMS)), " ".join(TEXT.split())
    assert set(found) == {name for name, one in METHODS.items() if not one.baseline} - {"seams"}  # a later method: no pick of it is made there yet
    assert len(runs) < math.comb(12, 6) / 2 and f"At 12→6 most of the {math.comb(12, 6)} choices have no full run" in told
    assert f"Successive halving ran there in bfloat16, the full runs in float32: it is counted by its {steps:,} training steps, as many as " in told
    assert f"as many as {steps / runs[0]['steps']:.1f} full runs make, not by the clock" in told and found["successive-halving"]["steps"] == steps
    dtypes = {name: one["environment"]["dtype"] for name, one in found.items()}
    assert dtypes.pop("successive-halving") == "bfloat16" and set(dtypes.values()) == {run["environment"]["dtype"] for run in runs} == {"float32"}
    assert {one["teacher_hash"] for one in found.values()} == {run["teacher"]["hash"] for run in runs}


def test_which_mistakes_figures_give_away():
    cases = read(saved.FOLDER / "mistakes" / "minilm-l6--composed-nli.jsonl")
    counted = counts(cases)
    rows = [[MISTAKES[name].title, str(each["named"]), str(each["of"])] for name, each in counted.items() if "look" in each]
    assert rows_after("Which mistakes figures give away") == rows
    runs, tables = counted["correct runs"], counted["correct"]
    assert f"{runs['false']} of {runs['of']} raised an alarm, and so did {tables['false']} of {tables['of']} tables of them." in TEXT
    assert {run["recipe"]["budget"]["steps"] for case in cases for run in case["runs"]} == {60}
    assert {len(case["runs"]) for case in cases if not case["mistake"]} == {6}


def test_how_fast_the_app_is():
    assert rows_after("## How fast the app is") == results.app_rows()
    assert results.bench("class")["learners"] == 30


def test_whether_the_best_choice_depends_on_the_task():
    rows = results.task_rows()
    assert len(rows) == 6 and results.task_text() in " ".join(TEXT.split())
    assert rows_after("## Whether the best choice depends on the task") == rows


def test_what_the_saved_runs_answer():
    part = TEXT.split("## Questions put to the saved runs", 1)[1].split("```", 1)[0]
    for question in questions(landscapes(saved_runs())):
        stated = part.split(f"**{question.title}**", 1)[1].split("**", 1)[0]
        told = question.answers or ("No saved run can tell yet.",)
        assert [line.removeprefix("- ") for line in stated.strip().splitlines()] == list(told)


def test_what_stages_and_attention_are_worth():
    assert contrasts.missing(read(results.ROOT / contrasts.FILE)) == []
    assert summary(results.stage_estimates()) in TEXT
    assert rows_after("## Stages and attention beside one stage") == results.stage_rows()


def test_what_is_planned_and_what_is_made():
    stated = rows_after("## The saved runs: planned and made")
    assert stated == [
        [line["name"], str(line["planned"]), f"{line['hours_planned']:.1f}", str(line["made"]), f"{line['hours']:.1f}"] for line in plan.lines()
    ]
    assert f"Cut, or not made yet: {results.cut()}." in " ".join(TEXT.split())
