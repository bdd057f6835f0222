"""What is drawn while something trains, and the curves of what has trained."""

import pandas as pd
import streamlit as st

from core import figures
from core.figures.curves import HEIGHT
from core.store.jobs import Job
from core.views.common.progress import Curves, Progress
from core.views.common.text import plain


def progress_bar(now: Progress) -> None:
    st.progress(now.fraction, text=f"{plain(now.text)}{f' · {now.eta} left' if now.eta else ''}")


def draw_end(job: Job, failed: str, after_stop: str = "") -> None:
    """Say why a job that is over ended without a result. failed: for a failed one without a reason. after_stop: added to a stopped one's."""
    if job.status == "failed":
        st.error(plain(job.reason or failed), icon=":material/error:")
    elif job.status == "stopped":
        st.info(plain((job.reason or "Stopped.") + after_stop), icon=":material/stop:")


def draw_curves(found: Curves | None) -> None:
    """Draw accuracy and losses side by side; grey places of the same size while there is nothing to draw."""
    left, right = st.columns(2, gap="small")
    with left:
        if found and found.accuracies:
            chart_of_rows(found.accuracies, figures.accuracy_curve(found.total, title=found.title, band=found.band), "curve_accuracy")
        else:
            st.skeleton(HEIGHT)
    with right:
        if found and found.losses:
            chart_of_rows(found.losses, figures.loss_curve(found.parts, found.total, found.top), "curve_loss")
        else:
            st.skeleton(HEIGHT)


def chart_of_rows(rows, altair_chart, key: str) -> None:
    """Draw a chart whose rows come beside it: the browser updates it in place."""
    spec = {name: value for name, value in altair_chart.to_dict().items() if name not in ("data", "datasets")}
    st.vega_lite_chart(pd.DataFrame(rows), spec, theme=None, key=key)
