"""Write the README's figures that new saved runs change anew. Run: python -m tests.readme; `git diff` then shows what they changed."""

import re
import textwrap
from pathlib import Path

from core.commands import choose_regret, plan
from core.commands.landscape import report_on
from core.findings.choosers.beats_baselines import sentences
from core.findings.landscape import landscapes
from core.findings.questions.questions import questions
from core.store.saved import saved_runs
from tests.test_claims import choice_rows, in_float32, rung_row, scale_learned, scale_rows, scale_told, spread_told, tasks_told
from tests.test_plan import cut_text

README = Path(__file__).resolve().parent.parent / "README.md"
WIDTH = 156
TABLE = re.compile(r"^\|.*\n\|[-:| ]+\n((?:\|.*\n)*)", re.M)


def with_table(text: str, heading: str, rows: list[list[str]]) -> str:
    """The text with these rows in the first table after the heading, under the head that it has."""
    found = TABLE.search(text, text.index(heading))
    return text[:found.start(1)] + "".join(f"| {' | '.join(row)} |\n" for row in rows) + text[found.end(1):]


def with_ending(text: str, start: str, new: str, wrap: bool = True, heading: str = "") -> str:
    """The text with the paragraph that holds `start`, the first after the heading, ending in `new` from there on, its lines broken anew."""
    at = text.index(start, text.index(heading))
    begin = text.rindex("\n\n", 0, at) + 2
    end = text.index("\n\n", begin)
    paragraph = text[begin:at] + new
    lines = textwrap.fill(" ".join(paragraph.split()), WIDTH, break_long_words=False, break_on_hyphens=False) if wrap else paragraph
    return text[:begin] + lines + text[end:]


def answers(text: str) -> str:
    told = "".join(
        f"**{question.title}**\n\n" + "".join(f"- {answer}\n" for answer in question.answers or ("No saved run can tell yet.",)) + "\n"
        for question in questions(landscapes(saved_runs()))
    )
    begin = text.index("**", text.index("## Questions put to the saved runs"))
    return text[:begin] + told + text[text.index("```", begin):]


def planned(text: str) -> str:
    text = with_table(text, "## The saved runs: what is planned", [list(map(str, plan.cells(line))) for line in plan.lines()])
    text = with_ending(text, "Cut, or not made yet:", f"Cut, or not made yet: {cut_text()}.")
    start = "In float32, since it did not:"
    rest = text[text.index(". `--check`", text.index(start)):].split("\n\n", 1)[0]
    return with_ending(text, start, f"{start} {', '.join(f'`{name}`' for name in in_float32())}{rest}")


def every_choice(text: str) -> str:
    """Of three layers on the built-in task, and what short runs are worth there."""
    told = report_on("minilm-l6", "composed-nli", 3)
    text = with_table(text, "## Every choice of three layers on the built-in task", choice_rows(told))
    text = with_ending(text, "Best and worst lie", spread_told(told))
    return with_table(text, "What short runs are worth", [rung_row(one) for one in told["short_runs"] if one["budget"].endswith("steps")])


def tasks(text: str) -> str:
    told, rows = tasks_told()
    return with_ending(with_table(text, "## Whether the best choice depends on the task", rows), "Best means:", told)


def picks(text: str) -> str:
    """Every table of choosers, with what is said over all and of each."""
    found = choose_regret.tables()
    text = with_ending(text, "Over the ", choose_regret.overall(found), wrap=False, heading="## Layers chosen by algorithm")
    for one in found:
        name = f"**{one['k']} layers of {one['teacher']} on {one['task']}**"
        begin = text.index(name)
        head = TABLE.search(text, begin).group().splitlines()[:2]
        rows = [f"| {' | '.join(map(str, choose_regret.row(judged)[:8]))} |" for judged in one["judged"]]
        told = [f"{name}: {choose_regret.ground_text(one)}", "\n".join([*head, *rows]), *sentences(one["verdicts"])]
        end = re.compile(r"\n\n(?=\*\*|```)").search(text, begin).start()
        text = text[:begin] + "\n\n".join(told) + text[end:]
    return text


def scale(text: str) -> str:
    heading = "## The assignment's choices at the assignment's scale"
    text = with_table(with_ending(text, "Test accuracy of the teacher:", scale_told(), heading=heading), heading, scale_rows())
    return with_ending(text, 'The assignment has its "Top"', scale_learned())


def written(text: str) -> str:
    for part in (answers, planned, every_choice, tasks, picks, scale):
        text = part(text)
    return text


if __name__ == "__main__":
    README.write_text(written(README.read_text()))
