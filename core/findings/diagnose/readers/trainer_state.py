"""trainer_state.json of the Hugging Face Trainer."""

import re

from core.findings.diagnose.readers.trainer_log import read_state
from core.findings.diagnose.sheet import Reader

STATE = re.compile(r"\s*\{.{0,4000}?\"log_history\"\s*:|\s*\[\s*\{[^{}]*\"(?:loss|eval_loss)\"\s*:[^{}]*\}", re.DOTALL)


def matches(text: str) -> bool:
    return STATE.match(text) is not None or (text.lstrip()[:1] == "{" and '"log_history"' in text)


READER = Reader("trainer_state.json", 10, matches, read_state)
