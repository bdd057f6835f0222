"""How far each part of a model moved: a layer that did not move is reported, never silently plotted."""

from torch import Tensor

from core.models.families import family_of, part_of


def snapshot(model) -> dict[str, Tensor]:
    """A copy of all parameters."""
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def update_norms(model, before: dict[str, Tensor]) -> dict[str, float]:
    """Euclidean norm of the change since `before`, by part: embeddings, each layer 1..K, pooler, head."""
    family = family_of(model)
    squares: dict[str, Tensor] = {}
    for name, parameter in model.named_parameters():
        part = part_of(name, family)
        change = (parameter.detach().float() - before[name].float()).square().sum()  # MPS has no float64
        squares[part] = squares[part] + change if part in squares else change
    order = {"embeddings": -1, "pooler": 10_000, "head": 10_001}
    parts = sorted(squares, key=lambda part: order.get(part) or int(part))
    return {part: float(squares[part].sqrt()) for part in parts}
