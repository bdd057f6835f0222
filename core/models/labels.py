"""Which of a teacher's classes is which of a task's labels."""

import re

from core.data.address import map_text
from core.data.naming import folded, listed, number_of
from core.data.task import Classes
from core.errors import LabError


class UnmatchedLabels(LabError):
    """A teacher has as many classes as the task, but which is which is not known: a label map says it.

    teacher: its class names, in the order of its logits. classes: the task's. proposal: for each of them a class of the teacher's,
    by name where one has it, else in order: to be checked, not believed.
    """

    def __init__(self, name: str, teacher: list[str], classes: Classes):
        self.teacher, self.classes, self.proposal = teacher, classes, _proposal(teacher, classes)
        theirs, ours = listed(teacher), listed(classes.names)
        called = "" if _bare(classes) else f", called {ours}"
        called = f", which the data call {listed(classes.called)}" if classes.called else called
        what = f"labels are the numbers {listed(classes.numbers)}{called}" if classes.numbers else f"labels are {ours}"
        how = "in place of its labels=" if classes.mapped else "behind ? or &"
        super().__init__(f"{name} calls its classes {theirs}, and the task's {what}: nothing says which is which. Add a label map to the task's "
                         f"address, {how}, with the right numbers, as &labels={map_text(classes, teacher, self.proposal)}; if its classes are "
                         "others, fine-tune a teacher on this task.")


def label_order(names: list[str], labels: Classes | tuple[str, ...], teacher: str, notes: list[str]) -> list[int]:
    """Return the teacher's class for each of the task's.

    names: the teacher's classes, in the order of its logits. labels: the task's `classes`, or only their names. Matched by the address's
    map, else by name (`folded`; what the data call their numbers comes first), else by number: LABEL_2 is 2, where the data hold numbers.
    LabError when the teacher has another number of classes, UnmatchedLabels when no rule matches all: synonyms and positions are not guessed.
    """
    classes = labels if isinstance(labels, Classes) else Classes(tuple(labels), _numbers(labels))
    if len(names) != len(classes.names):
        raise LabError(f"{teacher} knows {len(names)} classes ({', '.join(names)}), the task has {len(classes.names)} ({', '.join(classes.names)}); "
                       "fine-tune a teacher on this task.")
    if classes.numbered:
        but = "" if list(map(folded, names)) == list(map(folded, classes.names)) else f" (its config calls them {', '.join(names)})"
        notes.append(f"By the task's address the teacher's classes are {', '.join(classes.names)}, in this order{but}.")
        return list(range(len(names)))
    theirs = _numbers(names)
    by_name = [folded(name) for name in names]
    rules = [(by_name, [folded(name) for name in ours]) for ours in (classes.called, classes.names) if ours] + [(theirs, _numbers(classes.names))]
    if classes.mapped or _bare(classes):
        rules.append((theirs, classes.numbers))
    for there, wanted in rules:
        if there and wanted and len(set(there)) == len(there) and sorted(there) == sorted(wanted):
            return [there.index(one) for one in wanted]
    raise UnmatchedLabels(teacher, names, classes)


def _numbers(names) -> tuple[int, ...] | None:
    """Return the numbers that names are ('2', 'LABEL_2'); None unless all are."""
    found = tuple(number_of(re.sub(r"^\s*label[\s_-]*(?=\d)", "", name, flags=re.IGNORECASE)) for name in names)
    return None if None in found else found


def _bare(classes: Classes) -> bool:
    """Return whether the classes are called by numbers alone."""
    return _numbers(classes.names) is not None


def _proposal(teacher: list[str], classes: Classes) -> list[int]:
    there = [folded(name) for name in teacher]
    found = [there.index(folded(name)) if there.count(folded(name)) == 1 else None for name in classes.called or classes.names]
    free = [i for i in range(len(teacher)) if i not in found]
    return [free.pop(0) if i is None else i for i in found]
