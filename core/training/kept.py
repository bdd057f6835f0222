"""The student of a run, kept as it was trained and made whole again when it is used.

A student trains without the word embeddings that its task does not use, and its last layer is computed for the first token alone. Both are the same
mathematics for the task's texts, but not for a text that somebody types: its words need their own rows. Those that training left out are as they
were before the first step: the teacher's, or the student's own where its embeddings were drawn fresh.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from core.errors import LabError
from core.models.catalogue import find_folder
from core.models.families import word_embeddings
from core.models.identity import contents
from core.models.seeding import seed_student, shared_student
from core.models.teachers import load_model, load_tokenizer
from core.models.weights import has_weights, weights_hash
from core.store import students
from core.training.events import Event
from core.training.vocabulary import compact, expand

MODEL, WORDS, UNUSED = "model/", "words", "unused"  # names in the file: weights; (U,) ids of the rows kept; (V - U, E) the other rows, if its own


def keep(session, record: dict) -> Event:
    """Keep the student of a Session that has been measured; return what there is to report: kept {student}, or not_kept {reason}, a sentence."""
    try:
        tensors = _tensors(session)
        about = {
            "teacher": {"folder": str(session.teacher.folder.resolve()), "contents": _contents(session.teacher.folder)},
            "order": list(session.teacher.order), "pair": session.task.train.second is not None,
            "max_length": min(session.task.max_length, session.teacher.tokenizer.model_max_length),
        }
        size = sum(tensor.nbytes for tensor in tensors.values())
        return Event("kept", {"student": students.write(record, about, size, lambda path, header: save_file(tensors, path, header))})
    except (LabError, OSError) as error:  # OSError: the teacher's folder is gone
        return Event("not_kept", {"reason": str(error)})


def _tensors(session) -> dict[str, Tensor]:
    student = session.student
    tensors = {f"{MODEL}{name}": tensor for name, tensor in student.state_dict().items()}
    if word_embeddings(student).num_embeddings == len(session.kept_words):  # else it was trained with all of them
        tensors[WORDS] = session.kept_words
        if session.unused_rows is not None:
            tensors[UNUSED] = session.unused_rows
    return {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}


def unused(table: Tensor, words: Tensor) -> Tensor:
    """Return which rows of a table (V, E) are not among the words' (U,): (V,) true or false."""
    found = torch.ones(len(table), dtype=torch.bool)
    found[words.cpu()] = False
    return found


def whole(student: students.Student) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Return a kept student as a plain model of transformers, in eval mode, fp32, on the CPU, with its whole vocabulary, and its tokenizer.

    Its config names the task's classes, its tokenizer reads as many tokens as the run did. torch's random state stays. LabError where the file
    is damaged, or the teacher is no longer what it was: rows that training left out, and the tokenizer, are the teacher's.
    """
    place, labels = teacher_folder(student), student.record["labels"]
    with torch.random.fork_rng():  # loading a model draws random numbers
        model = seed_student(load_model(place), student.record["recipe"]["layers"], allow_repeats=True)
    with _reading(student):
        weights, words, rest = _held(student)
        if words is None:
            model.load_state_dict(weights)
        else:
            full = _table(model, words, rest)
            compact(model, words)
            model.load_state_dict(weights)
            expand(model, words, full)
    model.config.id2label, model.config.label2id = dict(enumerate(labels)), {label: number for number, label in enumerate(labels)}
    model.config.problem_type, model.config.name_or_path = None, ""
    tokenizer = load_tokenizer(place)
    tokenizer.model_max_length = student.about["max_length"]
    return model.eval(), tokenizer


def reading(student: students.Student, teacher: PreTrainedModel) -> tuple[Tensor | None, PreTrainedModel]:
    """Return which words a kept student was trained with, (U,) ids or None for all, and the student as `whole` does, for forward passes alone.

    teacher: the classifier in `teacher_folder`. What training left out stays the teacher's own memory: several students of one teacher take little
    more than their files. LabError where the file is damaged.
    """
    model = shared_student(teacher, student.record["recipe"]["layers"])
    with _reading(student):
        weights, words, rest = _held(student)
        if words is not None:
            model.set_input_embeddings(TwoTables(_table(model, words, rest) if rest is not None else word_embeddings(model).weight, words))
        model.load_state_dict(weights, assign=True)
    return words, model.eval().requires_grad_(False)


class TwoTables(nn.Module):
    """Word embeddings whose trained rows lie in a table of their own, `weight` (U, E). full: (V, E), the other rows. words: (U,) ids."""

    def __init__(self, full: Tensor, words: Tensor):
        super().__init__()
        self.weight = nn.Parameter(full.new_empty(len(words), full.shape[1]), requires_grad=False)
        place = torch.full((len(full),), -1)
        place[words] = torch.arange(len(words))
        self.register_buffer("place", place, persistent=False)
        self.register_buffer("full", full.detach(), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        place = self.place[ids]
        return torch.where((place >= 0).unsqueeze(-1), F.embedding(place.clamp(min=0), self.weight), F.embedding(ids, self.full))


@contextmanager
def _reading(student: students.Student) -> Iterator[None]:
    """Say in one sentence that the student's file is damaged or gone."""
    try:
        yield
    except (OSError, SafetensorError, RuntimeError) as error:
        raise LabError(f"The student {student.path} cannot be read ({type(error).__name__}); delete the file and run again.") from error


def _held(student: students.Student) -> tuple[dict[str, Tensor], Tensor | None, Tensor | None]:
    """Return weights by name, the ids of the rows kept, and the other rows where they are its own."""
    tensors = load_file(student.path)
    words, rest = tensors.pop(WORDS, None), tensors.pop(UNUSED, None)
    return {name.removeprefix(MODEL): tensor for name, tensor in tensors.items()}, words, rest


def _table(model: PreTrainedModel, words: Tensor, rest: Tensor | None) -> Tensor:
    """Return the word embeddings before the first step, (V, E): the teacher's, or with the student's own rows."""
    full = word_embeddings(model).weight.detach().clone()
    if rest is not None:
        full[unused(full, words)] = rest
    return full


def teacher_folder(student: students.Student) -> Path:
    """Return where the teacher lies now: it is known by its weights, config and tokenizer, not by its name. LabError where it is gone."""
    recipe, found = student.record["recipe"], [Path(student.about["teacher"]["folder"])]
    with suppress(LabError):
        found.append(find_folder(recipe["teacher"], recipe["task"], student.record["task_hash"]))
    for place in filter(None, found):
        with suppress(LabError, OSError):
            if has_weights(place) and _contents(place) == student.about["teacher"]["contents"]:
                return place
    raise LabError(f"The teacher {recipe['teacher']} is gone or no longer what it was when run {student.record['id']} was made, and the student "
                   "needs its tokenizer and rare words; restore the teacher, or run again.")


def _contents(place: Path) -> str:
    return contents(place, weights_hash(place))
