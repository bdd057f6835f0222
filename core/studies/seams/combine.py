"""From what single seams cost to a score of a choice of layers: the variants that were compared, and the one that was chosen.

Chosen on the bundled teacher's full runs of 2 and of 4 layers of the built-in task alone, by a rule that was written down before: of the variants
whose tau, averaged over the two sizes, is within WITHIN of the highest, the first of the list. It begins with the one that is simplest to say. The
bridge before the head was added after a first look at these two sizes: without it no measured variant ranked as well as counting missing neighbours,
since the seam before the head looks worst and heals best. Whether a variant that was chosen so holds elsewhere, other sizes and tasks tell."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.recipe.seams import Seam, seams

Choice = tuple[int, ...]
WITHIN = 0.05  # of tau, which noise moves by more
LEAST = 1e-3  # of the share of accuracy above chance that is left: where nothing is left, another seam costs no less


@dataclass(frozen=True)
class Variant:
    """name: for tables. cost: (document, choice) -> what the choice's seams cost together, lower is better; None where it was not measured."""

    name: str
    cost: Callable[[Mapping, Choice], float | None]


def seam_values(document: Mapping, of: Callable[[Mapping], float]) -> dict[Seam, float]:
    """Return one number a seam from a document of core/studies/seams/measure.py."""
    return {Seam(one["below"], one["above"]): of(one) for one in document["seams"]}


def _together(of: Callable[[Mapping, Mapping], float], combined: Callable) -> Callable[[Mapping, Choice], float]:
    def cost(document: Mapping, choice: Choice) -> float | None:
        try:
            values = seam_values(document, lambda one: of(one, document))
        except KeyError:  # such as short runs that were not made
            return None
        return combined([values[seam] for seam in seams(choice, document["layers"])] or [0.0])

    return cost


def _lost(how: str, figure: str) -> Callable[[Mapping, Mapping], float]:
    return {
        "accuracy": lambda one, document: document["accuracy"] - one[how]["accuracy"],
        "agreement": lambda one, document: 1 - one[how]["agreement"],
        "kl": lambda one, document: one[how]["kl"],
    }[figure]


def _shares(how: str) -> Callable[[Mapping, Mapping], float]:
    """What is lost of accuracy above chance, in nats: sums of it multiply what is left."""
    left = lambda one, document: (one[how]["accuracy"] - document["majority"]) / (document["accuracy"] - document["majority"])
    return lambda one, document: -math.log(max(left(one, document), LEAST))


def _directly(how: str, figure: str) -> Callable[[Mapping, Choice], float | None]:
    def cost(document: Mapping, choice: Choice) -> float | None:
        found = document.get("choices", {}).get(how, {}).get(",".join(map(str, choice)))
        return None if found is None else found[figure] if figure == "kl" else -found[figure]

    return cost


def _gaps(combined: Callable) -> Callable[[Mapping, Choice], float]:
    return lambda document, choice: combined(seam.length for seam in seams(choice, document["layers"]))


WORDS = {"accuracy": "accuracy lost", "agreement": "answers changed", "kl": "KL from the teacher"}
APART = {"1 - CKA": lambda one, _: 1 - one["cka"], "relative distance": lambda one, _: one["distance"]}
HEALED = ("healed 60", "healed 240")
AT_ONCE = {"bridged": "all seams at once, bridged in sequence", "cut": "all seams at once, cut"}


def _variants() -> list[Variant]:
    found = []
    for how in ("bridged", "head kept", "cut"):
        found += [Variant(f"{how}: {WORDS[figure]}, {name}", _together(_lost(how, figure), combined))
                  for figure in WORDS for name, combined in (("summed", sum), ("worst seam", max))]
        found.append(Variant(f"{how}: share of accuracy left, multiplied", _together(_shares(how), sum)))
    found += [Variant(f"states apart: {name}, {word}", _together(of, combined))
              for name, of in APART.items() for word, combined in (("summed", sum), ("worst seam", max))]
    found += [Variant(f"{how} steps: {WORDS['accuracy']}, {name}", _together(_lost(how, "accuracy"), combined))
              for how in HEALED for name, combined in (("summed", sum), ("worst seam", max))]
    found += [Variant(f"{words}: {WORDS[figure]}", _directly(how, figure)) for how, words in AT_ONCE.items() for figure in WORDS]
    return [*found, Variant("nothing measured: longest gap", _gaps(lambda lengths: max(lengths, default=0))),
            Variant("nothing measured: neighbours both missing", _gaps(lambda lengths: sum(length - 1 for length in lengths)))]


VARIANTS: dict[str, Variant] = {variant.name: variant for variant in _variants()}
CHOSEN = "bridged: accuracy lost, summed"
CHOSEN_ON = (("minilm-l6", "composed-nli"), (2, 4))


def chosen_by_rule(taus: Mapping[str, tuple[float, ...]]) -> str:
    """Return the variant that the rule names. taus: by variant, one for each size."""
    mean = {name: sum(found) / len(found) for name, found in taus.items()}
    enough = max(mean.values()) - WITHIN
    return next(name for name in VARIANTS if mean.get(name, -1.0) >= enough)
