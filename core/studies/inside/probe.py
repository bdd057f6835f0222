"""Linear probes: how well a linear classifier reads the label off a layer's representation."""

from dataclasses import dataclass

import torch
from torch import Tensor

ITERATIONS = 100  # of L-BFGS, at most


@dataclass(frozen=True)
class Probe:
    """Multinomial logistic regression on standardised features. weight: (D, C). bias: (C,). mean, scale: (D,), of the training features."""

    weight: Tensor
    bias: Tensor
    mean: Tensor
    scale: Tensor

    def predict(self, features: Tensor) -> Tensor:
        """Return the classes (N,) of features (N, D)."""
        return ((features.double() - self.mean) / self.scale @ self.weight + self.bias).argmax(1)


def fit(features: Tensor, labels: Tensor, classes: int) -> Probe:
    """Train a probe on features (N, D) and labels (N,) until it converges, always the same for the same data.

    Alain and Bengio 2016, "Understanding intermediate layers using linear classifier probes". It makes Σ cross-entropy + ½ ||weight||²
    small, which is scikit-learn's logistic regression at its default C = 1, on features of mean 0 and variance 1.
    """
    features = features.double()
    mean, scale = features.mean(0), features.std(0, correction=0)
    scale = torch.where(scale > 1e-12, scale, 1.0)
    x = (features - mean) / scale
    weight = torch.zeros(x.shape[1], classes, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(classes, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=ITERATIONS, tolerance_grad=1e-6, line_search_fn="strong_wolfe")

    def objective() -> Tensor:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(x @ weight + bias, labels) + weight.square().sum() / (2 * len(x))
        loss.backward()
        return loss

    with torch.enable_grad():
        optimizer.step(objective)
    return Probe(weight.detach(), bias.detach(), mean, scale)
