"""A text with a button beside it that explains its words, named by what it explains.

Not `st.markdown(help=)`: Streamlit calls every such button "Help" (of widgets and metrics it says "Help for" and the label), so that a list of a
page's buttons would not tell them apart.
"""

import streamlit as st

from core.findings.finding import names
from core.views.common.glossary import define_all


def text(body: str, *terms: str, key: str, caption: bool = False) -> None:
    """Draw a text in Markdown, and the glossary's lines on these of its terms. key: of the place on the page. caption: as in `explained`."""
    explained(body, f"What {names(terms)} mean{'' if len(terms) > 1 else 's'}", define_all(*terms), key, caption)


def explained(body: str, name: str, meaning: str, key: str, caption: bool = False) -> None:
    """Draw a text in Markdown and a button called `name` that opens the meaning. caption: the text is one."""
    with st.container(horizontal=True, gap="xxsmall", vertical_alignment="top", key=f"terms_{key}"):
        (st.caption if caption else st.markdown)(body, width="content")
        with st.popover(name, icon=":material/help:", type="tertiary"):
            st.markdown(meaning)
