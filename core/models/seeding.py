"""Seeding: a student made of a teacher's layers, by state dict into a fresh model."""

import copy
from collections.abc import Sequence

import torch
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.initialization import no_init_weights

from core.models.families import Family, family_of, layer_count, layer_of, part_of
from core.recipe import Seeding, check_layers


def seed_student(
    teacher: PreTrainedModel, layers: Sequence[int], seeding: Seeding | None = None, seed: int = 0, allow_repeats: bool = False
) -> PreTrainedModel:
    """Return a student of the teacher's class with K = len(layers) layers; student layer j is a copy of teacher layer layers[j-1].

    Embeddings, relative-position tables, pooler and head are copied too, unless `seeding` says otherwise; what is not
    copied is drawn with `seed`, and torch's global random state stays as it was. The student shares no memory with the
    teacher, is in float32 on the teacher's device, in eval mode. The teacher is put in eval mode, else left alone.
    The attention backend is the teacher's. Raises LabError for a layer choice the teacher cannot serve and for a model of another family.
    """
    seeding = seeding or Seeding()
    family = family_of(teacher)
    layers = check_layers(layers, layer_count(teacher.config), allow_repeats)
    teacher.eval()
    student = _fresh(teacher, student_config(teacher.config, layers), seed)

    fresh_parts = set()
    if not seeding.copy_embeddings:
        fresh_parts.add("embeddings")
    if seeding.fresh_head:
        fresh_parts |= {"pooler", "head"}
    if seeding.untrained_layers:
        fresh_parts |= {str(j) for j in range(1, len(layers) + 1)}

    source, state = teacher.state_dict(), student.state_dict()
    for name in state:
        if part_of(name, family) not in fresh_parts:
            state[name] = source[_teacher_name(name, layers, family)]
    student.load_state_dict(state)  # strict, and it copies into the student's own tensors
    return student.to(teacher.device).eval()


def shared_student(teacher: PreTrainedModel, layers: Sequence[int]) -> PreTrainedModel:
    """Return the student of these layers (1-based, any order, repeats too), all of it copied, for forward passes alone.

    It shares the teacher's memory and takes none of its own, and draws no random numbers. In eval mode.
    """
    family, source, buffers = family_of(teacher), teacher.state_dict(), dict(teacher.named_buffers())
    config = student_config(teacher.config, layers)
    config._attn_implementation = teacher.config._attn_implementation
    with torch.device("meta"), no_init_weights():  # drawing weights that take no memory is most of the time
        student = type(teacher)(config)
    student.load_state_dict({name: source[_teacher_name(name, layers, family)] for name in student.state_dict()}, assign=True)
    for name, buffer in list(student.named_buffers()):
        if buffer.is_meta:  # of one that is in no state dict, such as the numbers of positions
            place, _, own = name.rpartition(".")
            student.get_submodule(place)._buffers[own] = buffers[name]
    return student.eval().requires_grad_(False)


def student_config(config: PreTrainedConfig, layers: Sequence[int]) -> PreTrainedConfig:
    """Return a copy of the teacher's config for the chosen layers; lists with one entry per layer (layer_types) follow the choice."""
    total = layer_count(config)
    config = copy.deepcopy(config)
    setattr(config, family_of(config).layer_count, len(layers))
    for key, value in list(vars(config).items()):
        if key.startswith("layer") and isinstance(value, (list, tuple)) and len(value) == total:
            setattr(config, key, type(value)(value[layer - 1] for layer in layers))
    return config


def _fresh(teacher: PreTrainedModel, config: PreTrainedConfig, seed: int) -> PreTrainedModel:
    # torch.manual_seed would also reseed the accelerators' generators; the model is drawn on the CPU alone
    with torch.random.fork_rng(devices=[]), torch.device("cpu"):
        torch.default_generator.manual_seed(seed)
        config._attn_implementation = teacher.config._attn_implementation
        return type(teacher)(config).float()


def _teacher_name(name: str, layers: Sequence[int], family: Family) -> str:
    """Return the teacher's name of the weight that fills this weight of the student."""
    j = layer_of(name, family)
    if j is None:
        return name
    rest = name[len(f"{family.layers}.{j - 1}."):]
    return f"{family.layers}.{layers[j - 1] - 1}.{rest}"
