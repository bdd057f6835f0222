"""The experiment on seams as cells of tables, for the command line and RESULTS.md."""

from collections.abc import Iterable

from core.recipe.seams import Seam
from core.store import saved
from core.studies.seams.arms import CUT, FIXED, GAPS, LAYERS, TASKS, WHOLE
from core.studies.seams.predictions import PREDICTIONS, SHARE, Prediction
from core.studies.seams.shares import HELD, NOT_HELD, TOO_FEW, Judged, Measured, Row, Share, input_and_work, judged, rows

HEAD = ("task", "gap", "arm", "seeds", "accuracy", "points above the cut", "share of the cost given back")
HEAD_PREDICTIONS = ("task", "gap", "predicted", "range", "found", "in the range", "verdict")
NO_SHARE = "not shown: the cost is within noise"


def measured_by_task(records: Iterable[dict]) -> dict[str, Measured]:
    """Return the runs of each task, in the order of TASKS. The truth of the test examples is the saved one of the first run's data."""
    by_task: dict[str, list[dict]] = {task: [] for task in TASKS}
    for record in records:
        by_task.setdefault(record["recipe"]["task"], []).append(record)
    return {task: Measured(some, saved.truth(some[0]["task_hash"], "test")) for task, some in by_task.items() if some}


def arm_rows(by_task: dict[str, Measured]) -> list[list[str]]:
    return [_cells(one) for one in rows(by_task, GAPS)]


def _cells(one: Row) -> list[str]:
    share = "" if one.arm in (CUT, WHOLE) else NO_SHARE if one.share is None else share_text(one.share)
    given = "" if one.arm == CUT else f"{100 * one.given:+z.1f}{_span(one.given_interval, 100, 1)}"
    return [one.task, gap_text(one.gap), one.arm, str(one.seeds), f"{100 * one.accuracy:.1f} %", given, share]


def prediction_rows(found: Iterable[Judged]) -> list[list[str]]:
    return [
        [one.prediction.task, gap_text(one.prediction.gap), claim(one.prediction), range_text(one.prediction), _found(one),
         "-" if one.inside is None else "yes" if one.inside else "no", one.word]
        for one in found
    ]


def claim(one: Prediction) -> str:
    """Return what is predicted: 'whole above cut', or 'share given back by fixed-bridge'."""
    return f"share given back by {one.arm}" if one.kind == SHARE else f"{one.arm} above {one.against}"


def range_text(one: Prediction) -> str:
    return f"{one.low:g} to {one.high:g}" + ("" if one.kind == SHARE else " points")


def _found(one: Judged) -> str:
    digits = 2 if one.prediction.kind == SHARE else 1
    return NO_SHARE if one.found is None else f"{one.found:+z.{digits}f}{_span(one.interval, 1, digits)}"


def share_text(share: Share) -> str:
    """Return '0.31 (0.22 to 0.41)'."""
    return f"{share.value:.2f}{_span(share.interval, 1, 2)}"


def gap_text(gap: Seam) -> str:
    """Return '1→4'; of the gap at an end what stands there."""
    ends = {0: " (the embeddings, nearest the input)", LAYERS + 1: " (the head, nearest the output)"}
    return f"{gap}{ends.get(gap.below, '')}{ends.get(gap.above, '')}"


def split_lines(by_task: dict[str, Measured]) -> list[str]:
    """Return a sentence a task and gap: what the seam costs, and what share of it is wrong input and what missing work."""
    found = []
    for task, measured in by_task.items():
        for gap in GAPS:
            if not measured.has(gap, WHOLE, CUT):
                continue
            cost = f"{task}, {gap_text(gap)}: the seam costs {100 * measured.cost(gap).difference:.1f} points"
            parts = input_and_work(measured, gap)
            if parts is None:
                more = "; what share is wrong input cannot be said" if measured.has(gap, FIXED) else ""
                found.append(f"{cost}{more}.")
            else:
                wrong_input, work = parts
                found.append(f"{cost}, of which wrong input is {share_text(wrong_input)} and missing work {share_text(work)}.")
    return found


def predictions_of(by_task: dict[str, Measured]) -> list[Judged]:
    return judged(PREDICTIONS, by_task)


def verdict_line(found: Iterable[Judged]) -> str:
    """Count the verdicts: 'Of 36 predictions 12 held, 9 did not, for 15 there are too few runs to tell; 21 were found in their range.'"""
    words = [one.word for one in found]
    inside = sum(bool(one.inside) for one in found)
    return (
        f"Of {len(PREDICTIONS)} predictions {words.count(HELD)} held, {words.count(NOT_HELD)} did not, for {words.count(TOO_FEW)} there are {TOO_FEW}"
        f"{f', and {len(PREDICTIONS) - len(words)} have no runs' if len(words) < len(PREDICTIONS) else ''}; "
        f"whatever noise says, {inside} of {len(words)} figures lie in their range."
    )


def _span(interval: tuple[float, float] | None, scale: float, digits: int) -> str:
    if interval is None:
        return ""
    return " ({:+z.{d}f} to {:+z.{d}f})".format(*(scale * end for end in interval), d=digits)
