"""What a teacher, its student and the student before its first step say of a text that somebody types: forward passes only, on the CPU."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from core.errors import LabError
from core.models.config import facts
from core.models.families import exit_logits, word_embeddings
from core.models.labels import label_order
from core.models.seeding import seed_student, shared_student
from core.models.teachers import load_model, load_tokenizer, reorder_head
from core.recipe import Seeding
from core.store import students
from core.studies.ask import checked
from core.studies.limits import MOST_STUDENTS
from core.training.fit import positions
from core.training.kept import reading, teacher_folder

MOST_HELD = 1e9  # bytes of loaded models
SHELL = 1e6  # bytes that a model without weights of its own takes, at most
MOST_UNSEEN = 12  # word pieces that are named
TEACHER, STUDENT, START, OTHER = "teacher", "student", "start", "other"


class Held:
    """Loaded models in at most `most` bytes, or the one that was used last: the one that was not used for longest goes first."""

    def __init__(self, most: float):
        self.most, self.models = most, OrderedDict()

    def get(self, key, make: Callable[[], tuple[float, object]]):
        """Return what is held under the key; else what `make` returns beside its size in bytes, which is then held."""
        if key not in self.models:
            self.models[key] = make()
        self.models.move_to_end(key)
        while sum(size for size, _ in self.models.values()) > self.most and len(self.models) > 1:
            self.models.popitem(last=False)
        return self.models[key][1]


held = Held(MOST_HELD)


@dataclass(frozen=True)
class Source:
    """A loaded teacher, its classes in the task's order. key: what it is held under."""

    key: tuple
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase


def try_students(keys: Sequence[str], first: str, second: str | None = None) -> dict:
    """Return what kept students say of a text, or a pair where the task has pairs; the first one's teacher and its start say it too.

    keys: of core.store.students; the first is the one that is tried, up to MOST_STUDENTS - 1 others are of the same classes.

    {labels: C names, answers: [{who: teacher, student, start (the student before its first step) or other, student: its key, layers: of the
    teacher, stages: C probabilities of the model's own head after the embeddings and after each layer; the last are its answer}], tokens: how many
    were read, cut: whether the text was longer, unseen: word pieces, MOST_UNSEEN at most, that no text of the student's task holds}. torch's random
    state stays as it was. LabError where a student or its teacher is gone, and for texts that do not fit the task.
    """
    if not 1 <= len(keys) <= MOST_STUDENTS:
        raise LabError(f"Between 1 and {MOST_STUDENTS} students can be tried at once.")
    tried = [students.get(key) for key in keys]
    one, labels = tried[0], tried[0].record["labels"]
    texts = checked(first, second, pair=one.about["pair"])
    if any(other.record["labels"] != labels or other.about["pair"] != one.about["pair"] for other in tried):
        raise LabError("These students name other classes or read other texts than this one; try them apart.")
    with torch.random.fork_rng():  # loading a model draws random numbers
        source = _source(one)
        read = _read(source, one, texts)
        answer = lambda student, who, model, inputs: {
            "who": who, "student": student.key, "layers": list(student.record["recipe"]["layers"]), "stages": _stages(model, inputs)}
        said = [answer(one, TEACHER, source.model, read["inputs"]) | {"layers": list(range(1, one.record["teacher"]["layers"] + 1))}]
        words, model = _student(one, source)
        said += [answer(one, STUDENT, model, read["inputs"]), answer(one, START, _start(one, source), read["inputs"])]
        for other in tried[1:]:
            theirs = _source(other)
            said.append(answer(other, OTHER, _student(other, theirs)[1], _read(theirs, other, texts)["inputs"]))
    return {"labels": list(labels), "answers": said, "tokens": read["tokens"], "cut": read["cut"], "unseen": _unseen(read["inputs"], words, source)}


def opened(key: str, first: str, second: str | None = None) -> tuple[students.Student, PreTrainedModel, dict]:
    """Return a kept student, its model and what that reads of these texts. torch's random state stays. LabError as `try_students` has it."""
    student = students.get(key)
    texts = checked(first, second, pair=student.about["pair"])
    with torch.random.fork_rng():  # loading a model draws random numbers
        source = _source(student)
        return student, _student(student, source)[1], _read(source, student, texts)["inputs"]


def _source(student: students.Student) -> Source:
    """Return the teacher of a student."""
    place, about, labels = teacher_folder(student), student.about["teacher"], student.record["labels"]
    order = student.about.get("order") or label_order(list(facts(place).labels), tuple(labels), str(place), [])
    key = (about["contents"], *order)

    def load():
        model = load_model(place)
        if order != list(range(len(order))):
            reorder_head(model, order)
        return _size(model), Source(key, model.eval().requires_grad_(False), load_tokenizer(place))

    return held.get(key, load)


def _student(student: students.Student, source: Source) -> tuple[torch.Tensor | None, PreTrainedModel]:
    """Return which words a student was trained with, (U,) ids or None for all, and the student."""
    return held.get((student.key, student.at), lambda: (student.size, reading(student, source.model)))


def _start(student: students.Student, source: Source) -> PreTrainedModel:
    """Return the student before its first step. Where nothing of it is drawn it shares the teacher's memory."""
    recipe = student.record["recipe"]
    seeding, layers = Seeding(**recipe["seeding"]), recipe["layers"]
    if seeding == Seeding():
        return held.get((START, *layers, source.key), lambda: (SHELL, shared_student(source.model, layers)))

    def load():
        model = seed_student(source.model, layers, seeding, recipe["seed"], allow_repeats=True).requires_grad_(False)
        return _size(model), model

    return held.get((START, student.record["id"], source.key), load)


def _size(model: PreTrainedModel) -> int:
    return sum(parameter.nbytes for parameter in model.parameters())


def _read(source: Source, student: students.Student, texts: tuple[str, ...]) -> dict:
    """Return {inputs: of a model, tokens, cut}."""
    limit = min(student.about["max_length"], positions(source.model))
    whole = len(source.tokenizer(*texts, truncation=False)["input_ids"])
    encoded = source.tokenizer(*texts, truncation=True, max_length=limit, return_tensors="pt")
    if int(encoded["input_ids"].max()) >= word_embeddings(source.model).num_embeddings:
        raise LabError("The text holds a token that the model has no embedding for; leave out what is not plain text.")
    inputs = {name: value for name, value in encoded.items() if name in source.tokenizer.model_input_names}
    return {"inputs": inputs, "tokens": min(whole, limit), "cut": whole > limit}


@torch.inference_mode()
def _stages(model: PreTrainedModel, inputs: dict) -> list[list[float]]:
    states = model(**inputs, output_hidden_states=True).hidden_states
    return torch.softmax(torch.cat([exit_logits(model, state) for state in states]).double(), 1).tolist()


def _unseen(inputs: dict, words: torch.Tensor | None, source: Source) -> list[str]:
    if words is None:
        return []
    found = dict.fromkeys(int(token) for token in inputs["input_ids"][0] if token not in words)
    return [source.tokenizer.decode([token]).strip() for token in found][:MOST_UNSEEN]
