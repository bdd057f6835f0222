"""Lines that a training loop of one's own prints: "Epoch 1 | Train Loss: 0.38 Acc: 0.89 | Val Loss: 0.15 Acc: 0.95", or "Epoch 1/10" and the figures
in the lines after it ("Train loss 0.73 accuracy 0.67", "Val   loss 0.58 accuracy 0.78").

A figure that names no split is of the split that was named before it in its line."""

import re

from core.findings.diagnose import cells
from core.findings.diagnose.blocks import named, title_of
from core.findings.diagnose.columns import SPLITS, read_title, words_of
from core.findings.diagnose.sheet import Line, Reader, Sheet

SEARCHED = 100  # epochs
EPOCH = re.compile(r"(?:^|[^\w.])epoch\W{0,4}(\d{1,6})\b", re.IGNORECASE)
FIGURE = re.compile(r"([A-Za-z][A-Za-z_ ./-]{0,40}?)\s*(?:[:=]|\s)\s*([-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|nan|inf)\b\s?%?)", re.IGNORECASE)


def read(text: str) -> Sheet:
    """Read every epoch with all that is printed of it; the last of several like figures counts."""
    runs: list[tuple[str, list[Line]]] = []
    epoch, before = None, ""
    for n, line in cells.lines_of(text):
        line = line.replace("*", "").replace("`", "")
        starts = EPOCH.search(line)
        if starts and starts[1] != epoch:
            if epoch is None or int(starts[1]) < int(epoch):
                runs.append((before, []))
            epoch, before = starts[1], ""
            runs[-1][1].append(Line(n, {"epoch": epoch}))
        found = figures_of(line[starts.end():] if starts else line)
        if found and epoch is not None:
            runs[-1][1][-1].cells.update(found)
        elif not starts and not found:
            before = title_of(line)
    runs = [(title, [line for line in lines if len(line.cells) > 1]) for title, lines in runs]
    return Sheet(named(runs), blocks=sum(bool(lines) for _, lines in runs) > 1)


def figures_of(line: str) -> dict[str, str]:
    """Return the losses and accuracies of a line by title."""
    found, split = {}, ""
    for name, value in FIGURE.findall(re.sub(r"[\[(]?\d+\s*/\s*\d+[\])]?", " ", line)):
        title = " ".join(name.split())
        known = read_title(title)
        split = next((one for one, spellings in SPLITS.items() if spellings & set(words_of(title))), split)
        if known:
            found[title if known.split or not split else f"{split} {title}".lower()] = value.strip()
    return found


def matches(text: str) -> bool:
    """An epoch in a line that is not the first one of a table, and a figure beside it or in one of the lines after it."""
    lines = [line for _, line in cells.lines_of(text)]
    at = [n for n, line in enumerate(lines) if EPOCH.search(line)]
    return any(figures_of(line) for n in at[:SEARCHED] for line in lines[n:n + 8])


READER = Reader("printed lines", 70, matches, read)
