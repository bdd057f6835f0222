"""The pages of a class in Streamlit's own harness: a host and learners through every state of every kind of question.

Run: python -m pytest tests/test_class_pages.py
"""

import csv
import datetime
import json
import sqlite3
import time

import pytest
from streamlit.testing.v1 import AppTest

from core.classroom import host, limits, store
from core.errors import LabError
from core.store import database
from pages.parts.app.address import server_address
from pages.parts.classroom import making, poll, take_away
from pages.parts.common import learner as learners
from tests import app_harness as harness
from tests import class_rows as rows
from tests.app_harness import ROOT, button, clean, field, group, labels, shown
from tests.class_rows import answered, do, joined, made
from tests.test_story_text import plainly

EVIL = "<script>alert(1)</script>[x](javascript:alert(1))"


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    harness.without_worker(monkeypatch)
    limits.forget()
    monkeypatch.setattr("core.views.classroom.lessons.titles", lambda: {"short": rows.LESSON.title})
    monkeypatch.setattr("core.views.classroom.lessons.built_in_text", lambda name: name)
    monkeypatch.setattr("core.views.classroom.lessons.opened", lambda text, found: rows.LESSON)
    monkeypatch.setattr(making, "all_landscapes", lambda stamp: [])


def opened(page: str, **query) -> AppTest:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    test.query_params["view"] = "story"
    test.run()
    for key, value in query.items():
        test.query_params[key] = value
    return clean(test.switch_page(f"pages/{page}.py").run())


def come_in(code: str, name: str = "Ann") -> AppTest:
    test = opened("join", code=code)
    assert field(test, "Code of the class").value == code
    field(test, "Nickname").set_value(name)
    return clean(button(test, "Join").click().run())


def hosting(found, key: str) -> AppTest:
    test = opened("host")
    field(test, "Code of the class").set_value(found.code)
    field(test, "Host key").set_value(key)
    return clean(button(test, "Open the class").click().run())


def press(test: AppTest, label: str) -> AppTest:
    return clean(button(test, label).click().run())


def charts(test: AppTest) -> list[dict]:
    return [json.loads(one.proto.spec) for one in test.get("vega_lite_chart")]


def test_a_class_is_made_and_its_key_is_shown_once():
    test = opened("host")
    plainly(test)
    field(test, "Title").set_value("Tuesday")
    press(test, "Make the class")
    kept = test.session_state["host"]
    assert [one.value for one in test.code if one.value == kept["key"]] and host.holds(kept["class"], kept["key"])
    found = store.get(kept["class"])
    assert found.title == "Tuesday" and datetime.date.fromtimestamp(found.ends - 1) == datetime.date.today() + making.WEEK
    plainly(test)
    press(test, "I have kept the key")
    said = shown(test)
    assert found.code in said and "0 are in" in said and kept["key"] not in said + "".join(one.value for one in test.code)
    plainly(test)


def test_a_class_without_a_title_is_a_sentence():
    test = press(opened("host"), "Make the class")
    assert "A class has a title; type one." in shown(test)


def test_a_lesson_of_ones_own_is_uploaded(monkeypatch):
    texts = []
    monkeypatch.setattr("core.views.classroom.lessons.opened", lambda text, found: texts.append(text) or rows.LESSON)
    for content, said in ((b"title = 'Mine'", "Keep the host key"), (b"\xff\xfe\x00", "is not UTF-8 text; save it again")):
        test = opened("host")
        field(test, "Title").set_value("Tuesday")
        test.get("file_uploader")[0].upload("mine.toml", content)
        assert said in shown(press(test, "Make the class"))
    assert texts == ["title = 'Mine'"]


def test_a_wrong_key_opens_nothing_and_a_key_that_was_taken_away_steers_nothing():
    found, key = made()
    test = hosting(found, "0" * 32)
    assert "No class has this code and this key" in shown(test) and "Open the vote" not in labels(test)
    test = hosting(found, key)
    assert "Go on" in labels(test)
    test.session_state["host"] = {"class": found.id, "key": "forged", "new": False}
    press(test, "Go on")  # a button that the page had drawn for the host
    assert store.get(found.id) == found and "This is not the key of this class" in shown(test) and "Go on" not in labels(test)
    other, _ = made("Another")
    test = hosting(found, key)
    test.session_state["host"] = {"class": other.id, "key": key, "new": False}
    press(test, "Go on")
    assert store.get(other.id) == other and "Go on" not in labels(test)


@pytest.mark.parametrize(("code", "said"), [("CDFH", "No class has this code now"), ("12", "A code has four"), (EVIL, "A code has four letters")])
def test_a_code_of_no_class_is_a_sentence(code, said):
    test = opened("join")
    plainly(test)
    field(test, "Code of the class").set_value(code)
    field(test, "Nickname").set_value("Ann")
    assert said in shown(press(test, "Join"))


def test_a_learner_and_a_host_go_through_every_state():
    found, key = made()
    steer, learner = hosting(found, key), come_in(found.code)
    assert "you are Ann" in shown(learner).replace("**", "") and "Welcome" in shown(learner)
    press(steer, "Go on")
    assert "The question opens soon." in shown(clean(learner.run())) and rows.LAB.text not in shown(learner)
    press(steer, "Open the vote")
    assert "0 of 1 have answered" in shown(steer)
    assert rows.LAB.text in shown(clean(learner.run()))
    plainly(learner)
    field(learner, "Your answer").set_value(80.0)
    next(one for one in learner.selectbox if one.label == "Because").set_value("gap")
    group(learner, "How sure").set_value(2)
    press(learner, "Send my answer")
    assert "Sent: 80 %." in shown(learner) and "1 of 1 has answered" in shown(clean(steer.run()))
    assert [(one.answer, one.reason, one.confidence, one.round) for one in store.answers_of(found.id)] == [(80.0, "gap", 2, 1)]
    plainly(steer)
    press(steer, "Close the vote")
    assert "80" not in shown(steer) and not charts(steer) and "Talk with your neighbours" in shown(steer)
    assert "Talk with your neighbours" in shown(clean(learner.run())) and "You answered: **80 %**" in shown(learner)
    plainly(learner)
    press(steer, "Open the second vote")
    assert field(clean(learner.run()), "Your answer").value == 80.0 and "Second vote" in shown(learner)
    field(learner, "Your answer").set_value(84.0)
    press(learner, "Send my answer")
    press(steer, "Reveal the answer")
    said = shown(steer)
    assert "The answer: 84.2 %, give or take 1." in said and "Closest: 84 %, by 1 learner." in said
    assert "First vote: 0 of 1 right, or equal within the margin." in said and "Second vote: 1 of 1" in said and len(charts(steer)) == 1
    said = shown(clean(learner.run()))
    assert "Your answer is equal to it within the margin." in said and "In the second vote: **84 %**" in said and rows.LAB.reveal in said
    plainly(steer)
    plainly(learner)
    press(steer, "Go on")
    assert "Four students" in shown(clean(learner.run()))


def test_options_and_too_few_runs():
    found, key = made()
    learner = come_in(found.code)
    found = do(found, key, "on", "on", "open")
    one = next(radio for radio in clean(learner.run()).radio if radio.label == "Your answer")
    one.set_value("1,2,3")
    press(learner, "Send my answer")
    found = do(found, key, "reveal")
    assert "Your answer was another one" in shown(clean(learner.run()))
    steer = hosting(found, key)
    assert "The answer: 2,4,6." in shown(steer) and "First vote: 0 of 1 right." in shown(steer)
    found = do(found, key, "on", "open")
    next(radio for radio in clean(learner.run()).radio if radio.label == "Your answer").set_value("1,4,5")
    press(learner, "Send my answer")
    do(found, key, "reveal")
    assert "gives no point and takes none" in shown(clean(learner.run())) and "gives no point and takes none" in shown(clean(steer.run()))
    plainly(steer)


def test_free_text_is_hidden_until_the_host_shows_it_and_is_text():
    found, key = made()
    learner = come_in(found.code, EVIL[: limits.NICKNAME])
    found = do(found, key, *["on"] * 4, "open")
    clean(learner.run()).text_area[0].set_value(EVIL)
    press(learner, "Send my answer")
    steer = hosting(found, key)
    assert "alert" not in shown(steer)
    clean(group(steer, "View").set_value("People").run())
    markdown = "\n".join(one.value for one in steer.markdown)
    assert EVIL in shown(steer) and EVIL not in markdown and EVIL[: limits.NICKNAME] not in markdown
    plainly(steer)
    press(steer, "Show on the board")
    clean(group(steer, "View").set_value("Board").run())
    assert EVIL in shown(steer) and EVIL not in "\n".join(one.value for one in steer.markdown)
    assert EVIL not in "\n".join(one.value for one in learner.markdown)


def test_the_host_renames_takes_out_and_closes_the_door():
    found, key = made()
    learner, steer = come_in(found.code), hosting(found, key)
    clean(group(steer, "View").set_value("People").run())
    field(steer, "New nickname").set_value("Bea")
    press(steer, "Rename")
    assert "Bea" in shown(steer) and "you are **Bea**" in shown(clean(learner.run()))
    press(steer, "Take out")
    assert "taken you out" in shown(clean(learner.run())) and "0 learners" in shown(steer)
    press(steer, "Let in again")
    assert "you are **Bea**" in shown(clean(learner.run()))
    clean(group(steer, "View").set_value("Settings").run())
    plainly(steer)
    next(one for one in steer.toggle if one.label == "Learners may join").set_value(False).run()
    next(one for one in steer.toggle if one.label == "Show nicknames on the board").set_value(True).run()
    assert "closed the door" in shown(come_in(found.code, "Cem"))
    clean(group(steer, "View").set_value("Board").run())
    assert "Bea" in shown(steer)


def test_the_host_takes_answers_and_report_away():
    found, key = made()
    learner, steer = come_in(found.code, "=Ann"), hosting(found, key)
    found = do(found, key, "on", "open")
    field(clean(learner.run()), "Your answer").set_value(84.0)
    press(learner, "Send my answer")
    clean(group(steer, "View").set_value("Settings").run())
    assert {"All answers (CSV)", "The report (HTML)", "Paper for learners without a device"} <= {one.label for one in steer.get("download_button")}
    files = take_away.made(store.get(found.id), times=False)
    rows_of = list(csv.DictReader(files[f"class-{found.code}.csv"].decode("utf-8-sig").splitlines()))
    assert [(row["learner"], row["answer"], row["right"]) for row in rows_of] == [("'=Ann", "84", "1")] and "time" not in rows_of[0]
    timed = take_away.made(store.get(found.id), times=True)[f"class-{found.code}.csv"].decode("utf-8-sig")
    report = files[f"class-{found.code}.html"].decode()
    assert '"time"' in timed and "1 took part" in report and "Ann" not in report


def test_the_host_corrects_the_address_and_deletes_the_class():
    found, key = made()
    learner, steer = come_in(found.code), hosting(found, key)
    clean(group(steer, "View").set_value("Settings").run())
    field(steer, "Another address").set_value("javascript:alert(1)")
    assert "no address that a browser opens" in shown(press(steer, "Use this address"))
    field(steer, "Another address").set_value("https://lab.example.org/")
    press(steer, "Use this address")
    assert f"https://lab.example.org/join?code={found.code}" in [one.value for one in steer.code]
    press(steer, "Delete it now")
    assert store.by_code(found.code) is None and "Make the class" in labels(steer)
    assert "This class is no longer there" in shown(clean(learner.run())) and "Join" in labels(learner)


def test_a_late_learner_goes_to_the_present_step_and_a_reload_finds_the_class(monkeypatch):
    found, key = made()
    do(found, key, "on", "open")
    monkeypatch.setattr(learners, "_from_browser", lambda: "a" * 32)
    assert rows.LAB.text in shown(come_in(found.code))
    again = opened("join")
    assert rows.LAB.text in shown(again) and "you are **Ann**" in shown(again)


def test_learners_at_one_laptop_answer_one_after_the_other(monkeypatch):
    found, key = made()
    found = do(found, key, "on", "open")
    monkeypatch.setattr(learners, "_from_browser", lambda: "a" * 32)
    test = come_in(found.code)
    field(test, "Your answer").set_value(10.0)
    press(test, "Send my answer")
    field(test, "Nickname of the next learner").set_value("Ben")
    press(test, "Another learner at this laptop")
    assert "you are **Ben**" in shown(test) and field(test, "Your answer").value is None
    field(test, "Your answer").set_value(20.0)
    press(test, "Send my answer")
    clean(group(test, "Who answers now?").set_value("a" * 32).run())
    assert "you are **Ann**" in shown(test) and field(test, "Your answer").value == 10.0
    assert {one.learner: one.answer for one in store.answers_of(found.id)} == {"a" * 32: 10.0, "a" * 32 + ".2": 20.0}
    plainly(test)


def test_a_steps_page_opens_with_its_link_and_the_class_is_kept():
    found, key = made()
    do(found, key, "on")
    test = press(come_in(found.code), "Open: Lab")
    assert test.session_state["page"] == "" and test.session_state["choice"].layers == (2, 4, 6)
    assert not test.session_state["lesson"].shows("seed") and test.session_state["lesson"].locks("task")
    assert "Tuesday**: The question opens soon." in shown(test)
    do(store.get(found.id), key, "open")
    assert "Tuesday**: The vote is open." in shown(clean(test.switch_page("pages/lab.py").run()))  # the harness itself stays on the page it opened


def test_a_page_that_is_older_than_its_class_is_drawn_again(monkeypatch):
    found, key = made()
    again = []
    monkeypatch.setattr(poll.st, "rerun", lambda: again.append(1))
    poll.look(found.id, found.version, None)
    poll.look(found.id, found.version + 1, 0, time.monotonic() + 60)
    assert not again
    poll.look(found.id, found.version, None, time.monotonic() - 1)
    assert again.pop()
    joined(found, 1)
    do(found, key, "on")
    poll.look(found.id, found.version, None)
    poll.look(found.id, found.version + 1, found.activity)
    poll.look(found.id, found.version + 1, None)
    assert len(again) == 2
    host.delete(found.id, key)
    poll.look(found.id, 99, None)
    assert len(again) == 3


def test_a_store_that_does_not_answer_is_said_and_asked_again(monkeypatch):
    found, key = made()
    learner, steer = come_in(found.code), hosting(found, key)
    again = []
    with monkeypatch.context() as patch:
        patch.setattr(database, "_open", lambda path: (_ for _ in ()).throw(sqlite3.OperationalError("locking protocol")))
        patch.setattr(poll, "again", lambda drawn: again.append(drawn))
        for test in (learner, steer):
            assert "The run store" in shown(clean(test.run()))
    assert len(again) == 2
    assert "you are **Ann**" in shown(clean(learner.run())) and "Go on" in labels(clean(steer.run()))


@pytest.mark.parametrize(("opened_at", "headers", "bound", "base", "expected"), [
    ("https://lab.example.org/layers/host?x=1", {}, None, "", "https://lab.example.org/layers"),
    ("http://192.168.0.12:8501/host", {}, None, "", "http://192.168.0.12:8501"),
    ("http://localhost:8501/host", {}, None, "", "http://10.0.0.5:8501"),
    ("http://localhost:8501/host", {}, "127.0.0.1", "", None),
    ("http://localhost:8501/host", {}, "192.168.0.9", "lab", "http://192.168.0.9:8501/lab"),
    (None, {"X-Forwarded-Host": "a.example, lab.example.org", "X-Forwarded-Proto": "https"}, "127.0.0.1", "/lab/", "https://lab.example.org/lab"),
    (None, {"X-Forwarded-Host": "localhost", "X-Forwarded-Proto": "javascript"}, None, "", "http://10.0.0.5:8501"),
])
def test_the_address_is_the_one_that_learners_reach(opened_at, headers, bound, base, expected):
    assert server_address(opened_at, headers, bound, 8501, base, "10.0.0.5") == expected


def test_without_a_network_there_is_no_address_and_the_board_says_so(monkeypatch):
    found, key = made()
    monkeypatch.setattr("pages.parts.classroom.board.here", lambda: None)
    assert "Learners cannot reach this server" in shown(hosting(found, key))
    assert server_address(None, {}, None, 8501, "", None) is None


def test_answers_that_come_late_are_a_sentence():
    found, key = made()
    learner = come_in(found.code)
    found = do(found, key, "on", "open")
    clean(learner.run())
    do(found, key, "lock")
    field(learner, "Your answer").set_value(1.0)
    press(learner, "Send my answer")
    assert store.answers_of(found.id) == [] and "Talk with your neighbours" in shown(learner)
    with pytest.raises(LabError):
        answered(found, learner.session_state["learner"], 1.0)
