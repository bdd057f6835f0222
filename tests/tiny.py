"""Tiny stand-ins for real checkpoints: random models of the five families, a word-level tokenizer, a hub-layout folder."""

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    ElectraConfig,
    ElectraForSequenceClassification,
    MPNetConfig,
    MPNetForSequenceClassification,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForSequenceClassification,
)

from core.data.task import Split, Task

CLASSES = {
    "bert": (BertConfig, BertForSequenceClassification),
    "roberta": (RobertaConfig, RobertaForSequenceClassification),
    "mpnet": (MPNetConfig, MPNetForSequenceClassification),
    "distilbert": (DistilBertConfig, DistilBertForSequenceClassification),
    "electra": (ElectraConfig, ElectraForSequenceClassification),
}
FAMILIES = tuple(CLASSES)
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
NLI_LABELS = ("entailment", "neutral", "contradiction")
WORDS = ("the", "a", "dog", "cat", "runs", "sleeps", "is", "not", "big", "small", "red", "and", "no", "every", "some", "house")


def task_of_labels(*labels: str) -> Task:
    """Return a task of these classes with two examples of each in every split."""
    numbers = tuple(range(len(labels))) * 2
    split = Split(tuple(f"the dog runs {'and runs ' * n}" for n in numbers), None, numbers)
    return Task("any", labels, split, split, split)


def tiny_model(family: str, layers: int = 4, labels: int = 3, vocab: int = 60, hidden: int = 16, seed: int = 0) -> PreTrainedModel:
    """A random sequence classifier in eval mode, 2 heads, up to 140 tokens, padding id 0; torch's random state is left as it was.

    Every weight gets noise, so that no two layers share a tensor (fresh LayerNorms and biases are all alike).
    """
    config_class, model_class = CLASSES[family]
    sizes = {"vocab_size": vocab, "max_position_embeddings": 140, "num_labels": labels, "pad_token_id": 0, "initializer_range": 0.2}
    if family == "distilbert":
        sizes |= {"dim": hidden, "n_layers": layers, "n_heads": 2, "hidden_dim": 2 * hidden}
    else:
        sizes |= {"hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": 2, "intermediate_size": 2 * hidden}
    if family == "electra":
        sizes["embedding_size"] = hidden // 2  # so that it has the projection, as ELECTRA small has
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = model_class(config_class(**sizes))
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.05 * torch.randn_like(parameter))
    return model.eval()


def tiny_tokenizer(words: Sequence[str] = WORDS, token_types: bool = True) -> PreTrainedTokenizerFast:
    """One id a word, lower-cased, split at spaces and punctuation: [CLS] a [SEP], or [CLS] a [SEP] b [SEP]."""
    vocabulary = {word: i for i, word in enumerate(dict.fromkeys((*SPECIAL, *(word.lower() for word in words))))}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    names = ["input_ids", "token_type_ids", "attention_mask"] if token_types else ["input_ids", "attention_mask"]
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]",
        model_max_length=128, model_input_names=names,
    )


def save_tiny_teacher(
    folder: str | Path,
    family: str = "bert",
    layers: int = 4,
    labels: Sequence[str] = NLI_LABELS,
    words: Sequence[str] = WORDS,
    hidden: int = 16,
    seed: int = 0,
) -> Path:
    """Write a checkpoint in a hub's layout: config.json, model.safetensors, tokenizer.json, tokenizer_config.json."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tiny_tokenizer(words, token_types=family in ("bert", "electra"))
    model = tiny_model(family, layers=layers, labels=len(labels), vocab=len(tokenizer), hidden=hidden, seed=seed)
    model.config.id2label = dict(enumerate(labels))
    model.config.label2id = {label: i for i, label in enumerate(labels)}
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
