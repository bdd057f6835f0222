"""Choosers that compare hidden states: no label, no training, one pass of the teacher over the sample."""

import itertools

from core.models.teachers import Teacher
from core.studies.choosers.ranked import Choice, Ranked, added, chooser, listed
from core.studies.choosers.sample import Sample
from core.studies.inside.similarity import angular_matrix, cka_matrix
from core.studies.inside.states import States, look


@chooser
def block_influence(teacher: Teacher, sample: Sample, k: int) -> Ranked:
    """Keep the layers that turn the hidden states most: a choice is worth the sum of its layers' Block Influence.

    Men et al., "ShortGPT: Layers in Large Language Models are More Redundant Than You Expect" (arXiv 2403.03853): the layers of lowest
    influence go first, which is the choice of the highest sum. Departure: an encoder, all of whose tokens are averaged over.
    """
    return added(_states(teacher, sample).influence.tolist(), k)


@chooser
def angular_distance(teacher: Teacher, sample: Sample, k: int) -> Ranked:
    """Remove blocks whose output points where their input does: a choice costs the angular distance across every block it leaves out.

    Gromov et al., "The Unreasonable Ineffectiveness of the Deeper Layers" (arXiv 2403.17887): of all blocks of L - k neighbours the one
    with the smallest distance is removed. Departures: the first token's hidden states instead of the last's, since that is what an
    encoder's classifier reads; and a choice may leave out several blocks, whose distances add up, so that every choice has a score. Among
    the choices that leave out one block the order is the paper's.
    """
    angles = angular_matrix(_states(teacher, sample).first)
    return listed(lambda choice: -sum(angles[start][end] for start, end in blocks_left_out(choice, teacher.layers)), teacher.layers, k)


@chooser
def cka_coverage(teacher: Teacher, sample: Sample, k: int) -> Ranked:
    """Keep the layers whose representations stand best for all: the mean, over all layers, of the highest CKA with a kept one.

    Linear CKA of the mean over tokens: Kornblith, Norouzi, Lee and Hinton 2019, "Similarity of Neural Network Representations
    Revisited". Choosing representatives by such a coverage (facility location) is ours.
    """
    cka = cka_matrix(_states(teacher, sample).mean)
    known = [[0.0 if value != value else value for value in row] for row in cka]  # NaN: a layer that says the same of all examples
    layers = range(1, teacher.layers + 1)
    return listed(lambda choice: sum(max(known[layer][kept] for kept in choice) for layer in layers) / teacher.layers, teacher.layers, k)


def blocks_left_out(choice: Choice, layers: int) -> list[tuple[int, int]]:
    """Each run of neighbouring layers that the choice leaves out, as (layer before it, its last layer); 0 is the embeddings.

    >>> blocks_left_out((1, 4), 6)
    [(1, 3), (4, 6)]
    """
    ends = [0, *choice, layers + 1]
    return [(before, after - 1) for before, after in itertools.pairwise(ends) if after - before > 1]


def _states(teacher: Teacher, sample: Sample) -> States:
    *_, states = look(teacher, sample.validation, sample.device, attention=False)
    return states
