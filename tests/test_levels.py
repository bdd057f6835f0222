"""The two levels: the switch, the link, the menu, and that a link to what only researchers see opens at their level."""

import pytest

from core.views.common import glossary, lesson, level
from core.views.common.choice import Choice
from tests import app_harness as harness
from tests.app_harness import clean, group

DEEP = ["pages/choosers.py", "pages/inside.py", "pages/about.py"]


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    harness.without_worker(monkeypatch)


@pytest.fixture
def app(teacher, task):
    return harness.opener(teacher, task)


def level_of(test) -> str:
    return test.session_state["level"]


def link(test) -> list[str]:
    """The level that the address names."""
    found = test.query_params.get(level.KEY, [])
    return [found] if isinstance(found, str) else found


def switch(test, to: str):
    return clean(group(test, "What the pages show").set_value(to).run())


def test_a_link_without_a_level_opens_the_story(app):
    test = app(view=None)
    assert level_of(test) == level.STORY and not link(test)


def test_the_switch_is_written_into_the_link_and_leaves_the_choice(app):
    test = switch(app(view=None, layers="2,4"), level.RESEARCHER)
    assert level_of(test) == "researcher" and link(test) == ["researcher"] and test.session_state["choice"].layers == (2, 4)
    assert level_of(clean(test.run())) == "researcher"
    assert not link(switch(test, level.STORY))


@pytest.mark.parametrize("query", [{"seed": "3"}, {"objective": "patient"}, {"layers": "3,1"}])
def test_a_link_to_a_control_of_researchers_opens_there(app, query):
    test = app(view=None, **query)
    assert level_of(test) == "researcher" and not link(test)
    test = switch(test, level.STORY)
    assert link(test) == ["story"]  # else a reload would open the other level
    assert level_of(app(view="story", **query)) == "story"


@pytest.mark.parametrize("page", DEEP)
def test_a_page_of_researchers_opens_there_and_is_left_by_the_switch(app, page):
    test = app(page, view=None)
    assert level_of(test) == "researcher"
    test = switch(test, level.STORY)
    assert level_of(test) == "story" and test.session_state["page"] == ""


def test_a_locked_level_cannot_be_left(app):
    test = app(view=None, lock="view")
    assert group(test, "What the pages show").disabled
    test.switch_page(DEEP[0]).run()
    assert level_of(clean(test)) == "story" and test.session_state["page"] == ""
    assert all(not one.label.startswith("What the pages") for one in app(view=None, hide="view").get("button_group"))


def test_the_level_goes_along_to_another_page(app):
    test = switch(app("pages/landscape.py", view=None), level.RESEARCHER)
    assert link(test) == ["researcher"] and test.session_state["page"] == "landscape"
    test = clean(test.switch_page("pages/compare.py").run())
    assert level_of(test) == "researcher" and link(test) == ["researcher"]


def test_an_old_address_that_comes_with_a_click_undoes_no_switch(app):
    test = app("pages/landscape.py", view=None, layers="2,4")
    old = {key: test.query_params[key] for key in test.query_params}
    switch(test, level.RESEARCHER)
    test.query_params.clear()
    for key, value in old.items():
        test.query_params[key] = value
    clean(group(test, "What the pages show").set_value("researcher").run())
    assert test.session_state["choice"].layers == (2, 4)


def test_an_unknown_level_is_said(app):
    test = app(view="expert")
    assert level_of(test) == "story" and "it can be story or researcher" in harness.shown(test)


def test_what_a_link_says():
    assert level.read_level({"view": ["researcher"]}) == ("researcher", []) and level.read_level({}) == (None, [])
    assert level.level_query("story", Choice()) == {} and level.level_query("researcher", Choice()) == {"view": "researcher"}
    assert lesson.read_lesson({"lock": ["view"]})[0].locks("view")


def test_every_term_has_one_short_line():
    for terms in glossary.TERMS.values():
        for term, line in terms.items():
            assert glossary.define(term).endswith(line) and len(line) <= 80, term
    assert glossary.define("seed") == glossary.define("random seed")
    with pytest.raises(KeyError):
        glossary.define("quark")


def test_the_glossary_lists_every_term(app):
    said = harness.shown(app("pages/glossary.py", view=None))
    assert all(term in said for terms in glossary.TERMS.values() for term in terms)
