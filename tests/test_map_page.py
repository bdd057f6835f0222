"""Measuring the choices of a pair from the Landscape, what is said before and while, and what the explanation makes of the runs.

Run: python -m pytest tests/test_map_page.py
"""

import itertools

import pytest

from core.findings.known_runs import known_runs, with_own
from core.findings.landscape import landscapes
from core.recipe import Recipe, Seeding, map_plan, rung
from core.statistics.power import gap_found
from core.store import facts, jobs, maps, records, saved
from core.store.saved import truth
from core.store.seam_costs import SeamCosts, possible
from core.views.common.recipe_runs import ground_now
from core.views.explanation.view import explanation, run_rows
from core.views.landscape import map as view
from core.views.landscape import unmeasured
from tests import app_harness as harness
from tests import explanation_runs, fake_worker, landscape_runs
from tests.app_harness import button, clean, labels, shown, shown_progress

PAIRS = tuple(itertools.combinations(range(1, 5), 2))


@pytest.fixture
def open_app(teacher, task, monkeypatch):
    harness.without_worker(monkeypatch)
    return harness.opener(teacher, task)


def landscape(open_app, link=None, **query):
    """The page with what is planned open. link: the address that it is opened by."""
    test = open_app("pages/landscape.py", **query)
    test.session_state["map_plan"] = True
    for key, value in (link or {}).items():
        test.query_params[key] = value
    return clean(test.run())


def play_one(teacher) -> str:
    """The next run of a map, as a worker makes it; returns its id."""
    while other := jobs.claim(fake_worker.WORKER):  # what pages ask for goes first
        jobs.finish(other.id, "finished")
    job = maps.next_job(fake_worker.WORKER)
    fake_worker.finish(job, teacher=fake_worker.of_teacher(teacher))
    return job.run_id


# --- on the page ---


def test_before_a_map_begins_the_page_says_runs_time_and_what_it_will_tell(open_app, teacher, task):
    test = landscape(open_app)
    text = shown(test).replace("*", "")
    assert "21 runs: 6 choices and the control, 3 seeds each." in text and "How long that takes was not measured here yet" in text
    assert "It will tell two choices apart that lie" in text and "as in the saved runs of MiniLM-L6 on composed-nli" in text
    facts.put("rate", {f"{teacher}/{task}/2": 0.5})
    facts.put("around", {f"{teacher}/{task}": 10.0})
    clean(test.number_input(key="w_map_seeds").set_value(1).run())
    text = shown(test).replace("*", "")
    assert "7 runs" in text and "About 5 min on this machine, and longer while learners train" in text  # 7 * (60 * 0.5 + 10) s
    assert "this map tells no two choices apart. Take at least 2 seeds." in text
    clean(test.number_input(key="w_map_k").set_value(3).run())
    assert "judged by students of another size" in shown(test)


def test_a_map_begins_fills_the_landscape_stops_and_goes_on(open_app, teacher, task):
    test = landscape(open_app)
    assert "No run is saved of teacher on tiny.csv" in shown(test)
    clean(button(test, "Start measuring").click().run())
    one, = maps.all_maps()
    assert one.going and "0 of 21 runs are there" in shown_progress(test)
    assert "A map of all 6 choices of 2 of 4 layers, 60 steps, 3 seeds" in shown(test)
    first = play_one(teacher)
    clean(test.run())
    assert "1 of 21 runs are there" in shown_progress(test) and "1 choice of 2 of 4 layers, 1 seed each" in shown(test)
    assert "Not measured: 5 of the 6 choices of 2 layers." in shown(test)
    clean(button(test, "Stop the map").click().run())
    assert maps.get(one.id).status == maps.STOPPED and "Stopped; what was measured is kept" in shown(test) and maps.next_job("w") is None
    clean(button(test, "Go on with the map").click().run())
    for _ in range(20):
        play_one(teacher)
    assert maps.next_job("w") is None and records.find(first)
    clean(test.run())
    assert "6 choices of 2 of 4 layers, 3 seeds each." in shown(test) and "21 of 21 runs are there. Measured." in shown(test)
    assert "Not measured" not in shown(test) and "Stop the map" not in labels(test)
    assert "A map of" not in shown(landscape(open_app))  # a whole one has no card; the landscape shows its runs


def test_another_learner_sees_it_by_its_link_and_by_the_pair(open_app, teacher, task):
    plan = view.Wish(teacher, task, 2, seeds=1, control=False).plan(4)
    one = maps.start(plan, ground_now(teacher, task), "ann")
    play_one(teacher)
    assert "1 of 6 runs are there" in shown_progress(landscape(open_app))
    mine = fake_worker.record(Recipe(teacher, task, (1, 2), budget=rung("60"), seed=5))
    jobs.submit("distill", mine["recipe"], mine["id"], "bob")
    assert "waiting: learners go first" in shown_progress(landscape(open_app))
    jobs.finish(jobs.claim(fake_worker.WORKER).id, "finished")
    pair = {"teacher": teacher, "task": task, "layers": "1,3"}
    newer = maps.start(view.Wish(teacher, task, 3, seeds=1, control=False).plan(4), one.ground, "bob")
    maps.stop(one.id), maps.stop(newer.id)
    test = landscape(open_app, pair | {"map": one.id})
    assert "1 of 6 runs are there" in shown(test) and f"map={one.id}" in test.code[0].value and "landscape?" in test.code[0].value
    assert "0 of 4 runs are there" in shown(landscape(open_app))  # without it, the newest
    assert "a map that is not in this store" in shown(landscape(open_app, pair | {"map": "unknown"}))


def test_a_pair_that_is_not_ready_is_said(open_app, teacher):
    assert "Get it ready in the Lab first." in shown(landscape(open_app, teacher="mpnet-base", task="sick", layers="1,3,5"))


def test_a_researcher_chooses_objective_sample_and_control(open_app, teacher, task):
    test = landscape(open_app, view="researcher")
    clean(test.checkbox(key="w_map_control").uncheck().run())
    clean(harness.group(test, "Choices").set_value(True).run())
    clean(test.number_input(key="w_map_sample_6").set_value(4).run())
    clean(test.selectbox(key="w_map_objective").select("patient").run())
    clean(button(test, "Start measuring").click().run())
    one, = maps.all_maps()
    assert (len(one.plan.choices), one.plan.control, one.plan.settings.objective.name) == (4, False, "patient")
    assert "4 of 6 choices, drawn by chance, of 2 of 4 layers" in shown(test)


def test_runs_come_and_go_as_a_file_on_the_page(open_app, teacher, task):
    from pages.parts.landscape import map as part

    plan = view.Wish(teacher, task, 2, seeds=1, control=False).plan(4)
    maps.start(plan, ground_now(teacher, task), "ann")
    play_one(teacher)
    test = landscape(open_app)
    assert "1 finished run of this teacher and task is on this machine." in shown(test)
    assert any(each.proto.label == "Download these runs" for each in test.get("download_button"))
    test.session_state["map_taken"] = "2 runs imported."
    clean(test.run())
    assert "2 runs imported." in harness.unescaped(test.success[0].value)
    assert part.TAKEN not in test.session_state or not test.session_state[part.TAKEN]


# --- what it will tell ---


def test_more_seeds_and_more_examples_find_smaller_gaps_and_one_seed_none():
    gap = lambda seeds, choices=6, test=1e-4: gap_found(0.02, 0.04, test, choices, seeds)
    assert gap(1) is None and gap(2) > gap(3) > gap(6) and gap(3) < gap(3, choices=20) and gap(6, test=1e-5) < gap(6)
    assert gap(2, choices=3) is None  # too few repeated to show any noise


def test_the_promised_gap_is_found_in_about_four_of_five_maps():
    """Two choices that far apart among six equal ones, with seeds that scatter alike: how often a whole map tells them apart."""
    import numpy as np

    from core.statistics.noise import TEST_DF, Comparison, each_its_own, ways_of
    from core.statistics.verdict import judged_together

    rng, sd, test, seeds = np.random.default_rng(0), 0.02, 1e-6, 4
    most = 0.03  # about the largest SD of six choices with four seeds
    gap = gap_found(sd, most, test, 6, seeds)
    found, draws = 0, 300
    for _ in range(draws):
        values = {n: (gap if n == 0 else 0.0) + sd * rng.normal(size=seeds) for n in range(6)}
        noises = each_its_own(values)
        pairs = list(itertools.combinations(range(6), 2))
        compared = [Comparison(float(values[a].mean() - values[b].mean()), ways_of((noises[a], noises[b]), (seeds, seeds), test, TEST_DF), test,
                               (seeds, seeds), "", ()) for a, b in pairs]
        found += judged_together(compared)[pairs.index((0, 1))].clear
    assert 0.65 < found / draws < 0.98


def test_the_noise_is_the_pairs_own_where_there_is_any(teacher, task, tmp_path, monkeypatch):
    explanation_runs.write(tmp_path, teacher, task)
    monkeypatch.setattr(saved, "FOLDER", tmp_path)
    plan, on = view.Wish(teacher, task, 2).plan(4), ground_now(teacher, task)
    assert "this pair's own runs" in view.power_text(plan, landscapes(saved.saved_runs()), on)
    assert "is not known yet" in view.power_text(plan, [], on)


# --- the explanation ---


def test_runs_of_ones_own_pair_are_explained_with_each_other(teacher, task):
    made = []
    for layers, seed in (((1, 3), 0), ((2, 4), 0)):
        recipe = Recipe(teacher, task, layers, budget=rung("60"), seed=seed)
        job = jobs.submit("distill", recipe.to_dict(), recipe.id, "ann")
        made.append(fake_worker.finish(fake_worker.claim() or job, teacher=fake_worker.of_teacher(teacher)))
    first, second = made
    found = explanation(first, known_runs(teacher, task), truth(first["task_hash"], "check"), None, None)
    standing = next(one for one in found.findings if one.kind == "standing")
    assert "No other choice" not in standing.sentence and set(standing.runs) == {first["id"], second["id"]}
    assert {row["file"] for row in run_rows(found, standing)} == {"made here"}
    bare = explanation(first, [], None, None, None)
    assert "No other choice of 2 layers is saved" in next(one for one in bare.findings if one.kind == "standing").sentence


def test_a_map_is_explained_like_shipped_runs_with_its_noise(teacher, task, tmp_path, monkeypatch):
    """The same runs, once saved with the program and once made here by a map: the same explanation."""
    run = explanation_runs.write(tmp_path, teacher, task)
    shipped = explanation(run, saved.saved_runs(teacher, task, tmp_path), truth(run["task_hash"], "check", tmp_path), None, None)
    for record in saved.saved_runs(teacher, task, tmp_path):
        records.add({name: value for name, value in record.items() if name != "file"})
    own = explanation(run, known_runs(teacher, task), truth(run["task_hash"], "check", tmp_path), None, None)
    assert [one.sentence for one in own.findings] == [one.sentence for one in shipped.findings]
    assert any(one.strength == "clear" for one in own.findings)


def test_runs_of_another_teacher_or_other_data_or_another_budget_are_never_mixed(teacher, task):
    recipe = Recipe(teacher, task, (1, 3), budget=rung("60"))
    other = fake_worker.record(recipe, teacher=fake_worker.of_teacher(teacher) | {"hash": "9" * 16})
    longer = fake_worker.record(Recipe(teacher, task, (2, 4), budget=rung("240")), teacher=fake_worker.of_teacher(teacher))
    mine = fake_worker.record(recipe, teacher=fake_worker.of_teacher(teacher))
    for record in (other, longer, mine):
        records.add(record)
    found = with_own([], [])
    assert len(found) == 3 and all(sum(map(len, one.runs.values())) == 1 for one in found)
    now = view.here_now(found, (teacher, task))
    assert len(now) == 2 and {one.ground for one in now} == {ground_now(teacher, task)}


# --- the seams' forecast ---


def measured(choices, worth):
    """A landscape of some choices of three of six layers, whose layers are worth so much."""
    import numpy as np

    rng = np.random.default_rng(1)
    about = landscape_runs.task("composed-nli", rng, worth)
    return landscapes(landscape_runs.runs(about, choices, 5, rng), lambda *_: about.worlds["test"].truth)[0]


def costs(value) -> SeamCosts:
    each = {seam: value(seam) for seam in possible(6)}
    return SeamCosts("minilm-l6", "composed-nli", 6, 0.95, 600, 1.0, each, each)


def test_the_seams_forecast_only_what_is_not_measured_and_only_where_the_measured_bear_them_out():
    some, rest = landscape_runs.THREE[::2], set(landscape_runs.THREE[1::2])
    one = measured(some, (1.5, 1.0, 0.3, -0.3, -1.0, -1.5))
    right = costs(lambda seam: sum({1: 0.3, 2: 0.2, 3: 0.1}.get(layer, 0.0) for layer in seam.missing))  # what is missing costs what it is worth
    wrong = costs(lambda seam: sum({6: 0.3, 5: 0.2, 4: 0.1}.get(layer, 0.0) for layer in seam.missing))
    found = unmeasured.unmeasured(one, right)
    assert set(found.forecast) == rest and found.interval[0] > 0
    text = unmeasured.text(found, 3, len(some))
    assert "Not measured: 10 of the 20 choices of 3 layers. A forecast, not a measurement" in text and "Kendall's tau" in text
    against = unmeasured.unmeasured(one, wrong)
    assert against.forecast == () and "forecast nothing here" in unmeasured.text(against, 3, len(some))
    assert unmeasured.text(unmeasured.unmeasured(measured(landscape_runs.THREE, (1.0,) * 6), right), 3, 20) == ""


def test_a_control_is_the_saved_ones_twin():
    plan = map_plan(Recipe("minilm-l6", "composed-nli", (1, 2, 3), budget=rung("60")), 6, 3, 1, control=True)
    assert Recipe("minilm-l6", "composed-nli", (1, 3, 5), budget=rung("60"), seeding=Seeding(untrained_layers=True)).id in {
        recipe.id for recipe in plan.recipes()}
