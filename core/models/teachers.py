"""A fine-tuned teacher, loaded and checked against the task's labels."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from core.data.task import Task
from core.errors import LabError
from core.models.catalogue import find_folder, not_ready
from core.models.config import auto_config, facts, why_no_classifier
from core.models.families import FAMILIES, layer_count
from core.models.folder import is_pointer, pointer
from core.models.identity import TOKENIZER_FILES, identity, key_of
from core.models.labels import label_order
from core.models.loading_report import check_loaded
from core.models.names import has_head, renamed, renaming
from core.models.weights import tensors, whole_weights

transformers_logging.set_verbosity_error()
transformers_logging.disable_progress_bar()


@dataclass
class Teacher:
    """name: as the recipe has it. model: in eval mode, without gradients, fp32 on the CPU. hash: 16 hex digits of the weights' sha256.

    identity: of all that decides its answers. key: what its runs and scores are kept under (core/models/identity.py). order: the teacher's class
    for each of the task's labels. fit: how it fits the task (core/training/fit.py); empty until that was looked at.
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
    order: tuple[int, ...] = ()
    fit: dict = field(default_factory=dict)

    @property
    def marks(self) -> dict:
        """Return what a record says of it, besides its scores."""
        return {"hash": self.hash, "identity": self.identity, "key": self.key, "layers": self.layers}


def load_tokenizer(path: Path) -> PreTrainedTokenizerBase:
    """Load the folder's fast tokenizer, without padding or truncation of its own, with the token types that the model was trained with."""
    config = auto_config(path)
    config.name_or_path = str(path)
    for file in TOKENIZER_FILES:
        if is_pointer(path / file):
            raise LabError(pointer(path / file, "the tokenizer"))
    options = {"use_fast": True, "local_files_only": True, "trust_remote_code": False} | _token_types(path, config)
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, config=config, **options)
    except Exception as error:  # transformers and tokenizers have no error of their own for files that they cannot use
        told = " ".join(str(error).split())[:200]
        raise LabError(f"The tokenizer in {path} cannot be read ({type(error).__name__}: {told}). Another version of transformers or tokenizers may "
                       "have written its tokenizer.json or tokenizer_config.json; save it again with this one, or fetch it again.") from error
    if getattr(config, "type_vocab_size", None) == 1:  # every token has that type: naming others would be an error
        tokenizer.model_input_names = [name for name in tokenizer.model_input_names if name != "token_type_ids"]
    if not tokenizer.is_fast:
        raise LabError(f"The model in {path} has no fast tokenizer (tokenizer.json); save it with one.")
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    return tokenizer


def _token_types(path: Path, config) -> dict:
    """Return the inputs that a tokenizer gives where its file leaves them to the version: transformers 4 gave token types, 5 does not.

    Version 5 writes another class name, so the name tells the version that the model was trained with.
    """
    with suppress(OSError, ValueError, AttributeError):
        said = json.loads((path / "tokenizer_config.json").read_text(encoding="utf-8"))
        if said.get("tokenizer_class") == "PreTrainedTokenizerFast" and "model_input_names" not in said and getattr(config, "type_vocab_size", 0) > 1:
            return {"model_input_names": ["input_ids", "token_type_ids", "attention_mask"]}
    return {}


def load_model(path: Path, fresh_labels: tuple[str, ...] | None = None, notes: list[str] | None = None) -> PreTrainedModel:
    """Return the folder's sequence classifier in fp32; with `fresh_labels` its encoder under a new head for these labels, drawn by torch's generator.

    notes: gets a sentence for what had to be taken out of the weights' names. Raises LabError for weights that are missing, cut off, or not those
    that the config calls for (transformers' own report decides), and for another architecture.
    """
    told, held = facts(path), tensors(path)
    family, headed = FAMILIES[told.model_type], has_head(held, FAMILIES[told.model_type])
    config, taken = auto_config(path), renaming(held, family)
    if fresh_labels:
        config.id2label = dict(enumerate(fresh_labels))
        config.label2id, config.problem_type = {name: i for i, name in enumerate(fresh_labels)}, None
    elif why := why_no_classifier(path):
        raise LabError(f"The model in {path} {why}; fine-tune it first.")
    options = {"local_files_only": True, "trust_remote_code": False, "use_safetensors": True, "dtype": torch.float32, "key_mapping": taken or None}
    try:
        model, info = AutoModelForSequenceClassification.from_pretrained(
            path, config=config, attn_implementation=family.backend, output_loading_info=True, ignore_mismatched_sizes=True, **options)
    except Exception as error:  # transformers has no error of its own for files and configs that do not fit together
        raise LabError(f"The model in {path} cannot be loaded ({type(error).__name__}: {' '.join(str(error).split())[:200]}); "
                       "fetch or fine-tune the teacher again.") from error
    check_loaded(info, path, family, fresh_head=bool(fresh_labels))
    if fresh_labels and headed:  # its own head is dropped too
        fresh = AutoModelForSequenceClassification.from_config(model.config, attn_implementation=family.backend)
        getattr(fresh, family.backbone).load_state_dict(getattr(model, family.backbone).state_dict())
        model = fresh
    if taken and notes is not None:
        first = next(iter(held))
        notes.append(f"The names of the teacher's weights were freed of what a wrapper had added ({first} was read as {renamed([first], taken)[0]}).")
    return model


def load_teacher(name: str, task: Task) -> Teacher:
    """Load the teacher fine-tuned for the task, its classes in the task's order. LabError when it has to be fetched or tuned first."""
    path = find_folder(name, task.name, task.hash)
    if path is None:
        raise not_ready(name, task.name, task)
    told, digest = facts(path), whole_weights(path, name)
    notes = [*told.notes]
    order = label_order(list(told.labels), task.classes, name, notes)
    model = load_model(path, notes=notes)
    if order != list(range(len(order))):
        reorder_head(model, order)
    model.eval().requires_grad_(False)
    one = identity(path, digest, order, task.max_length)
    key, tokenizer = key_of(path, digest, order, one), load_tokenizer(path)
    return Teacher(name, path, model, tokenizer, digest[:16], one, key, layer_count(model.config), notes, tuple(order))


def reorder_head(model: PreTrainedModel, order: list[int]) -> None:
    """Permute the rows of the last linear layer, so that logit i is the task's class i."""
    last = [m for m in model.modules() if isinstance(m, torch.nn.Linear) and m.out_features == len(order)][-1]
    with torch.no_grad():
        last.weight.copy_(last.weight[order].clone())
        last.bias.copy_(last.bias[order].clone())


