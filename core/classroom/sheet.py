"""A lesson on paper, for learners without a device: a sheet with every question to tick, and cards with a large letter to hold up at a vote."""

from html import escape

from core.classroom.lesson import Lesson
from core.classroom.question import OF_OPTIONS, Question
from core.classroom.report_html import SECURE

LETTERS = "ABCDEFGH"
STYLE = """
@page { size: A4; margin: 14mm; } * { box-sizing: border-box; }
body { font: 12pt/1.4 Helvetica, Arial, sans-serif; color: #111; background: #fff; max-width: 182mm; margin: 0 auto; overflow-wrap: anywhere; }
h1 { font-size: 16pt; margin: 0 0 4mm; } h2 { font-size: 12pt; margin: 6mm 0 1mm; } p { margin: 0 0 2mm; }
ol { list-style: none; padding: 0; margin: 0; }
section { break-inside: avoid; } .line { border-bottom: .3mm solid #888; height: 9mm; } .votes { float: right; }
.card { break-before: page; height: 240mm; display: flex; align-items: center; justify-content: center;
  font: bold 180mm/1 Helvetica, Arial, sans-serif; }
"""


def html(lesson: Lesson) -> str:
    """Return the document: the sheet, then one page for each letter that a question needs. Nothing in it is an answer."""
    asked = [(number, step.title, step.question) for number, step in enumerate(lesson.steps, 1) if step.question]
    letters = LETTERS[: max((len(one.options) for _, _, one in asked), default=0)]
    sections = "".join(f"<section><h2>{number}. {escape(title)}</h2>{_question(one)}</section>" for number, title, one in asked)
    cards = "".join(f"<div class='card'>{letter}</div>" for letter in letters)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{SECURE}">'
        f"<title>{escape(lesson.title)}</title><style>{STYLE}</style></head><body><main><h1>{escape(lesson.title)}</h1>"
        f"<p>Name or nickname: ____________________</p>{sections}{cards}</main></body></html>\n"
    )


def _question(one: Question) -> str:
    text = f"<p>{escape(one.text)}</p>"
    if one.kind in OF_OPTIONS:
        rows = "".join(
            f"<li><span class='votes'>first vote ☐ &nbsp; second ☐</span>{letter}. {escape(option)}</li>"
            for letter, option in zip(LETTERS, one.options)
        )
        return f"{text}<ol>{rows}</ol>"
    if one.kind == "text":
        return f"{text}<div class='line'></div><div class='line'></div>"
    unit = " %" if one.kind == "predict" else ""
    return f"{text}<p>First vote: ________{unit} &nbsp; Second vote: ________{unit}</p>"
