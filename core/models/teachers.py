"""A fine-tuned teacher, loaded and checked against the task's labels."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from core.data.task import Task
from core.errors import LabError
from core.models.catalogue import find_folder, not_ready
from core.models.config import is_classifier, read_config
from core.models.families import FAMILIES, layer_count
from core.models.identity import identity, key_of
from core.models.labels import label_names, label_order
from core.models.weights import whole_weights

transformers_logging.set_verbosity_error()
transformers_logging.disable_progress_bar()


@dataclass
class Teacher:
    """name: as the recipe has it. model: in eval mode, without gradients, fp32 on the CPU. hash: 16 hex digits of the weights' sha256.

    identity: of all that decides its answers. key: what its runs and scores are kept under (core/models/identity.py).
    """

    name: str
    folder: Path
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    hash: str
    identity: str
    key: str
    layers: int
    notes: list[str] = field(default_factory=list)

    @property
    def marks(self) -> dict:
        """Return what a record says of it, besides its scores."""
        return {"hash": self.hash, "identity": self.identity, "key": self.key, "layers": self.layers}


def load_tokenizer(path: Path) -> PreTrainedTokenizerBase:
    """Load the folder's fast tokenizer, without padding or truncation of its own."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, use_fast=True, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, json.JSONDecodeError) as error:
        raise LabError(f"The tokenizer in {path} cannot be read ({type(error).__name__}); fetch or save the model again.") from error
    if not tokenizer.is_fast:
        raise LabError(f"The model in {path} has no fast tokenizer (tokenizer.json); save it with one.")
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    return tokenizer


def load_model(path: Path, fresh_labels: tuple[str, ...] | None = None) -> PreTrainedModel:
    """Return the folder's sequence classifier in fp32; with `fresh_labels` its encoder under a new head for these labels.

    Raises LabError for a missing, truncated or unreadable weights file and for another architecture.
    """
    config = read_config(path)
    if not (path / "model.safetensors").is_file():
        raise LabError(f"The weights {path / 'model.safetensors'} are missing; restore the file, or fetch or fine-tune the teacher again.")
    family = FAMILIES[config["model_type"]]
    options = {"local_files_only": True, "trust_remote_code": False, "use_safetensors": True, "dtype": torch.float32}
    if fresh_labels:
        options |= {"id2label": dict(enumerate(fresh_labels)), "label2id": {name: i for i, name in enumerate(fresh_labels)}}
        options["num_labels"] = len(fresh_labels)
    elif not is_classifier(config):
        raise LabError(f"The model in {path} has no classifier; fine-tune it first.")
    try:
        model = AutoModelForSequenceClassification.from_pretrained(path, attn_implementation=family.backend, **options)
        if fresh_labels and is_classifier(config):  # its own head is dropped too
            fresh = AutoModelForSequenceClassification.from_config(model.config, attn_implementation=family.backend)
            getattr(fresh, family.backbone).load_state_dict(getattr(model, family.backbone).state_dict())
            model = fresh
    except (SafetensorError, OSError, EOFError, RuntimeError, ValueError) as error:
        raise LabError(f"The weights {path / 'model.safetensors'} cannot be read (the file is cut off or does not fit its config); "
                       "fetch or fine-tune the teacher again.") from error
    return model


def load_teacher(name: str, task: Task) -> Teacher:
    """Load the teacher fine-tuned for the task, its classes in the task's order. LabError when it has to be fetched or tuned first."""
    path, labels = find_folder(name, task.name, task.hash), task.labels
    if path is None:
        raise not_ready(name, task.name, task)
    config, notes = read_config(path), []
    digest = whole_weights(path, name)
    order = label_order(label_names(config), labels, name, notes)
    model = load_model(path)
    if order != list(range(len(labels))):
        reorder_head(model, order)
    model.eval().requires_grad_(False)
    one = identity(path, digest, order, task.max_length)
    return Teacher(name, path, model, load_tokenizer(path), digest[:16], one, key_of(path, digest, order, one), layer_count(model.config), notes)


def reorder_head(model: PreTrainedModel, order: list[int]) -> None:
    """Permute the rows of the last linear layer, so that logit i is the task's class i."""
    last = [m for m in model.modules() if isinstance(m, torch.nn.Linear) and m.out_features == len(order)][-1]
    with torch.no_grad():
        last.weight.copy_(last.weight[order].clone())
        last.bias.copy_(last.bias[order].clone())


