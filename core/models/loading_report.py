"""transformers' report on loading weights, judged: what is missing, left over or of another shape stops, other heads and buffers excepted."""

from collections.abc import Iterable
from pathlib import Path

from core.errors import LabError
from core.models.families import part_of
from core.models.family import Family
from core.models.names import BUFFERS

OTHER_HEADS = (  # of language models and other tasks; a text classifier does not use them
    "cls.", "lm_head.", "vocab_transform.", "vocab_layer_norm.", "vocab_projector.", "generator_predictions.", "generator_lm_head.",
    "discriminator_predictions.", "qa_outputs.", "loss_fct.", "criterion.",
)
SHOWN, NAMES = 3, 2  # parts, and weights, that a sentence names


def check_loaded(info: dict, path: Path, family: Family, fresh_head: bool) -> None:
    """Raise LabError unless the model has all its weights from the files, or all but a head that is drawn on purpose.

    info: transformers' loading report (missing_keys, unexpected_keys, mismatched_keys). fresh_head: the head, and a pooler that a base checkpoint
    lacks, are drawn; then other heads may be left over too.
    """
    drawn = ("head", "pooler") if fresh_head else ()
    missing = [name for name in info["missing_keys"] if part_of(name, family) not in drawn]
    shapes = {name: found for name, *found in info["mismatched_keys"] if not (fresh_head and part_of(name, family) == "head")}
    left = [name for name in info["unexpected_keys"] if not _harmless(name, family, fresh_head)]
    if info["unexpected_keys"] and any(part_of(name, family) == "embeddings" for name in missing):
        raise LabError(f"The weights in {path} are not named as those of a {family.title} in transformers ({_shown(info['unexpected_keys'])}); "
                       "put model_type in config.json right, or save the model with save_pretrained of its transformers class.")
    if missing:
        raise LabError(f"The weights in {path} lack {_parts(missing, family)} ({_shown(missing)}), which its config.json calls for; they would be "
                       f"drawn at random. {_mend(missing, path, family, fresh_head)}")
    if shapes:
        raise LabError(f"The weights in {path} do not have the shape that its config.json says: {_shape(shapes, family)}. "
                       "Put config.json right, or save the model again with save_pretrained.")
    if left:
        raise LabError(f"The weights in {path} hold {_parts(left, family)} ({_shown(left)}), for which the {family.title} of its config.json has no "
                       "place, so the model would answer otherwise than it was trained to. Put config.json right, or name another checkpoint.")


def _mend(missing: list[str], path: Path, family: Family, fresh_head: bool) -> str:
    if not fresh_head and all(part_of(name, family) in ("head", "pooler") for name in missing):
        return f"Fine-tune it first: `python -m core tune {path} --task TASK`."
    return "Save the whole model again, or name another checkpoint."


def _harmless(name: str, family: Family, fresh_head: bool) -> bool:
    """Return whether a weight that is left over cannot change what the model answers."""
    if name.endswith(BUFFERS) or name.startswith(OTHER_HEADS):
        return True
    if not family.pooler and name.startswith((f"{family.backbone}.pooler.", "pooler.")):  # its classifier reads the encoder itself
        return True
    return fresh_head and not name.startswith((f"{family.backbone}.", "embeddings.", "encoder.", "transformer."))


def _parts(names: Iterable[str], family: Family) -> str:
    """Return the parts that the weights belong to, in words: "layer 5, layer 6 and the pooler"."""
    found = list(dict.fromkeys(_part(name, family) for name in sorted(names)))
    found.sort(key=lambda part: int(part.split()[-1]) if part.startswith("layer ") else 0)
    shown = found[:SHOWN] + ([f"{len(found) - SHOWN} more"] if len(found) > SHOWN else [])
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _part(name: str, family: Family) -> str:
    try:
        part = part_of(name, family) if name.startswith((family.backbone, *family.head)) else part_of(f"{family.backbone}.{name}", family)
    except LabError:
        return "weights of another kind"
    return {"embeddings": "the embeddings", "pooler": "the pooler", "head": "the classification head"}.get(part, f"layer {part}")


def _shape(shapes: dict[str, list], family: Family) -> str:
    name, (found, wanted) = min(shapes.items())
    if part_of(name, family) == "head" and found[0] != wanted[0] and found[1:] == wanted[1:]:
        return f"the classification head has {found[0]} classes, config.json {wanted[0]} (id2label)"
    return f"{name} ({_part(name, family)}) has {_times(found)} numbers, by config.json {_times(wanted)}"


def _times(shape: Iterable[int]) -> str:
    return " x ".join(map(str, shape))


def _shown(names: Iterable[str]) -> str:
    names = sorted(names)
    return ", ".join(names[:NAMES]) + (f" and {len(names) - NAMES} more" if len(names) > NAMES else "")
