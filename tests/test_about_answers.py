"""The six answers of About: every sentence and picture agrees with the files of saved runs, read here line by line; swapped figures are noticed.

Run: python -m pytest tests/test_about_answers.py
"""

import json
import re
from pathlib import Path

import pytest

from core.findings.landscape import landscapes
from core.store import saved
from core.views.about import answers as view
from core.views.common.choice import KEYS, read_choice
from pages.parts.common.landscapes import all_landscapes, files_stamp
from tests import app_harness as harness
from tests import page_text
from tests.app_harness import clean, group, shown
from tests.test_story_text import FOUND, LONGEST

ROOT, PAGE = Path(__file__).resolve().parent.parent, "pages/about.py"
FOLDER = ROOT / "core/saved_runs"
FILES = {  # by what they hold, all of three layers
    "full": ("minilm-l6--composed-nli--k3", "minilm-l6--composed-nli--control", "minilm-l6--composed-nli--order"),
    "short": ("minilm-l6--composed-nli--rung-240",), "labels": ("minilm-l6--composed-nli--cross-entropy",), "sick": ("minilm-l6--sick--k3",),
}
QUESTIONS = ("layers are copied", "Which layers", "even spacing", "soft targets", "short run", "carry over")  # a part of each
UNTRAINED = ()


def line_by_line() -> dict[str, list[dict]]:
    """The records of the files, as JSON and nothing else."""
    read = lambda name: [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()]
    return {what: [run for name in names for run in read(name)] for what, names in FILES.items()}


def means(runs: list[dict]) -> dict[tuple, float]:
    """Mean final accuracy by layers; () is the control."""
    found: dict[tuple, list[float]] = {}
    for run in runs:
        recipe = run["recipe"]
        if len(recipe["layers"]) == 3:
            found.setdefault(UNTRAINED if recipe["seeding"]["untrained_layers"] else tuple(recipe["layers"]), []).append(run["final"]["accuracy"])
    return {choice: sum(values) / len(values) for choice, values in found.items()}


def percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def layers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


def disagreements(made: list[view.Answer], files: dict[str, list[dict]]) -> list[str]:
    """Everything that the answers say and these files do not."""
    full, short, labels, sick = (means(files[what]) for what in ("full", "short", "labels", "sick"))
    ascending = {choice: mean for choice, mean in full.items() if choice and list(choice) == sorted(choice)}
    best, wrong = max(ascending, key=ascending.get), []
    said = {part: " ".join(one.sentences) for part in QUESTIONS for one in made if part in one.question}
    pictures = {part: one.picture for part in QUESTIONS for one in made if part in one.question}

    def check(part: str, pattern: str, *wanted: str) -> None:
        found = re.search(pattern, next((text for question, text in said.items() if part in question), ""))
        if not found or list(found.groups()) != list(wanted):
            wrong.append(f"{part}: {found and found.groups()} in place of {wanted}")

    check("copied", r"of (\d+) choices end above", str(len(ascending)))
    check("copied", r"best choice reaches (\S+ %), untrained layers (\S+ %)", percent(full[best]), percent(full[UNTRAINED]))
    check("Which", r"^Layers ([\d, ]+) have the highest mean, (\S+ %)", ", ".join(map(str, best)), percent(full[best]))
    check("Which", r"Layers 4, 5, 6, nearest the output, are shown to be worse \((\S+ %)\)", percent(full[4, 5, 6]))
    check("even", r"and reach (\S+ %) and (\S+ %)\. The gap of (\S+) points", percent(full[1, 4, 6]), percent(full[2, 4, 6]),
          f"{100 * abs(full[2, 4, 6] - full[1, 4, 6]):.1f}")
    check("soft", r"in none of (\d+) choices", str(len([choice for choice in labels if choice])))
    check("short", r"layers 1, 3, 6 lead 3, 4, 5 after 240 steps \((\S+ %) to (\S+ %)\) and lose in full \((\S+ %) to (\S+ %)\)",
          *map(percent, (short[1, 3, 6], short[3, 4, 5], full[1, 3, 6], full[3, 4, 5])))
    check("carry", r"layers 3, 4, 5 beat 1, 3, 6 on the built-in task \((\S+ %) to (\S+ %)\), and lose to them on SICK \((\S+ %) to (\S+ %)\)",
          *map(percent, (full[3, 4, 5], full[1, 3, 6], sick[3, 4, 5], sick[1, 3, 6])))

    sides = {"short": (short, full), "carry": (full, sick)}
    for part, picture in pictures.items():
        for row in picture.rows:
            key = layers((row.get("name") or row["line"]).partition(": ")[2] or row.get("name") or row["line"])
            if "Always" in row.get("name", ""):
                value = files["full"][0]["majority"]
            elif picture.columns:
                value = next(sides[short_part] for short_part in sides if short_part in part)[picture.columns.index(row["column"])][key]
            else:
                value = full[key] - (labels[key] if picture.differences else 0)
            if row["value"] != pytest.approx(value, abs=1e-6):
                wrong.append(f"the picture of {part}: {row}")
    return wrong


def swapped(files: dict[str, list[dict]], what: str, a: tuple, b: tuple) -> dict[str, list[dict]]:
    """The files with the figures of two choices exchanged in one of them."""
    turn = {a: b, b: a}
    turned = lambda layers: list(turn.get(tuple(layers), layers))
    return files | {what: [run | {"recipe": run["recipe"] | {"layers": turned(run["recipe"]["layers"])}} for run in files[what]]}


@pytest.fixture(scope="module")
def files():
    return line_by_line()


@pytest.fixture(scope="module")
def made():
    return view.answers(all_landscapes(files_stamp()))


def test_there_are_six_in_the_order_of_the_questions(made):
    assert [part in one.question for part, one in zip(QUESTIONS, made, strict=True)] == [True] * 6
    assert all(1 <= len(one.sentences) <= 2 and one.picture.rows and one.label for one in made)


def test_sentences_and_pictures_agree_with_the_files(made, files):
    assert disagreements(made, files) == []


SWAPS = [("full", (2, 4, 6), (1, 4, 6)), ("full", (4, 5, 6), (1, 3, 5)), ("full", (1, 3, 6), (3, 4, 5)), ("short", (1, 3, 6), (3, 4, 5)),
         ("sick", (1, 3, 6), (3, 4, 5)), ("labels", (1, 2, 3), (4, 5, 6))]


@pytest.mark.parametrize(("what", "a", "b"), SWAPS)
def test_swapped_figures_are_noticed(made, files, what, a, b):
    assert disagreements(made, swapped(files, what, a, b))


def test_what_is_said_follows_the_runs(files):
    """With the figures of both students exchanged everywhere in full runs, the leader wins and no task turns the order."""
    turned = swapped(files, "full", (1, 3, 6), (3, 4, 5))
    said = {one.question: " ".join(one.sentences) for one in view.answers(landscapes(run for runs in turned.values() for run in runs))}
    short, carry = (next(text for question, text in said.items() if part in question) for part in ("short run", "carry over"))
    assert "Layers 1, 3, 6 lead 3, 4, 5 after 240 steps" in short and "win in full (80.7 % to 72.0 %)" in short and "But" not in short
    assert "Not always" not in carry and carry.startswith("Of ")
    best = next(text for question, text in said.items() if "Which layers" in question)
    assert best.startswith("Layers 2, 4, 6 have the highest mean")


def test_answers_whose_runs_are_missing_are_left_out(files):
    one = [one.question for one in view.answers(landscapes(files["full"]))]
    assert len(one) == 3 and view.answers([]) == [] and view.basis([]) == ""


def test_no_figure_is_typed():
    assert not re.search(r"\d\d\.\d|\d\d ?%|\d+ points", (ROOT / "core/views/about/answers.py").read_text())


def test_the_words_are_plain_and_short(made):
    for sentence in (part for one in made for text in (one.question, *one.sentences) for part in page_text.sentences(text)):
        assert page_text.words(sentence) <= LONGEST and not FOUND.search(sentence), sentence


def test_every_place_exists_and_its_link_is_understood(made):
    for one in made:
        assert (ROOT / f"pages/{one.page or 'lab'}.py").is_file()
        assert read_choice({key: [value] for key, value in one.query.items() if key in KEYS})[1] == []


# --- the page ---


@pytest.fixture
def app(monkeypatch):
    harness.without_worker(monkeypatch)
    return lambda **query: harness.opener("minilm-l6", "composed-nli")(PAGE, **query)


def test_the_page_opens_on_the_answers_and_comes_to_the_runs_last(app, made):
    test = app()
    assert group(test, "View").value == "Answers" and group(test, "View").options[-1] == "Saved runs"
    assert all(one.question in shown(test) and " ".join(one.sentences) in shown(test) for one in made)
    assert len(test.get("vega_lite_chart")) == len(test.main.get("page_link")) == 6
    pictures = [json.loads(chart.proto.spec)["description"] for chart in test.get("vega_lite_chart")]
    assert all(f"{100 * row['value']:.1f}" in text for one, text in zip(made, pictures, strict=True) for row in one.picture.rows)
    for name in group(test, "View").options:
        clean(group(test, "View").set_value(name).run())


def test_without_saved_runs_it_says_so(app, monkeypatch, tmp_path):
    monkeypatch.setattr(saved, "FOLDER", tmp_path)
    assert "No run has been saved with the program yet." in shown(app())


def test_a_lesson_that_asks_for_predictions_keeps_the_figures(app, monkeypatch):
    from pages.parts.common import gate

    monkeypatch.setattr(gate, "figures_open", lambda *_: False)
    assert app().get("vega_lite_chart")
    test = app(lock="predict")
    assert not test.get("vega_lite_chart") and "this lesson asks for that" in shown(test)
    for name in ("Questions", "Limits"):
        clean(group(test, "View").set_value(name).run())
        assert "this lesson asks for that" in shown(test) and " %" not in shown(test)
