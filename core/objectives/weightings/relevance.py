"""Layers weighted by the relevance of the teacher layers that they are compared with, measured once before training; the weights stay."""

from collections.abc import Sequence

from core.objectives.declarations import Weighting
from core.objectives.layer_weights import LayerWeights, balanced


class Relevance(LayerWeights):
    """relevance: one number a teacher layer, layer 1 first, such as core.training.layer_weights.fisher. compared: the J teacher layers."""

    def __init__(self, relevance: Sequence[float], compared: Sequence[int]):
        super().__init__(len(compared))
        scores = self.weights.new_tensor([relevance[layer - 1] for layer in compared])
        if scores.sum() > 0:
            self.weights = balanced(scores / scores.mean())


WEIGHTING = Weighting(
    name="relevance", title="Relevance", make=lambda compared, shared, relevance: Relevance(relevance(), compared), order=4,
    reading="A layer counts by how much the teacher's loss depends on the teacher layer it is compared with, measured once.",
    formula=r"w_j\propto\overline{\left(\partial\,\mathrm{CE}/\partial g_{m(j)}\right)^2}",
    source='Theis, Korshunova, Tejani and Huszár 2018, "Faster gaze prediction with dense networks and Fisher pruning", there for pruning',
)
