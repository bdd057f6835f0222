"""A link for a lesson: the page, what is chosen there, and what is hidden or locked; as an address, and as lines of a lesson's file."""

import json
from collections.abc import Collection
from urllib.parse import urlencode

from core.views.common import level as levels
from core.views.common.choice import Choice, choice_query, read_choice
from core.views.common.lesson import Lesson, lesson_query


def chosen(values: dict[str, str]) -> tuple[Choice, list[str]]:
    """Return the choice of these values, texts by the choice's field, and a sentence for each that was dropped."""
    choice, problems = read_choice({key: [value] for key, value in values.items()})
    return choice, [one.replace("The link's", "The") for one in problems]


def query(page: str, choice: Choice, level: str, hide: Collection[str], lock: Collection[str]) -> dict[str, str]:
    """Return what an address says: what differs from how the program opens, and on the Lab the layers in any case."""
    usual = choice_query(Choice())
    said = {key: value for key, value in choice_query(choice).items() if value != usual.get(key) or (key == "layers" and page == "lab")}
    shown = level if page not in levels.PAGES else levels.RESEARCHER
    more = {} if page in levels.PAGES else levels.level_query(shown, choice if page == "lab" else None)
    return said | lesson_query(Lesson(frozenset(hide), frozenset(lock))) | more


def address(base: str, page: str, said: dict[str, str]) -> str:
    """Return the whole address. base: of the server with the path that its pages lie below, without a slash at its end."""
    text = urlencode(said, safe=",:/@")
    return f"{base}/{'' if page == 'lab' else page}{f'?{text}' if text else ''}"


def as_step(page: str, said: dict[str, str]) -> str:
    """Return the same as lines of a lesson's file."""
    link = {key: value for key, value in said.items() if key not in ("hide", "lock")}
    lines = [f"page = {json.dumps(page)}"]
    lines += [f"link = {{{', '.join(f'{key} = {json.dumps(value, ensure_ascii=False)}' for key, value in link.items())}}}"] if link else []
    lines += [f"{key} = {json.dumps(said[key].split(','))}" for key in ("hide", "lock") if key in said]
    return "\n".join(lines)
