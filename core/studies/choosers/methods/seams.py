"""Seams bridged: leave gaps that a linear map can make up for."""

import dataclasses

from core.studies.choosers.method import Method
from core.studies.choosers.ranking import SEARCH_SETTINGS, Ranked, rank_by_score
from core.studies.seams.combine import CHOSEN, VARIANTS
from core.studies.seams.settings import SETTINGS


def rank(teacher, sample, k: int) -> Ranked:
    """Rank choices by minus what their seams cost together, each measured alone (core/studies/seams/measure.py).

    What was measured of this teacher and task before is not measured again; its seconds count. Ours: a bridge over a cut is what Yom Din et al. lay
    to leave a model early; here it lies over every gap that a choice could leave.
    """
    from core.studies.seams.measure import keep, kept_document, measured

    document = kept_document(teacher, sample.task_hash, sample.device)
    before = sum(document["seconds"].values()) if document else 0.0
    if document is None:
        document = keep(_followed(measured(teacher, sample.train, sample.validation, sample.device), sample), teacher, sample.recipe.task,
                        sample.task_hash)
    cost = VARIANTS[CHOSEN].cost
    found = rank_by_score(lambda choice: -cost(document, choice), teacher.layers, k)
    return dataclasses.replace(found, seconds=before)


def _followed(events, sample) -> dict:
    """Run a measurement to its end, reporting; return its document."""
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            return end.value
        if event.kind == "stage":
            sample.progress(event.data["done"] or 0.0, event.data["text"])


SEAMS = Method(
    "seams", "seams bridged", rank, SEARCH_SETTINGS | SETTINGS | {"seam_variant": CHOSEN}, order=10, labels=True,
    page_title="Seams bridged",
    line="Leave out layers where a linear map over the gap makes up for them: what the teacher loses with each gap bridged, summed.",
    formula=r"S(C)=-\sum_{(a,b)\in C}\left(\mathrm{acc}(f)-\mathrm{acc}(f_{a\to b})\right),\ h_b\leftarrow W_{ab}h_a+c_{ab}",
    source='the bridge: Yom Din, Karidi, Choshen and Geva 2023, "Jump to Conclusions: Short-Cutting Transformers With Linear Transformations" '
           '(arXiv 2303.09435)',
)
