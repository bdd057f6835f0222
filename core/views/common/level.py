"""The two levels of every page, story and researcher: read from a link, written to one, and asked for by what a link names."""

from collections.abc import Mapping, Sequence

STORY, RESEARCHER = "story", "researcher"
LEVELS = {STORY: "Story", RESEARCHER: "Researcher"}
KEY = "view"
PAGES = ("choosers", "inside", "about")  # addresses of the pages that only researchers see
PARTS = (("wrong", "step", "own"),)  # (page, key, value) of links to parts of pages that only they see


def read_level(query: Mapping[str, Sequence[str]]) -> tuple[str | None, list[str]]:
    """Return the level that a link names, None where it names none, and a sentence for a value that was dropped."""
    value = (query.get(KEY) or [""])[-1].strip()
    if value in LEVELS or not value:
        return value or None, []
    return None, [f"The link's {KEY} {value[:60]!r} is dropped; it can be {' or '.join(LEVELS)}."]


def level_of(choice) -> str:
    """Return the level whose controls can say a choice: another objective, seed or order of layers is set by researchers."""
    plain = choice.objective == type(choice).objective and choice.seed == type(choice).seed and choice.ordered
    return STORY if plain else RESEARCHER


def asks(page: str, query: Mapping[str, Sequence[str]]) -> bool:
    """Return whether what a link opens is shown to researchers alone: a page, or a part of one."""
    return page in PAGES or any(page == place and value in query.get(key, ()) for place, key, value in PARTS)


def level_query(level: str, choice=None) -> dict[str, str]:
    """Return the link's value; none where the rest of the link opens at this level by itself. choice: what the link holds besides."""
    return {} if level == (level_of(choice) if choice else STORY) else {KEY: level}
