"""What an instructor takes away: the CSV, the report, and text that would be more than text. Run: python -m pytest tests/test_class_report.py"""

import csv
import io
import re
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest

from core.classroom import report
from core.classroom.lesson import TOO_FEW, Lesson, Question, Step
from core.classroom.report_html import Bar, Dot, bars, dots, page

HOSTILE = ("=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "x;=1", "x\n@y", " =1", "\uff1d1")
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
LESSON = Lesson("Try", (
    Step("One", 5, question=Question("predict", "How much?", answer=54.73, within=3.0, choice={"layers": [4, 2, 6]}, runs=("abc", "def"))),
    Step("Two", 5, question=Question("winner", "Which?", ("a", "b", TOO_FEW), answer="a", reveal="Since it is.")),
    Step("Three", 5),
    Step("Four", 5, question=Question("text", "Why?")),
    Step("Five", 5, question=Question("winner", "Which now?", ("a", "b", TOO_FEW), answer=TOO_FEW)),
))


@dataclass
class Class:
    title: str = "Tuesday"
    code: str = "CDFH"
    lesson: Lesson = LESSON
    created: float = 1_790_000_000.0
    ends: float = 1_791_000_000.0


@dataclass
class Member:
    learner: str
    nickname: str
    hidden: bool = False


@dataclass
class Answer:
    step: int
    learner: str
    round: int
    answer: object
    reason: str | None = None
    confidence: int | None = None
    shown: bool = False
    at: float = 1_790_000_000.0


MEMBERS = [Member("l1", "Ada"), Member("l2", "Ada"), Member("l3", "rude", hidden=True)]
ANSWERS = [
    Answer(0, "l1", 1, 80.0, "gap", 2), Answer(0, "l1", 2, 55.0, "gap", 3), Answer(0, "l2", 1, 54.7), Answer(1, "l1", 1, "b"),
    Answer(1, "l2", 1, "a"), Answer(3, "l1", 1, "because", shown=True), Answer(3, "l2", 1, "not yet shown"), Answer(4, "l1", 1, "a"),
    Answer(0, "l3", 1, 1.0), Answer(9, "l1", 1, "a"),
]


def made(members=MEMBERS, answers=ANSWERS, **more) -> tuple[list[list[str]], str]:
    files = report.files(Class(), members, answers, **more)
    assert list(files) == ["class-CDFH.csv", "class-CDFH.html"]
    return list(csv.reader(io.StringIO(files["class-CDFH.csv"].decode("utf-8-sig"), newline=""))), files["class-CDFH.html"].decode()


def test_the_csv_has_a_row_for_each_answer():
    (head, *rows), _ = made()
    assert head == ["learner", "step", "question", "vote", "answer", "right", "reason", "confidence", "recipe"]
    assert rows[:3] == [
        ["Ada", "One", "How much?", "first", "80", "0", "too many neighbouring layers are missing in one place", "fairly sure", "abc"],
        ["Ada (2)", "One", "How much?", "first", "54.7", "1", "", "", "abc"],
        ["Ada", "One", "How much?", "second", "55", "1", "too many neighbouring layers are missing in one place", "sure", "abc"],
    ]
    assert [row[5] for row in rows[3:]] == ["0", "1", "", "", ""] and len(rows) == 8  # free text and "too few" are not marked
    assert not any("rude" in row for row in rows)


def test_times_are_left_out_unless_asked_for():
    (head, *_), html = made()
    assert "time" not in head and "2026-09-21T" not in html
    (head, first, *_), _ = made(times=True)
    assert head[-1] == "time" and first[-1] == "2026-09-21T14:13:20Z"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_begins_a_formula(text):
    rows, _ = made([Member("l1", text)], [Answer(3, "l1", 1, text, shown=True)])
    for cell in (cell for row in rows for cell in row):
        for part in re.split(r"[;\t\r\n]", cell):  # other programs separate cells by these
            assert not part.strip().startswith(("=", "+", "-", "@", "\uff1d")), cell


def test_numbers_stay_numbers():
    lesson = Lesson("Try", (Step("One", 1, question=Question("number", "?", answer=-3, within=1)),))
    files = report.files(Class(lesson=lesson), MEMBERS, [Answer(0, "l1", 1, -3.0), Answer(0, "l2", 1, 1e6)])
    rows = list(csv.reader(io.StringIO(files["class-CDFH.csv"].decode("utf-8-sig"))))
    assert [float(row[4]) for row in rows[1:]] == [-3, 1e6] and [row[5] for row in rows[1:]] == ["1", "0"]


class Tags(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.names, self.handlers = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.handlers += [(name, value) for name, value in attrs if name.startswith("on") or name in ("src", "href")]


def test_what_people_write_is_shown_and_never_obeyed():
    lesson = Lesson(SCRIPT, (
        Step(SCRIPT, 1, question=Question("winner", SCRIPT, (SCRIPT, "b"), answer=SCRIPT, reveal=SCRIPT, source=SCRIPT)),
        Step("x", 1, question=Question("text", SCRIPT)),
    ))
    answers = [Answer(0, "l1", 1, SCRIPT, reason=SCRIPT), Answer(1, "l1", 1, SCRIPT, shown=True)]
    files = report.files(Class(SCRIPT, lesson=lesson), [Member("l1", SCRIPT)], answers, landscape=[Dot(SCRIPT, 50.0, 40.0, 60.0, 2, 45.0)])
    tags = Tags(files["class-CDFH.html"].decode())
    assert not tags.names & {"script", "img", "a", "iframe", "link", "object"} and tags.handlers == []
    assert "default-src 'none'" in files["class-CDFH.html"].decode()


def test_the_report_counts_votes_and_what_talking_changed():
    _, html = made(landscape=[Dot("2, 4, 6", 84.0, 82.0, 86.0, 3, 84.2)])
    assert "2 took part on 21 September 2026. The class and its answers are deleted on 3 October 2026." in html
    assert "First vote: 2 of 2" in html and "After talking: 1 of 2" in html and "first vote: 1 of 2; after talking: 1 of 1" in html
    assert "54.7 %, give or take 3" in html and "Since it is." in html and "too few runs to tell" in html
    assert "because" in html and "not yet shown" not in html and "texts that the host has not shown" in html
    assert "The choices that the class ran" in html and "Ada" not in html and "<h2>3. Three" not in html


def test_a_class_without_answers():
    rows, html = made(answers=[])
    assert len(rows) == 1 and "none" in html


@pytest.mark.parametrize(("numbers", "truth", "percent", "said"), [
    ([0.0, 100.0, 54.0], 54.7, True, {"0 to 10": 1, "50 to 60": 1, "90 to 100": 1}),
    ([3.0, 3.0], None, False, {"3": 2}), ([1.0], 11.0, False, {"1 to 2": 1, "10 to 11": 0}), ([], 3.0, False, {}),
])
def test_numbers_in_tenths_of_their_range(numbers, truth, percent, said):
    found = report.tenths(numbers, truth, percent)
    assert {one.name: one.number for one in found if one.number or one.right} == said and sum(one.number for one in found) == len(numbers)


def test_bars_and_dots_say_their_numbers_in_words():
    assert "(right)" in bars("x", [Bar("a", 2, True), Bar("b", 0)]) and bars("x", []).count("<tr") == 0
    drawn = dots([Dot("low", 50.0), Dot("high", 80.0, 70.0, 90.0, 3, 82.0)])
    assert drawn.index("high") < drawn.index("low") and "80.0 % (3)" in drawn and drawn.count("<path") == 1
    assert page("t", "s", []).startswith("<!doctype html>")
