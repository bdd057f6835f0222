"""What the verbs share: tables, JSON, and progress bars on stderr."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence

from tqdm import tqdm

from core.errors import LabError
from core.store.database import plain_json
from core.training.events import without_turns


def print_json(value) -> None:
    """Print one JSON document on stdout; a number that is not finite is null."""
    print(json.dumps(plain_json(value), indent=1))


def answer(args, document, text: Callable[[], str]) -> None:
    """Print the document where --json asks for it, else the text."""
    if args.json:
        print_json(document)
    else:
        print(text())


def table(head: Sequence[str], rows: Iterable[Sequence]) -> str:
    """Write columns padded to their widest cell."""
    cells = [list(head)] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in cells)


def percent(fraction: float | None) -> str:
    return "-" if fraction is None else f"{100 * fraction:.1f} %"


def choice(layers: Sequence[int]) -> str:
    return ",".join(map(str, layers))


def fit_lines(fit: dict | None) -> list[str]:
    """Return how a teacher and a task fit (core/training/fit.py), a line in all, and a line a warning; none where a teacher is made."""
    if fit is None:
        return []
    figures = fit["figures"]
    cut = f"{percent(figures['texts_cut'])} of the texts cut at {figures['max_length']} tokens"
    parts = [f"{percent(figures['unknown_words'])} of the words unknown", cut]
    if "teacher_accuracy" in figures:
        parts.append(f"teacher {percent(figures['teacher_accuracy'])} of {figures['examples']} check examples "
                     f"(most frequent class {percent(figures['majority'])})")
    return [f"fit: {', '.join(parts)}", *warnings(fit)]


def warnings(fit: dict | None) -> list[str]:
    return [f"warning: {each['sentence']}" for each in (fit or {}).get("warnings", ())]


def tell_broke_off(runs: list[str]) -> None:
    """Raise LabError, at the end of many runs, where some broke off. runs: each one's name and reason."""
    if runs:
        one = len(runs) == 1
        raise LabError(f"{len(runs)} run{'' if one else 's'} broke off and {'is' if one else 'are'} not in the file; the first is {runs[0]}")


def follow(events: Iterable, quiet: bool = False) -> dict:
    """Draw a run's events as bars on stderr; returns the data of its last event, with its kind."""
    bar, text, last, said = None, None, {}, set()
    try:
        for event in without_turns(events):
            data = event.data
            if event.kind == "stage" and not quiet:
                if bar is not None:
                    bar.close()
                    bar = None
                if data["text"] != text:
                    text = data["text"]
                    print(f"{text} ...", file=sys.stderr)
            elif event.kind == "prepared" and not quiet:
                for line in [line for line in fit_lines(data.get("fit")) if line not in said]:
                    said.add(line)
                    print(line, file=sys.stderr)
            elif event.kind == "step" and not quiet:
                if bar is None:
                    bar = tqdm(total=data["of"], unit="step", file=sys.stderr, dynamic_ncols=True)
                bar.set_postfix({"loss": f"{data['loss']:.3f}"}, refresh=False)
                bar.update(data["step"] - bar.n)
            elif event.kind == "kept" and not quiet:
                print("The student is kept; `python -m core export RUN_ID FOLDER` takes it away.", file=sys.stderr)
            elif event.kind == "not_kept":
                print(data["reason"], file=sys.stderr)
            elif event.kind == "evaluated" and not quiet:
                tqdm.write(f"step {data['step']}: accuracy {percent(data['val_accuracy'])}, loss {data['val_loss']:.4f}", file=sys.stderr)
            last = {"kind": event.kind, **data}
    finally:
        if bar is not None:
            bar.close()
    return last
