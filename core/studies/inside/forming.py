"""How the answer to one text forms from layer to layer: in a teacher, as its head and the saved probes read it, and in a kept student beside it."""

from collections.abc import Sequence

import torch
from safetensors.torch import load_file

from core.errors import LabError
from core.models.families import exit_logits
from core.store.told_pairs import probes_path
from core.studies.ask import opened_on
from core.studies.inside.pairs import probe_answers
from core.studies.inside.reading import pass_of, tokens_of
from core.studies.trying import opened
from core.training.loading import load_pair


def forming(
    teacher_name: str, task_name: str, first: str, second: str | None = None, *, student: str | None = None, attention: bool = False
) -> dict:
    """Return how a prediction forms: as `ask`, but under "layers" L + 1 times C probabilities of the head, index 0 after the embeddings.

    The last layer's are the teacher's own. Where probes of this teacher and task come with the program, "probe" holds theirs in the same form.
    student: the key of a kept one, whose answer is then under "student" as {key, layers of the teacher, stages: K + 1 times C}, or {key, problem}: a
    sentence. attention: "words" holds the tokens that are shown and how many there are, "attention" what the teacher's layers read from them
    (core/studies/inside/reading.py: packed; None where its family gives no maps), and student the same of its own.
    """
    teacher, task, _ = load_pair(teacher_name, task_name)
    kept = probes_path(teacher.key, task.hash)
    texts = tuple(text for text in (first, second) if text is not None)
    with opened_on(teacher_name, task_name, first, second) as (model, inputs, answer):
        words, places = tokens_of(teacher.tokenizer, texts, answer["tokens"]) if attention else ([], None)
        states, found = pass_of(model, inputs, places)
        logits = torch.cat([exit_logits(model, state) for state in states])
        if kept is not None:  # one text has no padding: the mean over tokens is that of the row
            ends, means = (torch.cat(rows).float().cpu() for rows in ([state[:, 0] for state in states], [state.mean(1) for state in states]))
            answer["probe"] = probe_answers(load_file(kept), ends, means).tolist()
    if attention:
        answer |= {"words": {"shown": words, "of": answer["tokens"]}, "attention": found}
    if student:
        answer["student"] = _beside(student, first, second, places)
    return {"labels": answer.pop("labels"), "layers": torch.softmax(logits.double().cpu(), 1).tolist(), **answer}


def _beside(key: str, first: str, second: str | None, shown: Sequence[int] | None) -> dict:
    """Return what a kept student says after each of its layers; {key, problem} where it cannot be asked."""
    try:
        student, model, inputs = opened(key, first, second)
    except LabError as error:
        return {"key": key, "problem": str(error)}
    states, found = pass_of(model, inputs, shown)
    stages = torch.softmax(torch.cat([exit_logits(model, state) for state in states]).double(), 1).tolist()
    said = {"key": key, "layers": list(student.record["recipe"]["layers"]), "stages": stages}
    return said if shown is None else said | {"attention": found}
