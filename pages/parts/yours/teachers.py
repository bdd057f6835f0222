"""A teacher of one's own: a hub id, or a zip of a model's folder."""

import streamlit as st

from core.data.uploads.place import one_at_a_time
from core.errors import LabError
from core.home import uploaded
from core.models.archive import MODEL_MB, keep_model
from core.models.catalogue import base_folder, is_hub_id, unknown_teacher
from core.models.config import ConfigFacts, facts, why_no_classifier
from core.models.families import FAMILIES, family_titles
from core.models.folder import transformer_folder
from core.models.weights import has_weights
from core.network import DOWNLOAD_GB
from core.store import jobs, uploads
from core.store.jobs import Job
from core.store.uploads import Upload
from core.views.common.progress import progress
from core.views.common.text import plain, shortened
from pages.parts.common import follow, live, state, visitor
from pages.parts.common.learner import learner
from pages.parts.common.problems import draw_problem, reporting_problems
from pages.parts.yours import memory

PROBLEM, ROUND, LEFT_OUT = "yours_teacher_problem", "yours_teacher_round", "yours_left_out"  # keys of the session


def draw() -> None:
    st.markdown(f"A {family_titles()} encoder, with its tokenizer and its weights as safetensors. None of its own code is run, and no pickle "
                "is read.")
    left, right = st.columns(2, gap="medium")
    with left:
        from_hub()
    with right:
        from_zip()
    draw_problem(PROBLEM)
    mine = uploads.of(learner(), uploads.MODEL)
    if mine:
        st.subheader("Your teachers", anchor=False)
    for one in mine:
        with st.container(border=True):
            draw_one(one)


def from_hub() -> None:
    st.subheader("From the Hugging Face hub", anchor=False)
    with st.form("yours_hub", border=False):
        st.text_input("Hub id, owner/name", key="w_yours_hub", placeholder="google-bert/bert-base-uncased", help=f"Up to {DOWNLOAD_GB:g} GB.")
        st.form_submit_button("Fetch it", icon=":material/download:", on_click=fetch)
    job = follow.current_job("fetch")
    follow.draw_job(job, "yours_drawn_fetch", lambda: follow.current_job("fetch"), draw_fetch)


def fetch() -> None:
    """Handle a callback: ask for the download; it is on the list once it is here."""
    name = (st.session_state.w_yours_hub or "").strip()
    with reporting_problems(PROBLEM):
        if refused := visitor.refusal({"teacher": name}):
            raise LabError(refused)
        if not is_hub_id(name):
            raise unknown_teacher(name) if name else LabError("Write the id of a model on the hub, as google-bert/bert-base-uncased.")
        uploads.add(learner(), Upload(uploads.MODEL, (name,), 0))
        if not has_weights(base_folder(name)):
            follow.remember_job(follow.submit("fetch", {"teacher": name}))


def draw_fetch(job: Job) -> None:
    """Inside a fragment: how far the download is, or why it failed."""
    if job.over:
        live.draw_end(job, "The download failed without a reason.")
        return
    live.progress_bar(progress(job.status, follow.events_of(job.id), jobs.position(job.id), jobs.now()))


def from_zip() -> None:
    st.subheader("From a zip", anchor=False)
    number = st.session_state.setdefault(ROUND, 0)
    file = st.file_uploader(f"A zip of the model's folder, up to {MODEL_MB} MB: config.json, model.safetensors and the tokenizer's files",
                            type=["zip"], max_upload_size=MODEL_MB, key=f"w_yours_zip_{number}")
    if file is not None:
        st.session_state[LEFT_OUT] = ()
        with st.spinner("Checking the zip"), reporting_problems(PROBLEM), one_at_a_time(learner()):
            kept = keep_model(file.name, file, file.size)
            uploads.add(learner(), Upload(uploads.MODEL, (kept.name,), kept.size))
            st.session_state[LEFT_OUT] = kept.left_out
        memory.free([file])
        st.session_state[ROUND] = number + 1
        st.rerun()
    if left_out := st.session_state.get(LEFT_OUT):
        more = f" and {len(left_out) - 5} more" if len(left_out) > 5 else ""
        st.caption(plain(f"Left out, since Layer Lab does not read them: {', '.join(shortened(name) for name in left_out[:5])}{more}."))


def draw_one(one: Upload) -> None:
    name = one.names[0]
    here = uploaded(name) or base_folder(name)
    st.markdown(f"**{plain(one.title)}**")
    try:
        if not has_weights(transformer_folder(here)):
            st.caption("It is not on this machine yet; fetch it again if the download has failed.")
        else:
            st.caption(plain(about(facts(here), why_no_classifier(here))))
    except LabError as error:
        st.warning(plain(error), icon=":material/warning:")
    with st.container(horizontal=True):
        chosen = state.choice().teacher == name
        st.button("This is the teacher" if chosen else "Use as the teacher", icon=":material/check:" if chosen else ":material/school:",
                  disabled=chosen, on_click=state.change, kwargs={"teacher": name}, key=f"yours_use_{name}")
        st.button("Delete", icon=":material/delete:", on_click=delete, args=(one,), key=f"yours_delete_{name}")


def about(told: ConfigFacts, no_classifier: str) -> str:
    """Return what a model is, in a sentence."""
    size = f"{FAMILIES[told.model_type].title}, {told.layers} layers, {told.hidden} wide"
    if no_classifier:
        return f"{size}. It {no_classifier}, so it learns your task first."
    return f"{size}. It is a classifier of {len(told.labels)} classes: {', '.join(shortened(label, 30) for label in told.labels[:8])}."


def delete(one: Upload) -> None:
    """Handle a callback."""
    with reporting_problems(PROBLEM):
        uploads.delete(learner(), one)
        if state.choice().teacher == one.names[0]:
            state.change(teacher="minilm-l6")
