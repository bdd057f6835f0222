"""Lessons on pages: homework at one's own pace, the editor with its preview. Run: python -m pytest tests/test_lessons_page.py"""

import json

import pytest

from core.classroom import homework, my_work, qr, sheet
from core.classroom.lesson import TOO_FEW, built_in, read
from core.views.classroom import links
from core.views.common.choice import Choice
from tests import app_harness as harness
from tests.app_harness import button, clean, labels, shown
from tests.test_lessons import SOUND
from tests.test_story_text import faults


@pytest.fixture(autouse=True)
def here(monkeypatch):
    harness.without_worker(monkeypatch)


def open_page(page: str, **query):
    """query: of the page; the Lab, which opens first, would drop it."""
    test = harness.opener("minilm-l6", "composed-nli")(page, view="story")
    for key, value in query.items():
        test.query_params[key] = value
    return clean(test.run()) if query else test


def title(test) -> str:
    return harness.unescaped(test.title[0].value)


def begin(test, name: str):
    return clean(next(one for one in test.button if one.key == f"begin_{name}").click().run())


def answered(test, value):
    (field,) = [one for kind in (test.radio, test.number_input, test.text_area) for one in kind if one.label.startswith("Your answer")]
    field.set_value(value)
    return clean(button(test, "Answer").click().run())


def step_of(test):
    return next(one for one in test.selectbox if one.label == "Step")


def test_the_list_of_lessons():
    test = open_page("pages/homework.py")
    assert {one.key.removeprefix("begin_") for one in test.button if one.key and one.key.startswith("begin_")} == set(built_in())
    assert "50 minutes, 0 of 6 questions answered" in shown(test)
    assert faults(test) == []


def test_homework_from_the_first_question_to_what_is_taken_away():
    test = begin(open_page("pages/homework.py"), "luck")
    assert test.query_params["lesson"] == "luck" and title(test) == "Better, or only luck?"
    clean(button(test, "Answer").click().run())
    assert "none of the answers" in test.error[0].value
    answered(test, "1, 4, 5")
    assert "The answer: **too few runs to tell** (6 saved runs)" in shown(test) and "neither" not in shown(test)
    assert "These runs do not show that, nor that it is wrong." in shown(test) and "Answer" not in labels(test)
    clean(button(test, "Next").click().run())
    answered(test, TOO_FEW)
    assert "You saw it." in shown(test)
    clean(button(test, "Next").click().run())
    answered(test, "2, 4, 6 are better")
    assert "That is right." in shown(test) and "3 of 5 questions are answered. Right so far: 1 of 1 that can be marked." in shown(test)
    clean(step_of(test).set_value(4).run())
    answered(test, "How many seeds?")
    assert "Nothing is marked here." in shown(test) and faults(test) == []
    (work,) = homework.begun(test.session_state["learner"])
    assert [one.answer for one in work.answers.values()] == ["1, 4, 5", TOO_FEW, "2, 4, 6 are better", "How many seeds?"]
    assert [one.proto.label for one in test.get("download_button")] == ["My work as HTML", "My work as JSON"]
    clean(button(test, "Delete my answers").click().run())
    assert homework.begun(test.session_state["learner"]) == [] and "0 of 5 questions are answered" in shown(test)


def test_a_number_is_answered_and_marked_within_its_margin():
    test = begin(open_page("pages/homework.py"), "gaps")
    answered(test, 24.0)
    assert "That is as good as right: within the margin." in shown(test) and "26.9, give or take 4.9" in shown(test)


def test_a_step_opens_its_page_with_what_it_sets():
    test = open_page("pages/homework.py", lesson="gaps")
    clean(step_of(test).set_value(1).run())
    clean(next(one for one in test.button if one.label == "Open the page Lab").click().run())
    assert test.session_state["choice"].layers == (4, 2, 6) and test.session_state["choice"].budget == "60"
    assert not [one for one in test.title if "What a gap costs" in one.value]


def test_links_to_the_guided_start_and_to_a_part_of_a_page():
    test = open_page("pages/homework.py", lesson="fifty-minutes")
    clean(step_of(test).set_value(1).run())
    clean(button(test, "Open the page Lab").click().run())
    assert test.session_state["guide"] == 1 and test.query_params["guide"] == "1"
    test = open_page("pages/homework.py", lesson="detective")
    clean(step_of(test).set_value(1).run())
    clean(button(test, "Open the page What went wrong?").click().run())
    assert test.query_params["step"] == "log" and title(test) != "The table that could not be"


@pytest.mark.parametrize("name", ["none", "../../etc/passwd", "0123456789abcdef", "<script>alert(1)</script>"])
def test_a_link_to_no_lesson(name):
    test = open_page("pages/homework.py", lesson=name)
    assert len(test.error) == 1 and "There is no lesson" in test.error[0].value and "choose one of the list" in test.error[0].value


def test_a_lesson_of_ones_own_is_kept_for_its_learner_alone():
    test = open_page("pages/homework.py")
    work = homework.begin(test.session_state["learner"], SOUND)
    clean(test.run())
    assert "your own lesson" in shown(test) and title(begin(test, work.key)) == "Try"
    other = open_page("pages/homework.py", lesson=work.key)
    assert "There is no lesson" in other.error[0].value and "your own lesson" not in shown(open_page("pages/homework.py"))


def test_an_answer_is_kept_once():
    homework.answer("a" * 32, SOUND, 2, 3)
    with pytest.raises(homework.LabError, match="answered already"):
        homework.answer("a" * 32, SOUND, 2, 4)
    with pytest.raises(homework.LabError, match="has no question"):
        homework.answer("a" * 32, SOUND, 9, 4)
    with pytest.raises(homework.LabError, match="number from"):
        homework.answer("a" * 32, SOUND, 0, "much")
    assert homework.work("a" * 32, homework.key_of(SOUND)).answers[2].answer == 3 and homework.begun("b" * 32) == []


def test_nobody_begins_lessons_without_end():
    for number in range(homework.MOST_LESSONS):
        homework.begin("c" * 32, SOUND.replace("Try", f"Try {number}"))
    with pytest.raises(homework.LabError, match="delete one"):
        homework.begin("c" * 32, SOUND)


def test_the_editor_shows_each_step_as_learners_see_it():
    test = open_page("pages/lesson_editor.py")
    assert [one for one in faults(test) if "[figures]" not in one and "layers =" not in one and "[[step" not in one] == []
    assert test.text_area[0].value == built_in()["luck"] and "Better, or only luck?**: 5 steps, 25 minutes" in shown(test)
    test.text_area[0].set_value(SOUND).run()
    assert "**Try**: 4 steps, 11.5 minutes." in shown(clean(test)) and "It gets 84.2." in shown(test)
    assert "The answer: **54.7 %, give or take 14.7** (2 saved runs)" in shown(test)
    clean(step_of(test).set_value(1).run())
    assert [one.options for one in test.radio if one.label == "Your answer"] == [["1\\,3\\,6", "3\\,4\\,5", "no difference that matters", TOO_FEW]]


def test_the_editor_says_what_is_wrong_and_where():
    test = open_page("pages/lesson_editor.py")
    test.text_area[0].set_value(SOUND.replace("minutes = 3", "minuts = 3")).run()
    assert "Line 18: Step 2 (Two) has no field 'minuts'" in harness.unescaped(clean(test).error[0].value)
    test.text_area[0].set_value("").run()
    assert len(clean(test).error) == 1
    clean(button(test, "Take it").click().run())
    assert test.text_area[0].value == built_in()["luck"] and not test.error


def test_a_lesson_from_the_editor_is_worked_through():
    test = open_page("pages/lesson_editor.py")
    test.text_area[0].set_value(SOUND).run()
    clean(button(test, "Work through it").click().run())
    assert title(test) == "Try" and test.query_params["lesson"] == homework.key_of(SOUND)


def test_a_lesson_on_paper_holds_no_answer_and_no_tag():
    lesson = read(SOUND.replace("Which?", "Which of a & b?").replace('answer = "so"', 'answer = "so"\nreveal = "Since it is."'))
    page = sheet.html(lesson)
    assert page.count("class='card'") == 4 and "Which of a &amp; b?" in page and "A. 1,3,6" in page and "Since it is" not in page
    assert page.count("first vote") == 4 + 2 and "54.7" not in page and "<script" not in page


def test_my_work_as_json_and_html():

    lesson = read(SOUND)
    work = homework.answer("d" * 32, SOUND, 2, 3)
    files = my_work.files(lesson, work, "<b>Ada</b>")
    found = json.loads(files["my-work.json"])
    assert found["name"] == "<b>Ada</b>" and found["answers"][0] | {"at": ""} == {
        "step": 3, "title": "Three", "question": "How many?", "kind": "number", "my_answer": 3, "answer": 3, "within": 1, "mark": "right",
        "recipe": None, "runs": [], "at": "",
    }
    page = files["my-work.html"].decode()
    assert "&lt;b&gt;Ada" in page and "<b>Ada" not in page and "<script" not in page and "none yet" in page


def about_lessons(**more):
    test = harness.opener("minilm-l6", "composed-nli")("pages/about.py", **more)
    return clean(harness.group(test, "View").set_value("Lessons").run())


def link_of(test) -> str:
    return test.code[0].value


def test_a_link_with_what_is_chosen_hidden_and_locked():
    test = about_lessons()
    assert link_of(test).endswith("/?layers=1,3") and test.get("image")
    test.checkbox(key="w_link_hide_seed").check()
    test.checkbox(key="w_link_lock_task").check()
    test.checkbox(key="w_link_lock_layers").check()
    test.selectbox(key="w_link_budget").set_value("60")
    clean(test.run())
    assert link_of(test).endswith("/?layers=1,3&budget=60&hide=seed&lock=task,layers")
    assert test.code[1].value == 'page = "lab"\nlink = {layers = "1,3", budget = "60"}\nhide = ["seed"]\nlock = ["task", "layers"]'
    read(f'title = "x"\n[[step]]\ntitle = "y"\nminutes = 1\n{test.code[1].value}')
    test.selectbox(key="w_link_page").set_value("wrong")
    test.selectbox(key="w_link_level").set_value("researcher")
    assert "/wrong?layers=1,3&budget=60&hide=seed&lock=task,layers&view=researcher" in link_of(clean(test.run()))


def test_a_link_opens_what_it_was_built_for():
    said = links.query("lab", Choice(layers=(2, 4), task="sick", budget="480"), "story", ["seed", "budget"], ["task"])
    test = harness.opener("minilm-l6", "composed-nli")(**({"teacher": None, "layers": None, "task": None, "view": None} | said))
    assert test.session_state["choice"] == Choice(layers=(2, 4), task="sick", budget="480") and test.session_state["level"] == "story"
    assert test.session_state["lesson"].hide == {"seed", "budget"} and test.session_state["lesson"].lock == {"task"}


def test_wrong_layers_are_said_beside_the_link():
    test = about_lessons()
    clean(test.text_input(key="w_link_layers").set_value("1,9").run())
    assert "There is no layer 9" in test.warning[0].value


def test_a_qr_code_holds_its_text_and_escapes_it():
    made = qr.svg("http://x/?a=<script>&b=1")
    assert made.startswith("<svg") and "<script" not in made and "http://x/?a=&lt;script" in made
    with pytest.raises(homework.LabError, match="too many for a QR code"):
        qr.svg("x" * 5000)
