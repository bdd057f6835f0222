"""The Compare page's finished entries: findings, then one view at a time, then the files to take away."""

from collections.abc import Sequence

import streamlit as st

from core import figures
from core.figures import group_map, panel
from core.findings.versus import Pair, Side, pair_findings
from core.store import predictions, saved
from core.views.common import disagreements, glossary
from core.views.common.disagreements import Example, local_task
from core.views.common.prediction import prediction_text
from core.views.common.result import group_name
from core.views.common.text import percent, plain
from core.views.compare import ladder
from core.views.compare import results as views
from core.views.compare.handout import CONCLUSION, LONGEST, handout
from core.views.explanation.view import MARKS
from pages.parts.common import state
from pages.parts.common.learner import learner

KEY = "w_compare_view"
HOW = "A gap counts only where it is larger than what chance does: another random seed, or other test examples."


def draw(found: Sequence[Side], pairs: Sequence[Pair]) -> None:
    """Draw the views and the files are drawn again alone, without the rest of the page."""
    st.subheader("Which student is best?", anchor=False, help=HOW)
    the_ladder(found)
    if pairs:
        findings(pairs)
    elif state.researcher():
        st.caption(plain(views.noise_text(found)))
    st.fragment(one_view)(found, pairs)
    st.fragment(files)(found, pairs)


def one_view(found: Sequence[Side], pairs: Sequence[Pair]) -> None:
    asked = VIEWS if state.researcher() else STORY
    names = [name for name in asked if pairs or name != "Examples that flip"]
    if st.session_state.get(KEY) not in names:
        st.session_state[KEY] = names[0]
    picked = st.segmented_control("View", names, key=KEY, label_visibility="collapsed", required=True, width="stretch")
    VIEWS[picked](found, pairs)


def the_ladder(found: Sequence[Side]) -> None:
    lines = ladder.levels(found)
    chart = figures.ladder(ladder.rows(found), found[0].run["teacher"]["layers"], lines)
    st.altair_chart(chart, theme=None, key="compare_ladder")
    level = f"; dashed: the teacher, {percent(lines['teacher'])}" if lines else ""
    st.caption(f"Coloured blocks: the teacher layers that seed the student. Dot: mean over seeds; bar: its interval; ticks: single runs{level}.",
               help=glossary.define_all("interval", "random seed"))


def findings(pairs: Sequence[Pair]) -> None:
    """Draw who is ahead; to researchers also each pair in full."""
    if not state.researcher():
        st.markdown("  \n".join(map(plain, ladder.sentences(pairs))), help=glossary.define_all("noise", "too few runs to tell"))
        return
    st.markdown(f"**{plain(views.summary(pairs))}**", help="Tested with the noise of seeds and of test examples; Holm over all pairs shown.")
    st.caption(plain(views.noise_text([side for pair in pairs for side in (pair.a, pair.b)])))
    with st.expander("Every pair", expanded=True), st.container(gap="xxsmall"):
        for finding in pair_findings(pairs):
            mark = MARKS[finding.strength]
            st.markdown(f"{mark.icon} {plain(finding.sentence)}")


def curves(found: Sequence[Side], pairs: Sequence[Pair]) -> None:
    drawn, low, levels = views.multiples(found)
    for title, rows, domain, form in (
        ("Accuracy", drawn.accuracies, (low, 1.0), ".0%"), ("Training loss", drawn.losses, (0.0, drawn.top), ".2~f"),
    ):
        columns = st.columns(4, gap="small")
        for column, side, colour in zip(columns, found, views.colours(found), strict=False):
            level = levels[side.name] if title == "Accuracy" else None
            letter = side.name.partition(" ")[0]
            with column:
                chart = panel(rows, side.name, colour, drawn.total, domain, form, f"{letter}: {title.lower()}", level)
                st.altair_chart(chart, theme=None, key=f"multiple_{title}_{letter}")
    st.caption("All panels share their scales. Grey: the other entries; dashed: the teacher.")


def table(found: Sequence[Side], pairs: Sequence[Pair]) -> None:
    metric = st.selectbox("Order by", list(views.METRICS), key="w_compare_metric")
    rows = [{name: plain(cell) for name, cell in row.items()} for row in views.table(found, metric)]
    turned = [{"figure": name, **{row["entry"]: row[name] for row in rows}} for name in rows[0] if name != "entry"]
    st.table(turned, border="horizontal", hide_index=True)


def flips(found: Sequence[Side], pairs: Sequence[Pair]) -> None:
    """Examples that one of two entries gets right and the other wrong."""
    names = [f"{pair.a.name} and {pair.b.name}" for pair in pairs]
    if st.session_state.get("w_compare_pair") not in names:
        st.session_state.w_compare_pair = names[0]
    pair = pairs[names.index(st.selectbox("Between", names, key="w_compare_pair"))]
    a, b = pair.a.run, pair.b.run
    counted = disagreements.flips(a, b, local_task(a["recipe"]["task"]), saved.truth(a["task_hash"], a["split"]))
    if counted is None:
        st.info("These two were measured on different examples, or the labels of their examples are not at hand here.", icon=":material/info:")
        return
    n = counted.only_a + counted.only_b + counted.both + counted.neither
    st.markdown(
        f"Of {n} examples, {counted.both} are right in both, {counted.neither} in neither; **{counted.only_a} only in {plain(pair.a.name)}**, "
        f"**{counted.only_b} only in {plain(pair.b.name)}**. One run each; another seed flips other examples."
    )
    for side, other, examples in ((pair.a, pair.b, counted.a_right), (pair.b, pair.a, counted.b_right)):
        if examples:
            st.markdown(f"Right in {plain(side.name)}, wrong in {plain(other.name)}:")
            st.table([row(flip, other, flip.theirs if side is pair.a else flip.ours) for flip in examples], border="horizontal", hide_index=True)


def row(flip: Example, other: Side, said: str) -> dict:
    tags = ", ".join(group_name(tag) for tag in flip.tags if tag.startswith("phenomenon:"))
    return {"example": plain(" / ".join(flip.texts)), "label": plain(flip.label), f"{other.name.partition(' ')[0]} says": plain(said)} | (
        {"about": plain(tags)} if tags else {}
    )


def groups(found: Sequence[Side], pairs: Sequence[Pair]) -> None:
    rows, names, cells = views.groups(found)
    if not rows:
        st.info("These runs share no groups of examples.", icon=":material/info:")
        return
    st.altair_chart(group_map(rows, names, cells), theme=None, key="compare_groups")
    st.caption("Accuracy in percent, mean over seeds. Single groups are small and their gaps are not tested here.")


def files(found: Sequence[Side], pairs: Sequence[Pair]) -> None:
    """Draw the figures as CSV, and the handout with what was predicted and concluded."""
    conclusion = st.text_area("What do you conclude?", max_chars=CONCLUSION, key="w_handout_conclusion", height=80,
                              placeholder="optional; it stands on the handout")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input("Title of the handout", max_chars=LONGEST, key="w_handout_title", placeholder="optional", width=260)
        author = st.text_input("Name on it", max_chars=LONGEST, key="w_handout_author", placeholder="optional", width=200)
        made = handout(found, pairs, title, author, predicted(found), conclusion)
        st.download_button("Download the handout", made, "layer-lab-comparison.html", "text/html", icon=":material/description:", on_click="ignore",
                           help="One HTML file: opens without a network, prints to two pages.")
        st.download_button("Download as CSV", views.as_csv(found), "layer-lab-comparison.csv", "text/csv", icon=":material/download:",
                           on_click="ignore", help="Every run of every entry, all seeds.")
    if title or author:
        st.caption(f"The handout is made for: {plain(title or 'no title')}, {plain(author or 'no name')}.")


def predicted(found: Sequence[Side]) -> list[str]:
    """Return what the learner predicted of the entries, a line each."""
    made = [(side, predictions.of_recipe(learner(), side.run["id"])) for side in found]
    return [f"{side.name}: {prediction_text(one)}" for side, one in made if one is not None and not one.skipped]


STORY = ("Examples that flip", "Groups of examples")
VIEWS = {"Curves": curves, "Table": table, "Examples that flip": flips, "Groups of examples": groups}
