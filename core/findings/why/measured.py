"""What seams cost the teacher itself, without any training (core/store/seam_costs.py), in a sentence."""

from collections.abc import Sequence

from core.findings.finding import Finding, write
from core.findings.why.wording import layers_named
from core.recipe.seams import Seam
from core.statistics.noise import Comparison, joined
from core.statistics.testset import share_variance
from core.statistics.verdict import HIGHER, judged_together
from core.store.seam_costs import SeamCosts

KIND = "measured"


def measured(costs: SeamCosts, seams: Sequence[Seam]) -> Finding:
    """Say which of these seams costs the teacher most, where that stands out from what so many examples allow."""
    by_seam = sorted(seams, key=costs.cost, reverse=True)
    comparisons = [_between(costs, None, seam) for seam in by_seam] + [_between(costs, other, by_seam[0]) for other in by_seam[1:]]
    verdicts = judged_together(comparisons)
    own, leads = verdicts[: len(seams)], verdicts[len(seams) :]
    top = by_seam[0]
    figures = {"teacher": costs.accuracy, "examples": costs.examples, "top": costs.cost(top), "missing": list(top.missing)}
    start = "Measured on the teacher itself, nothing trained: with a fitted linear map in place of"
    start += f" {layers_named(top.missing)} it"
    if own[0].word != HIGHER:
        template = f"{start} keeps its {{teacher:percent}} as far as that can be told"
        template += "." if len(seams) == 1 else ", and so at each other gap."
        return write(KIND, template, figures, strength="unknown")
    figures |= {"left": costs.accuracy - figures["top"], "next": costs.cost(by_seam[1]) if len(seams) > 1 else None}
    template = f"{start} falls from {{teacher:percent}} to {{left:percent}}"
    if len(seams) == 1:
        end = "."
    elif all(one.word == HIGHER for one in leads):
        end = ". That is clearly further than at any other gap of this choice ({next:points} at most)."
    else:
        end = ". Another gap of this choice costs it {next:points}, so none stands out."
    return write(KIND, f"{template}{end} Training may mend some of it.", figures, strength="likely")


def _between(costs: SeamCosts, less: Seam | None, more: Seam) -> Comparison:
    """Compare the accuracies that the teacher keeps with two seams, None being none, as if on different examples, which is on the safe side."""
    kept = [costs.accuracy - (costs.cost(seam) if seam else 0.0) for seam in (less, more)]
    variance = sum(share_variance(share, costs.examples) for share in kept)
    return joined(kept[0] - kept[1], [], variance, costs.examples - 1, n=(0, 0), basis="unpaired", runs=())
