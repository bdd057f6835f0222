"""The student of a run: what is left out of it because nothing reads it, and its loss."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from core.models.attention import caught
from core.models.first_token import cut_last_layer
from core.objectives.layer_weights import LayerWeights
from core.recipe import Objective, Recipe, attention_layers_used, hidden_layers_used
from core.training import losses
from core.training.device import Device
from core.training.losses import StudentOutput
from core.training.vocabulary import compact


@dataclass(frozen=True)
class Exact:
    """Optimisations that leave the mathematics as it is; each can be turned off, for the benchmark and the tests."""

    cache_signals: bool = True
    compact_vocabulary: bool = True
    first_token: bool = True


ALL = Exact()


def trim(student, recipe: Recipe, kept_words: Tensor, exact: Exact = ALL) -> None:
    """Leave out, in place, what gets no gradient or is read by nobody. kept_words: (U,) ids of the word embeddings that the task uses."""
    if exact.compact_vocabulary:
        compact(student, kept_words)
    if recipe.optimiser.freeze_embeddings:
        freeze_embeddings(student)
    if exact.first_token and not reads_whole_last_layer(recipe.objective, recipe.k):
        cut_last_layer(student)


def reads_whole_last_layer(objective: Objective, k: int) -> bool:
    """Return whether a loss between layers reads more of the student's last layer than its first token."""
    hidden = k in hidden_layers_used(objective, k) and not objective.first_token_only
    return hidden or k in attention_layers_used(objective, k)


def freeze_embeddings(model) -> None:
    """Exclude the embeddings from training, in place; relative-position tables, which belong to attention, still train."""
    for name, parameter in model.named_parameters():
        if ".embeddings." in name:
            parameter.requires_grad_(False)


def student_loss(
    recipe: Recipe, signals, matched: tuple[int, ...], device: Device, total: Callable = losses.total, emphasis: LayerWeights | None = None
):
    """Return the objective as a function (model, batch[, share]) -> (loss, parts). total: `losses.total` or a replacement."""
    used, attended = hidden_layers_used(recipe.objective, recipe.k), attention_layers_used(recipe.objective, recipe.k)
    weighed = {} if emphasis is None else {"emphasis": emphasis}

    def loss(model, batch, *share):
        with caught(model, attended) as vectors, device.context():
            out = model(**batch.model_inputs(), output_hidden_states=bool(used))  # logits (B, C), hidden states (B, T, D)
        student = StudentOutput(out.logits, {j: out.hidden_states[j] for j in used}, {j: vectors[j] for j in attended})
        return total(recipe.objective, student, signals(batch) if signals else None, batch, matched, *share, **weighed)

    return loss
