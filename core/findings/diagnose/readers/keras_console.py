"""What Keras prints while it fits: "Epoch 1/3", then "1563/1563 [====] - 12s - loss: … - val_loss: …" (Keras 1 and 2), "━━━━" for the bar (Keras 3),
or one line an epoch without a bar (verbose=2)."""

import re

from core.errors import LabError
from core.findings.diagnose.blocks import named, title_of
from core.findings.diagnose.sheet import Line, Reader, Sheet

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
EPOCH = re.compile(r"(?:^|\s)Epoch (\d+)/\d+\b")
FIGURE = re.compile(r"(?:^|- |\s)([A-Za-z]\w*): (nan|-?inf|[-+]?\d[\d.]*(?:e[+-]?\d+)?)(?=\s|$)", re.IGNORECASE)
DONE = re.compile(r"(?:^|\s)(\d+)/(\d+|Unknown)\s")


def read(text: str) -> Sheet:
    """Read every epoch that came to its end, from its last line; fits one after another are several runs."""
    epochs: list[tuple[int, str, dict[str, str], str]] = []  # line, epoch, figures, the title before
    epoch, kept, total, before, title = None, None, None, "", ""
    for n, line in enumerate(re.sub("\b+", "\n", ANSI.sub("", text)).splitlines(), start=1):
        line = line.replace("\\", "").strip()
        starts = EPOCH.search(line)
        if starts:
            epochs += [(*kept, title)] if kept else []
            epoch, kept, total, title, before = starts[1], None, None, before, ""
            line = line[starts.end():]
        figures, done = dict(FIGURE.findall(line)), DONE.search(f"{line} ")
        if epoch and figures and (_broken(figures) or "ETA:" not in line and (done is None or done[1] == done[2])):
            of = done[2] if done else None
            if kept is None or of == total and validated(figures) >= validated(kept[2]):
                kept, total = (n, epoch, figures), of
        elif line and not figures and not done:
            before = title_of(line)
    epochs += [(*kept, title)] if kept else []
    if not epochs:
        raise LabError("Keras' lines hold no epoch that came to its end; paste the lines with loss and val_loss, too.")
    runs: list[tuple[str, list[Line]]] = []
    for n, epoch, figures, title in epochs:
        if not runs or int(epoch) <= int(runs[-1][1][-1].cells["epoch"]):
            runs.append((title, []))
        runs[-1][1].append(Line(n, {"epoch": epoch} | figures))
    return Sheet(named(runs), bare="train", blocks=len(runs) > 1)


def _broken(figures: dict) -> bool:
    """Whether the loss is no number any more: that is so at the end of the epoch, too."""
    return figures.get("loss", "").lower() == "nan"


def validated(figures: dict) -> bool:
    return any(name.startswith("val_") for name in figures)


def matches(text: str) -> bool:
    return bool(EPOCH.search(text)) and bool(re.search(r"(?:\d+/\d+.{0,200}|- \d+m?s.{0,40}) - (?:val_)?(?:loss|acc\w*|\w+_accuracy): ", text))


READER = Reader("Keras' console", 45, matches, read)
