"""Lessons as files: what a file may hold, the sentence for each fault, and every figure of the lessons that come with the program, counted again
from the saved runs. Run: python -m pytest tests/test_lessons.py
"""

import json
import re
from pathlib import Path
from statistics import mean

import pytest

from core.classroom import controls
from core.classroom.lesson import EQUAL, NEAR, OPEN, RIGHT, TOO_FEW, WRONG, Question, built_in, from_dict, given, marked, read, to_dict
from core.errors import LabError
from core.findings import lesson_figures
from core.findings.landscape import landscapes
from core.statistics.verdict import HIGHER, LOWER, UNKNOWN, WITHIN
from core.store import saved
from core.views.classroom import lessons
from core.views.wrong import case_study
from pages.parts.common import guard
from tests import page_text
from tests.test_story_text import FOUND, LONGEST

NAMES = sorted(built_in())
SOUND = """
title = "Try"
[figures]
a = {layers = [2, 4, 6]}
[[step]]
title = "One"
minutes = 5
page = "lab"
link = {layers = "1,3,6", budget = "240"}
hide = ["seed"]
lock = ["task"]
text = "It gets {a}."
[step.question]
kind = "predict"
text = "What will 4, 2, 6 get?"
choice = {layers = [4, 2, 6]}
[[step]]
title = "Two"
minutes = 3
[step.question]
kind = "winner"
text = "Which?"
choices = [{layers = [1, 3, 6]}, {layers = [3, 4, 5]}]
[[step]]
title = "Three"
minutes = 2.5
[step.question]
kind = "number"
text = "How many?"
answer = 3
within = 1
[[step]]
title = "Four"
minutes = 1
page = "wrong"
link = {step = "log"}
[step.question]
kind = "reason"
text = "Why?"
options = ["so", "not so"]
answer = "so"
""".lstrip()
FAULTS = (  # (what is changed, into what, what the sentence says)
    ('title = "Try"', 'titel = "Try"', "Line 1: The lesson has no field 'titel'; it can have title, about, figures, step."),
    ('title = "Try"\n', "", "The lesson lacks its title."),
    ('"Try"', '"Try', "Line 1 is not TOML: Illegal character '\\n'."),
    ("a = {layers = [2, 4, 6]}", 'a = {layers = [2], what = "luck"}', "Line 3: The figure 'a' cannot ask for 'luck'; it can ask for accuracy, cost"),
    ("a = {layers = [2, 4, 6]}", "a = {layers = [2, 0]}", "Line 3: The figure 'a' has wrong layers: There is no layer 0"),
    ("a = {layers = [2, 4, 6]}", "A = {layers = [2, 4, 6]}", "Line 3: The figure 'A' must have a name of small letters, digits and _."),
    ("a = {layers = [2, 4, 6]}", "a = {layers = [2, 4, 6], seed = -1}", "Line 3: The figure 'a' must give its seed as a whole number."),
    ("minutes = 3", "minuts = 3", "Line 18: Step 2 (Two) has no field 'minuts'; it can have title, minutes"),
    ("minutes = 3", 'minutes = "3"', "Line 18: Step 2 (Two): minutes must be a number from 0 to 600, not '3'."),
    ('title = "Two"\n', "", "Line 16: Step 2 lacks its title."),
    ('page = "lab"', 'page = "labs"', "Line 7: Step 1 (One): page cannot be 'labs'; it can be lab, compare"),
    ('budget = "240"', 'budget = "24"', "Line 8: Step 1 (One): link has a budget that cannot be '24'; it can be 60, 240, 480, full."),
    ('layers = "1,3,6"', 'layers = "1,x"', "Line 8: Step 1 (One): link has wrong layers: The text '1,x' is not a list of layers"),
    ('budget = "240"', 'budgets = "240"', "Line 8: Step 1 (One): link cannot name 'budgets' for the Lab; it can name layers"),
    ('budget = "240"', "budget = 240", "Line 8: Step 1 (One): link must give budget as a text in quotes of at most 500 characters."),
    ('budget = "240"', 'hide = "seed"', "Line 8: Step 1 (One): link cannot name 'hide'; hide and lock are fields of the step"),
    ('"seed"', '"layers"', "Line 9: Step 1 (One): hide cannot be 'layers'; it can be teacher, task"),
    ('["task"]', '"task"', "Line 10: Step 1 (One): lock must be a list in square brackets, not 'task'."),
    ("It gets", "<b>It gets", "Line 11: Step 1 (One): text holds HTML; write Markdown"),
    ("It gets", "![](http://x/y.png)", "Line 11: Step 1 (One): text holds a picture; a lesson has none, so link to it instead."),
    ("{a}", "{b}", "Line 11: Step 1 (One), text: {b} is no figure of this lesson."),
    ("What will", "What {x} will", "Line 14: Step 1 (One), question text: {x} is no figure of this lesson."),
    ('kind = "winner"', 'kind = "win"', "Line 20: Step 2 (Two), question: kind cannot be 'win'; it can be predict, winner, reason, table"),
    ('text = "Which?"\n', "", "Line 19: Step 2 (Two), question lacks its text."),
    ("choice = {layers = [4, 2, 6]}\n", "", "Line 12: Step 1 (One), question: choice is missing: whose accuracy is to be predicted."),
    ("choice = {layers", "answer = 3\nchoice = {layers", "Line 15: Step 1 (One), question: answer is looked up in the saved runs, so leave it out."),
    ("{layers = [4, 2, 6]}", '{layers = [4, "2"]}', "Line 15: Step 1 (One), question: choice has wrong layers"),
    ("{layers = [4, 2, 6]}", '{task = "sick"}', "Line 15: Step 1 (One), question: choice lacks its layers, such as layers = [1, 3, 5]."),
    ("{layers = [4, 2, 6]}", "{layers = [4], seed = 1}", "Line 15: Step 1 (One), question: choice cannot name 'seed'; a choice has layers, teacher"),
    ("{layers = [4, 2, 6]}", "{layers = [4], untrained = 1}", "Line 15: Step 1 (One), question: choice must say untrained = true or false."),
    ("[{layers = [1, 3, 6]}, ", "[", "Line 22: Step 2 (Two), question: choices belongs to the kind winner, with at least two of them"),
    ("within = 1\n", "", "Line 26: Step 3 (Three), question: within is missing: how far off the answer still counts."),
    ("answer = 3", 'answer = "three"', "Line 29: Step 3 (Three), question: answer must be a number, or a figure's name in braces."),
    ('answer = "so"', 'answer = "thus"', "Line 40: Step 4 (Four), question: answer must be one of the options, word for word."),
    ('["so", "not so"]', '["so"]', "Line 39: Step 4 (Four), question: options needs at least two texts for this kind of question."),
    ('["so", "not so"]', '["so", "so"]', "Line 39: Step 4 (Four), question: options names one text twice."),
    ('["so", "not so"]', '["so", ""]', "Line 39: Step 4 (Four), question: options is empty."),
    ('kind = "reason"', 'kind = "text"', "Line 39: Step 4 (Four), question: options belongs to the kinds winner, reason, table, not to text."),
)


@pytest.fixture(scope="module")
def found():
    return landscapes(saved.saved_runs())


@pytest.mark.parametrize(("old", "new", "says"), FAULTS, ids=lambda text: text[:30])
def test_a_fault_has_its_sentence(old, new, says):
    assert SOUND.count(old) == 1 or old in ("minutes = 3", 'title = "Two"\n')
    with pytest.raises(LabError) as error:
        read(SOUND.replace(old, new, 1))
    assert str(error.value).startswith(says), str(error.value)
    assert str(error.value).endswith(".") and "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "title = 1", "[[step]]", "step = 3", "\x00", "a" * 70_000, "step = [1]\ntitle='x'", "title='x'\nstep=[]"])
def test_what_is_no_lesson_at_all(text):
    with pytest.raises(LabError):
        read(text)


def test_a_lesson_survives_json_before_and_after_its_figures(found):
    lesson = read(SOUND)
    for one in (lesson, lesson_figures.looked_up(lesson, found)):
        again = from_dict(json.loads(json.dumps(to_dict(one))))
        assert to_dict(again) == to_dict(one) and again.title == "Try" and again.minutes == 11.5
    assert [step.question.kind for step in again.steps] == ["predict", "winner", "number", "reason"] and again.steps[0].hide == ("seed",)


def test_windows_line_ends_and_a_mark_at_the_start():
    assert read("\N{BOM}" + SOUND.replace("\n", "\r\n")) == read(SOUND)


def test_the_pages_of_steps_are_those_of_the_app():
    listed = dict(re.findall(r'st\.Page\("pages/(\w+)\.py", title="([^"]+)"', Path(guard.__file__).read_text()))
    assert {name: listed.get(name) for name in controls.PAGES} == controls.PAGES


def test_a_figure_that_nobody_measured():
    with pytest.raises(LabError, match=r"The figure 'a': no run of layers 7, 8, MiniLM-L6 on composed-nli, in full is saved"):
        lesson_figures.looked_up(read(SOUND.replace("[2, 4, 6]", "[7, 8]")), [])
    with pytest.raises(LabError, match="Step 1"):
        lesson_figures.looked_up(read(SOUND.replace("a = {layers = [2, 4, 6]}", "").replace("{a}", "")), [])


def test_choices_that_were_not_measured_alike(found):
    mixed = SOUND.replace("{layers = [3, 4, 5]}", '{layers = [3, 4, 5], budget = "240"}')
    with pytest.raises(LabError, match="not measured on the same examples"):
        lesson_figures.looked_up(read(mixed), found)


@pytest.mark.parametrize(("question", "answer", "mark"), [
    (Question("predict", "?", answer=54.73, within=3.0), 54.7, RIGHT),
    (Question("predict", "?", answer=54.73, within=3.0), 57, NEAR),
    (Question("predict", "?", answer=54.73, within=3.0), 58, WRONG),
    (Question("predict", "?", answer=54.73), 54.7, OPEN),
    (Question("number", "?"), 3, OPEN),
    (Question("number", "?", answer=3, within=0), 3, RIGHT),
    (Question("number", "?", answer=3, within=0), 4, WRONG),
    (Question("winner", "?", ("a", "b", EQUAL), answer=("a", "b")), "a", NEAR),
    (Question("winner", "?", ("a", "b", "c"), answer=("a", "b")), "c", WRONG),
    (Question("winner", "?", ("a", "b"), answer="a"), "a", RIGHT),
    (Question("winner", "?", ("a", "b"), answer="a"), "b", WRONG),
    (Question("winner", "?", ("a", TOO_FEW), answer=TOO_FEW), TOO_FEW, OPEN),
    (Question("winner", "?", ("a", TOO_FEW), answer=TOO_FEW), "a", OPEN),
    (Question("winner", "?", ("a", TOO_FEW), answer="a"), TOO_FEW, OPEN),
    (Question("winner", "?", ("a", "b"), answer="a"), "forged", OPEN),
    (Question("reason", "?", ("a", "b")), "a", OPEN),
    (Question("text", "?"), "anything", OPEN),
    (Question("table", "?", ("a", "b"), answer="a"), None, OPEN),
])
def test_marks(question, answer, mark):
    assert marked(question, answer) == mark


@pytest.mark.parametrize(("question", "value"), [
    (Question("predict", "?"), 101), (Question("predict", "?"), "50"), (Question("number", "?"), float("nan")), (Question("number", "?"), True),
    (Question("winner", "?", ("a", "b")), "c"), (Question("winner", "?", ("a", "b")), ["a"]), (Question("text", "?"), " "),
    (Question("text", "?"), "x" * 501), (Question("text", "?"), 3),
])
def test_what_is_no_answer(question, value):
    with pytest.raises(LabError):
        given(question, value)
    assert given(Question("text", "?"), " x ") == "x" and given(Question("predict", "?"), 50) == 50


@pytest.mark.parametrize(("words", "answer"), [
    ({(0, 1): HIGHER}, "a"), ({(0, 1): LOWER}, "b"), ({(0, 1): WITHIN}, EQUAL), ({(0, 1): UNKNOWN}, TOO_FEW),
    ({(0, 1): WITHIN, (0, 2): HIGHER, (1, 2): HIGHER}, ("a", "b")), ({(0, 1): UNKNOWN, (0, 2): HIGHER, (1, 2): HIGHER}, TOO_FEW),
    ({(0, 1): LOWER, (0, 2): LOWER, (1, 2): LOWER}, "c"), ({(0, 1): HIGHER, (0, 2): UNKNOWN, (1, 2): LOWER}, TOO_FEW),
])
def test_who_wins(words, answer):
    class Judged:
        def __init__(self, word):
            self.word = word

    assert lesson_figures.winner(("a", "b", "c"), {pair: Judged(word) for pair, word in words.items()}) == answer


# The lessons that come with the program.


FILES = {  # (task, budget, objective, untrained, number of layers) -> the file, without the teacher's name
    ("composed-nli", "full", "hinton", False, 3): "composed-nli--k3", ("composed-nli", "full", "hinton", False, 4): "composed-nli--k4",
    ("composed-nli", "full", "hinton", False, 5): "composed-nli--k5", ("composed-nli", "full", "hinton", True, 3): "composed-nli--control",
    ("composed-nli", "full", "cross-entropy", False, 3): "composed-nli--cross-entropy",
    ("composed-nli", "240", "hinton", False, 3): "composed-nli--rung-240", ("composed-nli", "60", "hinton", False, 3): "composed-nli--rung-60", ("sick", "full", "hinton", False, 3): "sick--k3",
    ("reviews", "full", "hinton", False, 3): "reviews--k3", ("reviews", "full", "hinton", True, 3): "reviews--presets",
}


def lines(file: str) -> list[dict]:
    return [json.loads(line) for line in (saved.FOLDER / f"minilm-l6--{file}.jsonl").read_text().splitlines()]


def file_of(asked: dict) -> str:
    if asked["layers"] != sorted(asked["layers"]):
        return "composed-nli--order"
    values = {"task": "composed-nli", "budget": "full", "objective": "hinton", "untrained": False} | asked
    return FILES[*(values[name] for name in ("task", "budget", "objective", "untrained")), len(asked["layers"])]


def runs_of(asked: dict) -> list[dict]:
    """The runs of a choice, straight from their file: no code of core/findings between."""
    untrained, seed = asked.get("untrained", False), asked.get("seed")
    alike = lambda layers: len(layers) == len(asked["layers"]) if untrained else layers == asked["layers"]
    return [
        run for run in lines(file_of(asked))
        if run["recipe"]["seeding"]["untrained_layers"] == untrained and seed in (None, run["recipe"]["seed"]) and alike(run["recipe"]["layers"])
    ]


def again(asked: dict) -> float:
    """The figure, from the files."""
    runs, what = runs_of(asked), asked.get("what", "accuracy")
    accuracy = 100 * mean(run["final"]["accuracy"] for run in runs)
    if what in ("behind", "place", "choices"):
        means = {}
        for run in lines(file_of(asked)):
            means.setdefault(tuple(run["recipe"]["layers"]), []).append(100 * run["final"]["accuracy"])
        means = {choice: mean(values) for choice, values in means.items()}
        found = {"behind": max(means.values()) - accuracy, "place": 1 + sum(value > accuracy for value in means.values()), "choices": len(means)}
        return found[what]
    return {"accuracy": accuracy, "cost": 100 * runs[0]["teacher"]["accuracy"] - accuracy, "teacher": 100 * runs[0]["teacher"]["accuracy"],
            "majority": 100 * runs[0]["majority"], "examples": len(runs[0]["predictions"]), "runs": len(runs)}[what]


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_of_a_lesson_is_that_of_the_files(name, found):
    lesson = read(built_in()[name])
    for figure, asked in lesson.figures.items():
        value = lesson_figures.value_of(asked, found)
        assert value.value == pytest.approx(again(asked)), figure
        assert set(value.runs) == {run["id"] for run in runs_of(asked)}, figure
    for step in lessons.opened(built_in()[name], found).steps:
        if step.question and step.question.choice:
            assert step.question.answer == pytest.approx(again(step.question.choice), abs=0.01)


def test_the_answers_that_the_lessons_were_written_for(found):
    """The words beside the answers were written for these; where the saved runs come to say something else, this fails and they are written anew."""
    answers = {
        (name, step.title): step.question.answer for name in NAMES for step in lessons.opened(built_in()[name], found).steps if step.question
    }
    rounded = {key: round(value, 1) if isinstance(value, float) else value for key, value in answers.items()}
    assert {key: value for key, value in rounded.items() if value is not None and key[0] != "detective"} == {
        ("fifty-minutes", "Join, and a first vote"): "2, 4, 6: even layers",
        ("fifty-minutes", "What a student is"): "It reads what layer 1 writes, and it has never seen that before",
        ("fifty-minutes", "The race"): "3, 4, 5", ("fifty-minutes", "Why"): 26.9, ("fifty-minutes", "Soft targets"): TOO_FEW,
        ("fifty-minutes", "A last question"): 85.0,
        ("luck", "One run each"): TOO_FEW, ("luck", "Two short runs each"): TOO_FEW, ("luck", "Enough runs"): "2, 4, 6 are better",
        ("luck", "No benefit shown"): TOO_FEW,
        ("gaps", "Two layers away"): 26.9, ("gaps", "The same layers, another order"): 54.7, ("gaps", "Spread evenly"): "2, 4, 6",
        ("gaps", "The last layers"): "Without the layers below them, they bring little",
        ("other-tasks", "The layers nearest the input"): 85.0, ("other-tasks", "Who wins there?"): "1, 3, 6",
        ("other-tasks", "What the control shows"): "Most of this task can be learned without the teacher's layers",
    }


def test_what_the_lessons_say_beside_their_figures(found):
    word = lambda a, b: lesson_figures.verdicts([a, b], found)[0, 1].word
    full = lambda *layers, **more: {"teacher": "minilm-l6", "task": "composed-nli", "budget": "full", "objective": "hinton", "untrained": False,
                                    "layers": list(layers)} | more
    assert word(full(1, 3, 5, 6), full(1, 4, 5, 6)) == HIGHER  # two gaps of one are easier to mend than a gap of two
    assert again({"layers": [1, 3, 6], "budget": "240"}) > again({"layers": [3, 4, 5], "budget": "240"})  # the early leader
    assert again({"layers": [1, 2, 3], "seed": 1}) < again({"layers": [1, 4, 5], "seed": 2})
    assert again({"layers": [1, 2, 3]}) > again({"layers": [1, 4, 5]})  # the order turns round
    assert word(full(2, 4, 6), full(4, 2, 6)) == HIGHER
    means = {tuple(run["recipe"]["layers"]): again({"layers": run["recipe"]["layers"], "task": "reviews"}) for run in lines("reviews--k3")}
    assert max(means, key=means.get) == (1, 2, 6)  # "the best copied ones"
    control, copied, alone = (again({"layers": [1, 2, 6], "task": "reviews"} | more) for more in ({"untrained": True}, {}, {"what": "majority"}))
    assert control - alone > 5 * (copied - control)  # most of this task
    still = [values for values in case_study.log_values("val_accuracy").values() if len(set(values)) == 1]
    assert len(still) == 3  # "three accuracies are the same in every epoch"


def test_the_fifty_minutes_are_fifty():
    lesson = read(built_in()["fifty-minutes"])
    assert [step.minutes for step in lesson.steps] == [5, 8, 12, 12, 5, 5, 3] and lesson.minutes == 50


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_speaks_plainly(name, found):
    lesson = lessons.opened(built_in()[name], found)
    texts = [lesson.title, lesson.about]
    for step in lesson.steps:
        texts += [step.title, step.text] + ([step.question.text, step.question.reveal, *step.question.options] if step.question else [])
    for sentence in (sentence for text in texts for line in re.split(r"\n\s*(?:- )?", text) for sentence in page_text.sentences(line)):
        assert not FOUND.search(sentence) and page_text.words(sentence) <= LONGEST, sentence


@pytest.mark.parametrize("name", NAMES)
def test_no_measured_figure_is_typed(name):
    """A number with a decimal comes from a file, so it stands in braces."""
    for step in read(built_in()[name]).steps:
        for text in (step.text, *((step.question.text, step.question.reveal, *step.question.options) if step.question else ())):
            assert not re.search(r"\d\.\d|\d ?%", text), text
