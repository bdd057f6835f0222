"""About the runs: six illustrated answers first, then all questions, what runs cannot say, and last where they were made and with what."""

import importlib.metadata
import platform
from collections.abc import Iterable

import pandas as pd
import streamlit as st

from core.figures import scaling
from core.findings.questions import questions
from core.store import records, saved
from core.store.database import store_path
from core.views.about import limits, provenance, training_speed
from core.views.common.text import plain
from pages.parts.about import answers, kept
from pages.parts.common import guard, machine
from pages.parts.common.landscapes import all_landscapes, files_stamp
from pages.parts.common.problems import showing_problems
from pages.parts.common.remembered import remember, remembered_option, view_switch
from pages.parts.lessons.links import draw as lessons

KEPT = "about"  # in the session: what was asked for on this page
LIBRARIES = ("torch", "transformers", "tokenizers", "streamlit", "altair")


def draw() -> None:
    st.title("About the runs", anchor=False)
    show = view_switch(KEPT, list(VIEWS), next(iter(VIEWS)))
    with showing_problems():
        VIEWS[show]()


def saved_runs() -> None:
    """Draw the runs that come with the program: what each file holds, and how it is made again."""
    st.subheader("Runs saved with the program", anchor=False)
    files = provenance.files(saved.by_file(), saved.blocks())
    if not files:
        none_saved()
        return
    names = [one.file for one in files]
    asked = remembered_option(KEPT, "file", names, names[0])
    st.selectbox("File", names, key="w_about_file", on_change=remember(KEPT, "file"))
    one = files[names.index(asked)]
    st.markdown(f"**{plain(one.block)}.** {plain(one.purpose)}")
    st.table({"what": list(one.rows), asked: [str(value) for value in one.rows.values()]})
    if one.commands:
        st.markdown("Made by these commands, and made again by them; a run that the file holds already is not repeated:")
        st.code("\n".join(one.commands), language=None, wrap_lines=True)
    if one.check:
        st.markdown("Three of its runs, chosen by a seed, made again and compared (within half a point, on a machine of the same precision):")
        st.code(one.check, language=None, wrap_lines=True)


def none_saved() -> None:
    st.info("No run has been saved with the program yet.", icon=":material/inventory_2:")


def shown_limits() -> None:
    """Draw the assignment's own list of limitations on saved runs, and what runs cannot say at all."""
    st.subheader("Limits, shown on saved runs", anchor=False)
    found = all_landscapes(files_stamp())
    if not found:
        none_saved()
    for limit in limits.limits(found) if found and not answers.hidden() else ():
        answered(limit.title, limit.shown or ("No saved run shows this yet.",), limit.claim)
    st.subheader("What is shown so far, and what it cannot say", anchor=False)
    st.markdown(provenance.LIMITS)


def asked_questions() -> None:
    """Questions put to the saved runs, but for those that the limits answer."""
    st.subheader("Questions put to the saved runs", anchor=False)
    found = all_landscapes(files_stamp())
    if not found:
        none_saved()
        return
    if answers.hidden():
        return
    said = {sentence for limit in limits.limits(found) for sentence in limit.shown}
    for question in questions(found):
        if not said & set(question.answers):
            answered(question.title, question.answers or ("No saved run can tell yet.",))


def answered(title: str, sentences: Iterable[str], claim: str = "") -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(title)}{'.' if claim else ''}** {plain(claim)}")
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in sentences))


def how_fast() -> None:
    """Draw a training step against what a user would run instead, and how it grows with each size."""
    st.subheader("How fast a training step is", anchor=False)
    found = training_speed.saved_speed()
    if found is None:
        st.info("No benchmark has been saved with the program yet.", icon=":material/speed:")
        return
    st.caption(f"{plain(found.where)}. Times ours: seconds by the token that is not padding, over those of this program's loop. Medians.")
    st.dataframe(pd.DataFrame(found.peers), hide_index=True, key="peers")
    columns = st.columns(2, gap="small")
    for number, (axis, points) in enumerate(found.axes.items()):
        with columns[number % 2]:
            st.altair_chart(scaling(points, axis), theme=None, key=f"scaling_{axis}")
    st.caption("One size varied at a time, on random tokens without padding; bars from the fastest to the slowest step.")
    st.code("\n".join(training_speed.COMMANDS), language=None, wrap_lines=True)


def runs() -> None:
    st.subheader("Runs on this machine", anchor=False)
    rows = provenance.rows(records.runs())
    if not rows:
        st.info("No run has been made here yet. Choose layers on the Lab page and press Run.", icon=":material/science:")
        return
    frame, shares = pd.DataFrame(rows), ["before", "student", "teacher's"]
    frame[shares] = 100 * frame[shares].astype(float)
    share = st.column_config.NumberColumn(format="%.1f %%")
    st.dataframe(
        frame, hide_index=True, key="runs",
        column_config={
            "again": st.column_config.LinkColumn("Lab", display_text="open"), **dict.fromkeys(shares, share),
            "when": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"), "seconds": st.column_config.NumberColumn(format="%.0f"),
        },
    )
    st.caption("Accuracies on the named split: a short run's is the check part of validation, a full run's the test split.")


def this_machine() -> None:
    runs()
    st.subheader("This machine", anchor=False)
    st.markdown(f"Device: **{plain(machine.device_text() or 'not known yet; the training process is starting')}**")
    st.markdown(f"Queue: {plain(machine.queue_text())}")
    versions = " · ".join(f"{name} {version(name)}" for name in LIBRARIES)
    st.markdown(f"Versions: {plain(f'python {platform.python_version()} · {versions}')}")
    st.markdown("Runs, teachers and caches are kept in")
    st.code(str(store_path().parent), language=None, wrap_lines=True)
    st.caption("Set LAYER_LAB_HOME to keep them elsewhere. Deleting the folder deletes every run and every fine-tuned teacher.")


def version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


VIEWS = {
    "Answers": answers.draw, "Questions": asked_questions, "Limits": shown_limits, "Speed": how_fast, "Lessons": lessons,
    "This machine": this_machine, "What is kept": kept.draw, "Saved runs": saved_runs,
}

guard.require_app()
draw()
