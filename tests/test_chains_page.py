"""Chains by hand on the page Inside the teacher: its sentences and figures, its questions, and the lesson.

Run: python -m pytest tests/test_chains_page.py
"""

import json
import re

import pytest

from core.figures.chain_answers import chain_answers, kept_bars
from core.store import jobs, predictions, saved
from core.store.waiting import FORWARD
from core.studies.seams import fitted
from core.views.inside import chains as view
from tests import app_harness as harness
from tests import fake_worker
from tests.app_harness import button, clean, group, shown, shown_progress

PAGE, NAME = "pages/inside.py", "Chains by hand"
YES, NO = [0.9, 0.1], [0.2, 0.8]


def answer(cut=(YES, NO, NO), bridged=(YES, YES, YES), layers=(1, 3, 4), **more) -> dict:
    """Of a teacher of four layers that says yes after each of them; cut, bridged: what is said after each layer that is left."""
    of = {"whole": [YES] * 4, "cut": list(cut), "bridged": list(bridged)}
    at = {"whole": (1, 2, 3, 4), "cut": layers, "bridged": layers}
    after = {way: [list(pair) for pair in zip(at[way], said)] for way, said in of.items()}
    return {
        "layers": list(layers), "teacher_layers": 4, "seams": [[1, 3]], "labels": ["yes", "no"], "examples": 100, "majority": 0.5,
        "accuracy": {"whole": 0.97, "cut": 0.7, "bridged": 0.9}, "mended": 25, "undone": 5,
        "broke": [{"first": "a *dog* runs", "second": "a <b>cat</b> runs", "label": "yes", "said": "no"}],
        "text": {"answers": {way: said[-1] for way, said in of.items()}, "after": {"head": after, "mapped": after}},
    } | more


def at_once(found: dict) -> dict:
    """What is there of an answer before bridges are."""
    known = lambda some: {way: value for way, value in some.items() if way != "bridged"}
    text = {"answers": known(found["text"]["answers"]), "after": {"head": known(found["text"]["after"]["head"])}}
    return {name: value for name, value in found.items() if name not in ("mended", "undone")} | {"accuracy": known(found["accuracy"]), "text": text}


# --- sentences and figures ---


def test_what_is_left_is_said_with_what_bridges_mend():
    text = " ".join(view.kept_text(answer()))
    assert text.startswith("Without layer 2, and nothing trained, the teacher gets 70.0 % of 100 validation examples right. Whole it gets 97.0 %.")
    assert "With a bridge over the gap it gets 90.0 %: 25 examples mended, 5 newly wrong. So part of the loss" in text
    assert "too few" in " ".join(view.kept_text(answer(mended=6, undone=3))) and "too few" not in text
    for mended, undone, words in ((2, 20, "does harm"), (0, 0, "changes nothing")):
        assert words in " ".join(view.kept_text(answer(mended=mended, undone=undone)))
    low = answer(accuracy={"whole": 0.97, "cut": 0.52, "bridged": 0.6}, layers=(2, 3), seams=[[0, 2], [3, 5]])
    assert "Without layers 1 and 4" in view.kept_text(low)[0] and "over each gap" in " ".join(view.kept_text(low))
    assert "Always naming one class would get 50.0 %, so hardly anything is left." in view.kept_text(low)
    assert "bridge" not in " ".join(view.kept_text(at_once(answer())))


@pytest.mark.parametrize("cut, words", [
    ((YES, YES, YES), "it says the same as the teacher after every layer that is left, and answers 'yes' (90.0 %)."),
    ((YES, NO, YES), "it differs after layer 3, but comes back and answers 'yes' (90.0 %)."),
    ((YES, NO, NO), "the answer breaks after layer 3, right above a gap, and stays broken. It answers 'no' (80.0 %), the teacher 'yes' (90.0 %)."),
    ((YES, YES, NO), "the answer breaks after layer 4. It answers 'no' (80.0 %), the teacher 'yes' (90.0 %)."),
])
def test_where_an_answer_breaks(cut, words):
    assert view.break_text(answer(cut=cut), "cut", "mapped") == f"Cut: {words}"


def test_an_answer_that_breaks_before_the_head_alone():
    found = answer(cut=(YES, YES), layers=(1, 3), seams=[[1, 3], [3, 5]])
    found["text"]["answers"]["cut"] = NO
    assert view.break_text(found, "cut", "head").startswith("Cut: the answer breaks only before the head. It answers 'no'")


def test_no_sentence_is_long():
    texts = [" ".join(view.kept_text(found)) for found in (answer(), answer(accuracy={"whole": 0.97, "cut": 0.5, "bridged": 0.6}))]
    texts += [view.break_text(answer(cut=cut), "cut", "head") for cut in ((YES, YES, YES), (YES, NO, YES), (YES, NO, NO), (YES, YES, NO))]
    texts += [view.BRIDGE, view.LEGEND, *view.READS.values(), *view.lesson(True).sentences, view.lesson(True).note, view.lesson(False).note]
    for sentence in (one for text in texts for one in re.split(r"(?<=[.;:]) ", text)):
        assert len(sentence.split()) <= 28, sentence


def test_the_map_holds_every_layer_and_marks_what_differs():
    rows, columns, cells = view.break_map(answer(), "mapped")
    assert rows == ["answer", "layer 4", "layer 3", "layer 2", "layer 1"] and columns == ["teacher", "cut", "bridged"]
    found = {(cell["row"], cell["column"]): cell for cell in cells}
    assert len(cells) == 15 and found["layer 2", "cut"]["said"] is None and found["layer 2", "cut"]["told"] == "cut, layer 2: missing"
    assert [found[row, "cut"]["differs"] for row in rows] == [True, True, True, False, False]
    assert found["layer 3", "cut"]["told"] == "cut, layer 3: no 80.0 %, yes 20.0 %; the teacher says otherwise"
    spec = chain_answers(rows, columns, cells, "What each says.").to_dict()
    assert spec["description"] == "What each says." and "≠" in json.dumps(spec, ensure_ascii=False)
    bars = kept_bars(view.kept_rows(answer()), ("always one class", 0.5), "Accuracy.").to_dict()
    assert "always one class: 50.0 %" in json.dumps(bars)


def test_what_to_begin_with():
    assert view.start((1, 4), 6) == [1, 4] and view.start((4, 1), 6) == view.start((), 6) == [1, 4, 5, 6] and view.start((1,), 2) == [1]
    assert view.problem([], 4) and view.problem([1, 2, 3, 4], 4) and not view.problem([1], 4)


def test_fitting_has_the_text_that_it_reports():
    assert view.FITTING == fitted.READING
    events = [{"kind": "stage", "text": view.FITTING, "done": done, "at": at} for done, at in ((0.0, 0.0), (0.5, 4.0))]
    half = view.fitting("running", events, 0, 4.0)
    assert (half.fraction, half.eta) == (0.5, "4 s") and "once for this teacher" in half.text


# --- the lesson ---


def test_the_lesson_is_that_of_the_files():
    document = json.loads((saved.FOLDER / "seams" / "minilm-l6--composed-nli.json").read_text())
    of = {one["below"] + 1: one for one in document["seams"] if one["above"] - one["below"] == 2}
    ends = {layer: [] for layer in of}
    for line in (saved.FOLDER / "minilm-l6--composed-nli--k5.jsonl").read_text().splitlines():
        run = json.loads(line)
        if not run["recipe"]["seeding"]["untrained_layers"]:
            ends[next(layer for layer in of if layer not in run["recipe"]["layers"])].append(run["final"]["accuracy"])
    percent = lambda share: f"{100 * share:.1f} %"
    trained = {layer: percent(sum(some) / len(some)) for layer, some in ends.items()}
    found = view.lesson(True)
    assert list(found.rows) == [{"gone": f"layer {layer}", "cut": percent(of[layer]["cut"]["accuracy"]),
                                 "bridged": percent(of[layer]["bridged"]["accuracy"]), "trained": trained[layer]} for layer in of]
    text = " ".join(found.sentences)
    assert min(of, key=lambda layer: of[layer]["cut"]["accuracy"]) == 6 and "Without layer 6, the last before the head" in text
    numbers = {*trained.values(), *(percent(of[6][how]["accuracy"]) for how in ("cut", "bridged"))}
    assert set(re.findall(r"\d+\.\d %", text)) <= numbers and "ends at 96.4 %" in text and trained[6] == "96.4 %"
    assert f"{len(ends[6])} seeds" in found.note and f"{document['examples']} validation" in found.note
    waiting = view.lesson(False)
    assert all("trained" not in row for row in waiting.rows) and not set(trained.values()) & set(re.findall(r"\d+\.\d %", str(waiting)))


# --- the page ---


def taken() -> jobs.Job:
    """The question; others, such as getting the teacher ready, are ended unseen."""
    while (job := fake_worker.claim()).kind != "gap":
        jobs.finish(job.id, "finished")
    return job


def text_field(test, label: str):
    return next(one for one in test.text_area if one.label == label)


@pytest.fixture
def opened(monkeypatch, teacher, task):
    harness.without_worker(monkeypatch)
    test = harness.opener(teacher, task)(PAGE, layers="1,2,4")
    return clean(group(test, "View").set_value(NAME).run())


def test_a_click_on_a_layer_asks_and_what_is_there_at_once_is_drawn_while_bridges_are_fitted(opened, teacher, task):
    assert sorted(group(opened, "Layers that stay").value) == [1, 2, 4] and "Click layers away or back" in shown(opened)
    clean(group(opened, "Layers that stay").set_value([4, 1]).run())
    job = taken()
    assert job.payload["layers"] == [1, 4] and (job.payload["teacher"], job.payload["task"]) == (teacher, task) and job.payload["first"]
    jobs.emit(job.id, "cut", at_once(answer()))
    jobs.emit(job.id, "stage", {"stage": "evaluating", "text": view.FITTING, "done": 0.5})
    clean(opened.run())
    assert "gets 70.0 % of 100" in shown(opened) and "once for this teacher and task" in shown_progress(opened) and "mended" not in shown(opened)
    jobs.emit(job.id, "answer", answer())
    jobs.finish(job.id, "finished")
    clean(opened.run())
    assert "25 examples mended" in shown(opened) and "the answer breaks after layer 3" in shown(opened) and not opened.get("progress")
    specs = [json.loads(chart.proto.spec)["description"] for chart in opened.get("vega_lite_chart")]
    assert specs == ["Accuracy of the teacher whole, cut and bridged.", "What the teacher, cut and bridged, says of the text after every layer."]
    clean(group(opened, "Read each layer with").set_value("head").run())
    assert view.READS["head"] in shown(opened)


def test_a_typed_pair_is_asked_and_nothing_of_it_is_obeyed(opened):
    text_field(opened, "First text").set_value("the dog runs")
    text_field(opened, "Second text").set_value("<script>a *dog*</script>")
    clean(button(opened, "Try this gap").click().run())
    job = taken()
    assert (job.payload["first"], job.payload["second"], job.payload["layers"]) == ("the dog runs", "<script>a *dog*</script>", [1, 2, 4])
    jobs.emit(job.id, "answer", answer(labels=["<b>*yes*</b>", "no"]))
    jobs.finish(job.id, "finished")
    clean(opened.run())
    assert any(r"\<b\>\*yes\*" in one.value for one in opened.markdown)
    broke = opened.selectbox(key="w_inside_broke")
    clean(broke.select_index(0).run())
    job = taken()
    assert (job.payload["first"], job.payload["second"]) == ("a *dog* runs", "a <b>cat</b> runs")
    assert text_field(opened, "Second text").value == "a <b>cat</b> runs"


def test_only_the_last_of_several_clicks_waits(opened):
    for layers in ([1, 2], [1, 4], [2, 4], [1], [2]):
        clean(group(opened, "Layers that stay").set_value(layers).run())
    waiting = [job for job in jobs.queue(FORWARD) if job.kind == "gap"]
    assert [job.payload["layers"] for job in waiting] == [[2]]


def test_no_layer_and_every_layer_are_a_sentence_and_no_question(opened):
    clean(group(opened, "Layers that stay").set_value([]).run())
    assert "At least one layer has to stay" in shown(opened)
    clean(group(opened, "Layers that stay").set_value([1, 2, 3, 4]).run())
    assert "Take one or more away" in shown(opened) and not [job for job in jobs.queue(FORWARD) if job.kind == "gap"]


def test_a_question_that_failed_is_a_sentence_and_another_can_be_asked(opened):
    clean(button(opened, "Try this gap").click().run())
    jobs.finish(taken().id, "failed", "There is no *text*; write one.")
    clean(opened.run())
    assert "There is no *text*; write one." in shown(opened) and button(opened, "Try this gap")


def test_the_lesson_stands_there_and_figures_of_students_wait_for_a_prediction(opened, monkeypatch):
    assert "Without layer 6" in shown(opened) and "96.4 %" not in shown(opened) and "once you have predicted" in shown(opened)
    monkeypatch.setattr(predictions, "decided", lambda *_: True)
    clean(opened.run())
    assert "ends at 96.4 %" in shown(opened) and "once you have predicted" not in shown(opened)
