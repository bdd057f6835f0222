"""How choices, budgets and groups are called in sentences."""

from core.findings.evidence import UNTRAINED, Choice
from core.recipe import preset_label, preset_of


def choice_name(choice: Choice, teacher_layers: int) -> str:
    """Return 'layers 1, 3, 5 (odd layers)'; 'untrained layers' for the control."""
    if choice == UNTRAINED:
        return "untrained layers"
    name = preset_of(choice, teacher_layers)
    text = f"layer{'s' if len(choice) > 1 else ''} {', '.join(map(str, choice))}"
    return f"{text} ({preset_label(name, len(choice))})" if name else text


def budget_name(record: dict) -> str:
    """Return '240 steps' or '3 epochs'."""
    budget = record["recipe"]["budget"]
    number, unit = (budget["epochs"], "epoch") if budget.get("epochs") else (budget["steps"], "step")
    return f"{number} {unit}{'s' if number != 1 else ''}"


def group_title(name: str) -> str:
    """Return the name of a group for sentences: 'phenomenon:role_swap' -> 'role swap'."""
    return name.removeprefix("phenomenon:").removeprefix("class:").replace(":", ": ").replace("_", " ")
