"""composed-nli: a three-way natural-language-inference task composed by code, the same for a seed on every machine."""

from .card import CARD
from .phenomena import PHENOMENA
from .splits import generate

LABELS = ("entailment", "neutral", "contradiction")

__all__ = ["CARD", "LABELS", "PHENOMENA", "generate"]
