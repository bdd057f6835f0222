"""The host's buttons, people and settings."""

import datetime

import streamlit as st

from core.classroom import host, limits, states, store
from core.classroom.store import Class
from core.views.classroom import words
from core.views.common.text import plain
from pages.parts.classroom import hosting, take_away
from pages.parts.classroom.board import NO_ADDRESS, join_address


def buttons(found: Class) -> None:
    """Draw what can be done now; the usual next one stands out."""
    seen = (found.step, found.state)
    allowed = states.allowed(found.state, found.question is not None, found.step == 0, found.step == len(found.lesson.steps) - 1)
    main = words.main_action(allowed)
    with st.container(horizontal=True, key="steer", width="content"):
        for action in allowed:
            st.button(words.action_label(action, found.state), type="primary" if action == main else "secondary", on_click=hosting.do,
                      args=(host.act, action, seen), key=f"steer_{action}")


def people(found: Class) -> None:
    """Draw who is in and what can be done about a nickname; and free texts, which the host shows or not."""
    members = store.members(found.id)
    answers = store.answers_of(found.id, found.step)
    st.subheader(f"{sum(not one.hidden for one in members)} learners", anchor=False)
    if not members:
        st.caption("Nobody has joined yet.")
        return
    by_number = {one.number: one for one in members}
    label = lambda number: by_number[number].nickname + (" (taken out)" if by_number[number].hidden else "")
    st.markdown(" · ".join(plain(label(number)) for number in by_number))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.selectbox("Learner", list(by_number), format_func=label, key="w_host_member", width=260)
        member = by_number[number if number in by_number else members[0].number]
        st.text_input("New nickname", key="w_host_nickname", max_chars=limits.NICKNAME, width=260, autocomplete="off")
        st.button("Rename", icon=":material/edit:", on_click=rename, args=(member.number,))
        st.button("Let in again" if member.hidden else "Take out", icon=":material/person_off:", on_click=hosting.do,
                  args=(host.remove, member.number, not member.hidden))
    if found.question is not None and found.question.kind == "text":
        texts(found, {one.learner: one for one in members}, answers)


def rename(number: int) -> None:
    """Handle a callback."""
    hosting.do(host.rename, number, st.session_state.w_host_nickname or "")
    st.session_state.w_host_nickname = ""


def texts(found: Class, members: dict, answers: list) -> None:
    """Draw the free texts of the present step, each with a button that shows it on the board or hides it."""
    st.subheader("Texts", anchor=False)
    last = {one.learner: one for one in answers if one.learner in members}
    for one in last.values():
        member = members[one.learner]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Hide" if one.shown else "Show on the board", icon=":material/visibility:", key=f"show_{member.number}", on_click=hosting.do,
                      args=(host.show, member.number, found.step, not one.shown))
            st.markdown(f"**{plain(member.nickname)}**: {plain(one.answer)}", width="stretch")
    if not last:
        st.caption("Nobody has written anything yet.")


def settings(found: Class) -> None:
    """Draw address, nicknames, the door, the last day, and the class's end."""
    address = join_address(found)
    st.markdown("Learners open")
    if address:
        st.code(address, language=None, wrap_lines=True)
    else:
        st.warning(NO_ADDRESS, icon=":material/wifi_off:")
    with st.form("host_address", border=False):
        st.session_state.setdefault("w_host_address", found.settings.address)
        st.text_input("Another address of this server", key="w_host_address", placeholder="https://lab.example.org", autocomplete="off",
                      help="Where learners reach it by another name than the one above. Leave it empty to find it by itself.")
        st.form_submit_button("Use this address", on_click=lambda: hosting.do(host.change, address=st.session_state.w_host_address))
    st.session_state.w_host_names, st.session_state.w_host_door = found.settings.nicknames, found.settings.joining
    st.toggle("Show nicknames on the board", key="w_host_names", on_change=changed, args=("nicknames", "w_host_names"))
    st.toggle("Learners may join", key="w_host_door", on_change=changed, args=("joining", "w_host_door"))
    today = datetime.date.today()
    st.session_state.w_host_last = datetime.date.fromtimestamp(found.ends - 1)
    st.date_input("Last day", min_value=today, max_value=today + datetime.timedelta(days=limits.LONGEST_DAYS), key="w_host_last",
                  on_change=changed, args=("last_day", "w_host_last"), width=260, help="After this day the class is deleted, with all of it.")
    take_away.draw(found)
    with st.container(horizontal=True):
        st.button("Close this page's class", icon=":material/logout:", on_click=hosting.leave,
                  help="The class goes on. You need the key to come back.")
        with st.popover("Delete the class", icon=":material/delete:"):
            st.markdown("The class goes at once, with all nicknames and answers. Nobody can bring it back.")
            st.button("Delete it now", type="primary", on_click=hosting.do, args=(host.delete,))


def changed(name: str, widget: str) -> None:
    """Handle a callback: a setting was changed by its widget."""
    if st.session_state[widget] is not None:
        hosting.do(host.change, **{name: st.session_state[widget]})
