"""Which tokens of one text each layer of a model reads from: its attention, of every layer and head, and what the tokens are called."""

import base64
import zlib
from collections.abc import Sequence
from contextlib import ExitStack, suppress

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from core.errors import LabError
from core.models.attention import caught
from core.models.families import layers
from core.studies.inside.states import maps

MOST_TOKENS = 32  # that are shown of a text
START, SEPARATOR, UNKNOWN, WORD, PIECE = "start", "separator", "unknown", "word", "piece"  # kinds of token; a piece goes on with the word before it


@torch.inference_mode()
def pass_of(model: PreTrainedModel, inputs: dict, shown: Sequence[int] | None) -> tuple[tuple[Tensor, ...], dict | None]:
    """Return the hidden states, L + 1 of (1, T, D), and the `packed` attention of every layer; None where the family gives no attention maps.

    inputs: of one text without padding. shown: places of tokens; None: no attention is asked for.
    """
    count, found = len(layers(model)), None
    with ExitStack() as stack:
        vectors = None
        with suppress(LabError):
            vectors = None if shown is None else stack.enter_context(caught(model, range(1, count + 1)))
        states = model(**inputs, output_hidden_states=True).hidden_states
        if vectors is not None:
            mask = torch.ones_like(inputs["input_ids"])
            with suppress(LabError):
                found = packed(torch.cat([maps(vectors[layer].scores(), mask) for layer in range(1, count + 1)]), shown)
    return states, found


def packed(found: Tensor, shown: Sequence[int]) -> dict:
    """Return attention (L, H, T, T) small enough for an event: {layers, heads, size, values}.

    values: base64 of compressed bytes, (L, H, size, size) of 255 times a share, size = S + 1. Row q is what the q-th shown token reads, the last row
    the mean over all T tokens; column k is how much of it is read from the k-th shown token, the last column from those not shown.
    """
    places = torch.tensor(list(shown), device=found.device)
    rows = torch.cat([found[:, :, places], found.mean(2, keepdim=True)], 2)
    seen = rows[..., places]
    table = torch.cat([seen, 1 - seen.sum(-1, keepdim=True)], -1)
    values = (255 * table).round().clamp(0, 255).to(torch.uint8).cpu().numpy()
    return {"layers": values.shape[0], "heads": values.shape[1], "size": values.shape[2],
            "values": base64.b64encode(zlib.compress(values.tobytes())).decode()}


def tokens_of(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], limit: int) -> tuple[list[dict], list[int]]:
    """Return the tokens that are shown, {text, kind, of}, and their places; at most MOST_TOKENS, the first of each text and the marks between.

    of: which text it stands in, 0 or 1; None for a mark. limit: tokens that the model reads.
    """
    encoded = tokenizer(*texts, truncation=True, max_length=limit)
    owners, ids, rank, counted = encoded.sequence_ids(0), encoded["input_ids"], [], {}
    for owner in owners:  # a token's place within its own text
        counted[owner] = counted.get(owner, -1) + 1
        rank.append(counted[owner] if owner is not None else 0)
    places = sorted(sorted(range(len(ids)), key=lambda i: (rank[i], i))[:MOST_TOKENS])
    return [_token(tokenizer, encoded, texts, i) for i in places], places


def _token(tokenizer: PreTrainedTokenizerBase, encoded, texts: Sequence[str], i: int) -> dict:
    token, owner = encoded["input_ids"][i], encoded.sequence_ids(0)[i]
    name = tokenizer.convert_ids_to_tokens(token)
    if owner is None:
        return {"text": name, "kind": START if i == 0 else SEPARATOR, "of": None}
    span = encoded.token_to_chars(i)
    text = texts[owner][span.start:span.end].strip() if span else name
    goes_on = bool(span and span.start > 0 and texts[owner][span.start - 1].isalnum() and texts[owner][span.start:span.start + 1].isalnum())
    kind = UNKNOWN if token == tokenizer.unk_token_id else PIECE if goes_on else WORD
    return {"text": text or name, "kind": kind, "of": owner}
