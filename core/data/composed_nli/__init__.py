"""composed-nli: a three-way natural-language-inference task composed by code, the same for a seed on every machine."""

from .card import CARD
from .lexicon import content_words
from .phenomena import PHENOMENA
from .splits import Pair, content_hash, generate

LABELS = ("entailment", "neutral", "contradiction")
VERSION = "1"

__all__ = ["CARD", "LABELS", "PHENOMENA", "VERSION", "Pair", "content_hash", "content_words", "generate"]
