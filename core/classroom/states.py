"""The states of a question, as peer instruction has them, and what the host may do in each."""

WAITING, VOTE, DISCUSS, REVOTE, REVEALED = STATES = ("waiting", "vote", "discuss", "revote", "revealed")
ROUNDS = {VOTE: 1, REVOTE: 2}  # which vote an answer belongs to
OPEN, LOCK, AGAIN, REVEAL, ON, BACK = ACTIONS = ("open", "lock", "again", "reveal", "on", "back")
MOVES = {  # of one question; going on and back leave it
    OPEN: {WAITING: VOTE, DISCUSS: REVOTE},
    LOCK: {VOTE: DISCUSS},
    AGAIN: {DISCUSS: VOTE},
    REVEAL: {VOTE: REVEALED, DISCUSS: REVEALED, REVOTE: REVEALED},
}


def allowed(state: str, question: bool, first: bool, last: bool) -> tuple[str, ...]:
    """Return the actions that a host may take. question: whether the step has one. first, last: whether it is the lesson's."""
    moves = [action for action, ways in MOVES.items() if question and state in ways]
    return (*moves, *([] if first else [BACK]), *([] if last else [ON]))
