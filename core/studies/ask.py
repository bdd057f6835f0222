"""What a teacher says of a text that is in no split."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from core.errors import LabError
from core.models.families import word_embeddings
from core.training.device import pick
from core.training.fit import positions
from core.training.loading import load_pair

LONGEST = 20_000  # characters of a text


def ask(teacher_name: str, task_name: str, first: str, second: str | None = None) -> dict:
    """Return the class probabilities of a teacher on one text, or on a pair where the task's examples are pairs.

    {"labels": C names, "probabilities": C floats in their order that sum to 1, "tokens": how many were read, "cut": whether
    the text was longer than the task's max_length}. The random state of torch is left as it was, so a training that waits
    meanwhile is not changed. LabError for a teacher that is not ready and for texts that do not fit the task.
    """
    with opened_on(teacher_name, task_name, first, second) as (model, inputs, answer):
        logits = model(**inputs).logits[0]
    return {"labels": answer.pop("labels"), "probabilities": torch.softmax(logits.double().cpu(), 0).tolist(), **answer}


@contextmanager
def opened_on(teacher_name: str, task_name: str, first: str, second: str | None) -> Iterator[tuple]:
    """Give the teacher's model, its inputs, and what every answer holds; within, torch's random state is another."""
    with torch.random.fork_rng():  # loading a model draws random numbers
        teacher, task, _ = load_pair(teacher_name, task_name)
        texts = checked(first, second, pair=task.train.second is not None)
        device = pick("fp32")  # one text takes no time
        limit = min(task.max_length, teacher.tokenizer.model_max_length, positions(teacher.model))
        whole = len(teacher.tokenizer(*texts, truncation=False)["input_ids"])
        encoded = teacher.tokenizer(*texts, truncation=True, max_length=limit, return_tensors="pt").to(device.torch)
        if int(encoded["input_ids"].max()) >= word_embeddings(teacher.model).num_embeddings:
            raise LabError(f"The text holds a token that {teacher_name} has no embedding for; leave out what is not plain text.")
        inputs = {name: value for name, value in encoded.items() if name in teacher.tokenizer.model_input_names}
        with torch.inference_mode(), device.context():
            yield teacher.model.to(device.torch), inputs, {"labels": list(task.labels), "tokens": min(whole, limit), "cut": whole > limit}


def checked(first: str, second: str | None, pair: bool) -> tuple[str, ...]:
    """Return the texts of one example of a task, as given. LabError when they do not fit it."""
    texts = tuple(text for text in (first, second) if text is not None)
    if len(texts) != 1 + pair:
        raise LabError(f"This task reads {'two texts' if pair else 'one text'}; give {'both' if pair else 'one'}.")
    for text in texts:
        if not text.strip():
            raise LabError("There is no text; write one.")
        if len(text) > LONGEST:
            raise LabError(f"The text has {len(text)} characters; it may have {LONGEST}.")
    return texts
