"""The link builder: a page, what is chosen there, what learners do not see or cannot change; the link, its QR code, and the lines of a lesson."""

from urllib.parse import urlsplit

import streamlit as st

from core.classroom import qr
from core.classroom.controls import CONTROLS, HIDEABLE, PAGES
from core.data.catalogue import CATALOGUE
from core.errors import LabError
from core.models.catalogue import TEACHERS
from core.recipe import RUNGS
from core.views.classroom import links
from core.views.common import level as levels
from core.views.common.text import layers_text, plain
from pages.parts.app.address import here
from pages.parts.common import state, visitor

QR_WIDTH = 240  # px


def draw() -> None:
    st.subheader("A link for a lesson", anchor=False)
    st.markdown("Who opens this link, or scans its code, finds the page as you set it here.")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        page, values, level = what()
        hide, lock = controls()
    with right:
        result(page, values, level, hide, lock)


def what() -> tuple[str, dict[str, str], str]:
    """Draw what the link opens; return the page, the choice's fields as texts and the level."""
    now = state.choice()
    left, right = st.columns(2, gap="small")
    page = left.selectbox("Page", list(PAGES), format_func=PAGES.get, key="w_link_page")
    level = right.selectbox("Level", list(levels.LEVELS), format_func=levels.LEVELS.get, key="w_link_level")
    teacher = left.selectbox("Teacher", list(dict.fromkeys([*TEACHERS, now.teacher])), index=_place([*TEACHERS], now.teacher), key="w_link_teacher",
                             accept_new_options=True)
    task = right.selectbox("Task", list(dict.fromkeys([*CATALOGUE, now.task])), index=_place([*CATALOGUE], now.task), key="w_link_task",
                           accept_new_options=True)
    layers = left.text_input("Layers", layers_text(now.layers), key="w_link_layers", autocomplete="off")
    budget = right.selectbox("Budget", list(RUNGS), index=_place(list(RUNGS), now.budget), key="w_link_budget",
                             format_func=lambda name: f"{name} steps" if name != "full" else "a full run")
    return page, {"teacher": teacher or "", "task": task or "", "layers": layers.replace(" ", ""), "budget": budget}, level


def _place(names: list[str], value: str) -> int:
    return names.index(value) if value in names else len(names)


def controls() -> tuple[list[str], list[str]]:
    """Draw a checkbox for each control of the Lab that can be hidden, and for each that can be locked; return the names."""
    found = []
    for verb, title, names in (("hide", "Left away on the Lab", HIDEABLE), ("lock", "Shown there, but fixed", CONTROLS)):
        st.markdown(f"**{title}**")
        with st.container(horizontal=True, gap="small", key=f"link_{verb}"):
            found.append([name for name in names if st.checkbox(CONTROLS[name], key=f"w_link_{verb}_{name}", width="content")])
    st.caption("The layers cannot be hidden. A hidden prediction counts as skipped, a locked one cannot be skipped.")
    return found[0], found[1]


def result(page: str, values: dict[str, str], level: str, hide: list[str], lock: list[str]) -> None:
    said = visitor.refusal(values)
    if said:
        st.error(plain(said))
        return
    choice, problems = links.chosen(values)
    for problem in problems:
        st.warning(plain(problem), icon=":material/link_off:")
    query = links.query(page, choice, level, hide, lock)
    base = here()
    if base is None:
        st.info("Other machines cannot reach this server, so the link is for this machine only.", icon=":material/wifi_off:")
    link = links.address(base or own(), page, query)
    st.code(link, language=None, wrap_lines=True)
    try:
        st.image(qr.svg(link), width=QR_WIDTH, alt=f"QR code of {link}")
    except LabError as error:
        st.warning(plain(error))
    st.markdown("In a lesson's file:")
    st.code(links.as_step(page, query), language=None, wrap_lines=True)
    st.page_link("pages/lesson_editor.py", label="Write a lesson", icon=":material/edit_note:")


def own() -> str:
    """Return the server's address as this browser has it, without a page."""
    url = urlsplit(st.context.url or "http://localhost:8501/")
    return f"{url.scheme}://{url.netloc}{url.path.rpartition('/')[0]}".rstrip("/")
