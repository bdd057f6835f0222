"""Fewer labels, and wrong ones: which a student sees, what its losses make of them, and what is refused.

Run: python -m pytest tests/test_labels_seen.py
"""

import pytest
import torch
from torch.nn.functional import cross_entropy as torchs

from core.data.seen_labels import UNLABELLED, seen_labels
from core.errors import LabError
from core.objectives import LOSSES
from core.recipe import Budget, Labels, Objective, Optimiser, Recipe, bundle
from core.store import races
from core.training.distill import distill
from core.training.loading import load_pair
from core.training.session import Session
from tests import app_harness as harness
from tests.app_harness import chosen, clean, group, shown

RIGHT = [0] * 500 + [1] * 300 + [2] * 200
SOFT, ALONE, NO_LABELS = bundle("hinton"), bundle("cross-entropy"), Objective(weights=(("soft_targets", 1.0),))


def recipe(teacher, task, **changes) -> Recipe:
    values = {"layers": (1, 3), "budget": Budget(steps=12), "optimiser": Optimiser(learning_rate=5e-3, batch_size=16, precision="fp32")}
    return Recipe(teacher, task, **values | changes)


def prepared(the_recipe) -> Session:
    session = Session(the_recipe)
    for _ in session.prepare():
        pass
    return session


def test_fewer_labels_are_among_more_and_every_class_keeps_its_share():
    seen = {kept: seen_labels(RIGHT, 3, kept, 0.0, "task") for kept in (0, 10, 100, 500, None)}
    having = {kept: {i for i, label in enumerate(one) if label != UNLABELLED} for kept, one in seen.items()}
    assert [len(one) for one in having.values()] == [0, 10, 100, 500, 1000]
    assert having[0] < having[10] < having[100] < having[500] < having[None]
    for kept in (10, 100, 500):
        counts = [sum(RIGHT[i] == label for i in having[kept]) for label in range(3)]
        assert all(abs(count - kept * share) <= 1 for count, share in zip(counts, (0.5, 0.3, 0.2)))
    assert seen[None] == RIGHT and all(seen[100][i] == RIGHT[i] for i in having[100])
    assert having[100] != {i for i, label in enumerate(seen_labels(RIGHT, 3, 100, 0.0, "another")) if label != UNLABELLED}


def test_wrong_labels_are_drawn_once_and_name_another_class():
    few, many, kept = seen_labels(RIGHT, 3, None, 0.2, "task"), seen_labels(RIGHT, 3, None, 0.4, "task"), seen_labels(RIGHT, 3, 100, 0.2, "task")
    wrong = lambda seen: {i for i, (a, b) in enumerate(zip(seen, RIGHT)) if a not in (b, UNLABELLED)}
    assert 150 < len(wrong(few)) < 250 and 340 < len(wrong(many)) < 460 and wrong(few) < wrong(many)
    assert all(few[i] == many[i] for i in wrong(few)) and {few[i] for i in wrong(few)} == {0, 1, 2}
    assert wrong(kept) == {i for i in wrong(few) if kept[i] != UNLABELLED} and len(wrong(kept)) > 0
    assert seen_labels(RIGHT, 3, None, 1.0, "task") != RIGHT and not set(map(tuple, zip(seen_labels(RIGHT, 3, None, 1.0, "task"), RIGHT))) & {
        (0, 0), (1, 1), (2, 2)}


def test_cross_entropy_gives_an_example_without_a_label_nothing_and_divides_by_the_batch():
    loss = LOSSES["cross_entropy"].function
    for seed, size in enumerate((32, 17, 100, 1)):
        logits = torch.randn(size, 3, generator=torch.Generator().manual_seed(seed)).requires_grad_()
        labels = torch.randint(0, 3, (size,), generator=torch.Generator().manual_seed(seed))
        ours, whole = loss(logits, labels), torchs(logits, labels)
        assert torch.equal(ours, whole)  # to the last bit, so that the saved runs are made again
        assert torch.equal(*(torch.autograd.grad(one, logits)[0] for one in (ours, whole)))
    logits, labels = torch.randn(4, 3, requires_grad=True), torch.tensor([1, UNLABELLED, 2, UNLABELLED])
    assert float(loss(logits, labels).detach()) == pytest.approx(float(torchs(logits[[0, 2]], labels[[0, 2]]).detach()) / 2)
    gradient, = torch.autograd.grad(loss(logits, labels), logits)
    assert gradient[[1, 3]].abs().sum() == 0 and gradient[[0, 2]].abs().sum() > 0
    nothing = loss(logits, torch.full((4,), UNLABELLED))
    assert nothing == 0 and torch.autograd.grad(nothing, logits)[0].abs().sum() == 0


def test_the_usual_labels_are_left_out_of_the_recipe_and_others_change_its_id():
    usual = Recipe("t", "d", (1, 3))
    assert "labels" not in usual.to_dict() and Recipe.from_dict(usual.to_dict() | {"labels": {}}) == usual
    others = [Recipe("t", "d", (1, 3), labels=Labels(*one)) for one in ((100, 0.0), (0, 0.0), (None, 0.2), (100, 0.2))]
    assert len({one.id for one in (usual, *others)}) == 5
    assert all(Recipe.from_dict(one.to_dict()) == one for one in others)
    assert [one.labels.text for one in (usual, *others)] == [
        "", "100 labels", "no labels", "all labels, 20 % of them wrong", "100 labels, 20 % of them wrong"]


@pytest.mark.parametrize(("objective", "labels", "said"), [
    (ALONE, {"kept": 0}, "learns from labels alone"), (NO_LABELS, {"kept": 100}, "reads no labels"),
    (SOFT, {"kept": 0, "wrong": 0.2}, "none can be wrong"),
    (SOFT, {"kept": -1}, "whole number from 0"), (SOFT, {"kept": True}, "whole number from 0"), (SOFT, {"wrong": 1.5}, "from 0 to 1"),
])
def test_what_makes_no_sense_is_refused(objective, labels, said):
    with pytest.raises(LabError, match=said):
        Recipe("t", "d", (1, 3), objective, labels=Labels(**labels))


def test_labels_alone_sees_only_the_examples_that_keep_theirs_for_as_many_steps(teacher, task):
    one = prepared(recipe(teacher, task, objective=ALONE, labels=Labels(20)))
    assert len(one.training.examples) == 20 and one.steps == 12 and one.label_counts == {"kept": 20, "wrong": 0}
    assert (one.training.split.labels[one.training.examples] == one.train_split.labels[one.training.examples]).all()
    beside = prepared(recipe(teacher, task, objective=SOFT, labels=Labels(20)))
    assert len(beside.training.examples) == len(beside.train_split) == 96
    seen = lambda session: (session.training.split.labels != UNLABELLED).nonzero().flatten().tolist()
    assert seen(beside) == one.training.examples.tolist()


def test_without_labels_the_teacher_alone_teaches(teacher, task):
    """The student of no labels learns exactly as one whose cross-entropy counts nothing: wrong labels could not reach it either."""
    none = prepared(recipe(teacher, task, labels=Labels(0)))
    event = none.step()
    assert event.data["losses"]["cross_entropy"] == 0 and event.data["loss"] > 0
    *_, last = distill(recipe(teacher, task, labels=Labels(0)))
    *_, usual = distill(recipe(teacher, task))
    record, other = last.data["record"], usual.data["record"]
    assert record["label_counts"] == {"kept": 0, "wrong": 0} and "label_counts" not in other
    assert record["initial"] == other["initial"] and record["final"] != other["final"]
    assert record["teacher"] == other["teacher"]  # its accuracy on train is against the right labels


def test_wrong_labels_reach_training_alone(teacher, task):
    session = prepared(recipe(teacher, task, labels=Labels(None, 0.4)))
    right = torch.tensor(load_pair(teacher, task)[1].train.labels)
    assert torch.equal(session.train_split.labels, right) and session.label_counts["kept"] == 96
    assert int((session.training.split.labels != right).sum()) == session.label_counts["wrong"] > 20
    assert torch.equal(session.held_out.split("check").labels, prepared(recipe(teacher, task)).held_out.split("check").labels)


def test_more_labels_than_examples_are_refused_in_a_sentence(teacher, task):
    with pytest.raises(LabError, match="96 training examples, so 97 labels cannot be kept"):
        prepared(recipe(teacher, task, labels=Labels(97)))


def test_a_link_says_the_labels_only_where_they_are_not_as_usual():
    from core.views.common.choice import Choice, choice_of_recipe, choice_query, read_choice

    few, problems = read_choice({"labels": ["100"], "wrong": ["20"]})
    assert problems == [] and (few.labels, few.wrong) == ("100", "20") and few.recipe().labels == Labels(100, 0.2)
    assert choice_query(few)["labels"] == "100" and not {"labels", "wrong"} & set(choice_query(Choice()))
    assert choice_of_recipe(few.recipe().to_dict()) == few
    _, problems = read_choice({"labels": ["7"], "wrong": ["x"]})
    assert len(problems) == 2 and all("is dropped; it can be" in one for one in problems)
    odd = Recipe("minilm-l6", "composed-nli", (1, 3, 5), budget=Choice().recipe().budget, labels=Labels(7))
    assert choice_of_recipe(odd.to_dict()) is None


def test_an_entry_of_a_comparison_keeps_its_labels():
    from core.views.common.choice import Choice
    from core.views.compare.entries import about, entry_text, read_entries

    made = [Choice().recipe(), Choice(labels="100", wrong="20").recipe()]
    texts = [entry_text(one) for one in made]
    assert texts == ["1,3,5~hinton~240~0", "1,3,5~hinton~240~0~100~20"]
    assert read_entries(texts, "minilm-l6", "composed-nli") == (made, [])
    assert "100 labels, 20 % of them wrong" in about(made[1]) and "labels" not in about(made[0])


def test_the_command_beside_a_result_makes_the_same_recipe_again():
    from core.__main__ import parser
    from core.commands.distill import recipe_of
    from core.views.common.choice import Choice
    from core.views.compare.handout import command

    for one in (Choice(), Choice(labels="100", wrong="20"), Choice(labels="none"), Choice(wrong="40", objective="cross-entropy")):
        words = command(one.recipe()).split()
        assert recipe_of(parser().parse_args(words[3:])) == one.recipe()


def test_the_lab_offers_labels_to_researchers_and_shows_the_pile_where_they_are_few(teacher, task, monkeypatch):
    harness.without_worker(monkeypatch)
    app = harness.opener(teacher, task)
    test = app(budget="60")
    assert group(test, "Labels the student sees").value == "all" and "keep their label" not in shown(test)
    clean(group(test, "Labels the student sees").set_value("100").run())
    clean(group(test, "Wrong labels").set_value("20").run())
    assert (chosen(test).labels, chosen(test).wrong) == ("100", "20")
    assert "100 training examples keep their label. About 20 in 100 of these are wrong. The teacher's answers alone teach the others." in shown(test)
    assert any("keep their label" in one.proto.spec for one in test.get("vega_lite_chart"))
    clean(group(test, "Labels the student sees").set_value("none").run())
    assert (chosen(test).labels, chosen(test).wrong) == ("none", "0") and "No example keeps its label" in shown(test)
    test.selectbox(key="w_objective").set_value("cross-entropy").run()
    assert "learns from labels alone" in " ".join(one.value for one in test.error) and "none" in group(test, "Labels the student sees").options
    clean(group(test, "Labels the student sees").set_value("500").run())
    assert not test.error and "The student sees no others." in shown(test)
    story = app(budget="60", view="story", labels="100")
    assert "100 training examples keep their label" in shown(story) and "Labels the student sees" not in shown(story)


def test_an_objective_that_reads_no_labels_shows_no_pile(teacher, task, monkeypatch):
    harness.without_worker(monkeypatch)
    test = harness.opener(teacher, task)(budget="60", labels="100", objective="tinybert")
    assert chosen(test).recipe().labels.usual and "keep their label" not in shown(test)


def test_a_race_of_few_labels_has_the_same_batches_for_all():
    few = Labels(100)
    recipes = [Recipe("t", "d", layers, objective, Budget(steps=60), labels=few) for layers, objective in (((1,), SOFT), ((2,), SOFT), ((1,), ALONE))]
    races.check(recipes[:2])
    with pytest.raises(LabError, match="learns from other examples"):
        races.check(recipes)
    with pytest.raises(LabError, match="all have the same labels"):
        races.check([recipes[0], Recipe("t", "d", (2,), SOFT, Budget(steps=60))])
