"""What the tests in Streamlit's own harness share: opening the app, finding elements, reading the page."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from core import worker
from core.views.common.choice import Choice
from pages.parts.common import gate, learner

ROOT = Path(__file__).resolve().parents[1]


def without_worker(monkeypatch) -> None:
    """The worker is played by the test; the harness has no browser, so no cookies: every session is another learner.

    The figures of Landscape, Compare and Smarter choices stand open; tests/test_gate.py looks at their gate.
    """
    monkeypatch.setattr(worker, "ensure_running", lambda: None)
    monkeypatch.setattr(learner, "_from_browser", lambda: None)
    monkeypatch.setattr(gate, "figures_open", lambda *_: True)


def opener(teacher: str, task: str):
    """A function (page=None, **query) that opens the app on this pair, layers 1 and 3, with more of a link; at researcher level unless it
    says another.
    """

    def open_app(page: str | None = None, **query) -> AppTest:
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        for key, value in ({"teacher": teacher, "task": task, "layers": "1,3", "view": "researcher"} | query).items():
            if value is not None:
                test.query_params[key] = value
        test.run()
        if page:
            test.switch_page(page).run()
        return clean(test)

    return open_app


def clean(test: AppTest) -> AppTest:
    assert [error.value for error in test.exception] == []
    return test


def button(test: AppTest, label: str):
    return next(b for b in test.button if b.label == label)


def run_button(test: AppTest):
    """The button Run; where it waits for a prediction, that is skipped first."""
    if button(test, "Run").disabled and "Skip" in labels(test):
        clean(button(test, "Skip").click().run())
    return button(test, "Run")


def labels(test: AppTest) -> list[str]:
    """Of the buttons."""
    return [b.label for b in test.button]


def group(test: AppTest, label: str):
    """Pills or a segmented control whose label starts like this."""
    return next(g for g in test.get("button_group") if g.label.startswith(label))


def field(test: AppTest, label: str):
    """The number or text input whose label starts like this."""
    return next(one for one in [*test.number_input, *test.text_input] if one.label.startswith(label))


def shown(test: AppTest) -> str:
    """All text of the page."""
    kinds = (test.title, test.markdown, test.caption, test.error, test.warning, test.info, test.subheader)
    return unescaped("\n".join(element.value for kind in kinds for element in kind))


def shown_progress(test: AppTest) -> str:
    return unescaped(" ".join(element.proto.text for element in test.get("progress")))


def unescaped(text: str) -> str:
    """What `core.views.common.text.plain` was given, but for white space."""
    return text.replace("\\", "").replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "")


def chosen(test: AppTest) -> Choice:
    return test.session_state["choice"]
