"""Students are exact copies of what the recipe names, and of nothing else.

Run: python -m pytest tests/test_seeding.py
"""

import copy

import pytest
import torch

from core.errors import LabError
from core.models.families import family_of, layer_count, layers, part_of
from core.models.seeding import seed_student, student_config
from core.recipe import PRESETS, Seeding, preset
from tests.tiny import FAMILIES, tiny_model

L = 6


@pytest.fixture(scope="module")
def teachers():
    return {name: tiny_model(name, layers=L) for name in FAMILIES}


def snapshot(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(a, b) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def check_copy(teacher, student, choice, fresh=()):
    """Compare by module, not by the names that seeding itself uses: parts in `fresh` must differ, all others be equal."""
    for j, (ours, source) in enumerate(zip(layers(student), choice, strict=True), start=1):
        assert same(ours.state_dict(), layers(teacher)[source - 1].state_dict()) == (str(j) not in fresh), j
    family, theirs = family_of(teacher), teacher.state_dict()
    compared = set()
    for name, tensor in student.state_dict().items():
        part = part_of(name, family)
        if not part.isdigit() and not (part in fresh and name.endswith((".bias", "LayerNorm.weight"))):
            assert torch.equal(tensor, theirs[name]) == (part not in fresh), name
            compared.add(part)
    assert {"embeddings", "head"} <= compared
    outside = {name for name in theirs if not part_of(name, family).isdigit()}
    assert outside == {name for name in student.state_dict() if not part_of(name, family).isdigit()}


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("which", PRESETS)
@pytest.mark.parametrize("k", [1, 2, 3])
def test_presets_are_exact_copies(teachers, name, which, k):
    choice = preset(which, L, k, seed=3)
    student = seed_student(teachers[name], choice)
    assert type(student) is type(teachers[name])
    assert layer_count(student.config) == k
    check_copy(teachers[name], student, choice)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("choice", [(6, 1, 4), (3, 2, 1), (5, 5, 2, 5), (1, 2, 3, 4, 5, 6), (2,) * 8])
def test_order_and_repeats(teachers, name, choice):
    student = seed_student(teachers[name], choice, allow_repeats=True)
    check_copy(teachers[name], student, choice)


@pytest.mark.parametrize("name", FAMILIES)
def test_all_layers_give_the_teacher_itself(teachers, name):
    teacher = teachers[name]
    student = seed_student(teacher, range(1, L + 1))
    ids, mask = torch.tensor([[2, 9, 8, 3], [2, 7, 3, 0]]), torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    with torch.no_grad():
        ours = student(input_ids=ids, attention_mask=mask).logits
        theirs = teacher(input_ids=ids, attention_mask=mask).logits
    assert torch.equal(ours, theirs)
    assert student.num_parameters() == teacher.num_parameters()


@pytest.mark.parametrize("name", FAMILIES)
def test_the_first_layers_give_the_teachers_hidden_states(teachers, name):
    ids = torch.tensor([[2, 9, 8, 3]])
    student = seed_student(teachers[name], (1, 2))
    ours = student(input_ids=ids, output_hidden_states=True).hidden_states
    theirs = teachers[name](input_ids=ids, output_hidden_states=True).hidden_states
    assert len(ours) == 3
    for a, b in zip(ours, theirs):
        assert torch.equal(a, b)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize(
    ("seeding", "fresh"),
    [
        (Seeding(copy_embeddings=False), {"embeddings"}),
        (Seeding(fresh_head=True), {"pooler", "head"}),
        (Seeding(untrained_layers=True), {"1", "2", "3"}),
        (Seeding(copy_embeddings=False, fresh_head=True, untrained_layers=True), {"embeddings", "pooler", "head", "1", "2", "3"}),
    ],
)
def test_options(teachers, name, seeding, fresh):
    choice = (1, 3, 5)
    student = seed_student(teachers[name], choice, seeding, seed=1)
    check_copy(teachers[name], student, choice, fresh)
    again, other = seed_student(teachers[name], choice, seeding, seed=1), seed_student(teachers[name], choice, seeding, seed=2)
    assert same(student.state_dict(), again.state_dict())
    assert not same(student.state_dict(), other.state_dict())


def test_fresh_layers_are_drawn_at_the_configs_scale(teachers):
    student = seed_student(teachers["bert"], (1, 2, 3), Seeding(untrained_layers=True))
    weights = [layer.intermediate.dense.weight for layer in layers(student)]
    assert not torch.equal(weights[0], weights[1])
    std = teachers["bert"].config.initializer_range
    for weight in weights:
        assert abs(weight.std().item() / std - 1) < 0.2
    assert torch.equal(layers(student)[0].output.LayerNorm.weight, torch.ones(16))


def test_the_seed_does_not_matter_when_all_is_copied(teachers):
    assert same(seed_student(teachers["mpnet"], (2, 4), seed=1).state_dict(), seed_student(teachers["mpnet"], (2, 4), seed=2).state_dict())


@pytest.mark.parametrize("name", FAMILIES)
def test_nothing_is_shared(teachers, name):
    teacher = teachers[name]
    before = snapshot(teacher)
    one, two = seed_student(teacher, (2, 2, 4), allow_repeats=True), seed_student(teacher, (2, 4))
    two_before = snapshot(two)
    pointers = [tensor.data_ptr() for model in (teacher, one, two) for tensor in model.state_dict().values()]
    assert len(set(pointers)) == len(pointers)
    with torch.no_grad():
        for parameter in one.parameters():
            parameter.add_(1.0)
    assert same(snapshot(teacher), before)
    assert same(snapshot(two), two_before)
    # the two student layers seeded by teacher layer 2 are free of each other too
    with torch.no_grad():
        next(layers(one)[0].parameters()).zero_()
    assert not torch.equal(next(layers(one)[0].parameters()), next(layers(one)[1].parameters()))


@pytest.mark.parametrize("name", FAMILIES)
def test_the_teacher_is_left_as_it_was_and_never_trains(name):
    teacher = tiny_model(name, layers=3)
    for parameter in teacher.parameters():
        parameter.requires_grad_(False)
    weights, config = snapshot(teacher), copy.deepcopy(teacher.config.to_dict())
    teacher.train()  # whatever state it came in
    student = seed_student(teacher, (3, 1), Seeding(untrained_layers=True))
    assert not any(module.training for module in teacher.modules())
    assert same(snapshot(teacher), weights) and teacher.config.to_dict() == config
    assert teacher.config is not student.config
    assert all(parameter.requires_grad for parameter in student.parameters())
    assert not any(parameter.requires_grad for parameter in teacher.parameters())
    student.train()
    assert not any(module.training for module in teacher.modules())


def test_the_global_random_state_is_untouched(teachers):
    torch.manual_seed(5)
    expected = torch.rand(4)
    torch.manual_seed(5)
    seed_student(teachers["bert"], (1, 2), Seeding(copy_embeddings=False, untrained_layers=True), seed=9)
    assert torch.equal(torch.rand(4), expected)
    torch.manual_seed(6)  # and it does not decide what is drawn
    other = seed_student(teachers["bert"], (1, 2), Seeding(untrained_layers=True), seed=9)
    torch.manual_seed(7)
    assert same(other.state_dict(), seed_student(teachers["bert"], (1, 2), Seeding(untrained_layers=True), seed=9).state_dict())


def test_the_attention_backend_is_the_teachers(teachers):
    assert teachers["bert"].config._attn_implementation == "sdpa"
    assert seed_student(teachers["bert"], (1,)).config._attn_implementation == "sdpa"
    assert teachers["bert"].config._attn_implementation == "sdpa"
    assert seed_student(teachers["mpnet"], (1,)).config._attn_implementation == "eager"
    eager = tiny_model("bert", layers=2)
    eager.set_attn_implementation("eager")
    assert seed_student(eager, (1,)).config._attn_implementation == "eager"


def test_a_half_precision_teacher_gives_a_float32_student(teachers):
    teacher = copy.deepcopy(teachers["bert"]).half()
    student = seed_student(teacher, (4, 2))
    assert {parameter.dtype for parameter in student.parameters()} == {torch.float32}
    source = layers(teacher)[3].intermediate.dense.weight
    assert torch.equal(layers(student)[0].intermediate.dense.weight, source.float())


def test_lists_with_one_entry_a_layer_follow_the_choice(teachers):
    config = copy.deepcopy(teachers["bert"].config)
    config.layer_widths = [10, 20, 30, 40, 50, 60]
    config.architectures = ["a", "b", "c", "d", "e", "f"]  # as long as the layers, yet not about them
    made = student_config(config, (5, 1))
    assert made.layer_widths == [50, 10] and made.architectures == config.architectures and made.num_hidden_layers == 2
    assert config.layer_widths == [10, 20, 30, 40, 50, 60] and config.num_hidden_layers == L


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [((), "empty"), ((0, 1), "no layer 0"), ((1, 7), "no layer 7"), ((2, 2), "named more than once"), (("a",), "whole number")],
)
def test_bad_choices(teachers, choice, sentence):
    with pytest.raises(LabError, match=sentence):
        seed_student(teachers["bert"], choice)


def test_parameter_count():
    model = tiny_model("bert", layers=2, vocab=60, hidden=16)
    embeddings = (60 + 140 + 2) * 16 + 2 * 16
    layer = 4 * (16 * 16 + 16) + 2 * 16 + (16 * 32 + 32) + (32 * 16 + 16) + 2 * 16
    assert model.num_parameters() == embeddings + 2 * layer + (16 * 16 + 16) + (16 * 3 + 3)
