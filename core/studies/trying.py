"""What a teacher, its student and the student before its first step say of a text that somebody types: forward passes only, on the CPU."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
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
MOST_SAID = 1000  # answers of models that are held
MOST_TOKENS = 2048  # read at once
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
said = Held(MOST_SAID)  # what models said: C probabilities of each stage, under the model's key and the tokens


@dataclass(frozen=True)
class Source:
    """A loaded teacher, its classes in the task's order. key: what it is held under."""

    key: tuple
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase


@dataclass(frozen=True)
class Question:
    """students: keys of core.store.students; the first is the one that is tried, up to MOST_STUDENTS - 1 others are of the same classes."""

    students: tuple[str, ...]
    first: str
    second: str | None = None


@dataclass(frozen=True)
class Ask:
    """One model and one text that it is asked about. key: of the model. model: loads it. tokens: of each input, a row of numbers."""

    key: tuple
    model: Callable[[], PreTrainedModel]
    tokens: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def length(self) -> int:
        return len(self.tokens[0][1])


def try_students(keys: Sequence[str], first: str, second: str | None = None) -> dict:
    """Return what kept students say of a text, or a pair where the task has pairs; the first one's teacher and its start say it too.

    keys: as in Question.

    {labels: C names, answers: [{who: teacher, student, start (the student before its first step) or other, student: its key, layers: of the
    teacher, stages: C probabilities of the model's own head after the embeddings and after each layer; the last are its answer}], tokens: how many
    were read, cut: whether the text was longer, unseen: word pieces, MOST_UNSEEN at most, that no text of the student's task holds}. torch's random
    state stays as it was. LabError where a student or its teacher is gone, and for texts that do not fit the task.
    """
    _, answer = next(try_together([Question(tuple(keys), first, second)]))
    if isinstance(answer, LabError):
        raise answer
    return answer


def try_together(questions: Sequence[Question]) -> Iterator[tuple[int, dict | LabError]]:
    """Yield each question's number and its answer, as `try_students` returns it, or why there is none, as they come.

    A model reads all its texts of these questions at once, and none twice: what it said of late is held.
    """
    ready, asks = [], []
    for number, question in enumerate(questions):
        try:
            with torch.random.fork_rng():  # loading a model draws random numbers
                ready.append((number, *_prepared(question)))
            asks += [ask for ask, _ in ready[-1][2]]
        except LabError as error:
            yield number, error
    for number, about, answers, unseen in ready:
        try:
            with torch.random.fork_rng():
                answer = about | {"answers": [told | {"stages": _said(ask, asks)} for ask, told in answers], "unseen": unseen()}
        except LabError as error:
            answer = error
        yield number, answer


def _prepared(question: Question) -> tuple[dict, list[tuple[Ask, dict]], Callable[[], list[str]]]:
    """Return what is known before any student is loaded, the models that are to be asked, each with what tells its answer from the others, and what
    finds out which word pieces are unseen."""
    if not 1 <= len(question.students) <= MOST_STUDENTS:
        raise LabError(f"Between 1 and {MOST_STUDENTS} students can be tried at once.")
    tried = [students.get(key) for key in question.students]
    one, labels = tried[0], tried[0].record["labels"]
    texts = checked(question.first, question.second, pair=one.about["pair"])
    if any(other.record["labels"] != labels or other.about["pair"] != one.about["pair"] for other in tried):
        raise LabError("These students name other classes or read other texts than this one; try them apart.")
    source = _source(one)
    tokens, whole = _read(source, one, texts)
    answer = lambda student, who, key, model, tokens: (
        Ask(key, model, tokens), {"who": who, "student": student.key, "layers": list(student.record["recipe"]["layers"])})
    of = lambda student, source: ((student.key, student.at), lambda: _student(student, source)[1])
    teacher = answer(one, TEACHER, source.key, lambda: source.model, tokens)
    teacher[1]["layers"] = list(range(1, one.record["teacher"]["layers"] + 1))
    answers = [teacher, answer(one, STUDENT, *of(one, source), tokens), answer(one, START, *_start(one, source), tokens)]
    for other in tried[1:]:
        theirs = _source(other)
        answers.append(answer(other, OTHER, *of(other, theirs), _read(theirs, other, texts)[0]))
    read = answers[0][0].length
    unseen = lambda: _unseen(dict(tokens)["input_ids"], _student(one, source)[0], source)
    return {"labels": list(labels), "tokens": read, "cut": whole > read}, answers, unseen


def _said(ask: Ask, asks: Sequence[Ask]) -> list[list[float]]:
    """Return what a model says of a text; with it, what else it is asked in `asks` and has not said yet is found out."""
    if (ask.key, ask.tokens) not in said.models:
        model, new = ask.model(), {other.tokens: other for other in asks if other.key == ask.key and (ask.key, other.tokens) not in said.models}
        for batch in _batches(sorted(new.values(), key=lambda other: other.length)):
            for other, stages in zip(batch, _stages(model, batch), strict=True):
                said.get((other.key, other.tokens), lambda stages=stages: (1, stages))
    return said.models[ask.key, ask.tokens][1]


def _batches(sorted_asks: Sequence[Ask]) -> Iterator[list[Ask]]:
    """Yield texts of about one length together, so that a short one is not padded to a long one."""
    batch: list[Ask] = []
    for ask in sorted_asks:
        if batch and (ask.length > 1.5 * batch[0].length or len(batch) * ask.length >= MOST_TOKENS):
            yield batch
            batch = []
        batch.append(ask)
    if batch:
        yield batch


def opened(key: str, first: str, second: str | None = None) -> tuple[students.Student, PreTrainedModel, dict]:
    """Return a kept student, its model and what that reads of these texts. torch's random state stays. LabError as `try_students` has it."""
    student = students.get(key)
    texts = checked(first, second, pair=student.about["pair"])
    with torch.random.fork_rng():  # loading a model draws random numbers
        source = _source(student)
        tokens, _ = _read(source, student, texts)
        return student, _student(student, source)[1], {name: torch.tensor([row]) for name, row in tokens}


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


def _start(student: students.Student, source: Source) -> tuple[tuple, Callable[[], PreTrainedModel]]:
    """Return the key of the student before its first step, and what loads it. Where nothing of it is drawn it shares the teacher's memory."""
    recipe = student.record["recipe"]
    seeding, layers = Seeding(**recipe["seeding"]), recipe["layers"]
    if seeding == Seeding():
        key = (START, *layers, source.key)
        return key, lambda: held.get(key, lambda: (SHELL, shared_student(source.model, layers)))
    key = (START, student.record["id"], source.key)

    def load():
        model = seed_student(source.model, layers, seeding, recipe["seed"], allow_repeats=True).requires_grad_(False)
        return _size(model), model

    return key, lambda: held.get(key, load)


def _size(model: PreTrainedModel) -> int:
    return sum(parameter.nbytes for parameter in model.parameters())


def _read(source: Source, student: students.Student, texts: tuple[str, ...]) -> tuple[tuple[tuple[str, tuple[int, ...]], ...], int]:
    """Return the tokens of each of a model's inputs, and how many the whole text has."""
    limit = min(student.about["max_length"], positions(source.model))
    encoded = source.tokenizer(*texts, truncation=False)
    whole = len(encoded["input_ids"])
    if whole > limit:
        encoded = source.tokenizer(*texts, truncation=True, max_length=limit)
    if max(encoded["input_ids"]) >= word_embeddings(source.model).num_embeddings:
        raise LabError("The text holds a token that the model has no embedding for; leave out what is not plain text.")
    return tuple((name, tuple(encoded[name])) for name in source.tokenizer.model_input_names if name in encoded), whole


@torch.inference_mode()
def _stages(model: PreTrainedModel, batch: Sequence[Ask]) -> list[list[list[float]]]:
    """Return what a model says of each text of a batch: C probabilities after the embeddings and after each layer."""
    columns = [dict(ask.tokens) for ask in batch]
    longest, padding = max(ask.length for ask in batch), {"input_ids": model.config.pad_token_id or 0}
    inputs = {name: torch.tensor([[*rows[name], *[padding.get(name, 0)] * (longest - len(rows[name]))] for rows in columns]) for name in columns[0]}
    states = model(**inputs, output_hidden_states=True).hidden_states
    return torch.softmax(torch.stack([exit_logits(model, state) for state in states], 1).double(), 2).tolist()


def _unseen(tokens: Sequence[int], words: torch.Tensor | None, source: Source) -> list[str]:
    if words is None:
        return []
    known = torch.isin(torch.tensor(tokens), words).tolist()
    found = dict.fromkeys(token for token, there in zip(tokens, known, strict=True) if not there)
    return [source.tokenizer.decode([token]).strip() for token in found][:MOST_UNSEEN]
