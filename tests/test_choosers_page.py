"""The page of smarter choices in Streamlit's own harness, and what it decides. Run: python -m pytest tests/test_choosers_page.py"""

import json
import re

import numpy as np
import pytest

from core.figures.curves import BEGINS
from core.figures.layer_rows import pick_rows, regret_ticks
from core.objectives import WEIGHTINGS
from core.recipe import Recipe
from core.store import jobs, layer_scores, saved
from core.studies.choosers.methods import CHOOSERS
from core.studies.choosers.picks import FROZEN
from core.studies.stages.staged import METHODS as STAGED
from core.studies.sweep import append
from core.views.choosers import by_algorithm, staged_runs
from core.views.common.choice import task_content
from core.views.common.readiness import readiness
from core.worker import Runner
from tests import app_harness as harness
from tests import fake_worker
from tests import landscape_runs as made
from tests import synthetic_runs as synthetic
from tests.app_harness import button, chosen, clean, group, labels, shown, shown_progress
from tests.test_choosers_regret import HASHES, document
from tests.test_contrasts import everything as study_runs

PAIR = ("minilm-l6", "composed-nli")
PAGE = "pages/choosers.py"
DATA = task_content(PAIR[1]).hash


@pytest.fixture(scope="module")
def weights():
    return readiness(*PAIR).weights


@pytest.fixture(scope="module")
def template(tmp_path_factory, weights):
    """Saved runs whose teacher has the bundled teacher's weights, with two picks of 2 and of 3 layers."""
    folder = made.folder(tmp_path_factory.mktemp("saved") / "runs")
    for path in folder.glob("*.jsonl"):
        text = path.read_text().replace('"hash":"weights"', f'"hash":"{weights}"')
        path.write_text(text.replace('"task_hash":"data-composed-nli"', f'"task_hash":"{DATA}"'))
    (folder / "truth" / "data-composed-nli.json").rename(folder / "truth" / f"{DATA}.json")
    (folder / "choosers").mkdir()
    for k, good, bad in ((2, (1, 2), (5, 6)), (3, (1, 2, 3), (4, 5, 6))):
        for method, pick in (("fisher", good), ("block-influence", bad)):
            one = document(pick, k, method, teacher_hash=weights, task_hash=DATA, layer_scores={"1": 0.5, "6": 0.1})
            append(folder / "choosers" / "picks.jsonl", one)
    return folder


@pytest.fixture
def folder(template, tmp_path, monkeypatch):
    """A copy that a test may change."""
    copy = tmp_path / "runs"
    (copy / "choosers").mkdir(parents=True)
    for path in template.rglob("*.json*"):
        target = copy / path.relative_to(template)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(path.read_bytes())
    monkeypatch.setattr(saved, "FOLDER", copy)
    return copy


@pytest.fixture(autouse=True)
def no_worker(monkeypatch, tmp_path):
    harness.without_worker(monkeypatch)
    monkeypatch.setattr(saved, "FOLDER", tmp_path / "nothing")


def opened(**query):
    return harness.opener(*PAIR)(PAGE, **query)


def charts(test) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in test.get("vega_lite_chart")]


def drawn_rows(test) -> list[str]:
    """The rows of the picks' chart in words."""
    marks = [row for spec in charts(test) for layer in spec.get("layer", ()) for row in layer.get("data", {}).get("values", ())]
    return [row["told"] for row in marks if "told" in row]


def asked(kind: str) -> jobs.Job:
    """The one job of this kind in the queue; the Lab may have asked for a teacher to be loaded besides."""
    (job,) = [job for job in jobs.queue() if job.kind == kind]
    return job


def taken(kind: str) -> jobs.Job:
    """The worker has done what came before, and has begun this job."""
    while (job := fake_worker.claim()).kind != kind:
        jobs.finish(job.id, "finished")
    return job


def see(test, name: str):
    return clean(group(test, "View").set_value(name).run())


# --- what is told ---


def test_every_way_of_training_in_stages_and_every_weighting_is_described():
    assert set(staged_runs.STAGED) == set(STAGED) and set(staged_runs.SHOWN_WEIGHTINGS) == set(WEIGHTINGS)


def test_without_any_pick_it_says_so():
    test = opened()
    assert "No method has been run for this teacher, task and size yet." in shown(test) and "It has not been run" in shown(test)
    assert len(drawn_rows(test)) == len(CHOOSERS) and all(row.endswith(": not run yet") for row in drawn_rows(test))
    assert "Open this choice in the Lab" not in labels(test) and not button(test, "Run it live").disabled


def test_picks_stand_beside_the_saved_truth_where_it_may_be_looked_at(folder):
    test = opened(layers="1,3")
    rows = drawn_rows(test)
    runs = {tuple(run["recipe"]["layers"]): run["final"]["accuracy"] for run in saved.read(folder / "nli-sizes.jsonl")
            if not run["recipe"]["seeding"]["untrained_layers"]}
    order = sorted(runs.values(), reverse=True)
    for row, name, pick in ((rows[0], "Fisher sensitivity", (1, 2)), (rows[1], "Block Influence", (5, 6))):
        regret = f"{100 * (order[0] - runs[pick]):.1f} points lost, rank {1 + order.index(runs[pick])} of 15; cost 0.50 runs"
        assert row == f"{name} picks layers {pick[0]}, {pick[1]}: {regret}"
    assert [row.partition(" ")[0] for row in rows[-3:]] == ["Presets", "Lowest", "At"]
    assert "full runs of all 15 choices, one seed each" in shown(test) and "too high by noise" in shown(test)
    assert "the regrets of these choices could be looked at before the settings were frozen" in shown(test)
    assert "Beside running" not in shown(test)


def test_held_out_regrets_stay_unknown_until_the_settings_are_frozen(folder):
    def freeze(hashes):
        methods = {name: {"settings_hash": hashed} for name, hashed in hashes.items()}
        (folder / "choosers" / FROZEN).write_text(json.dumps({"methods": methods}))

    test = opened(layers="1,3,5")
    assert "settings are not frozen yet" in shown(test) and "How good this pick is, is not known." in shown(test)
    assert not any("rank" in row for row in drawn_rows(test)) and "Pick: layers 4, 5, 6" in shown(test)
    assert drawn_rows(test)[0].endswith(": took 50 s") and "Cost: full runs" not in shown(test)
    freeze(HASHES)
    clean(test.run())
    assert "not frozen" not in shown(test) and "with other sizes" in shown(test)
    assert "2 seeds each" in shown(test) and "Cost: full runs of one seed." in shown(test)
    assert any("rank 20 of 20" in row for row in drawn_rows(test)) and re.search(r"Points lost: [\d.]+, at most [\d.]+ \(95 %\)", shown(test))
    worse = "Beside running the presets once, which takes 4 full runs, it is worse; beside the lowest sum of layer numbers, it is worse (corrected"
    assert worse in shown(test)
    clean(test.selectbox(key="w_choosers_method").select("fisher").run())
    assert "takes 4 full runs, it is the same choice, for 0.50 full runs of one seed; beside" in shown(test)
    assert "beside the lowest sum of layer numbers, it is the same choice (corrected" in shown(test)
    clean(test.selectbox(key="w_choosers_method").select("block-influence").run())
    freeze(HASHES | {"block-influence": "0" * 16})
    clean(test.run())
    assert "The pick of block-influence for 3 layers on composed-nli was made under other settings than the frozen ones" in shown(test)
    assert [row.partition(" picks")[0] for row in drawn_rows(test) if "rank" in row][0] == "Fisher sensitivity"
    assert "How good this pick is, is not known." in shown(test) and not any("rank 20 of 20" in row for row in drawn_rows(test))


def test_a_pick_without_saved_runs_says_that_it_is_not_known(folder):
    append(folder / "choosers" / "picks.jsonl", document((1, 2, 3, 4), 4, "block-influence", teacher_hash=readiness(*PAIR).weights, task_hash=DATA))
    test = opened(layers="1,2,3,4")
    assert "No full runs of these choices are saved" in shown(test) and "How good this pick is, is not known." in shown(test)


def test_another_method_by_the_list_shows_its_pick_formula_and_scores(folder):
    test = opened(layers="1,3")
    clean(test.selectbox(key="w_choosers_method").select("fisher").run())
    assert "Pick: layers 1, 2 (the first 2, nearest the input)" in shown(test) and "Choosing took 50 s" in shown(test)
    assert any("partial" in latex.value for latex in test.latex)
    diagram = next(spec for spec in charts(test) if "student of 2" in json.dumps(spec))
    assert "score: layer 1 0.5" in json.dumps(diagram)
    clean(test.switch_page("pages/about.py").run())
    clean(test.switch_page(PAGE).run())
    assert test.selectbox(key="w_choosers_method").value == "fisher"


def test_a_pick_is_opened_in_the_lab(folder):
    test = opened(layers="1,3")
    clean(button(test, "Open this choice in the Lab").click().run())
    assert chosen(test).layers == (5, 6) and button(test, "Run") and test.query_params["layers"] == "5,6"


# --- run live ---


def test_a_chooser_is_run_live_followed_and_shown(weights):
    test = opened(layers="1,3")
    clean(test.selectbox(key="w_choosers_method").select("leave-one-out").run())
    clean(button(test, "Run it live").click().run())
    job = asked("choose")
    assert job.payload == {"teacher": PAIR[0], "task": PAIR[1], "method": "leave-one-out", "k": 2}
    taken("choose")
    jobs.emit(job.id, "stage", {"stage": "choosing", "text": "Leaving layers out", "done": 0.5})
    clean(test.run())
    assert "Leaving layers out" in shown_progress(test) and "Stop" in labels(test) and "Run it live" not in labels(test)
    found = document((2, 3), 2, "leave-one-out", teacher_hash=weights, task_hash=DATA)
    layer_scores.write(weights, found["task_hash"], "choices--leave-one-out--k2", found)
    jobs.finish(job.id, "finished")
    clean(test.run())
    assert "Pick: layers 2, 3" in shown(test) and "Run it live" in labels(test)
    assert any("Leave one out picks layers 2, 3" in row for row in drawn_rows(test))


def test_a_chooser_is_stopped_and_a_failure_is_said():
    test = opened(layers="1,3")
    clean(button(test, "Run it live").click().run())
    clean(button(test, "Stop").click().run())
    assert jobs.get(test.session_state["job_choose"]).status == "stopped"
    assert "Stopped while waiting." in shown(test) and "Run it live" in labels(test)
    clean(button(test, "Run it live").click().run())
    job = taken("choose")
    jobs.finish(job.id, "failed", "It *broke*.")
    clean(test.run())
    assert "It *broke*." in shown(test)


def staged_record(recipe: Recipe, method: str, emphasis=False) -> dict:
    """A finished record of two stages."""
    base = fake_worker.record(recipe)
    part = lambda name, layers, choice: {"name": name, "layers": layers, "objective": {}, "steps": 30, "planned": 30, "ended": "planned",
                                         "choice": choice, "training_flops": 1e9, "update_norms": {}, "initial": base["initial"],
                                         "final": base["final"], "seconds": 1.0}
    removed = {"removed": [{"layer": 6, "losses": {"5": 0.9, "6": 0.4, "1": 0.7}}], "by": "loss"}
    curve = [point | {"stage": 1} for point in base["curve"]]
    if emphasis:
        curve[-1]["emphasis"] = [0.5] * (recipe.k - 1) + [recipe.k - 0.5 * (recipe.k - 1)]
    return base | {"id": "5" * 12, "staged": {"method": method}, "stages": [part("5 layers", [1, 2, 3, 4, 5], removed), part("<b>", [1, 3], {})],
                   "curve": curve, "training_flops": 2e9}


def play_stage(job, number: int, before: int, emphasis=None) -> None:
    more = {"stage_number": number, "stage_name": f"part {number}", "steps_before": before}
    jobs.emit(job.id, "prepared", {"steps": 30, "curve": {"teacher": 0.9, "initial": 0.4}} | more)
    for step in (10, 20):
        jobs.emit(job.id, "step", {"step": step, "of": 30, "loss": 1.0, "losses": {}, "seconds": 1.0, "eta": 1.0} | more
                  | ({"emphasis": emphasis} if emphasis else {}))
        jobs.emit(job.id, "evaluated", {"step": step, "val_accuracy": 0.5 + (before + step) / 200, "val_loss": 1.0, "seconds": 1.0} | more)


def test_stages_are_run_live_and_each_stage_tells_its_choice_and_reason():
    test = see(opened(layers="1,3"), "In stages")
    assert "one away at a time" in shown(test) and "marked as staged" in shown(test)
    clean(group(test, "Steps over all stages").set_value("60").run())
    clean(button(test, "Run it live").click().run())
    job = asked("stages")
    recipe = Recipe.from_dict(job.payload["recipe"])
    assert (job.payload["method"], recipe.k, recipe.budget.steps, recipe.objective.name) == ("shrinking", 2, 60, "hinton")
    taken("stages")
    play_stage(job, 1, 0)
    play_stage(job, 2, 30)
    clean(test.run())
    assert "Stage 2: part 2" in shown(test) and "Training, step 20 of 30" in shown_progress(test)
    (curve,) = charts(test)
    assert len(curve["layer"]) == 3 and not any("data" in layer for layer in curve["layer"])  # all layers read the rows beside the chart
    rows = staged_runs.curves_of_events(jobs.events(job.id), 60, job.payload["recipe"]).accuracies
    assert [row["step"] for row in rows if row["line"] == BEGINS] == [30]
    assert [(row["step"], row["value"]) for row in rows if row["line"] == "student"] == [(0, 0.4), (10, 0.55), (20, 0.6), (40, 0.7), (50, 0.75)]
    record = staged_record(recipe, "shrinking")
    jobs.finish(job.id, "finished", record=record)
    clean(test.run())
    assert "Progressive shrinking finished" in shown(test) and "80.0 % on check examples after 60 steps" in shown(test)
    cells = test.table[0].value.to_string()
    assert "without layer 6 the loss is lowest: 0.400, next lowest 0.700" in cells and "1, 2, 3, 4, 5" in cells
    assert "all planned steps" in cells and "1: 5 layers" in cells
    clean(button(test, "Open this choice in the Lab").click().run())
    assert chosen(test).layers == (1, 3)


def test_emphasis_weights_are_drawn_over_time():
    test = see(opened(layers="1,3"), "With attention")
    clean(test.selectbox(key="w_choosers_emphasis").select("gradient-norm").run())
    clean(button(test, "Run it live").click().run())
    job = asked("stages")
    recipe = Recipe.from_dict(job.payload["recipe"])
    assert job.payload["method"] == "one-stage" and recipe.objective.emphasis == "gradient-norm" and recipe.objective.name == "attention"
    taken("stages")
    play_stage(job, 1, 0, [0.4, 1.6])
    clean(test.run())
    names = ["layer 1 (teacher's 1)", "layer 2 (teacher's 3)"]
    (weights,) = [spec for spec in charts(test) if names[0] in json.dumps(spec)]
    assert weights["encoding"]["color"]["scale"]["domain"] == names and weights["encoding"]["y"]["scale"]["domain"] == [0, 2]
    jobs.finish(job.id, "finished", record=staged_record(recipe, "one-stage", emphasis=True))
    clean(test.run())
    assert len(charts(test)) == 2 and "One stage finished" in shown(test)


def test_run_takes_what_the_fields_say_now():
    """A method picked and Run pressed before the page was drawn again: the button is from before the change."""
    test = opened()
    test.selectbox(key="w_choosers_method").select("fisher")
    clean(test.button(key="run_choose").click().run())
    assert asked("choose").payload["method"] == "fisher"


def test_run_in_stages_takes_what_the_fields_say_now():
    test = see(opened(), "In stages")
    test.selectbox(key="w_choosers_staged").select("theseus")
    clean(test.button(key="run_stages").click().run())
    assert asked("stages").payload["method"] == "theseus"


def test_a_job_that_ends_while_the_page_is_drawn_is_not_missed(monkeypatch):
    test = opened(layers="1,3")
    clean(button(test, "Run it live").click().run())
    job, read = taken("choose"), by_algorithm.documents

    def ends_just_after(*args):
        found = read(*args)
        if not jobs.get(job.id).over:
            Runner("test").run(job)
        return found

    monkeypatch.setattr(by_algorithm, "documents", ends_just_after)
    clean(test.run())
    assert jobs.get(job.id).status == "finished" and "Pick: layers" in shown(test) and "Stop" not in labels(test)


def test_a_reload_finds_the_running_job(monkeypatch):
    from pages.parts.common import learner

    monkeypatch.setattr(learner, "_from_browser", lambda: "a" * 32)
    clean(button(opened(layers="1,3"), "Run it live").click().run())
    assert "Stop" in labels(opened(layers="1,3"))


def test_a_teacher_that_is_not_ready_runs_nothing():
    test = harness.opener("minilm-l6", "sick")(PAGE)
    assert "The Lab makes it ready" in shown(test) and button(test, "Run it live").disabled
    test = see(test, "In stages")
    assert button(test, "Run it live").disabled


def test_repeats_are_one_sentence():
    test = see(opened(layers="3,3,1"), "In stages")
    clean(button(test, "Run it live").click().run())
    assert not [job for job in jobs.queue() if job.kind == "stages"] and ("each once" in shown(test) or "more than once" in shown(test))


# --- figures ---


def test_ticks_are_round_and_few():
    assert regret_ticks(0.0, 1.0) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] and regret_ticks(0.0, 16.3) == [0.0, 5.0, 10.0, 15.0]
    assert regret_ticks(-0.4, 3.0) == [0.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize("layers", [2, 6, 12, 48])
def test_few_marks_whatever_the_teacher(layers):
    row = {"id": "a", "name": "A", "layers": [1, 2], "colour": "#000", "regret": 1.0, "low": 0.0, "high": 2.0, "text": "t", "told": "A: t"}
    spec = pick_rows([row | {"id": str(i)} for i in range(12)], layers, "0").to_dict()
    assert sum(len(layer["data"]["values"]) for layer in spec["layer"]) < 1900
    unknown = pick_rows([row | {"regret": None, "low": None, "high": None}], layers, "a").to_dict()
    assert unknown["height"] > 0 and not any(layer["mark"]["type"] == "point" for layer in unknown["layer"])


def test_reasons_and_large_numbers_are_told():
    assert staged_runs.power_of_ten(1.234e12) == "1.2 × 10¹²" and staged_runs.power_of_ten(0.05) == "5.0 × 10⁻²"
    assert staged_runs.reason({}) == "as chosen"
    assert staged_runs.reason({"blocks": [[1, 2], [3]]}) == "stands in for 1–2, 3"
    assert staged_runs.reason({"removed": [{"layer": 2, "losses": {"2": 0.5}}]}) == "without layer 2 the loss is lowest: 0.500"


def test_the_saved_study_is_told_under_its_view(folder):
    """Without its file nothing is known; with it, each comparison stands under the view of its methods."""
    test = see(opened(layers="1,3"), "In stages")
    assert "No study of these methods is saved yet" in shown(test)
    rng = np.random.default_rng(0)
    world = synthetic.world(rng, 900)
    for run in study_runs(world, {}, rng):
        append(folder / "minilm-l6--composed-nli--contrasts.jsonl", run)
    saved.write_truth("composed-nli", "data", {"test": world.truth}, folder)
    clean(test.run())
    names = test.table[0].value.index.tolist()
    assert len(names) == 6 and names[0] == "progressive shrinking against one stage, equal FLOPs (named beforehand)"
    assert "Progressive shrinking finished: layers 1, 2, 3" in shown(test) and test.table[1].value.index.tolist() == ["1: all"]
    test = see(test, "With attention")
    names = test.table[0].value.index.tolist()
    assert len(names) == 15 and "attention, relevance against the best fixed weights" in names
    weights = lambda: [spec for spec in charts(test) if "layer 2 (teacher's 3)" in json.dumps(spec)]
    assert len(weights()) == 1  # of the saved run with learned uncertainty
    clean(test.selectbox(key="w_choosers_emphasis").select("fixed").run())
    assert not weights() and len(charts(test)) == 1
