"""What a run needs from its teacher, as data."""

from dataclasses import dataclass

from core.objectives.declarations import ATTENTION_MAPS, RELATIONS
from core.recipe import Objective, attention_layers_used, hidden_layers_used

VECTORS = ("queries", "keys", "values")


@dataclass(frozen=True)
class SignalRequest:
    """What is wanted of the teacher. hidden: teacher layers (1-based). cls_only: their first token alone.

    scores: layers whose attention scores are wanted. vectors: layers whose queries, keys and values are wanted.
    """

    logits: bool = True
    hidden: tuple[int, ...] = ()
    cls_only: bool = False
    scores: tuple[int, ...] = ()
    vectors: tuple[int, ...] = ()

    def parts(self) -> list[str]:
        place = "cls" if self.cls_only else "tokens"
        hidden = [f"hidden-{layer}-{place}" for layer in sorted(set(self.hidden))]
        vectors = [f"{kind}-{layer}" for layer in sorted(set(self.vectors)) for kind in VECTORS]
        return ["logits"] * self.logits + hidden + [f"scores-{layer}" for layer in sorted(set(self.scores))] + vectors

    @property
    def attention(self) -> tuple[int, ...]:
        """The layers whose attention is asked for in any form."""
        return tuple(sorted({*self.scores, *self.vectors}))


def request_for(objective: Objective, matched: tuple[int, ...]) -> SignalRequest:
    """Return what an objective needs from the teacher. matched: teacher layer for each of the K student layers."""
    layers = lambda used: tuple(sorted({matched[j - 1] for j in used}))
    attention = layers(attention_layers_used(objective, len(matched)))
    return SignalRequest(
        True, layers(hidden_layers_used(objective, len(matched))), objective.first_token_only,
        attention if objective.needing(ATTENTION_MAPS) else (), attention if objective.needing(RELATIONS) else (),
    )
