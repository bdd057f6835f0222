"""What the saved study of stages and adaptive attention says, as rows. No Streamlit."""

from core.findings.contrasts import Estimate, estimates, title
from core.store import saved
from core.studies.contrasts import EMPHASES, FILE

STAGES = ("shrinking", "theseus", "two-stage")


def read() -> list[Estimate]:
    """Every comparison that the study's saved runs allow; none while they are not saved."""
    path = saved.FOLDER / FILE.rpartition("/")[2]
    records = saved.read(path)
    return estimates(records, saved.truth(records[0]["task_hash"], "test")) if records else []


def rows(found: list[Estimate], attention: bool) -> list[dict[str, str]]:
    """Of the arms with attention, or of those in stages."""
    belongs = lambda arm: (arm in EMPHASES or arm.startswith("fixed-")) == attention
    return [
        {"comparison": title(one.contrast), "points": f"{100 * one.comparison.difference:+.1f}", "95 % interval": span(one),
         "verdict": one.word, "training FLOPs": f"{one.flops:.2f} ×", "seeds": str(len(one.contrast.runs))}
        for one in found if belongs(one.contrast.arm)
    ]


def span(one: Estimate) -> str:
    return "–" if one.interval is None else f"{100 * one.interval[0]:+.1f} to {100 * one.interval[1]:+.1f}"
