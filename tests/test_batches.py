"""Tokenising, its cache, batches and their order. Run: python -m pytest tests/test_batches.py"""

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from core.data import batches
from core.data.task import Split, Task

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(f"w{i}" for i in range(50))]


def tokenizer(types=True, words=WORDS):
    inner = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    special = [("[CLS]", words.index("[CLS]")), ("[SEP]", words.index("[SEP]"))]
    inner.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", special)
    names = ["input_ids", "attention_mask"] + ["token_type_ids"] * types
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", model_input_names=names
    )


def text(i: int, n: int) -> str:
    return " ".join(f"w{(i + k) % 50}" for k in range(n))


def task(pair=True, max_length=20, n=23) -> Task:
    first = tuple(text(i, 1 + i % 15) for i in range(n))
    split = Split(first, tuple(text(i, 1 + i % 7) for i in range(n)) if pair else None, tuple(i % 3 for i in range(n)))
    return Task("t", ("a", "b", "c"), split, split.take(range(5)), split.take(range(5, 12)), max_length=max_length)


@pytest.mark.parametrize("types", [True, False])
@pytest.mark.parametrize("pair", [True, False])
def test_batches_are_what_the_tokenizer_gives(types, pair):
    one, made = tokenizer(types), task(pair)
    split = batches.encode(made, one)["train"]
    indices = [7, 0, 22, 7]
    columns = [[column[i] for i in indices] for column in (made.train.first, made.train.second) if column]
    expected = one(*columns, truncation=True, max_length=20, padding=True, return_tensors="pt")
    batch = split.batch(torch.tensor(indices))
    assert set(batch.model_inputs()) == set(expected)
    for name, tensor in batch.model_inputs().items():
        assert torch.equal(tensor, expected[name]) and tensor.dtype == torch.int64
    assert batch.labels.tolist() == [1, 0, 1, 1] and batch.index.tolist() == indices
    assert torch.equal(split.lengths[indices], expected["attention_mask"].sum(1))
    assert split.ids.dtype == torch.int32 and (split.types is not None) == types


def test_last_example_alone_and_a_list_of_indices():
    split = batches.encode(task(), tokenizer())["test"]
    batch = split.batch([len(split) - 1, 0])
    assert batch.input_ids.shape[0] == 2 and batch.attention_mask.sum(1).tolist() == split.lengths[[-1, 0]].tolist()


def test_padding_uses_the_tokenizers_own_token():
    moved = ["[CLS]", "[PAD]", "[SEP]", "[UNK]", *WORDS[4:]]
    batch = batches.encode(task(), tokenizer(words=moved))["train"].batch([0, 14])
    assert (batch.input_ids[batch.attention_mask == 0] == 1).all() and (batch.attention_mask == 0).any()


def test_long_inputs_are_cut():
    made = task(max_length=9)
    assert int(batches.encode(made, tokenizer())["train"].lengths.max()) == 9
    short = tokenizer()
    short.model_max_length = 6
    assert int(batches.encode(made, short)["train"].lengths.max()) == 6


def count_calls(monkeypatch) -> list:
    calls = []
    real = batches._tokenised
    monkeypatch.setattr(batches, "_tokenised", lambda *a: calls.append(1) or real(*a))
    return calls


def test_tokenised_once(monkeypatch, home):
    calls = count_calls(monkeypatch)
    one = tokenizer()
    first = batches.encode(task(), one)
    one("w1 w2", padding="max_length", max_length=9, truncation=True)  # leaves its mark in the tokenizer's own state
    second = batches.encode(task(), one)
    assert len(calls) == 3 and len(list((home / "cache" / "tokens").iterdir())) == 1
    for name, split in first.items():
        again = second[name]
        assert split.hash == again.hash and torch.equal(split.labels, again.labels) and torch.equal(split.types, again.types)
        assert torch.equal(split.ids, again.ids) and torch.equal(split.offsets, again.offsets)
    batches.encode(task(max_length=10), one)
    batches.encode(task(), tokenizer(types=False))
    batches.encode(task(n=22), one)
    assert len(calls) == 12


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "text"])
def test_a_damaged_cache_is_rebuilt(monkeypatch, home, damage):
    before = batches.encode(task(), tokenizer())["train"].hash
    path = next((home / "cache" / "tokens").iterdir())
    good = path.read_bytes()
    bad = {"cut": good[:-8], "flipped": good[:-1] + bytes([good[-1] ^ 1]), "empty": b"", "text": b"nothing of the kind" * 9}[damage]
    path.write_bytes(bad)
    calls = count_calls(monkeypatch)
    assert batches.encode(task(), tokenizer())["train"].hash == before
    assert len(calls) == 3 and len(path.read_bytes()) == len(good)
    batches.encode(task(), tokenizer())
    assert len(calls) == 3  # the file now holds what was rebuilt


def test_hash_follows_what_is_read():
    hashes = {batches.encode(task(pair), tokenizer(types))["train"].hash for pair in (True, False) for types in (True, False)}
    assert len(hashes) == 4
    encoded = batches.encode(task(), tokenizer())
    assert len({split.hash for split in encoded.values()}) == 3


def test_bucketed_takes_every_example_once_in_like_lengths():
    lengths = torch.randint(3, 120, (4003,), generator=torch.Generator().manual_seed(5))
    epoch = lambda seed: batches.bucketed(lengths, 16, torch.Generator().manual_seed(seed))
    order = epoch(1)
    assert sorted(torch.cat(order).tolist()) == list(range(4003))
    assert sorted(map(len, order)) == [3] + [16] * 250
    assert all(torch.equal(a, b) for a, b in zip(order, epoch(1)))
    assert not torch.equal(torch.cat(order), torch.cat(epoch(2)))
    padded = sum(int(lengths[batch].max()) * len(batch) for batch in order)
    plain = sum(int(lengths[batch].max()) * len(batch) for batch in torch.arange(4003).split(16))
    assert padded < 1.1 * int(lengths.sum()) < plain
    means = torch.stack([lengths[batch].float().mean() for batch in order])
    assert (means.diff() > 0).float().mean() < 0.7  # not an order of lengths


def test_two_epochs_of_one_generator_differ():
    generator = torch.Generator().manual_seed(0)
    lengths = torch.full((64,), 5)
    first, second = (torch.cat(batches.bucketed(lengths, 8, generator)) for _ in range(2))
    assert not torch.equal(first, second)


def test_sequential_is_by_length():
    lengths = torch.tensor([3, 9, 5, 9, 1])
    assert [batch.tolist() for batch in batches.sequential(lengths, 2)] == [[1, 3], [2, 0], [4]]


def test_training_names_the_same_batch():
    from core.data.batches import Batch

    assert Batch is batches.Batch
