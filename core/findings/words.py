"""How choices, budgets and groups are called in sentences."""

from core.findings.evidence import UNTRAINED, Choice
from core.recipe import preset_label, preset_of


def called(choice: Choice, teacher_layers: int) -> str:
    """'layers 1, 3, 5 (odd layers)'; 'untrained layers' for the control."""
    if choice == UNTRAINED:
        return "untrained layers"
    name = preset_of(choice, teacher_layers)
    told = f"layer{'s' if len(choice) > 1 else ''} {', '.join(map(str, choice))}"
    return f"{told} ({preset_label(name, len(choice))})" if name else told


def budget_told(record: dict) -> str:
    """'240 steps' or '3 epochs'."""
    budget = record["recipe"]["budget"]
    number, unit = (budget["epochs"], "epoch") if budget.get("epochs") else (budget["steps"], "step")
    return f"{number} {unit}{'s' if number != 1 else ''}"


def group_told(name: str) -> str:
    """'phenomenon:role_swap' -> 'role swap'."""
    return name.removeprefix("phenomenon:").removeprefix("class:").replace(":", ": ").replace("_", " ")


def listed(parts) -> str:
    """'a', 'a and b', 'a, b and c'."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last
