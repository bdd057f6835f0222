"""House rules that a program can check. Run: python -m pytest tests/test_rules.py"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {
    "core.errors": -3, "core.home": -2, "core.objectives": -1, "core.recipe": 0, "core.models": 1, "core.data": 1, "core.store": 1,
    "core.training": 2, "core.studies": 3,
    "core.findings": 4, "core.figures": 4, "core.worker": 4, "core.commands": 5, "pages": 5, "app": 6,
}
TORCH_FREE = (
    "core.objectives", "core.recipe", "core.store.jobs", "core.store.records", "core.store.facts", "core.store.forecast", "core.data.catalogue",
    "core.models.catalogue", "core.worker", "core.recipe.tuning", "core.findings.explanation.explain",
    "core.store.layer_scores",
)


def sources(folder):
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def floor(module: str) -> tuple[str, int] | None:
    room = max((name for name in FLOORS if module == name or module.startswith(name + ".")), key=len, default=None)
    return (room, FLOORS[room]) if room else None


def test_a_room_imports_only_from_floors_below_it():
    wrong = []
    for path in sources("core") + sources("pages"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        here = floor(module)
        if here is None:
            continue
        for name in imported(path):
            there = floor(name)
            if there and there[0] != here[0] and there[1] >= here[1]:
                wrong.append(f"{module} imports {name}")
    assert wrong == []


def test_core_never_imports_streamlit():
    assert [p for p in sources("core") if any(name.split(".")[0] == "streamlit" for name in imported(p))] == []


@pytest.mark.parametrize("module", TORCH_FREE)
def test_what_pages_read_is_torch_free(module):
    code = f"import sys, {module}; sys.exit(bool({{'torch', 'transformers', 'datasets'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_pages_and_app_import_no_torch():
    files = [str(p.relative_to(ROOT)) for p in [*sources("pages"), *sources("core/figures")]]
    modules = [f.removesuffix(".py").replace("/", ".").removesuffix(".__init__") for f in files if not f.startswith("pages/") or "/parts/" in f]
    code = f"import sys, importlib\nfor m in {modules!r}: importlib.import_module(m)\n"
    code += "sys.exit(bool({'torch', 'transformers', 'datasets'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
    for path in [*sources("pages"), ROOT / "app.py"]:
        assert not {name.split(".")[0] for name in imported(path)} & {"torch", "transformers", "datasets"}


def test_nothing_is_loaded_unsafely():
    calls = []
    for path in sources("core"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                keywords = {k.arg: ast.unparse(k.value) for k in node.keywords}
                if name in ("torch.load", "pickle.load", "pickle.loads") or keywords.get("trust_remote_code") == "True":
                    calls.append(f"{path}: {name}")
    assert calls == []
