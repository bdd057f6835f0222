"""The names of the weights in a checkpoint's files: what wrappers put before and into them, and whether a head is among them."""

import re
from collections.abc import Iterable

from core.models.families import FAMILIES
from core.models.family import Family

INSIDE = r"(^|\.)(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\."  # torch.compile, FSDP and checkpointing write these anywhere
BUFFERS = ("position_ids", "token_type_ids")  # older versions of transformers saved them


def renaming(names: Iterable[str], family: Family) -> dict[str, str]:
    """Return what to take out of the names so that they are transformers' own: pattern -> replacement, {} for nothing.

    That is what wrappers write into names, and one prefix that all names share up to the encoder, such as `module.` (DataParallel) or `model.`
    (Lightning). A prefix that names another family's encoder stays: its weights may have the same names and mean something else.
    """
    names, found = list(names), {}
    if any(re.search(INSIDE, name) for name in names):
        found[INSIDE] = r"\1"
        names = renamed(names, found)
    stem = family.embeddings[0]
    bare = stem.removeprefix(f"{family.backbone}.")
    before = {_before(name, stem) or _before(name, bare) for name in names} - {None}
    whole = [prefix for prefix in before if all(name.startswith(prefix) for name in names)]
    if len(before) == len(whole) == 1 and whole[0] and not {*whole[0].split(".")} & {one.backbone for one in FAMILIES.values()}:
        found["^" + re.escape(whole[0])] = ""
    return found


def _before(name: str, stem: str) -> str | None:
    """Return what stands before the stem in a name, with its dot; None where the stem is no part of it, or nothing stands before."""
    prefix, here, _ = name.partition(stem)
    return prefix if here and prefix.endswith(".") else None


def renamed(names: Iterable[str], patterns: dict[str, str]) -> list[str]:
    """Return the names with the patterns replaced."""
    names = list(names)
    for pattern, text in patterns.items():
        names = [re.sub(pattern, text, name) for name in names]
    return names


def has_head(names: Iterable[str], family: Family) -> bool:
    """Return whether the weights of a classification head are among the names."""
    names = list(names)
    return any(name.startswith(family.head) for name in renamed(names, renaming(names, family)))
