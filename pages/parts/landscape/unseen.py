"""Figures of sizes that the learner has not predicted, where a view shows several at once: left out, and a click each brings them in."""

from collections.abc import Iterable

import streamlit as st

from core.data.naming import listed
from core.findings.landscape import Landscape
from core.findings.names import pair_text
from core.views.common.choice import Choice
from core.views.common.text import plain
from pages.parts.common import gate, state
from pages.parts.common.learner import learner
from pages.parts.common.problems import JOB, draw_problem

FIRST = "Left out here: students {what}. You can predict them in the Lab. Once you have seen their figures, you can no longer predict them."
ASKED = "Left out here: students {what}. They show once you have predicted them in the Lab: this lesson asks for that."
Size = tuple[str, str, int]  # teacher, task, student layers


def size_of(one: Landscape) -> Size:
    return *one.pair, one.k


def hidden(found: Iterable[Landscape]) -> list[Size]:
    """Return the sizes among the landscapes whose figures may not be seen yet, in order."""
    return [size for size in sorted(set(map(size_of, found))) if size[2] and not gate.figures_open(learner(), _choice(size), state.lesson())]


def split(found: Iterable[Landscape]) -> tuple[list[Landscape], list[Size]]:
    """Return the landscapes that may be seen, and the sizes of the others."""
    every = list(found)
    closed = hidden(every)
    return [one for one in every if size_of(one) not in closed], closed


def draw(sizes: list[Size], key: str, pair: tuple[str, str] | None = None) -> None:
    """Say what was left out, with a button for each, where the lesson allows that. key: of the place on the page. pair: what it is about; sizes of
    any other teacher and task are named with them."""
    if not sizes:
        return
    forced = state.lesson().locks("predict")
    pairs = list(dict.fromkeys(size[:2] for size in sizes))
    about = lambda one: "" if one == pair else f" ({pair_text(*one)})"
    what = "; ".join(f"of {_layers([size[2] for size in sizes if size[:2] == one])}{about(one)}" for one in pairs)
    st.info(plain((ASKED if forced else FIRST).format(what=what)), icon=":material/visibility_off:")
    with st.container(horizontal=True):
        st.page_link("pages/lab.py", label="Predict in the Lab", icon=":material/target:")
        for size in () if forced else sizes:
            label = plain(_layers([size[2]]) + about(size[:2]))
            st.button(f"Show {label}", icon=":material/visibility:", on_click=gate.open_sizes, args=([_choice(size)],),
                      key=f"show_{key}_{'_'.join(map(str, size))}")
    draw_problem(JOB)


def _choice(size: Size) -> Choice:
    return Choice(size[0], size[1], tuple(range(1, size[2] + 1)))


def _layers(sizes: list[int]) -> str:
    return f"{listed([str(k) for k in sizes])} layer{'s' if sizes != [1] else ''}"
