"""Whether a teacher and a task fit together, looked at once for each pair, before anything is asked or trained.

What makes every figure meaningless stops: one sentence that says what to do. What only weakens the figures is a warning. Both are kept by the
teacher's identity and the task's data (core/store/layer_scores.py, section "fit"), so that a page shows them without a model. How the teacher
answers is looked at later (core/training/answers.py), since that costs forward passes.
"""

import contextlib
from collections.abc import Iterator

from core.data import cards
from core.data.address import with_option
from core.data.batches import EncodedSplit
from core.data.task import Split, Task
from core.errors import LabError
from core.models.families import family_of, part_of, word_embeddings
from core.models.identity import TOKENIZER_FILES
from core.models.teachers import Teacher
from core.store import layer_scores

SECTION = "fit"
SAMPLE = 512  # texts each of train and validation whose words are counted
UNKNOWN_STOPS, UNKNOWN_WARNS = 0.5, 0.05  # share of the words that the tokenizer does not know
CUT_WARNS = 0.1  # share of the texts that are cut
MARKS_WARN = 0.01  # share of the texts that hold a special token
CAPITALS_WARN = 0.05  # share of the vocabulary that has capitals, under a tokenizer that lower-cases
MARKED = ("bert", "electra")  # families whose tokenizers mark the second text of a pair
DATA_WARNS = 0.01  # share of the examples that are in train as well, or have two labels
FEWER_TOKENS = 0.1  # share of the embedding table's rows that no token has
TOKENIZER = "copy the files of the tokenizer that the model was trained with into"
SETTINGS = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")  # a tokenizer has words besides these


class Stops(LabError):
    """The pair does not fit. kind: which check found it."""

    def __init__(self, kind: str, sentence: str):
        super().__init__(sentence)
        self.kind = kind


def check(teacher: Teacher, task: Task, encoded: dict[str, EncodedSplit]) -> dict:
    """Look at weights, tokenizer and texts; return {figures, warnings: [{kind, sentence}], stops: None}, and keep it. LabError where they do not fit.

    figures: unknown_words and texts_cut (shares of a sample, 0 to 1), max_length (tokens read at most), positions (tokens the model has places for).
    """
    found = {"teacher": teacher.name, "task": task.name, "task_hash": task.hash, "figures": {}, "warnings": [], "stops": None}
    try:
        for part in (weights, special_tokens, embedding_table, places, texts, data):
            for kind, sentence in part(teacher, task, encoded, found["figures"]):
                found["warnings"].append({"kind": kind, "sentence": sentence})
    except Stops as error:
        keep(teacher, task, found | {"stops": {"kind": error.kind, "sentence": str(error)}})
        raise
    keep(teacher, task, found)
    return found


def keep(teacher: Teacher, task: Task, found: dict) -> None:
    """Keep what was found, unless it is there, with the teacher's answers or without; a full disk keeps nothing and stops nothing.

    A base that is fine-tuned has no identity, and nothing is kept of it.
    """
    there = layer_scores.read(teacher.identity, task.hash, SECTION) or {}
    answered = "teacher_accuracy" in there.get("figures", {}) and "teacher_accuracy" not in found["figures"] and not found["stops"]
    if teacher.identity and not answered and found != there:
        with contextlib.suppress(LabError):
            layer_scores.write(teacher.identity, task.hash, SECTION, found)


def embeddings_of(model):
    """Return the module that holds the tables of tokens, places and token types."""
    return model.get_submodule(family_of(model).backbone).embeddings


def positions(model) -> int:
    """Return how many tokens the model has places for. RoBERTa and MPNet count theirs from after the padding id."""
    embeddings = embeddings_of(model)
    before = getattr(embeddings, "padding_idx", None)
    return embeddings.position_embeddings.num_embeddings - (0 if before is None else before + 1)


def weights(teacher: Teacher, task: Task, encoded, figures: dict) -> Iterator[tuple[str, str]]:
    """Look for NaN and infinity in the weights, and whether there is a logit for each class."""
    model = teacher.model
    for name, tensor in model.named_parameters():
        if not tensor.sum().isfinite() and not (there := tensor.isfinite()).all():  # the sum is the faster look
            part = part_of(name, family_of(model))
            broken = f"{int((~there).sum()):,} of {tensor.numel():,} numbers of {name} ({f'layer {part}' if part.isdigit() else part})"
            raise Stops("weights", f"Of the weights of {teacher.name}, {broken} are NaN or infinite, so it cannot answer; "
                                   "fetch or fine-tune it again.")
    if model.config.num_labels != len(task.labels):
        raise Stops("classes", f"{teacher.name} has {model.config.num_labels} classes, the task has {len(task.labels)} ({', '.join(task.labels)}); "
                               "fine-tune a teacher on this task.")
    yield from ()


def special_tokens(teacher: Teacher, task: Task, encoded: dict[str, EncodedSplit], figures: dict) -> Iterator[tuple[str, str]]:
    """Look whether the tokenizer has words, and puts the tokens around a text between which the model was trained to read."""
    tokenizer, folder, family = teacher.tokenizer, teacher.folder, family_of(teacher.model)
    if not any((folder / file).is_file() for file in TOKENIZER_FILES if file not in SETTINGS):
        raise Stops("no-tokenizer", f"{teacher.name} comes without its tokenizer (no tokenizer.json or vocab.txt), so it cannot read; "
                                    f"{TOKENIZER} {folder}.")
    first, last = tokenizer.cls_token_id, tokenizer.sep_token_id
    for token, what in ((first, "CLS"), (last, "SEP")):
        if token is None or token == tokenizer.unk_token_id:
            raise Stops("special-tokens", f"The tokenizer of {teacher.name} has no {what} token, which {family.title} models need; "
                                          f"{TOKENIZER} {folder}.")
    for split in encoded.values():
        if len(split) and not ((split.ids[split.offsets[:-1]] == first).all() and (split.ids[split.offsets[1:] - 1] == last).all()):
            around = f"{tokenizer.cls_token} and {tokenizer.sep_token}"
            raise Stops("special-tokens", f"The tokenizer of {teacher.name} does not put {around} around a text, and the classifier reads the first; "
                                          f"{TOKENIZER} {folder}.")
    padding, theirs = getattr(embeddings_of(teacher.model), "padding_idx", None), tokenizer.pad_token_id
    if padding is not None and padding != theirs:
        mend = f"mend pad_token_id in {folder / 'config.json'}"
        if any(bool((split.ids == padding).any()) for split in encoded.values()):
            yield "padding", (f"Token {padding}, which these texts hold, is padding for {teacher.name} but not for its tokenizer (there it is "
                              f"{theirs}), so the tokens after it are read at wrong places; {mend}.")
        elif padding == teacher.model.config.pad_token_id:
            yield "padding", (f"Padding is token {padding} for {teacher.name} and token {theirs} for its tokenizer; places are counted from the "
                              f"former, so each token may be read at a wrong one. If it was trained with token {theirs}, {mend}.")
    yield from lowered(teacher)


def lowered(teacher: Teacher) -> Iterator[tuple[str, str]]:
    """Look whether the tokenizer lower-cases all texts although its vocabulary has capitals: it was made for texts with them."""
    tokenizer = teacher.tokenizer
    normalizer, own = tokenizer.backend_tokenizer.normalizer, set(tokenizer.added_tokens_encoder)
    vocabulary = [token for token in tokenizer.get_vocab() if token not in own]
    capitals = sum(token != token.lower() for token in vocabulary)
    if normalizer and "a" in normalizer.normalize_str("A") and capitals > CAPITALS_WARN * len(vocabulary):
        file = teacher.folder / "tokenizer_config.json"
        yield "lower-case", (f"The tokenizer of {teacher.name} lower-cases all texts, although {capitals:,} of its {len(vocabulary):,} tokens have "
                             f'capitals. If the model was trained on texts with capitals, set "do_lower_case" to false in {file}.')


def embedding_table(teacher: Teacher, task: Task, encoded: dict[str, EncodedSplit], figures: dict) -> Iterator[tuple[str, str]]:
    """Look whether each token has a row in the embedding table, and each token type in its own."""
    name, rows, tokens = teacher.name, word_embeddings(teacher.model).num_embeddings, len(teacher.tokenizer)
    most = max(int(split.ids.max()) for split in encoded.values() if len(split.ids))
    both = f"The tokenizer of {name} has {tokens:,} tokens, the model {rows:,}"
    if most >= rows:
        raise Stops("table", f"{both}, and these texts hold token {most:,}, so the two do not belong together; {TOKENIZER} {teacher.folder}.")
    if tokens > rows:
        yield "table", f"{both}: texts with the tokens above cannot be read. This task has none; {TOKENIZER} {teacher.folder}."
    elif tokens < (1 - FEWER_TOKENS) * rows:
        yield "table", f"{both}, so it may be another model's; if it is, {TOKENIZER} {teacher.folder}."
    table = getattr(embeddings_of(teacher.model), "token_type_embeddings", None)
    if table is None:
        return
    given = max((int(split.types.max()) for split in encoded.values() if split.types is not None and len(split.types)), default=0)
    if given >= table.num_embeddings:
        raise Stops("types", f"The tokenizer of {name} gives token type {given}, where the model's {table.num_embeddings} types count from 0; "
                             f"{TOKENIZER} {teacher.folder}.")
    if family_of(teacher.model).model_type in MARKED and table.num_embeddings > 1 and task.train.second is not None and not given:
        yield "types", (f"The tokenizer of {name} does not mark the second text of a pair, although the model has token types for that; "
                        f'add "token_type_ids" to "model_input_names" in {teacher.folder / "tokenizer_config.json"} if it was trained with them.')


def places(teacher: Teacher, task: Task, encoded: dict[str, EncodedSplit], figures: dict) -> Iterator[tuple[str, str]]:
    """Look whether the model has a place for each token of the longest text."""
    longest = max(int(split.lengths.max()) for split in encoded.values() if len(split))
    figures["positions"] = there = positions(teacher.model)
    if longest > there:
        raise Stops("positions", f"The texts take up to {longest} tokens, {teacher.name} has positions for {there}; write the task as "
                                 f"{with_option(task.name, 'max_length', str(there))}, or choose another teacher.")
    yield from ()


def texts(teacher: Teacher, task: Task, encoded, figures: dict) -> Iterator[tuple[str, str]]:
    """Count, in a sample, the words that the tokenizer does not know and the texts that are longer than what is read of them."""
    tokenizer, pair = teacher.tokenizer, task.train.second is not None
    most = min(tokenizer.model_max_length, positions(teacher.model))
    limit, around = min(task.max_length, tokenizer.model_max_length), tokenizer.num_special_tokens_to_add(pair=pair)
    if limit - around < 1 + pair:
        raise Stops("length", f"Of the {limit} tokens that are read of an example, {around} mark where texts begin and end, so nothing is left of a "
                              "text; give the task a larger max_length.")
    words, unknown, marked, lengths = 0, 0, 0, []
    for split in (task.train, task.validation):
        sample = split.take(range(0, len(split), max(1, -(-len(split) // SAMPLE))))
        more, missed, marks, long = count_words(sample, tokenizer)
        words, unknown, marked, lengths = words + more, unknown + missed, marked + marks, lengths + [length + around for length in long]
    share, cut = unknown / max(1, words), sum(length > limit for length in lengths) / max(1, len(lengths))
    figures |= {"unknown_words": share, "texts_cut": cut, "max_length": limit, "texts": len(lengths)}
    known = f"The tokenizer of {teacher.name} does not know {100 * share:.0f} % of the words of these texts and reads each as {tokenizer.unk_token}"
    if share > UNKNOWN_STOPS:
        raise Stops("unknown-words", f"{known}, so the teacher cannot read them; choose a teacher for such texts, or {TOKENIZER} {teacher.folder}.")
    if share > UNKNOWN_WARNS:
        yield "unknown-words", f"{known}; a teacher for such texts would read more."
    if marked > MARKS_WARN * len(lengths):
        yield "marks", (f"{100 * marked / len(lengths):.0f} % of the texts hold a special token as a word ({tokenizer.sep_token} for example), "
                        "which the teacher takes for the end of a text or the like; take such words out of the data.")
    if cut > CUT_WARNS:
        wanted = sorted(lengths)[int(0.95 * (len(lengths) - 1))]
        longer = min(most, next((size for size in (64, 128, 256, 512) if size >= wanted), most))
        way = f"max_length={longer} in the task's address reads more" if longer > limit else f"this teacher reads {most} at most"
        if limit == tokenizer.model_max_length < min(task.max_length, positions(teacher.model)):
            way = f"the tokenizer reads no more, by model_max_length in {teacher.folder / 'tokenizer_config.json'}"
        yield "cut", f"{100 * cut:.0f} % of the texts are longer than {limit} tokens, and what comes after is not read; {way}."


def data(teacher: Teacher, task: Task, encoded, figures: dict) -> Iterator[tuple[str, str]]:
    """Look for validation examples that are in train, examples with two labels, and classes that a split does not hold."""
    yield from cards.weaknesses(task.labels, {name: task.split(name) for name in ("train", "validation", "test")}, DATA_WARNS)


def count_words(split: Split, tokenizer) -> tuple[int, int, int, list[int]]:
    """Return the words of these examples, how many of them the tokenizer does not know, how many examples hold a special token, and each
    example's tokens without those around the texts.
    """
    words, unknown, marked = 0, 0, set()
    marks = {tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id, tokenizer.mask_token_id} - {tokenizer.unk_token_id}
    lengths = [0] * len(split)
    for column in (split.first, split.second):
        if not column:
            continue
        found = tokenizer(list(column), add_special_tokens=False, truncation=False, return_attention_mask=False)
        for n, one in enumerate(found.encodings):
            numbers = one.word_ids
            words += len(set(numbers))
            unknown += len({number for number, token in zip(numbers, one.ids) if token == tokenizer.unk_token_id})
            lengths[n] += len(numbers)
            if not marks.isdisjoint(one.ids):
                marked.add(n)
    return words, unknown, len(marked), lengths
