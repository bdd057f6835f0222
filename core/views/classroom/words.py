"""What a class's state is called, for learners and for the host."""

from core.classroom import states
from core.classroom.controls import PAGES
from core.classroom.store import Class
from core.views.common.text import BEFORE_UNIT

LEARNER = {
    states.WAITING: "The question opens soon.", states.VOTE: "The vote is open.", states.DISCUSS: "The vote is closed. Talk with your neighbours.",
    states.REVOTE: "The second vote is open.", states.REVEALED: "The answer is on the board.",
}
REASON = {  # of core.store.predictions.REASONS, short enough for a legend that a whole room reads
    "near-input": "groundwork near the input", "near-output": "the task near the output", "spread": "a bit of everything",
    "neighbours": "neighbours fit together", "gap": "too wide a gap", "few": "too few layers", "short": "too short a budget", "guess": "a guess",
}
DISCUSS = "Say what you answered and why. Try to convince them, or let them convince you. Then there is a second vote."
HOST = {
    states.OPEN: "Open the vote", states.LOCK: "Close the vote", states.AGAIN: "Open this vote again", states.REVEAL: "Reveal the answer",
    states.BACK: "Back", states.ON: "Go on",
}
SECOND = "Open the second vote"


def action_label(action: str, state: str) -> str:
    """Return what the host's button says."""
    return SECOND if action == states.OPEN and state == states.DISCUSS else HOST[action]


def main_action(allowed: tuple[str, ...]) -> str | None:
    """Return the action that comes next in most classes."""
    return next((action for action in (states.OPEN, states.LOCK, states.REVEAL, states.ON) if action in allowed), None)


def learner_text(found: Class) -> str:
    """Return what a learner does now, in one sentence."""
    return LEARNER[found.state] if found.question else found.now.title


def written(text: str) -> str:
    """Return a lesson's Markdown with every number beside its unit: no line ends between them."""
    return BEFORE_UNIT.sub("\N{NO-BREAK SPACE}", text)


def open_label(page: str) -> str:
    """Return what the button says that opens a step's page. page: the name of its file."""
    return f"Open: {PAGES[page]}"


def place_text(found: Class) -> str:
    """Return 'Step 2 of 7'."""
    return f"Step {found.step + 1} of {len(found.lesson.steps)}"
