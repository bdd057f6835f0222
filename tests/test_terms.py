"""What explains a text is called by what it explains, on the Lab and the Landscape. Run: python -m pytest tests/test_terms.py"""

import pytest

from tests import app_harness as harness
from tests.app_harness import shown

PAGES = [
    (None, {"view": "story"}), (None, {"view": "researcher"}), *((None, {"view": "story", "guide": str(step)}) for step in range(1, 6)),
    ("pages/landscape.py", {"view": "story"}), ("pages/landscape.py", {"view": "researcher"}),
]


@pytest.fixture(autouse=True)
def without_worker(monkeypatch):
    harness.without_worker(monkeypatch)


def popovers(block) -> list[str]:
    own = [block.proto.popover.label] if getattr(block.proto, "popover", None) and block.proto.popover.label else []
    return own + [label for child in block.children.values() if hasattr(child, "children") for label in popovers(child)]


@pytest.mark.parametrize("page, link", PAGES)
def test_no_text_has_a_help_without_a_name_and_no_two_helps_have_the_same(page, link):
    test = harness.opener("minilm-l6", "composed-nli")(page, **{"layers": "1,3,6"} | link)
    unnamed = [element.value[:60] for kind in (test.markdown, test.caption) for element in kind if element.proto.help]
    assert unnamed == [] and shown(test)
    named = [label for label in popovers(test.main) if label.startswith(("What ", "How "))]
    assert named and len(set(named)) == len(named)
