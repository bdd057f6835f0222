"""About the runs: where they were made, with what, and what they cannot say."""

import importlib.metadata
import platform

import pandas as pd
import streamlit as st

from core.errors import LabError
from core.figures.scaling import scaling
from core.findings.questions import questions
from core.store import blocks, records, saved
from core.store.database import store_path
from pages.shared import guard, lesson, limits, machine, provenance, saved_files, training_speed
from pages.shared.landscape_cache import everything, stamp
from pages.shared.text import plain

LIBRARIES = ("torch", "transformers", "tokenizers", "streamlit", "altair")


def draw() -> None:
    st.title("About the runs", anchor=False)
    runs()
    saved_runs()
    how_fast()
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("This machine", anchor=False)
        st.markdown(f"Device: **{plain(machine.device_text() or 'not known yet; the training process is starting')}**")
        st.markdown(f"Queue: {plain(machine.queue_text())}")
        versions = " · ".join(f"{name} {version(name)}" for name in LIBRARIES)
        st.markdown(f"Versions: {plain(f'python {platform.python_version()} · {versions}')}")
        st.markdown("Runs, teachers and caches are kept in")
        st.code(str(store_path().parent), language=None, wrap_lines=True)
        st.caption("Set LAYER_LAB_HOME to keep them elsewhere. Deleting the folder deletes every run and every fine-tuned teacher.")
    with right:
        st.subheader("What is shown so far, and what it cannot say", anchor=False)
        st.markdown(provenance.LIMITS)
        st.subheader("Links for a lesson", anchor=False)
        st.markdown(
            "The Lab's address holds everything that is chosen there, so a copied link opens the same page elsewhere. Added to it, "
            "`hide=` leaves controls away and `lock=` keeps them as they are, for example `&hide=seed,objective&lock=task,budget`."
        )
        names = "; ".join(f"`{name}` ({what})" for name, what in lesson.CONTROLS.items())
        st.markdown(f"They name: {names}. The layers cannot be hidden. A hidden prediction counts as skipped, a locked one cannot be skipped.")


def runs() -> None:
    st.subheader("Runs on this machine", anchor=False)
    try:
        rows = provenance.rows(records.runs())
    except LabError as error:
        st.error(plain(error))
        return
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


def saved_runs() -> None:
    """The runs that come with the program: what they are, how they are made again, and what they show of their own limits."""
    st.subheader("Runs saved with the program", anchor=False)
    try:
        files = saved_files.files(saved.by_file(), blocks.blocks())
        found = limits.limits(everything(stamp())) if files else []
        told = {sentence for limit in found for sentence in limit.shown}
        asked = [one for one in questions(everything(stamp())) if not told & set(one.answers)] if files else []
    except LabError as error:
        st.error(plain(error))
        return
    if not files:
        st.info("No run has been saved with the program yet.", icon=":material/inventory_2:")
        return
    names = [one.file for one in files]
    picked = st.selectbox("File", names, key="saved_file")
    one = files[names.index(picked)]
    st.markdown(f"**{plain(one.block)}.** {plain(one.purpose)}")
    st.table({"what": list(one.rows), picked: [str(value) for value in one.rows.values()]})
    if one.commands:
        st.markdown("Made by these commands, and made again by them; a run that the file holds already is not repeated:")
        st.code("\n".join(one.commands), language="bash", wrap_lines=True)
    if one.check:
        st.markdown("Three of its runs, chosen by a seed, made again and compared (within half a point, on a machine of the same precision):")
        st.code(one.check, language="bash", wrap_lines=True)
    st.subheader("Limits, shown on saved runs", anchor=False)
    for limit in found:
        st.markdown(f"**{plain(limit.title)}.** {plain(limit.claim)}")
        for sentence in limit.shown or ("No saved run shows this yet.",):
            st.markdown(f"- {plain(sentence)}")
    st.subheader("Questions put to the saved runs", anchor=False)
    for question in asked:
        st.markdown(f"**{plain(question.title)}**")
        for sentence in question.answers or ("No saved run can tell yet.",):
            st.markdown(f"- {plain(sentence)}")


def how_fast() -> None:
    """A training step against what a user would run instead, and how it grows with each size."""
    try:
        found = training_speed.speed()
    except LabError as error:
        st.error(plain(error))
        return
    if found is None:
        return
    st.subheader("How fast a training step is", anchor=False)
    st.caption(f"{plain(found.where)}. Times ours: seconds by the token that is not padding, over those of this program's loop. Medians.")
    st.dataframe(pd.DataFrame(found.peers), hide_index=True, key="peers")
    columns = st.columns(2, gap="small")
    for number, (axis, points) in enumerate(found.axes.items()):
        with columns[number % 2]:
            st.altair_chart(scaling(points, axis), theme=None, key=f"scaling_{axis}")
    st.caption("One size varied at a time, on random tokens without padding; bars from the fastest to the slowest step.")
    st.code("\n".join(training_speed.COMMANDS), language="bash", wrap_lines=True)


def version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


guard.require_app()
draw()
