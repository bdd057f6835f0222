"""A question as a learner meets it, in each of its states."""

import streamlit as st

from core.classroom import limits, part, states, store
from core.classroom.in_words import answer_text
from core.classroom.lesson import Question
from core.classroom.part import CONFIDENCE
from core.classroom.store import Answer, Class, Member
from core.store.predictions import REASONS
from core.views.classroom import words
from core.views.classroom.answers import mark_text, truth_text
from core.views.common.text import plain
from pages.parts.classroom.browser_address import browser_address
from pages.parts.common.problems import draw_problem, reporting_problems

PROBLEM = "vote_problem"  # key of the session
WITH_REASON = ("predict", "winner")  # kinds that ask for one besides


def draw(found: Class, member: Member) -> None:
    """Draw the question of the present step, if there is one."""
    question = found.question
    if question is None:
        return
    mine = {one.round: one for one in store.answers_of(found.id, found.step, member.learner)}
    with st.container(border=True, key="question"):
        if found.state == states.WAITING:
            st.markdown(f":material/hourglass_empty: {words.LEARNER[states.WAITING]}")
            return
        if found.state == states.REVOTE:
            st.caption("Second vote, after the talk")
        st.markdown(f"#### {words.written(question.text)}")
        if found.state in states.ROUNDS:
            form(found, member, question, mine)
        elif found.state == states.DISCUSS:
            st.markdown(f":material/forum: **{words.LEARNER[states.DISCUSS]}** {words.DISCUSS}")
            own(question, mine)
        else:
            revealed(question, mine)


def form(found: Class, member: Member, question: Question, mine: dict[int, Answer]) -> None:
    """Draw what is answered, why, and how sure the learner is; one button sends it all."""
    number = states.ROUNDS[found.state]
    sent = mine.get(number)
    start = sent or mine.get(1)  # the second vote begins with what the first one was
    key = lambda what: f"vote_{what}_{found.id}_{found.step}_{number}_{member.number}"
    for what, value in (("answer", start and start.answer), ("reason", start and start.reason), ("sure", start and start.confidence)):
        st.session_state.setdefault(key(what), value)
    with st.form(key("form"), border=False):
        if question.options:
            st.radio("Your answer", question.options, index=None, format_func=plain, key=key("answer"))
        elif question.kind == "text":
            st.text_area("Your answer", max_chars=limits.TEXT, height=100, key=key("answer"))
        elif question.kind == "predict":
            st.number_input("Your answer, in percent", 0.0, 100.0, value=None, step=1.0, format="%.1f", key=key("answer"), placeholder="0 to 100")
        else:
            st.number_input("Your answer, a number", -1e6, 1e6, value=None, step=1.0, format="%.1f", key=key("answer"))
        if question.kind in WITH_REASON:
            st.selectbox("Because", list(REASONS), index=None, format_func=REASONS.get, placeholder="choose a reason", key=key("reason"))
        st.segmented_control("How sure are you?", list(CONFIDENCE), format_func=CONFIDENCE.get, key=key("sure"))
        st.form_submit_button("Change my answer" if sent else "Send my answer", type="primary", icon=":material/send:", on_click=send,
                              args=(found.id, member.learner, (found.step, found.state), key("answer"), key("reason"), key("sure")))
    draw_problem(PROBLEM)
    if sent:
        st.markdown(f":material/check_circle: **Sent: {plain(answer_text(question, sent.answer))}.** You can change it until the vote closes.")
    elif number == 2 and mine.get(1):
        st.caption("Send it again if you stay with it.")


def send(class_id: int, learner: str, seen: tuple[int, str], answer: str, reason: str, sure: str) -> None:
    """Handle a callback. answer, reason, sure: keys of the widgets."""
    kept = st.session_state
    with reporting_problems(PROBLEM):
        part.answer(class_id, learner, seen, kept.get(answer), kept.get(reason), kept.get(sure), browser_address())


def own(question: Question, mine: dict[int, Answer]) -> None:
    """Draw what this learner answered."""
    for number, name in ((1, "You answered"), (2, "In the second vote")):
        if number in mine:
            reason = f", since {REASONS[mine[number].reason]}" if mine[number].reason else ""
            st.markdown(f"{name}: **{plain(answer_text(question, mine[number].answer))}**{reason}.")
    if not mine:
        st.caption("You have sent no answer to this question.")


def revealed(question: Question, mine: dict[int, Answer]) -> None:
    """Draw the truth, what the learner answered and what its mark says."""
    if truth_text(question):
        st.markdown(f":material/flag: **{plain(truth_text(question))}**")
    own(question, mine)
    if mine and question.kind != "text":
        st.markdown(mark_text(question, mine[max(mine)].answer))
    if question.reveal:
        st.markdown(words.written(question.reveal))
