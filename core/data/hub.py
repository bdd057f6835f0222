"""Data sets from the Hugging Face hub, or from a local folder in its layout: `glue/X`, `snli`, `hub:OWNER/NAME?…`."""

import hashlib
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from core.data.address import OUTSIDE, Options, bare, columns_of, common_options, options_of, parse_query
from core.data.cards import plain
from core.data.labelled import Labelled, rows_of, split_of, task_of
from core.data.naming import short, tidy
from core.data.spelling import word_of
from core.data.task import Task
from core.errors import LabError
from core.home import folder
from core.network import check_download, hub_reachable

SYNTAX = (
    "hub:OWNER/NAME?text=COLUMN&label=COLUMN, with text=A,B for pairs, and where they differ from the usual "
    "&config=NAME, &train=SPLIT, &validation=SPLIT, &test=SPLIT"
)


@dataclass(frozen=True)
class HubSpec:
    """Where a task's rows are. labels: class names by index, for data that carries bare numbers; None takes them from the data.

    train, validation, test: names of the data set's splits; one that is not there, or holds no labels, is carved.
    """

    dataset: str
    config: str | None
    text: tuple[str, ...]
    label: str = "label"
    labels: tuple[str, ...] | None = None
    train: str = "train"
    validation: str = "validation"
    test: str = "test"


_NLI = ("entailment", "neutral", "contradiction")
_BOTH = ("sentence1", "sentence2")


def _glue(config: str, text: tuple[str, ...], labels: tuple[str, ...], **splits: str) -> HubSpec:
    return HubSpec("nyu-mll/glue", config, text, labels=labels, **splits)


KNOWN = {
    "glue/mnli": _glue("mnli", ("premise", "hypothesis"), _NLI, validation="validation_matched", test="test_matched"),
    "glue/qnli": _glue("qnli", ("question", "sentence"), ("entailment", "not_entailment")),
    "glue/rte": _glue("rte", _BOTH, ("entailment", "not_entailment")),
    "glue/qqp": _glue("qqp", ("question1", "question2"), ("not_duplicate", "duplicate")),
    "glue/mrpc": _glue("mrpc", _BOTH, ("not_equivalent", "equivalent")),
    "glue/sst2": _glue("sst2", ("sentence",), ("negative", "positive")),
    "glue/cola": _glue("cola", ("sentence",), ("unacceptable", "acceptable")),
    "glue/wnli": _glue("wnli", _BOTH, ("not_entailment", "entailment")),
    "snli": HubSpec("stanfordnlp/snli", "plain_text", ("premise", "hypothesis"), labels=_NLI),
}


def parse(name: str) -> HubSpec:
    """Return the spec that a task name stands for. LabError when it is written wrongly; whether the data exists is not looked at."""
    if bare(name) in KNOWN:
        return KNOWN[bare(name)]
    given = _given(name)
    if not re.fullmatch(r"[\w-][\w.-]*/[\w-][\w.-]*", bare(name).removeprefix("hub:")) or "label" not in given:
        raise LabError(f"A hub data set is written {SYNTAX}.")
    rest = {option: unquote(value) for option, value in given.items() if option not in ("text", *OUTSIDE)}
    return HubSpec(bare(name).removeprefix("hub:"), rest.pop("config", None), columns_of(given), **rest)


def options(name: str) -> Options:
    """Return what a task name says about classes and length. LabError when it is written wrongly."""
    return common_options(name) if bare(name) in KNOWN else options_of(_given(name))


def _given(name: str) -> dict[str, str]:
    known = ("config", "text", "label", "train", "validation", "test", *OUTSIDE)
    return parse_query(name.partition("?")[2], known, f"A hub data set is written {SYNTAX}. Further options are {', '.join(OUTSIDE)}.")


def load(name: str) -> Task:
    """Load the task that a hub name stands for. Rows without a label or text are left out, and the card says how many.

    Read from LAYER_LAB_HUB when that names a folder; else from the copy kept below LAYER_LAB_HOME; else downloaded. A label
    that the test split hides is not guessed at: validation is then halved. Raises LabError with one sentence.
    """
    spec, chosen = parse(name), options(name)
    tables = _rows(spec)
    names = _declared(spec, tables[spec.train]) or spec.labels
    found = {part: _labelled(spec, tables[getattr(spec, part)], names) for part in ("train", "validation", "test") if getattr(spec, part) in tables}
    parts, textless = {part: rows for part, (rows, _) in found.items()}, sum(lost for _, lost in found.values())
    if not any(parts["train"].words):
        raise LabError(f"The split {spec.train!r} of {spec.dataset} has no examples with a label.")
    title = plain(spec.dataset + (f", configuration {spec.config}" if spec.config else ""))
    source = f"{title}, a data set of the Hugging Face hub; its licence and history stand on its page there."
    remark = f"{rows_of(textless)} without a text left out." if textless else ""
    return task_of(name, parts, chosen, source, remark, names, test_from="validation")


def local_folder(spec: HubSpec) -> Path | None:
    """Return the data set's folder below LAYER_LAB_HUB; None when the variable is not set. LabError when it is and the folder is missing."""
    root = os.environ.get("LAYER_LAB_HUB")
    if not root:
        return None
    path = Path(root).expanduser().resolve() / spec.dataset
    if not path.is_dir():
        raise LabError(f"There is no folder {spec.dataset} in {root}, the folder named by LAYER_LAB_HUB; put it there, or unset it.")
    return path


def sources(name: str) -> list[Path]:
    """Return the files of the local folder that a name's data are read from; none when they come from the hub."""
    local = local_folder(parse(name))
    return sorted(file for file in local.rglob("*") if file.is_file()) if local else []


def _rows(spec: HubSpec):
    """Return split name -> datasets.Dataset, with the splits and columns that the spec names."""
    import datasets

    local = local_folder(spec)
    if local is not None:
        return _narrowed(spec, _attempt(spec, lambda: _from_folder(spec, local)))
    kept = folder("data", "hub") / hashlib.sha256(repr(spec).encode()).hexdigest()[:16]
    if kept.is_dir():
        try:
            return datasets.load_from_disk(str(kept))
        except Exception as error:
            raise LabError(f"The kept copy of {spec.dataset} in {kept} is damaged; delete that folder, and it is fetched again.") from error
    if not hub_reachable():
        advice = "go online, or name a folder that holds a copy in LAYER_LAB_HUB"
        raise LabError(f"The Hugging Face hub cannot be reached, and {spec.dataset} comes from there; {advice}.")
    cache = str(folder("cache", "datasets"))
    found = _narrowed(spec, _attempt(spec, lambda: _download(spec, cache)))
    with tempfile.TemporaryDirectory(dir=folder("data", "hub")) as scratch:
        found.save_to_disk(f"{scratch}/copy")
        with suppress(OSError):  # another process was quicker
            os.replace(f"{scratch}/copy", kept)
    return found


def _download(spec: HubSpec, cache: str):
    import datasets
    from huggingface_hub import HfApi

    files = HfApi().dataset_info(spec.dataset, files_metadata=True).siblings or ()
    own = {file.rfilename for file in files if spec.config and file.rfilename.startswith(f"{spec.config}/")}
    check_download(spec.dataset, files, lambda name: name in own or not own)
    return datasets.load_dataset(spec.dataset, name=spec.config, cache_dir=cache)


def _attempt(spec: HubSpec, call):
    """Return the call's data, or raise its error as one sentence: `datasets` raises a great many kinds."""
    import datasets
    from huggingface_hub.utils import RepositoryNotFoundError

    try:
        return call()
    except LabError:
        raise
    except (datasets.exceptions.DatasetNotFoundError, RepositoryNotFoundError) as error:
        raise LabError(f"There is no data set {spec.dataset} on the hub, or it is not public.") from error
    except Exception as error:
        reason = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
        config = f" (configuration {spec.config})" if spec.config else ""
        raise LabError(f"The data set {spec.dataset}{config} could not be read: {reason}.") from error


def _from_folder(spec: HubSpec, path: Path):
    """Read a data set by the configurations in the folder's README.md, else by the files' names, split-00000-of-00001.parquet."""
    import datasets

    cache = str(folder("cache", "datasets"))
    # "default" is what a folder without configurations reports; `datasets` would then merge matched and mismatched splits.
    if spec.config and spec.config in datasets.get_dataset_config_names(str(path)):
        return datasets.load_dataset(str(path), name=spec.config, cache_dir=cache)
    places = [path / spec.config] if spec.config else [path, path / "data"]
    files: dict[str, list[str]] = {}
    for file in sorted(file for place in places for file in place.glob("*.parquet")):
        files.setdefault(re.sub(r"-\d+-of-\d+$", "", file.stem), []).append(str(file))
    if files:
        return datasets.load_dataset("parquet", data_files=files, cache_dir=cache)
    if spec.config:
        raise LabError(f"The folder of {spec.dataset} holds no Parquet files for the configuration {spec.config!r}.")
    return datasets.load_dataset(str(path), cache_dir=cache)


def _narrowed(spec: HubSpec, found):
    import datasets

    if spec.train not in found:
        raise LabError(f"{spec.dataset} has no split {spec.train!r}; there is {', '.join(map(str, found))}.")
    wanted, there = [*spec.text, spec.label], found[spec.train].column_names
    for column in wanted:
        if column not in there:
            raise LabError(f"There is no column {column!r} in {spec.dataset}; there is {', '.join(there[:20])}.")
    parts = [part for part in dict.fromkeys((spec.train, spec.validation, spec.test)) if part in found]
    usable = [part for part in parts if set(wanted) <= set(found[part].column_names)]
    return datasets.DatasetDict({part: found[part].select_columns(wanted) for part in usable})


def _declared(spec: HubSpec, table) -> tuple[str, ...]:
    """Return the class names that the label column carries (it is a ClassLabel, of numbers); () when it carries none."""
    return tuple(getattr(table.features[spec.label], "names", ()))


def _labelled(spec: HubSpec, table, names: tuple[str, ...] | None) -> tuple[Labelled, int]:
    """Return the table's rows that have texts, and how many have none. names: the classes by number, where they are known."""
    texts: list[tuple[str, ...]] = []
    words: list[str] = []
    places: list[str] = []
    for number, (value, *cells) in enumerate(zip(*(table[column] for column in (spec.label, *spec.text))), 1):
        if all(isinstance(cell, str) and cell.strip() for cell in cells):
            words.append(_word(spec, value, names))
            texts.append(tuple(cell.strip() for cell in cells))
            places.append(f"row {number:,}")
    return Labelled(split_of(list(zip(*texts)) or [()] * len(spec.text)), words, places), len(table) - len(words)


def _word(spec: HubSpec, value, names: tuple[str, ...] | None) -> str:
    """Return a label as text, '' where there is none: None or NaN; and, where names are known, -1 and "-"."""
    text = word_of(value)
    if names is None or not text:
        return text
    if isinstance(value, str):
        known = next((name for name in names if name == text or tidy(name) == tidy(text)), None)
        if known is not None:
            return known
    if text in ("-", "-1"):
        return ""
    if isinstance(value, str) or not isinstance(value, (int, float)) or text != str(int(value)) or not 0 <= value < len(names):
        raise LabError(f"{spec.dataset} has a label {short(value)} that is none of its {len(names)} classes.")
    return names[int(value)]
