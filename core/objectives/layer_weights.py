"""Weights of the compared layers among themselves while a student trains.

A layer's loss is the objective's weighted sum of its losses between that student layer and the teacher layer it is matched with. The
weights of J layers sum to J, as the fixed equal weights do, so that the share of the losses between layers in the objective stays;
no gradient flows through them. A layer seeded by the very layer that it is compared with has a loss near 0, so nothing is ever divided
by one layer's loss, and no weight leaves [1 / BOUND, BOUND] before the weights are brought to their sum.
"""

BOUND = 4.0  # ours: of two layers none counts more than 16 times the other
TINY = 1e-12


def balanced(weights):
    """Return positive weights (J,) within the bounds, brought to the sum J."""
    weights = weights.clamp(1 / BOUND, BOUND)
    return weights * (len(weights) / weights.sum())


class LayerWeights:
    """Weights of J layers, all 1 until an update moves them. Called with the layers' losses, (J,), it returns the weights, (J,)."""

    def __init__(self, count: int):
        import torch

        self.weights = torch.ones(count)

    def __call__(self, losses):
        import torch

        self.weights = self.weights.to(losses.device)
        if torch.is_grad_enabled():  # an evaluation moves nothing
            self.update(losses)
        return self.weights

    def update(self, losses) -> None:
        """Move the weights by what the losses, which carry their graph, say at this step."""

    def record(self) -> list[float]:
        """Return the weights now, for the curve."""
        return [round(weight, 6) for weight in self.weights.tolist()]
