"""A kept student answers a text that somebody types, beside its teacher and its start. Run: python -m pytest tests/test_try.py"""

import pytest
import torch

from core import worker
from core.errors import LabError
from core.models.families import exit_logits
from core.models.seeding import seed_student, shared_student
from core.models.teachers import load_model
from core.recipe import Seeding
from core.store import jobs, students
from core.store.waiting import FORWARD
from core.studies import trying
from core.studies.trying import Held, try_students
from core.training.kept import whole
from core.training.loading import load_pair
from core.worker import process
from tests.test_kept import kept, recipe
from tests.tiny import FAMILIES, save_tiny_teacher
from tests.tiny_task import write_task

TEXTS = "the house is red", "a dog and zyzzyva sleeps"  # `house` is in no text of the tiny task
CHOICES = {
    "sorted": ((1, 3), Seeding()),
    "repeats in another order, fresh head": ((4, 1, 4), Seeding(fresh_head=True)),
    "untrained layers, fresh embeddings": ((2, 3), Seeding(copy_embeddings=False, untrained_layers=True)),
}


@pytest.fixture(autouse=True)
def nothing_held():
    trying.held.models.clear()
    trying.said.models.clear()


def stages(model, tokenizer) -> torch.Tensor:
    with torch.inference_mode():
        states = model(**tokenizer(*TEXTS, return_tensors="pt"), output_hidden_states=True).hidden_states
        return torch.softmax(torch.cat([exit_logits(model, state) for state in states]).double(), 1)


@pytest.mark.parametrize("place", range(len(FAMILIES)), ids=FAMILIES)
def test_teacher_student_and_start_answer_as_the_whole_models_do(tmp_path, place):
    task, family = write_task(tmp_path / "data"), FAMILIES[place]
    teacher = str(save_tiny_teacher(tmp_path / "teacher", family))
    layers, seeding = list(CHOICES.values())[place % len(CHOICES)]
    student = kept(recipe(teacher, task, layers=layers, seeding=seeding, allow_repeats=True, seed=3))
    found = try_students([student.key], *TEXTS)
    model, tokenizer = whole(student)
    start = seed_student(load_pair(teacher, task)[0].model, layers, seeding, 3, allow_repeats=True)
    for answer, wanted in zip(found["answers"], (load_pair(teacher, task)[0].model, model, start), strict=True):
        assert torch.allclose(torch.tensor(answer["stages"]).double(), stages(wanted, tokenizer), atol=1e-6), answer["who"]
    assert [(answer["who"], answer["layers"]) for answer in found["answers"]] == [
        ("teacher", [1, 2, 3, 4]), ("student", list(layers)), ("start", list(layers))]
    assert found["labels"] == student.record["labels"] and "house" in found["unseen"] and not found["cut"]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_student_that_shares_its_teachers_memory_answers_as_one_of_its_own(tmp_path, family):
    teacher = load_model(save_tiny_teacher(tmp_path / "teacher", family)).eval()
    before, ids = torch.get_rng_state(), torch.arange(5, 15).reshape(2, 5)
    shared = shared_student(teacher, (3, 1, 3))
    assert torch.equal(before, torch.get_rng_state())
    theirs = {parameter.data_ptr() for parameter in teacher.parameters()}
    assert {parameter.data_ptr() for parameter in shared.parameters()} <= theirs
    with torch.no_grad():
        assert torch.equal(shared(ids).logits, seed_student(teacher, (3, 1, 3), allow_repeats=True)(ids).logits)


def test_classes_stand_in_the_tasks_order_also_where_the_teachers_do_not(tmp_path, task):
    teacher = str(save_tiny_teacher(tmp_path / "teacher", labels=("neutral", "contradiction", "entailment")))
    student = kept(recipe(teacher, task))
    found, loaded = try_students([student.key], *TEXTS), load_pair(teacher, task)[0]
    assert loaded.order == (1, 2, 0) and found["answers"][0]["stages"][-1] == pytest.approx(stages(loaded.model, loaded.tokenizer)[-1].tolist())


def test_other_students_answer_too_and_must_fit(teacher, task):
    one, other = kept(recipe(teacher, task)), kept(recipe(teacher, task, layers=(2, 4)))
    found = try_students([one.key, other.key], *TEXTS)["answers"]
    assert [answer["who"] for answer in found] == ["teacher", "student", "start", "other"] and found[3]["student"] == other.key
    trying.said.models.clear()
    assert found[3]["stages"] == try_students([other.key], *TEXTS)["answers"][1]["stages"]
    for keys, texts, said in (([], TEXTS, "Between 1 and 4"), ([one.key], ("the dog",), "two texts"), ([one.key], ("the dog", " "), "no text"),
                              (["../x-0"], TEXTS, "no longer kept"), ([one.key, "a-" + "0" * 12], TEXTS, "no longer kept")):
        with pytest.raises(LabError, match=said):
            try_students(keys, *texts)


def test_a_question_leaves_the_random_state_and_the_least_used_models_go(teacher, task, monkeypatch):
    tried = [kept(recipe(teacher, task, layers=layers)) for layers in ((1, 3), (2, 4), (1, 2))]
    before = torch.get_rng_state()
    keys = lambda: [key[0] for key in trying.held.models]
    for student in tried:
        try_students([student.key], *TEXTS)
    assert torch.equal(before, torch.get_rng_state()) and len(keys()) == 7  # the teacher, three students and their starts
    monkeypatch.setattr(trying.held, "most", 1.0)
    found = try_students([tried[0].key], *TEXTS)
    assert len(keys()) == 1 and len(found["answers"]) == 3
    held, made = Held(10), []
    for name in ("a", "b", "a", "c", "b"):
        held.get(name, lambda name=name: made.append(name) or (5, name))
    assert made == ["a", "b", "c", "b"] and list(held.models) == ["c", "b"]


def test_equal_questions_are_one_job_and_are_served_in_the_lane_of_questions(teacher, task):
    payload = {"students": [kept(recipe(teacher, task)).key], "first": TEXTS[0], "second": TEXTS[1]}
    one, other = (jobs.submit("try_it", payload, learner=learner) for learner in ("ann", "bob"))
    runner = worker.Runner("w")
    assert one.id == other.id and runner.serve_forward() and jobs.get(one.id).status == "finished" and runner.claim(FORWARD) is None
    assert len(jobs.last_event(one.id, "answer")["answers"]) == 3
    gone = jobs.submit("try_it", payload | {"students": ["a-" + "0" * 12]}, learner="ann")
    runner.serve_forward()
    assert "no longer kept" in jobs.get(gone.id).reason


def test_a_student_that_is_damaged_is_said(teacher, task):
    student = kept(recipe(teacher, task))
    student.path.write_bytes(student.path.read_bytes()[:-100])
    with pytest.raises(LabError, match="no longer kept|cannot be read"):
        try_students([student.key], *TEXTS)
    assert students.students() == []


def test_questions_asked_at_once_are_answered_as_alone_each_model_reading_once(teacher, task, monkeypatch):
    one, other = kept(recipe(teacher, task)), kept(recipe(teacher, task, layers=(2, 4)))
    pairs = [TEXTS, ("the dog", "a cat"), ("the big dog and the small cat and the red house", "no dog sleeps")]
    asked = [trying.Question((student.key,), *pair) for pair in pairs for student in (one, other)] + [trying.Question((one.key, other.key), *TEXTS)]
    bad = [trying.Question(("a-" + "0" * 12,), *TEXTS), trying.Question((one.key,), "the dog", " ")]
    alone = []
    for question in asked:
        trying.said.models.clear()
        alone.append(try_students(question.students, question.first, question.second))
    trying.said.models.clear()
    read = []
    monkeypatch.setattr(trying, "_stages", lambda model, batch, real=trying._stages: read.append((id(model), len(batch))) or real(model, batch))
    found = dict(trying.try_together([*bad, *asked]))
    assert "no longer kept" in str(found.pop(0)) and "no text" in str(found.pop(1))
    for answer, wanted in zip(found.values(), alone, strict=True):
        for said, expected in zip(answer.pop("answers"), wanted.pop("answers"), strict=True):
            assert torch.allclose(torch.tensor(said.pop("stages")), torch.tensor(expected.pop("stages")), atol=1e-6) and said == expected
        assert answer == wanted
    assert len({model for model, _ in read}) == 5 and sum(texts for _, texts in read) == 5 * 3  # the teacher, two students and their starts
    assert max(texts for _, texts in read) == 2  # the long pair is read apart: nothing is padded to it
    again = dict(trying.try_together(asked))
    assert len(again) == len(asked) and sum(texts for _, texts in read) == 5 * 3  # what was said of late is held


def test_requests_that_wait_are_answered_together_and_each_ends_by_itself(teacher, task, monkeypatch):
    one, payload = kept(recipe(teacher, task)).key, lambda key, word: {"students": [key], "first": f"the {word}", "second": "a cat"}
    asked = [jobs.submit("try_it", payload(one, word), learner=word) for word in ("dog", "cat", "house")]
    gone = jobs.submit("try_it", payload("a-" + "0" * 12, "dog"), learner="eve")
    fit = jobs.submit("fit", {"teacher": teacher, "task": task}, learner="eve")
    runner, batches = worker.Runner("w"), []
    real = runner.run_together
    monkeypatch.setattr(runner, "run_together", lambda several: batches.append(len(several)) or real(several))
    while runner.serve_forward():
        pass
    assert batches == [4] and [jobs.get(job.id).status for job in (*asked, gone, fit)] == ["finished"] * 3 + ["failed", "finished"]
    assert all(jobs.last_event(job.id, "answer")["labels"] for job in asked) and jobs.last_event(gone.id, "answer") is None


def test_what_breaks_off_a_batch_leaves_the_others_to_be_answered_alone(teacher, task, monkeypatch):
    one = kept(recipe(teacher, task)).key
    asked = [jobs.submit("try_it", {"students": [one], "first": f"the {word}", "second": "a cat"}, learner=word) for word in ("dog", "cat")]

    def breaks(questions, real=trying.try_together):
        for found in real(questions):
            yield found
            if len(questions) > 1:
                raise RuntimeError("out of luck")

    monkeypatch.setattr(trying, "try_together", breaks)
    worker.Runner("w").serve_forward()
    assert [jobs.get(job.id).status for job in asked] == ["finished"] * 2


def test_a_worker_with_nothing_to_do_loads_what_the_first_question_needs_once(teacher, task, monkeypatch):
    student, asked = kept(recipe(teacher, task)), []
    process._ready_to_answer()
    assert {student.key, trying.START} < {key[0] for key in trying.held.models}
    student.path.write_bytes(student.path.read_bytes()[:-100])
    process._ready_to_answer()  # says so in the log
    monkeypatch.setattr(process, "_ready_to_answer", lambda: asked.append(1))
    monkeypatch.setattr(process, "_server_alive", lambda: False)
    lock = process.lock_path()
    lock.touch()
    process._serve(worker.Runner("w"), 0.5, process._file(lock), process.Beside("w"))
    assert asked == [1]
