"""Every task by name: what it is, what it needs beforehand, and how it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.data import files, hub, probes, reviews, sick
from core.data.address import applied, bare, classes_of, common_options
from core.data.task import Classes, Split, Task
from core.errors import LabError


@dataclass(frozen=True)
class TaskInfo:
    """What is known of a task before it is loaded. needs: what must be there first, in words. pair: two texts an example."""

    name: str
    title: str
    description: str
    needs: str
    pair: bool
    labels: tuple[str, ...]


_HUB = "a download from the Hugging Face hub, or a copy in the folder named by LAYER_LAB_HUB"
_GLUE = {
    "glue/mnli": ("MNLI", "Does the premise entail the hypothesis, contradict it, or neither? Pairs from many kinds of text."),
    "glue/qnli": ("QNLI", "Does the sentence answer the question?"),
    "glue/rte": ("RTE", "Does the first text entail the second? A small set."),
    "glue/qqp": ("QQP", "Do the two questions ask the same thing?"),
    "glue/mrpc": ("MRPC", "Do the two sentences from the news say the same thing?"),
    "glue/sst2": ("SST-2", "Is the phrase from a film review negative or positive?"),
    "glue/cola": ("CoLA", "Is the sentence acceptable English?"),
    "glue/wnli": ("WNLI", "Does the second sentence, with its pronoun filled in, follow from the first? A very small set."),
    "snli": ("SNLI", "Does the hypothesis follow from an image caption, contradict it, or neither?"),
}
CATALOGUE: dict[str, TaskInfo] = {
    info.name: info
    for info in (
        TaskInfo("composed-nli", "Composed NLI",
                 "Does the premise entail the hypothesis, contradict it, or neither? Sentences composed by this program from a grammar.",
                 "nothing: it is built in", True, ("entailment", "neutral", "contradiction")),
        TaskInfo("reviews", "Movie reviews",
                 "Is the sentence from a movie review negative or positive? Labels from the mean rating of many readers.",
                 "a download of about 2.5 MB from the Python package index, once", False, reviews.LABELS),
        TaskInfo("sick", "SICK",
                 "Does the first sentence entail the second, contradict it, or neither? Image and video captions, labelled by people.",
                 "a file SICK.txt in the folder named by LAYER_LAB_DATA", True, sick.LABELS),
        *(TaskInfo(name, title, description, _HUB, len(hub.KNOWN[name].text) == 2, hub.KNOWN[name].labels)
          for name, (title, description) in _GLUE.items()),
    )
}


def info_of(name: str) -> TaskInfo | None:
    """Return what is known of a task by its name, options or not; None for a file, other hub data, or a name there is not."""
    return CATALOGUE.get(bare(name))


def known_classes(name: str) -> Classes | None:
    """Return a catalogue task's classes without loading it, as its options have them; None for others. LabError for options that do not fit."""
    info = info_of(name)
    return classes_of(info.labels, common_options(name))[0] if info else None


def load(name: str) -> Task:
    """Return the task, ready to use; the last few are kept in memory, and read again when their file has changed.

    name: one of CATALOGUE, `file:PATH?…` (core/data/files.py), `hub:OWNER/NAME?…` (core/data/hub.py), each with or without options
    (core/data/address.py), or a harmed copy of a task, `hypothesis:TASK` or `shuffled:TASK` (core/data/probes.py).
    Raises LabError for an unknown name or missing data.
    """
    probe, colon, whole = name.partition(":")
    if colon and probe in probes.PROBES:
        return probes.harm(name, probe, load(whole))
    return _load(name, _stamp(name))


def _stamp(name: str) -> tuple:
    """Return path, time and size of every local file the task is read from."""
    if name.startswith("file:"):
        sources = files.sources(files.parse(name))
    elif name.startswith("hub:") or bare(name) in hub.KNOWN:
        sources = hub.sources(name)
    elif bare(name) in BUILT_IN:
        sources = BUILT_IN[bare(name)][1]()
    else:
        raise LabError(f"There is no task {name[:80]!r}; there is {', '.join(CATALOGUE)}, or file:PATH?… or hub:OWNER/NAME?…")
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in sources)


@lru_cache(maxsize=4)
def _load(name: str, stamp: tuple) -> Task:
    if bare(name) in BUILT_IN:
        options, task = common_options(name), BUILT_IN[bare(name)][0]()
        return applied(task, name, options, task.card) if name != task.name else task
    return files.load(name) if name.startswith("file:") else hub.load(name)


def _composed() -> Task:
    from core.data import composed_nli

    splits = {}
    for part, pairs in composed_nli.generate(seed=0).items():
        premises: dict[str, int] = {}
        splits[part] = Split(
            tuple(pair.premise for pair in pairs),
            tuple(pair.hypothesis for pair in pairs),
            tuple(pair.label for pair in pairs),
            tags=tuple(_tags(pair) for pair in pairs),
            clusters=tuple(premises.setdefault(pair.premise, len(premises)) for pair in pairs),
        )
    return Task("composed-nli", tuple(composed_nli.LABELS), **splits, card=composed_nli.CARD)


def _tags(pair) -> tuple[str, ...]:
    template = "template:seen" if pair.seen else "template:unseen"
    return f"phenomenon:{pair.phenomenon}", template, "words:held-out" if pair.held_out_words else "words:seen"


# How each is loaded, and the files it is read from; asking for the reviews' file fetches it.
BUILT_IN: dict[str, tuple[Callable[[], Task], Callable[[], list[Path]]]] = {
    "composed-nli": (_composed, list), "reviews": (reviews.load, lambda: [reviews.fetch()]), "sick": (sick.load, lambda: [sick.path()]),
}
