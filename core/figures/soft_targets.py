"""Soft targets to play with: a temperature that is moved in the browser, and what it does to two answers, their loss and its gradient.

The slider is a parameter of the chart, bound to a range input; the softmax and the loss are transforms of the chart. So nothing is asked
of the server while the temperature moves, and the arithmetic is core/objectives/losses/soft_targets.py once more, in Vega's expressions.
"""

import functools
import json
from collections.abc import Mapping, Sequence

import altair as alt

from core.figures.style import BLUE, LINE, ORANGE, SERIES, TEXT, styled, unit

TEMPERATURE, STAGE = "temperature", "stage"  # names of the chart's parameters
LOWEST, HIGHEST, STEP = 1.0, 10.0, 0.1
ROWS = ("teacher", "student", "push")  # of each class, below its name
ROW = 22  # px
LEFT, RIGHT = -0.36, 1.34  # of the drawing, in probabilities: room for the rows' names and for figures
HALF = 0.36  # half a bar's height, in rows
STILL = 0.003  # a difference of probabilities below which an arrow has no head


def soft_target_spec(
    labels: Sequence[str], teacher: Sequence[float], student: Mapping[str, Sequence[float]], stages: Mapping[str, str], temperature: float
) -> dict:
    """Return the specification of one example's softened probabilities of teacher and student, T² KL between them, and where a step would
    push each logit.

    labels: C names. teacher: C logits. student: stage -> C logits; stages: stage -> how it is called, the first is drawn at first.
    temperature: the one that is drawn at first, LOWEST to HIGHEST. The arrow goes from the student's probability to the teacher's: it is the
    negative gradient of the loss by the student's logit, over T; the number beside it is that gradient itself, T (p - q).
    """
    rows = [
        {"class": label, "top": n * (len(ROWS) + 1), "teacher": teacher[n], **{f"student_{stage}": student[stage][n] for stage in stages}}
        for n, label in enumerate(labels)
    ]
    return json.loads(_drawing(tuple(labels), tuple(stages.items()), temperature)) | {"data": {"values": rows}}


@functools.lru_cache(maxsize=16)
def _drawing(labels: tuple[str, ...], stages: tuple[tuple[str, str], ...], temperature: float) -> str:
    """Return the specification without its rows, as JSON: to make it takes long, so it is kept."""
    slider = alt.param(name=TEMPERATURE, value=temperature, bind=alt.binding_range(min=LOWEST, max=HIGHEST, step=STEP, name="Temperature T "))
    stage = alt.param(name=STAGE, value=stages[0][0], bind=alt.binding_radio(
        options=[stage for stage, _ in stages], labels=[called for _, called in stages], name="The student "
    ))
    lines = (len(ROWS) + 1) * len(labels)
    y = lambda field: unit(alt.Y, field, lines - 0.4, -1.6)
    chart = soften(alt.layer(*_bars(y), *_push(y), *_texts(y), data=alt.Data(values=[]))).add_params(slider, stage)
    told = f"Softened probabilities of teacher and student for {', '.join(labels)}, and their loss."
    with alt.theme.enable("none"):  # Altair's own sets a width and a height
        return json.dumps(styled(chart, height=round(ROW * (lines + 1.2)), description=told).to_dict())


def soften(chart: alt.LayerChart) -> alt.LayerChart:
    """Add the arithmetic: p and q, the softened probabilities of teacher and student, loss = T² KL(p || q), push = T (p - q)."""
    return chart.transform_calculate(
        zt=f"datum.teacher / {TEMPERATURE}", zs=f"datum['student_' + {STAGE}] / {TEMPERATURE}",
    ).transform_joinaggregate(mt="max(zt)", ms="max(zs)").transform_calculate(
        et="exp(datum.zt - datum.mt)", es="exp(datum.zs - datum.ms)",
    ).transform_joinaggregate(nt="sum(et)", ns="sum(es)").transform_calculate(
        p="datum.et / datum.nt", q="datum.es / datum.ns",
        gap="(datum.zt - datum.mt - log(datum.nt)) - (datum.zs - datum.ms - log(datum.ns))",
    ).transform_calculate(term="datum.p * datum.gap").transform_joinaggregate(kl="sum(term)").transform_calculate(
        loss=f"{TEMPERATURE} * {TEMPERATURE} * datum.kl", push=f"{TEMPERATURE} * (datum.p - datum.q)",
    )


def _x(field: str) -> alt.X:
    return unit(alt.X, field, LEFT, RIGHT)


def _at(row: int, chart: alt.Chart, **more: str) -> alt.Chart:
    """Return the chart with the places of a row of each class: at, low and high."""
    place = f"datum.top + {row + 1}"
    return chart.transform_calculate(at=place, low=f"{place} - {HALF}", high=f"{place} + {HALF}", zero="0", **more)


def _bars(y) -> list[alt.Chart]:
    found = []
    for row, (name, field, colour) in enumerate((("teacher", "p", ORANGE), ("student", "q", BLUE))):
        told = f"datum['class'] + ', {name}: ' + format(datum.{field}, '.1%')"
        base = _at(row, alt.Chart(), told=told, text=f"format(100 * datum.{field}, '.1f') + ' %'")
        found.append(base.mark_rect(color=colour, cornerRadius=2).encode(
            x=_x("zero"), x2=f"{field}:Q", y=y("low"), y2="high:Q", description="told:N", tooltip=alt.Tooltip("told:N", title=" ")
        ))
        found.append(base.mark_text(align="left", dx=5, baseline="middle", color=TEXT, aria=False).encode(x=_x(field), y=y("at"), text="text:N"))
    return found


def _push(y) -> list[alt.Chart]:
    """Return an arrow a class from the student's probability to the teacher's, and its number."""
    said = "abs(datum.push) < 0.0005 ? '0.000' : format(datum.push, '+.3f')"
    told = "datum['class'] + ', push: ' + datum.said"
    base = _at(2, alt.Chart(), turn="datum.p > datum.q ? 90 : -90", end="max(datum.p, datum.q)", said=said, told=told)
    rule = base.mark_rule(color=SERIES[2], strokeWidth=3, aria=False).encode(x=_x("q"), x2="p:Q", y=y("at"))
    head = base.transform_filter(f"abs(datum.p - datum.q) > {STILL}").mark_point(
        shape="triangle-up", filled=True, color=SERIES[2], size=110, opacity=1, aria=False
    ).encode(x=_x("p"), y=y("at"), angle=alt.Angle("turn:Q", scale=None))
    text = base.mark_text(align="left", dx=9, baseline="middle", color=TEXT).encode(x=_x("end"), y=y("at"), text="said:N", description="told:N")
    return [rule, head, text]


def _texts(y) -> list[alt.Chart]:
    """Return the names of classes and rows, the line at 0, and the loss."""
    last = len(ROWS)
    name = alt.Chart().transform_calculate(left=str(LEFT)).mark_text(
        align="left", baseline="middle", fontWeight=600, color=TEXT, aria=False
    ).encode(x=_x("left"), y=y("top"), text="class:N")
    rows = [
        _at(row, alt.Chart(), named=f"'{called}'").mark_text(align="right", dx=-6, baseline="middle", color=TEXT, aria=False).encode(
            x=_x("zero"), y=y("at"), text="named:N"
        ) for row, called in enumerate(ROWS)
    ]
    line = alt.Chart().transform_calculate(zero="0", low="datum.top + 0.5", high=f"datum.top + {last} + 0.5").mark_rule(
        color=LINE, strokeWidth=1, aria=False
    ).encode(x=_x("zero"), y=y("low"), y2="high:Q")
    loss = alt.Chart().transform_filter("datum.top == 0").transform_calculate(
        left=str(LEFT), above="-1.1", said="'loss: ' + format(datum.loss, '.3f')"
    ).mark_text(align="left", baseline="middle", fontSize=18, fontWeight=600, color=TEXT).encode(
        x=_x("left"), y=y("above"), text="said:N", description="said:N"
    )
    return [line, *rows, name, loss]
