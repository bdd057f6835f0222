"""All choosers: each is declared in a file of this folder and found here; adding one is adding a file. Torch is imported only when one is run."""

import importlib
import pkgutil

from core.errors import LabError
from core.studies.choosers.method import Method


def _declared() -> list[Method]:
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Method)]
    return sorted(found, key=lambda method: (method.baseline, method.order))


METHODS: dict[str, Method] = {method.name: method for method in _declared()}
CHOOSERS: dict[str, Method] = {name: method for name, method in METHODS.items() if not method.baseline}


def method_named(name: str) -> Method:
    """Return the chooser of this name. LabError for an unknown one."""
    if name not in METHODS:
        raise LabError(f"There is no chooser {name!r}; choose one of {', '.join(METHODS)}.")
    return METHODS[name]
