"""What a kept student, its teacher and its start say of a text: rows for figures, and sentences. answer: of core/studies/trying.py."""

from collections.abc import Mapping, Sequence

from core.store.students import Student
from core.views.common.text import budget_text, layers_text, percent, points

TITLES = {"teacher": "Teacher", "student": "Student", "start": "Start"}
MOST_CLASSES = 10
WIDEST = 30  # letters of all columns' names that fit beside each other on a narrow page
LEAST = 0.0005  # of a difference that is told


def fitting_others(student: Student, kept: Sequence[Student]) -> list[Student]:
    """Return the other kept students that can be asked beside this one: of its task's classes and kind of texts, newest first."""
    labels, pair = student.record["labels"], student.about["pair"]
    return [one for one in kept if one.key != student.key and one.record["labels"] == labels and one.about["pair"] == pair]


def student_title(student: Student) -> str:
    """Return 'layers 2, 4 · 60 steps · seed 1', which tells kept students apart."""
    recipe, record = student.record["recipe"], student.record
    stopped = "" if record["status"] == "finished" else f" · stopped at step {record['steps']}"
    return f"layers {layers_text(recipe['layers'])} · {budget_text(recipe['budget'])} · seed {recipe['seed']}{stopped}"


def titles(answer: Mapping) -> list[str]:
    """Name the models of an answer, each name once."""
    found: list[str] = []
    for one in answer["answers"]:
        name = TITLES.get(one["who"]) or f"Layers {layers_text(one['layers'])}"
        found.append(name if name not in found else f"{name} ({len(found) + 1})")
    return found


def answers_map(answer: Mapping) -> tuple[list[str], list[str], list[dict]]:
    """Return rows (the classes, of many the teacher's likeliest), columns (the models) and cells, in percent."""
    names, classes = titles(answer), _classes(answer)
    cells = [_cell(answer["labels"][c], name, one["stages"][-1][c]) for c in classes for name, one in zip(names, answer["answers"])]
    return [answer["labels"][c] for c in classes], names, cells


def stages_map(answer: Mapping, label: str) -> tuple[list[str], list[str], list[dict]]:
    """Return rows (after each layer, the output on top), columns (the models) and cells: what each head gives the label there, in percent.

    Where every student's layers ascend, each stands in the row of the teacher's layer that it was seeded from; else layers count within a model.
    """
    c, names, beside = answer["labels"].index(label), titles(answer), aligned(answer)
    depth = max(max(one["layers"]) if beside else len(one["layers"]) for one in answer["answers"])
    rows = ["embeddings", *(f"layer {n}" for n in range(1, depth + 1))]
    cells = []
    for name, one in zip(names, answer["answers"]):
        places = [0, *(one["layers"] if beside else range(1, len(one["layers"]) + 1))]
        cells += [_cell(rows[place], name, stage[c]) for place, stage in zip(places, one["stages"], strict=True)]
    return rows[::-1], names, cells


def aligned(answer: Mapping) -> bool:
    """Return whether the layers of every model ascend."""
    return all(list(one["layers"]) == sorted(set(one["layers"])) for one in answer["answers"])


def slanted(columns: Sequence[str]) -> bool:
    """Return whether the columns' names are too long to stand beside each other."""
    return sum(map(len, columns)) > WIDEST


def sentences(answer: Mapping) -> list[str]:
    """Say the answers, where teacher and student differ most, what training changed, and what of the text was not read or not learned."""
    said = {one["who"]: one["stages"][-1] for one in answer["answers"] if one["who"] in TITLES}
    labels, teacher, student, start = answer["labels"], said["teacher"], said["student"], said["start"]
    named = {who: labels[_top(of)] for who, of in said.items()}
    sure = lambda who: f"{named[who]} ({percent(max(said[who]))})"
    same = named["teacher"] == named["student"]
    found = [f"Teacher and student agree: both say {named['teacher']} ({percent(max(teacher))} and {percent(max(student))})." if same
             else f"They differ: the teacher says {sure('teacher')}, the student {sure('student')}."]
    gap = max(range(len(labels)), key=lambda c: round(abs(student[c] - teacher[c]), 6))
    if abs(student[gap] - teacher[gap]) >= LEAST:
        found.append(f"The widest gap is on {labels[gap]}: {points(student[gap] - teacher[gap])} in the student.")
    changed = named["start"] != named["student"]
    found.append(f"Before its first step the student said {labels[_top(start)]} ({percent(max(start))})" +
                 ("; training changed its answer." if changed else " too."))
    if answer["cut"]:
        found.append(f"The text was cut to {answer['tokens']} tokens.")
    if answer["unseen"]:
        words = ", ".join(f"“{word}”" for word in answer["unseen"])
        found.append(f"No text of the task holds the word pieces {words}, so training did not touch what the student knows of that.")
    return found


def named(answer: Mapping) -> str:
    """Return the class that the teacher names."""
    return answer["labels"][_top(answer["answers"][0]["stages"][-1])]


def _classes(answer: Mapping) -> list[int]:
    last = answer["answers"][0]["stages"][-1]
    return sorted(sorted(range(len(last)), key=lambda c: -last[c])[:MOST_CLASSES])


def _top(shares: Sequence[float]) -> int:
    return max(range(len(shares)), key=shares.__getitem__)


def _cell(row: str, column: str, value: float) -> dict:
    return {"row": row, "column": column, "value": 100 * value, "told": f"{row}, {column}: {percent(value)}"}
