"""The page "What went wrong?" in Streamlit's own test harness. Run: python -m pytest tests/test_wrong_page.py"""

import ast
import json

import pytest

from core.recipe import Recipe
from core.store import jobs, records, saved
from core.studies.mistakes.cases import cases
from core.studies.mistakes.catalogue import MISTAKES
from core.studies.mistakes.plan import recipes_of
from core.views.wrong import case_study
from core.views.wrong.snippets import SNIPPETS
from tests import app_harness as harness
from tests import fake_worker
from tests import landscape_runs as made
from tests.app_harness import button, clean, group, labels, shown

PAGE = "pages/wrong.py"
WRITTEN = "They <b>never</b> trained [x](y)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made.folder(tmp_path_factory.mktemp("saved") / "runs")


@pytest.fixture(autouse=True)
def no_worker(monkeypatch, folder):
    harness.without_worker(monkeypatch)
    monkeypatch.setattr(saved, "FOLDER", folder)


@pytest.fixture
def app(teacher, task):
    """A function that opens the page on a ready teacher of 4 layers."""
    open_app = harness.opener(teacher, task)

    def open_page(step=None, **query):
        test = open_app(PAGE, **query)
        if step:
            test.query_params["step"] = step
            clean(test.run())
        return test

    return open_page


def radio(test, key: str):
    return next(one for one in test.radio if one.key == key)


def answered(test, question: str, option: str, text: str = ""):
    radio(test, f"w_wrong_{question}").set_value(option)
    next(one for one in test.text_area if one.key == f"w_wrong_{question}_text").set_value(text)
    return clean(button(test, "Commit my answer").click().run())


def to(test, step: str):
    return clean(group(test, "Step").set_value(step).run())


def tables(test) -> str:
    return "\n".join(table.value.to_string() for table in test.table).replace("\\", "")


def test_the_table_is_shown_as_published_and_nothing_is_said_before_an_answer(app):
    test = app()
    text = tables(test)
    for row in cases()[0].table.split("\n")[1:]:
        assert all(value in text for value in row.split(","))
    assert "guessing" not in shown(test) and "On to the log" not in labels(test) and "Check the names" not in labels(test)
    clean(button(test, "Commit my answer").click().run())
    assert "Choose an answer first." in shown(test)


@pytest.mark.parametrize(("option", "word"), (
    ("nothing", "That holds."), ("top", "more than the figures support"), ("odd", "0.81"), ("near", "Equal"),
))
def test_each_answer_gets_its_reasons_once_and_stays(app, option, word):
    test = answered(app(), "table", option, WRITTEN)
    assert word in shown(test) and WRITTEN in shown(test)
    assert "up to 36.3 %" in shown(test)  # 1.96 standard errors of 1,000 pairs above one third
    assert not any(one.key == "w_wrong_table" for one in test.radio)
    assert all("<b>" not in one.value.replace("\\<b\\>", "") for one in test.markdown)


def test_the_naming_trap(app):
    test = answered(app(), "table", "nothing")
    clean(button(test, "Check the names").click().run())
    assert "Choose an answer first." in shown(test)
    low, high = (next(box for box in test.selectbox if box.label == f"Layer {layer} is") for layer in (1, 12))
    low.set_value(case_study.NEAR_OUTPUT)
    high.set_value(case_study.NEAR_INPUT)
    radio(test, "w_wrong_which").set_value("7-12")
    clean(button(test, "Check the names").click().run())
    assert "Turn them round" in shown(test) and "copies layers 1, 2, 3, 4, 5, 6 for Top" in shown(test)


def test_steps_wait_for_answers_and_the_address_says_where(app):
    test = app(step="hunt")
    assert "comes after an answer" in shown(test) and labels(test).count("Go to 1 The table") == 1
    clean(button(test, "Go to 1 The table").click().run())
    assert address(test) == "table"
    answered(test, "table", "top")
    clean(button(test, "On to the log").click().run())
    assert address(test) == "log"
    assert "0.0011" not in shown(test)
    answered(test, "log", "top")
    assert "moves by at most 0.0011" in shown(test) and "Bottom, Odd, Even" in shown(test)
    assert "One optimizer for all students" in tables(test)
    clean(button(test, "On to the hunt").click().run())
    assert address(test) == "hunt"


def address(test) -> str:
    """The step that the address names; a list where the harness set it, a text where the page did."""
    value = test.query_params["step"]
    return value if isinstance(value, str) else value[0]


def committed(test) -> None:
    answered(test, "table", "nothing")
    to(test, "log")
    answered(test, "log", "top")


def test_answers_outlive_the_session(app, monkeypatch):
    from pages.parts.common import learner

    monkeypatch.setattr(learner, "_from_browser", lambda: "a" * 32)
    committed(app())
    again = app(step="log")
    assert "Top alone; the three others never changed" in shown(again) and "at most 0.0011" in shown(again)


def stale(recipe: Recipe) -> dict:
    """A record of a student that took no update."""
    record = fake_worker.record(recipe, mistake="stale-optimizer", id="0" * 12)
    points = [{"step": step, "loss": loss, "losses": {}, "seconds": 0.0, "val_accuracy": 0.4, "val_loss": 1.1}
              for step, loss in ((0, None), (20, 0.701), (40, 0.702), (60, 0.7005))]
    return record | {
        "curve": points, "update_norms": dict.fromkeys(record["update_norms"], 0.0), "final": record["final"] | {"accuracy": 0.4},
        "audit": {"layers": list(recipe.layers), "embeddings": True, "optimizer_holds": 0.0, "peak_rate": 1e-4},
    }


def test_the_hunt_runs_a_mistake_beside_the_correct_run(app, teacher, task):
    test = app()
    committed(test)
    to(test, "hunt")
    assert all(each.title for each in MISTAKES.values())
    box = next(box for box in test.selectbox if box.label == "Mistake switched on")
    assert len(box.options) == len(MISTAKES)
    clean(button(test, "Run both").click().run())
    job = next(job for job in jobs.queue() if job.kind == "mistake")
    recipe = recipes_of("stale-optimizer", teacher, task, 4)[0]
    assert job.payload == json.loads(json.dumps(recipe.to_dict())) | {"mistake": "stale-optimizer"}
    assert "Stop" in labels(test)
    while fake_worker.claim().id != job.id:
        pass
    jobs.emit(job.id, "prepared", {"side": "correct", "run": 1, "runs": 2, "steps": 60, "teacher": {"accuracy": 0.9}, "curve": {"initial": 0.4}})
    jobs.emit(job.id, "step", {"side": "correct", "run": 1, "runs": 2, "step": 30, "of": 60, "loss": 0.9, "losses": {}, "eta": 3.0})
    clean(test.run())
    assert "Run 1 of 2, correct" in shown(test) and "90.0 %" in shown(test)
    for n, (side, record) in enumerate((("correct", fake_worker.record(recipe)), ("mistaken", stale(recipe))), start=1):
        jobs.emit(job.id, "made", {"side": side, "run": n, "runs": 2, "row": records.add(record)})
    jobs.finish(job.id, "finished")
    clean(test.run())
    assert "As it was written" in shown(test) and "The figures alone" not in shown(test)  # first the learner guesses
    radio(test, "w_wrong_guess").set_value("nothing").run()
    clean(button(test, "Commit my guess").click().run())
    assert "Not this time: they show it: the student never changes." in shown(test)
    assert "The figures alone give it away: the student never changes." in shown(test)
    assert "one learning-rate schedule for all students; a learning rate of zero" in shown(test)
    assert "it was made for another student" in shown(test)  # recorded, beyond the class
    specs = [json.loads(chart.proto.spec) for chart in test.get("vega_lite_chart")]
    assert any("How far each part moved" in str(spec.get("title")) for spec in specs)
    accuracies = [spec for spec in specs if "accuracy, check examples" in str(spec.get("title"))]
    assert len(accuracies) == 2 and not any("data" in layer for spec in specs for layer in spec["layer"] if spec in accuracies)  # rows stand once
    losses = [spec for spec in specs if "training loss" in str(spec.get("title"))]
    domains = [layer["encoding"]["y"]["scale"]["domain"] for spec in losses for layer in spec["layer"]]
    assert len(losses) == 2 and domains[0] == domains[1]  # one scale


def test_another_teacher_does_not_show_this_hunt_and_one_that_is_not_ready_says_so(app):
    test = app(teacher="mpnet-base")
    committed(test)
    to(test, "hunt")
    assert "Run both" not in labels(test) and "such as minilm" in shown(test)


def test_done_right_shows_what_is_there_and_says_what_is_not(app, folder):
    test = app()
    committed(test)
    to(test, "right")
    text = shown(test)
    assert "composed-nli, 3 epochs" in text and "composed-nli, 60 steps" in text and "sick, 3 epochs" in text
    assert "6 of 12 layers: not measured yet" in text
    assert "than layers 4, 5, 6" in text  # planted: the first layers are worth most
    assert "after the last" in tables(test)


def test_a_table_of_ones_own(app):
    test = app(step="own")
    box = next(one for one in test.text_area if one.key == "w_wrong_paste")
    box.set_value("strategy,epoch,train_loss,val_loss,val_accuracy\nA<b>,1,0.7001,1.1000,0.333\nA<b>,2,0.7004,1.1000,0.333\nA<b>,3,0.7002,1.1000,0.333")
    clean(button(test, "Diagnose").click().run())
    assert "A<b>: the accuracy (33.3 %) and the validation loss (1.1000) are the same" in shown(test)
    for bad, told in (("", "The table is empty"), ("no,columns\n1,2", "names no column"), ("{", "not valid JSON")):
        next(one for one in test.text_area if one.key == "w_wrong_paste").set_value(bad)
        clean(button(test, "Diagnose").click().run())
        assert told in shown(test)


def paste(test, text: str):
    next(one for one in test.text_area if one.key == "w_wrong_paste").set_value(text)
    return clean(button(test, "Diagnose").click().run())


@pytest.mark.parametrize(("text", "format", "said"), (
    ("Epoch\tTraining Loss\tValidation Loss\tAccuracy\n1\tNo log\t0.6123\t0.701\n2\t0.5\tnan\t0.33\n", "the Trainer's table", "from epoch 2 on"),
    ("Epoch 1/2\n9/9 ━━━ 1s 8ms/step - accuracy: 0.6 - loss: 0.7001 - val_accuracy: 0.6 - val_loss: 0.7001\n"
     "Epoch 2/2\n9/9 ━━━ 1s 8ms/step - accuracy: 0.7 - loss: 0.6002 - val_accuracy: 0.7 - val_loss: 0.6002\n",
     "Keras' console", "one split evaluated"),
    ("{'eval_loss': '1.1', 'eval_accuracy': '0.33', 'epoch': '1'}\n{'eval_loss': '1.1', 'eval_accuracy': '0.33', 'epoch': '2'}\n"
     "{'eval_loss': '1.1', 'eval_accuracy': '0.33', 'epoch': '3'}\n", "the Trainer's console", "the same to the last digit in all 3 evaluations"),
    ('"Step","<b>top</b> - eval/loss"\n"1","nan"\n"2","nan"\n', "W&B's export of a chart", "<b>top</b>: the validation loss is not a number"),
))
def test_what_other_programs_write_is_read_and_named(app, text, format, said):
    test = paste(app(step="own"), text)
    assert f"Read as: {format}" in shown(test) and said in shown(test)
    assert all("<b>" not in one.value.replace("\\<b\\>", "") for one in [*test.markdown, *test.caption])
    fold, _ = (one for one in test.expander if "not visible in these figures" in one.label)  # the other one is of the case below
    assert "dropout" not in fold.label and any("They are" in one.value for one in fold.markdown)


def test_two_columns_that_claim_one_figure_are_a_question_with_a_select_box(app):
    test = paste(app(step="own"), "epoch,eval_loss,val_loss,eval_<i>,eval_accuracy,test_accuracy\n1,0.9,0.8,0,0.5,0.4\n2,0.7,nan,0,0.6,0.5\n")
    boxes = lambda: {box.label: box for box in test.selectbox if box.label.startswith("Which column")}
    assert list(boxes()) == ["Which column is the validation loss?"] and "'eval_loss' and 'val_loss' both claim" in shown(test)
    clean(boxes()["Which column is the validation loss?"].set_value("val_loss").run())
    assert "Read as" not in shown(test)
    clean(boxes()["Which column is the validation accuracy?"].set_value("eval_accuracy").run())
    assert "validation loss from 'val_loss' and validation accuracy from 'eval_accuracy'" in shown(test) and "from epoch 2 on" in shown(test)
    clean(boxes()["Which column is the validation loss?"].set_value("eval_loss").run())
    assert "from epoch 2 on" not in shown(test) and "validation loss from 'eval_loss'" in shown(test)


@pytest.mark.parametrize("name", [case.name for case in case_study.cohort()])
def test_every_notebook_of_the_cohort_is_a_case(app, name):
    test = app(step="own")
    box = next(box for box in test.selectbox if box.label == "Notebook")
    assert len(box.options) == 10
    clean(box.set_value(name).run())
    case = case_study.case(name)
    assert all(value in tables(test) for row in case.table.split("\n")[1:] for value in row.split(","))
    clean(test.toggle[0].set_value(True).run())
    if len(set(case.layers.values())) == 1:
        assert "strategies copied the same layers" in shown(test)


def test_every_mistake_has_a_snippet_of_three_lines_at_most_that_is_python_and_mended():
    assert list(SNIPPETS) == list(MISTAKES)
    for name, code in SNIPPETS.items():
        for text in (code.faulty, code.mended):
            ast.parse(text)
            assert text.count("\n") < 3 and max(map(len, text.split("\n"))) <= 85, name
        assert code.faulty != code.mended


def test_the_story_shows_step_four_as_one_chart_and_has_no_table_of_ones_own(app):
    test = app(view="story")
    committed(test)
    to(test, "right")
    (chart,) = test.get("vega_lite_chart")
    spec = json.loads(chart.proto.spec)
    lanes = {row["lane"] for layer in spec["layer"] for row in layer["data"]["values"]}
    assert {"MiniLM-L6\non sick\n3 of 6 layers", "MiniLM-L6\non composed-nli\n3 of 6 layers"} <= lanes and len(test.table) == 1
    assert "are ahead of the" in shown(test) and group(test, "Step").options[-1] == "4 Done right"


def test_a_link_to_ones_own_table_opens_for_researchers_and_the_switch_leaves_it(app):
    test = app(step="own", view=None)
    assert test.session_state["level"] == "researcher" and "Diagnose" in labels(test)
    clean(group(test, "What the pages show").set_value("story").run())
    clean(test.run())
    assert test.session_state["level"] == "story" and address(test) == "table" and "Diagnose" not in labels(test)
