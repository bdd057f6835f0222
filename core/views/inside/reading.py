"""Which tokens the layers read from, of what the worker packed (core/studies/inside/reading.py): names of tokens, cells of the map, sentences."""

import base64
import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from core.views.common.text import percent, shortened

MARKS = {"start": "start", "separator": "end"}  # of a text
EVERY, HEADS = "all tokens, averaged", "all heads, averaged"
REST = "tokens not shown"
LONGEST = 14  # letters of a token beside the map
NO_MAPS = "This family of models gives no attention maps, so it cannot be shown what its layers read."
CAPTION = ("In percent of what a layer reads; each column adds up to 100. Attention says where a layer looks, not what it takes from there. "
           "Much attention on a mark often means that a head has nothing to read.")


def unpacked(packed: Mapping) -> np.ndarray:
    """Return shares (L, H, Q, K): the last q is the mean over all tokens, the last k the tokens that are not shown."""
    size = packed["size"]
    values = np.frombuffer(zlib.decompress(base64.b64decode(packed["values"])), np.uint8)
    return values.reshape(packed["layers"], packed["heads"], size, size) / 255


def token_names(words: Mapping) -> list[str]:
    """Name the tokens that are shown: marks with what they are, pieces of words with the ellipsis of their beginning; then the rest, if any."""
    found = [_name(one) for one in words["shown"]]
    return found + [REST] * (words["of"] > len(found))


def _name(token: Mapping) -> str:
    if token["kind"] in MARKS:
        return f"{token['text']} {MARKS[token['kind']]}"
    if token["kind"] == "unknown":
        return f"{shortened(token['text'], LONGEST - 2)} (?)"
    return f"…{shortened(token['text'], LONGEST)}" if token["kind"] == "piece" else shortened(token["text"], LONGEST)


def readers(words: Mapping) -> list[str]:
    """Name who can read: each token that is shown, by its place, which tells equal ones apart; and all of them averaged, last."""
    return [*(f"{place}. {_name(one)}" for place, one in enumerate(words["shown"], 1)), EVERY]


def head_names(count: int) -> list[str]:
    return [HEADS, *(f"head {head}" for head in range(1, count + 1))]


def shares(packed: Mapping, reader: int, head: int) -> np.ndarray:
    """Return (L, K) what each layer reads. reader: place of a token, or the last for all. head: 0 for all averaged, else 1 to H."""
    found = unpacked(packed)[:, :, reader]
    found = found.mean(1) if head == 0 else found[:, head - 1]
    return found / found.sum(-1, keepdims=True)


def cells(found: np.ndarray, words: Mapping, columns: Sequence[str]) -> list[dict]:
    """Return the cells of the map. found: (L, K). columns: the name of each layer's column."""
    names = token_names(words)
    return [
        {"place": place, "column": column, "value": 100 * float(row[place]),
         "told": f"layer {column}, {name}: {percent(float(row[place]), 0)}"}
        for column, row in zip(columns, found, strict=True) for place, name in enumerate(names)
    ]


def columns(layers: Sequence[int], teacher_layers: int) -> tuple[list[str], list[str]]:
    """Return (the columns of a student's layers, all columns of its map): the teacher's layers that seeded it, where these ascend."""
    if list(layers) == sorted(set(layers)):
        return list(map(str, layers)), list(map(str, range(1, teacher_layers + 1)))
    own = list(map(str, range(1, len(layers) + 1)))
    return own, own


def sentence(found: np.ndarray, words: Mapping, reader: int, names: Sequence[str]) -> str:
    """Say which word the first and the last layer read most, and what share goes to the marks. reader: as in `shares`. names: of the layers."""
    marks = [place for place, one in enumerate(words["shown"]) if one["kind"] in MARKS]
    others = [place for place, one in enumerate(words["shown"]) if one["kind"] not in MARKS]
    if not others:
        return "There is nothing but marks to read."
    who = "Averaged over all tokens" if reader == len(words["shown"]) else f"From where “{_name(words['shown'][reader])}” stands"
    told = []
    for row in sorted({0, len(found) - 1}):
        most = max(others, key=lambda place: found[row, place])
        told.append(f"layer {names[row]} reads “{_name(words['shown'][most])}” ({percent(float(found[row, most]), 0)})")
    share = float(found[:, marks].sum(1).mean())
    return f"{who}, of all words {' and '.join(told)} the most. The marks at the ends of the texts get {percent(share, 0)} on average."


def cap_text(words: Mapping) -> str:
    """Say how many tokens are not shown; '' where all are."""
    left = words["of"] - len(words["shown"])
    if left <= 0:
        return ""
    return f"The text has {words['of']} tokens. The first ones of it are shown, {len(words['shown'])} in all; the other {left} stand in one row."
