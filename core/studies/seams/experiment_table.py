"""The experiment on seams as cells of tables, for the command line and RESULTS.md."""

from collections.abc import Iterable, Sequence

from core.store import saved
from core.studies.seams.arms import CUT, FIXED, GAPS, TASKS, WHOLE
from core.studies.seams.predictions import PREDICTIONS, SHARE
from core.studies.seams.shares import HELD, NOT_HELD, TOO_FEW, Judged, Measured, Row, Share, input_and_work, judged, rows

HEAD = ("task", "gap", "arm", "seeds", "accuracy", "points above the cut", "share of the cost given back")
HEAD_PREDICTIONS = ("task", "gap", "arm", "against", "better", "range", "found", "in the range", "verdict on the range")
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
    given = "" if one.arm == CUT else points_text(100 * one.given, one.given_interval and tuple(100 * end for end in one.given_interval))
    return [one.task, str(one.gap), one.arm, str(one.seeds), f"{100 * one.accuracy:.1f} %", given, share]


def prediction_rows(found: Iterable[Judged]) -> list[list[str]]:
    """Return a row a prediction. A range that says of neither arm that it is better has no verdict on that."""
    def row(one: Judged) -> list[str]:
        said = one.prediction
        share = said.kind == SHARE
        wanted = f"{100 * said.low:.0f} to {100 * said.high:.0f} % of the cost" if share else f"{said.low:g} to {said.high:g} points"
        came = NO_SHARE if one.found is None else share_text(Share(one.found, one.interval)) if share else points_text(one.found, one.interval)
        inside = {None: "-", True: "yes", False: "no"}[one.inside]
        return [said.task, str(said.gap), said.arm, said.against, one.beats or "-", wanted, came, inside, one.range]

    return list(map(row, found))


def points_text(value: float, interval: tuple[float, float] | None) -> str:
    """Return '+11.8 (+9.4 to +14.3)'."""
    return f"{value:+z.1f}" + (f" ({interval[0]:+z.1f} to {interval[1]:+z.1f})" if interval else "")


def share_text(share: Share) -> str:
    """Return '33 % (26 to 40)'."""
    return f"{100 * share.value:z.0f} %" + (f" ({100 * share.interval[0]:z.0f} to {100 * share.interval[1]:z.0f})" if share.interval else "")


def split_lines(by_task: dict[str, Measured]) -> list[str]:
    """Return a sentence a task and gap: what the seam costs, and what share of it is wrong input and what missing work."""
    found = []
    for task, measured in by_task.items():
        for gap in GAPS:
            if not measured.has(gap, WHOLE, CUT):
                continue
            cost = f"{task}, {gap}: the seam costs {100 * measured.cost(gap).difference:.1f} points"
            parts = input_and_work(measured, gap)
            if parts is None:
                more = "; what share is wrong input cannot be said" if measured.has(gap, FIXED) else ""
                found.append(f"{cost}{more}.")
            else:
                wrong_input, work = parts
                found.append(f"{cost}; wrong input is {share_text(wrong_input)} of it, missing work {share_text(work)}.")
    return found


def predictions_of(by_task: dict[str, Measured]) -> list[Judged]:
    return judged(PREDICTIONS, by_task)


def verdict_line(found: Sequence[Judged]) -> str:
    """Count the verdicts."""
    beats, ranges = [one.beats for one in found if one.beats], [one.range for one in found]
    inside, left = sum(bool(one.inside) for one in found), len(PREDICTIONS) - len(found)
    counts = lambda words: f"{words.count(HELD)} held, {words.count(NOT_HELD)} did not, and for {words.count(TOO_FEW)} there are {TOO_FEW}"
    return (
        f"Which arm is better was said {len(beats)} times: {counts(beats)}. Of {len(ranges)} ranges {counts(ranges)}; whatever noise says, "
        f"{inside} of {len(found)} figures lie in their range.{f' {left} predictions have no runs yet.' if left else ''}"
    )
