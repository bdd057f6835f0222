"""The house as a program can check it: floors, circles, what a room may load, sizes. Run: python -m pytest tests/test_house.py

Every rule is a function of a folder that holds core/, pages/ and app.py. It is asked of this repository, and of a small tree of files with
one fault in it, which it must find.
"""

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {
    "core.errors": -1, "core.home": 0, "core.network": 0, "core.figures": 0,
    "core.objectives": 1, "core.recipe": 2, "core.data": 2, "core.models": 3, "core.store": 3,
    "core.statistics": 4, "core.training": 4, "core.classroom": 4, "core.studies": 5, "core.findings": 6, "core.worker": 6, "core.views": 7,
    "core.commands": 8, "pages": 8, "app": 9,
}
ENTRANCE = {"core.__main__": "core.commands"}  # the command line's parser is of the room of its verbs
WITHOUT_ROOM = ("core", "pages")  # the packages themselves: a line of documentation
TORCH = ("torch", "transformers", "datasets")
NO_TORCH = (
    "core.figures", "core.objectives", "core.recipe", "core.store", "core.statistics", "core.findings", "core.worker", "core.classroom",
    "core.data.catalogue", "core.models.catalogue", "pages.parts",
)  # on import; the process of a worker loads it when it has work
OPTIONAL = ("ray", "onnx")  # packages that a function may import though only the tests' requirements list them
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
MOST_FILES, MOST_LINES = 25, 80


def modules(root: Path) -> dict[str, Path]:
    """Return the files of the product by module name; a package's is its __init__.py."""
    files = [path for folder in ("core", "pages") for path in sorted((root / folder).rglob("*.py"))] + [root / "app.py"]
    return {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path for path in files if path.is_file()}


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(module: str, path: Path) -> Iterator[tuple[str, str | None, bool]]:
    """Yield (module, name imported from it or None, whether a function does it) for every import of a file, in its functions too.

    A string that is a dotted name in core or pages counts as an import: lazy imports are written so.
    """
    inside = {id(node) for function in ast.walk(parsed(path)) if isinstance(function, FUNCTIONS) for node in ast.walk(function)}
    for node in ast.walk(parsed(path)):
        late = id(node) in inside
        if isinstance(node, ast.Import):
            yield from ((alias.name, None, late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
            above = package[: len(package) - node.level + 1] if node.level else []
            yield from ((".".join([*above, *filter(None, [node.module])]), alias.name, late) for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"(core|pages)(\.\w+)+(:\w+)?", node.value):
            yield node.value.split(":")[0], None, True


def reached(found: dict[str, Path], module: str) -> set[str]:
    """Return the product's modules that a module imports."""
    names = set()
    for source, name, _ in imports(module, found[module]):
        parts = f"{source}.{name}".split(".") if name else source.split(".")
        names |= {max((whole for n in range(1, len(parts) + 1) if (whole := ".".join(parts[:n])) in found), key=len, default=module)}
    return names - {module}


def room_of(module: str) -> str | None:
    name = ENTRANCE.get(module, module)
    return next((room for room in FLOORS if name == room or name.startswith(f"{room}.")), None)


def packages(module: str, path: Path) -> set[str]:
    """Return the first part of the name of everything a file imports."""
    return {name.split(".")[0] for name, _, _ in imports(module, path)}


def up_a_floor(root: Path) -> list[str]:
    """List imports from a room that is not on a lower floor, and files that belong to no room."""
    found, wrong = modules(root), []
    for module in found:
        room = room_of(module)
        if room is None:
            wrong += [] if module in WITHOUT_ROOM else [f"{module} belongs to no room"]
            continue
        for other in reached(found, module):
            there = room_of(other)
            if there is not None and there != room and FLOORS[there] >= FLOORS[room]:
                wrong.append(f"{module} imports {other}")
    return wrong


def circles(root: Path) -> list[str]:
    """List groups of files that import one another in a circle."""
    found = modules(root)
    place = {module: n for n, module in enumerate(found)}
    edges = [(place[module], place[other]) for module in found for other in reached(found, module)]
    starts, ends = zip(*edges) if edges else ((), ())
    _, groups = connected_components(coo_array(([1] * len(edges), (starts, ends)), shape=(len(found),) * 2), connection="strong")
    members = [[module for module in found if groups[place[module]] == group] for group in set(groups)]
    return [" <-> ".join(group) for group in members if len(group) > 1]


def streamlit_below_the_pages(root: Path) -> list[str]:
    return [module for module, path in modules(root).items() if module.startswith("core") and "streamlit" in packages(module, path)]


def torch_in_a_page(root: Path) -> list[str]:
    """List files of pages and views that import torch themselves, in a function too."""
    asked = lambda module: module == "app" or module.startswith(("pages", "core.views"))
    return [module for module, path in modules(root).items() if asked(module) and packages(module, path) & set(TORCH)]


def a_page_in_a_view(root: Path) -> list[str]:
    return [module for module, path in modules(root).items() if module.startswith("core.views") and "pages" in packages(module, path)]


def loaded_with_views(root: Path) -> list[str]:
    """List views that load Streamlit, torch or a page when they are imported, through whatever they import."""
    return loading(root, ("core.views",), ("streamlit", *TORCH, "pages"))


def loaded_with_rooms(root: Path) -> list[str]:
    """List modules of the rooms without torch, and of the parts of pages, that load it when they are imported."""
    return loading(root, NO_TORCH, TORCH)


def loading(root: Path, rooms: tuple[str, ...], forbidden: tuple[str, ...]) -> list[str]:
    """Import all modules of these rooms in one process of their own and list the first that brings each forbidden package with it."""
    asked = [module for module in modules(root) if module in rooms or module.startswith(tuple(f"{room}." for room in rooms))]
    code = (
        "import importlib, sys\nseen = set()\n"
        f"for name in {asked!r}:\n    importlib.import_module(name)\n"
        f"    new = ({set(forbidden)!r} & set(sys.modules)) - seen\n    seen |= new\n"
        "    if new: print(name, 'loads', *sorted(new))\n"
    )
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def only_tests_install(root: Path) -> list[str]:
    """List imports of packages that only tests/requirements.txt lists; the optional ones may stand inside a function."""
    here = lambda file: {line.split("==")[0].lower() for line in (root / file).read_text().splitlines() if "==" in line}
    listed = here("tests/requirements.txt") - here("requirements.txt")
    theirs = {name for name, owners in packages_distributions().items() if listed & {owner.lower() for owner in owners}}
    return [
        f"{module} imports {name}"
        for module, path in modules(root).items() for name, _, late in imports(module, path)
        if (first := name.split(".")[0]) in theirs and not (late and first in OPTIONAL)
    ]


def importing_tests(root: Path) -> list[str]:
    return [module for module, path in modules(root).items() if "tests" in packages(module, path)]


def crowded_folders(root: Path) -> list[str]:
    folders = {path.parent for path in modules(root).values()} - {root}
    return [str(folder.relative_to(root)) for folder in folders if len(list(folder.glob("*.py"))) > MOST_FILES]


def long_functions(root: Path) -> list[str]:
    return [
        f"{module}.{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for module, path in modules(root).items() for node in ast.walk(parsed(path))
        if isinstance(node, FUNCTIONS) and node.end_lineno - node.lineno + 1 > MOST_LINES
    ]


def unsafe_loading(root: Path) -> list[str]:
    """List calls that unpickle a file, or run code that comes with a checkpoint or a data set."""
    found = []
    for module, path in modules(root).items():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call):
                name, keywords = ast.unparse(node.func), {one.arg: ast.unparse(one.value) for one in node.keywords}
                if name in ("torch.load", "pickle.load", "pickle.loads") or keywords.get("trust_remote_code") == "True":
                    found.append(f"{module}: {name}")
    return found


LONG = "def long():\n" + "    pass\n" * MOST_LINES
SCIKIT = {"tests/requirements.txt": "scikit-learn==1\nray==1\n", "requirements.txt": "numpy==1\n"}
FAULTS = {  # by rule, trees that it must object to: each a few files
    up_a_floor: (
        {"core/recipe/a.py": "from core.store import b", "core/store/b.py": ""},
        {"core/recipe/a.py": "def f():\n    from core.store.b import c", "core/store/b.py": ""},
        {"core/store/a.py": "import core.models.b", "core/models/b.py": ""},
        {"core/objectives/a.py": "FUNCTION = 'core.training.b:f'", "core/training/b.py": ""},
        {"core/figures/a.py": "from ..views.b import c", "core/views/b.py": ""},
        {"core/sundries/a.py": ""},
    ),
    circles: (
        {"core/store/a.py": "from core.store import b", "core/store/b.py": "import core.store.a"},
        {"core/data/a.py": "from . import b", "core/data/b.py": "def f():\n    import core.data.c", "core/data/c.py": "from core.data.a import x"},
        {"core/store/__init__.py": "from core.store.a import x", "core/store/a.py": "from core.store import y"},
    ),
    streamlit_below_the_pages: ({"core/views/a.py": "import streamlit as st"}, {"core/store/a.py": "def f():\n    from streamlit import x"}),
    torch_in_a_page: ({"pages/a.py": "import torch"}, {"app.py": "from transformers import x"}, {"core/views/a.py": "def f():\n    import datasets"}),
    a_page_in_a_view: ({"core/views/a.py": "def f():\n    from pages.parts import b"},),
    loaded_with_views: (
        {"core/views/a.py": "import core.store.b", "core/store/b.py": "import torch", "torch.py": ""},
        {"core/views/a.py": "import core.store.b", "core/store/b.py": "import streamlit", "streamlit.py": ""},
        {"core/views/a.py": "import core.store.b", "core/store/b.py": "import pages.parts", "pages/__init__.py": "", "pages/parts/__init__.py": ""},
    ),
    loaded_with_rooms: (
        {"pages/parts/a.py": "import core.data.b", "core/data/b.py": "import torch", "torch.py": ""},
        {"core/statistics/a.py": "import core.data.b", "core/data/b.py": "import datasets", "datasets.py": ""},
    ),
    only_tests_install: ({"core/a.py": "def f():\n    import sklearn.metrics", **SCIKIT}, {"pages/a.py": "import ray", **SCIKIT}),
    importing_tests: ({"core/a.py": "from tests import tiny"}, {"pages/a.py": "def f():\n    import tests.tiny"}),
    crowded_folders: ({f"core/store/a{n}.py": "" for n in range(MOST_FILES + 1)},),
    long_functions: ({"core/a.py": LONG}, {"pages/a.py": "class A:\n" + "\n".join("    " + line for line in LONG.splitlines())}),
    unsafe_loading: (
        {"core/a.py": "torch.load(path)"}, {"core/a.py": "def f():\n    return pickle.loads(data)"}, {"core/a.py": "load(x, trust_remote_code=True)"},
    ),
}
SOUND = {  # a tree that no rule objects to
    "app.py": "from pages.parts import b", "core/__init__.py": "", "core/errors.py": "x = 1", "core/views/a.py": "from core.store import b",
    "core/store/b.py": "from core.errors import x", "pages/parts/b.py": "import streamlit\nfrom core.views.a import b", "streamlit.py": "",
    "core/training/a.py": "import torch\ndef f():\n    import ray", "core/b.py": LONG.removesuffix("    pass\n"), **SCIKIT,
}


def grown(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("rule", FAULTS, ids=lambda rule: rule.__name__)
def test_this_repository_keeps(rule):
    assert rule(ROOT) == []


EACH = [pytest.param(rule, files, id=f"{rule.__name__}-{n}") for rule, several in FAULTS.items() for n, files in enumerate(several, 1)]


@pytest.mark.parametrize(("rule", "files"), EACH)
def test_a_fault_is_found(rule, files, tmp_path):
    assert len(rule(grown(tmp_path, files))) == 1


@pytest.mark.parametrize("rule", [rule for rule in FAULTS if rule is not up_a_floor], ids=lambda rule: rule.__name__)
def test_a_sound_tree_is_not_objected_to(rule, tmp_path):
    assert rule(grown(tmp_path, SOUND)) == []


def test_a_sound_tree_stands_on_its_floors(tmp_path):
    assert up_a_floor(grown(tmp_path, {name: text for name, text in SOUND.items() if name != "core/b.py"})) == []
