"""Tables to diagnose: the assignment's own run and ten public solutions of the same assignment, anonymous. Torch-free.

The figures and their sources are in core/assets/cases.json; what each solution did was read from its code.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PATH = Path(__file__).resolve().parents[2] / "assets" / "cases.json"


@dataclass(frozen=True)
class Case:
    """name, title, source. table: the figures as CSV. known: what is known of the split and the head, as core.findings.diagnose.Known takes it.

    layers: by strategy, the teacher layers that the code copied, in order. made: the mistakes that the code holds.
    """

    name: str
    title: str
    source: str
    known: dict
    table: str
    layers: dict[str, tuple[int, ...]]
    made: tuple[str, ...]

    def table_with_layers(self) -> str:
        """Return the same CSV with a column for the layers that were copied."""
        head, *lines = self.table.split("\n")
        copied = {name: " ".join(map(str, layers)) for name, layers in self.layers.items()}
        return "\n".join([f"{head},layers", *(f"{line},{copied[line.split(',')[0]]}" for line in lines)])


@cache
def cases() -> tuple[Case, ...]:
    return tuple(
        Case(**case | {
            "table": "\n".join(case["table"]), "made": tuple(case["made"]),
            "layers": {name: tuple(layers) for name, layers in case["layers"].items()},
        })
        for case in json.loads(PATH.read_text())
    )
