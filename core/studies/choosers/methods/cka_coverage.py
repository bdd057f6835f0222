"""CKA coverage: keep the layers whose representations stand best for those of all layers."""

from core.studies.choosers.method import Method
from core.studies.choosers.ranking import SEARCH_SETTINGS, Ranked, rank_by_score


def rank(teacher, sample, k: int) -> Ranked:
    """Rank choices by the mean, over all layers, of the highest linear CKA with a kept one, of the mean over tokens.

    Choosing representatives by such a coverage (facility location) is ours.
    """
    from core.studies.inside.similarity import cka_matrix

    cka = cka_matrix(sample.states(teacher).mean)
    known = [[0.0 if value != value else value for value in row] for row in cka]  # NaN: a layer that says the same of all examples
    layers = range(1, teacher.layers + 1)
    return rank_by_score(lambda choice: sum(max(known[layer][kept] for kept in choice) for layer in layers) / teacher.layers, teacher.layers, k)


CKA_COVERAGE = Method(
    "cka-coverage", "CKA coverage", rank, SEARCH_SETTINGS, order=3,
    page_title="CKA coverage",
    line="Keep the layers that stand best for all: every layer's likeness (CKA) to the kept layer that is most like it, averaged.",
    formula=r"S(C)=\tfrac1L\sum_{l=1}^{L}\max_{c\in C}\mathrm{CKA}(h_l,h_c)",
    source='Kornblith, Norouzi, Lee and Hinton 2019, "Similarity of Neural Network Representations Revisited"',
)
