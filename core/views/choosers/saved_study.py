"""What the saved study of stages and adaptive attention says, as rows, and one of its runs for each method."""

from dataclasses import dataclass

from core.findings.choosers.contrasts import Estimate, estimates, summary, title
from core.store import saved
from core.studies.contrasts import EMPHASES, FILE, by_arm


@dataclass(frozen=True)
class Study:
    """found: every comparison that the saved runs allow. examples: of each arm the run with the lowest seed."""

    found: tuple[Estimate, ...] = ()
    examples: dict[str, dict] | None = None

    def example(self, method: str, emphasis: str | None) -> dict | None:
        """Return a saved run of this method, or of one stage with this emphasis, fixed ones at the bundle's scale."""
        arm = method if emphasis is None else "fixed-1" if emphasis == "fixed" else emphasis
        return (self.examples or {}).get(arm)


def read() -> Study:
    """Read the study; an empty one while none is saved."""
    path = saved.FOLDER / FILE.rpartition("/")[2]
    records = saved.read(path)
    if not records:
        return Study()
    examples = {arm: runs[min(runs)] for arm, runs in by_arm(records).items()}
    return Study(tuple(estimates(records, saved.truth(records[0]["task_hash"], "test"))), examples)


def rows(found: Study, attention: bool) -> list[dict[str, str]]:
    """Return a row a comparison, of the arms with attention or of those in stages."""
    belongs = lambda arm: (arm in EMPHASES or arm.startswith("fixed-")) == attention
    return [
        {"comparison": title(one.contrast), "points": f"{100 * one.comparison.difference:+z.1f}", "95 % interval": span(one),
         "verdict": one.word, "training FLOPs": f"{one.flops:.2f} ×", "seeds": str(len(one.contrast.runs))}
        for one in found.found if belongs(one.contrast.arm)
    ]


def summary_text(found: Study) -> str:
    """Say how the named comparison and all others fell, of both views together."""
    return summary(found.found)


def span(one: Estimate) -> str:
    """Return the interval in points."""
    return "–" if one.interval is None else f"{100 * one.interval[0]:+z.1f} to {100 * one.interval[1]:+z.1f}"
