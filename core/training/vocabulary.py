"""Only the word embeddings that occur in the task are carried and updated.

A row that occurs in no split gets no gradient and is never read, so training without it is the same mathematics: the
gradient norm, the other rows' updates and every output stay. What changes is the optimizer's work, which for a small
student is otherwise mostly spent on rows that stay where they are.
"""

import torch
from torch import Tensor, nn

from core.models.families import word_embeddings


class UsedEmbeddings(nn.Embedding):
    """A table of U of V rows that is still asked by the old ids. used: (U,) int64, ascending old ids."""

    def __init__(self, table: nn.Embedding, used: Tensor):
        weight = table.weight.detach()[used.to(table.weight.device)].clone()
        super().__init__(*weight.shape, _weight=weight)
        lookup = torch.zeros(table.num_embeddings, dtype=torch.int64)
        lookup[used] = torch.arange(len(used))
        self.register_buffer("lookup", lookup.to(weight.device), persistent=False)
        pad = table.padding_idx
        if pad is not None and pad in used:  # the padding row takes no gradient, as before
            self.padding_idx = int(lookup[pad])

    def forward(self, ids: Tensor) -> Tensor:
        return super().forward(self.lookup[ids])


def used_ids(splits, vocab_size: int) -> Tensor:
    """Return the ids, ascending, that occur in any of the encoded splits or pad them, (U,) int64."""
    seen = torch.zeros(vocab_size, dtype=torch.bool)
    for split in splits:
        seen[split.ids.long()] = True
        seen[split.pad_id] = True
    return seen.nonzero().squeeze(1)


def compact(model, used: Tensor) -> None:
    """Cut the model's word embeddings to the used rows, in place."""
    model.set_input_embeddings(UsedEmbeddings(word_embeddings(model), used))


def expand(model, used: Tensor, full: Tensor) -> None:
    """Undo `compact`, in place: rows that were left out come from `full` (V, D), the table before."""
    table = word_embeddings(model)
    weight = full.to(table.weight.device).clone()
    weight[used] = table.weight.detach()
    padding_idx = None if table.padding_idx is None else int(used[table.padding_idx])
    model.set_input_embeddings(nn.Embedding(*weight.shape, padding_idx=padding_idx, _weight=weight))
