"""Objectives as data: a weighted sum of named losses. The losses themselves are in core/training/losses.py."""

from dataclasses import dataclass, field

from core.errors import LabError
from core.recipe.layers import check_layers

LOSSES: dict[str, str] = {
    "cross_entropy": "cross-entropy with the labels",
    "soft_targets": "KL divergence from the teacher's softened probabilities, times T²",
    "logit_mse": "mean squared error between logits",
    "logit_cosine": "one minus the cosine between logit vectors",
    "hidden_mse": "mean squared error between hidden states",
    "hidden_cosine": "one minus the cosine between hidden states",
    "hidden_pkd": "squared distance between normalised [CLS] states (Patient KD)",
}
HIDDEN_LOSSES = ("hidden_mse", "hidden_cosine", "hidden_pkd")
MATCHES = ("seeding", "uniform")
HIDDEN_LAYERS = ("all", "last", "all-but-last")


@dataclass(frozen=True)
class Objective:
    """A weighted sum of losses.

    name: the bundle it came from, or "custom".
    weights: (loss name, weight) pairs, sorted by name; names from LOSSES, weights positive.
    temperature: T of the soft targets.
    match: the teacher layer that student layer j is compared with in hidden-state losses: "seeding" (the one that
        seeded it), "uniform" (teacher layer round(j * L / K)), or one teacher layer per student layer.
    hidden_layers: which student layers the hidden-state losses read: "all", "last" or "all-but-last".
    """

    name: str = "custom"
    weights: tuple[tuple[str, float], ...] = field(default_factory=tuple)
    temperature: float = 1.0
    match: str | tuple[int, ...] = "seeding"
    hidden_layers: str = "all"

    def __post_init__(self):
        if not self.weights:
            raise LabError("An objective needs at least one loss.")
        pairs = isinstance(self.weights, (tuple, list)) and all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in self.weights)
        if not pairs:
            raise LabError(f"The weights of the objective are {self.weights!r}; give each loss's name and its weight.")
        for name, weight in self.weights:
            if not isinstance(name, str) or name not in LOSSES:
                raise LabError(f"There is no loss {name!r}; choose from {', '.join(LOSSES)}.")
            if isinstance(weight, bool) or not (isinstance(weight, (int, float)) and 0 < weight < float("inf")):
                raise LabError(f"The weight of {name} is {weight!r}; it must be a positive number.")
        if len({name for name, _ in self.weights}) != len(self.weights):
            raise LabError("An objective names the same loss twice; give each loss one weight.")
        if isinstance(self.temperature, bool) or not (isinstance(self.temperature, (int, float)) and 0 < self.temperature < float("inf")):
            raise LabError(f"The temperature is {self.temperature!r}; it must be a positive number.")
        if isinstance(self.match, str) and self.match not in MATCHES:
            raise LabError(f"There is no layer matching {self.match!r}; choose seeding, uniform, or one teacher layer per student layer.")
        if not isinstance(self.match, str):
            object.__setattr__(self, "match", check_layers(self.match, allow_repeats=True))
        if self.hidden_layers not in HIDDEN_LAYERS:
            raise LabError(f"hidden_layers is {self.hidden_layers!r}; choose one of {', '.join(HIDDEN_LAYERS)}.")
        object.__setattr__(self, "weights", tuple(sorted((name, float(weight)) for name, weight in self.weights)))
        object.__setattr__(self, "temperature", float(self.temperature))

    @property
    def needs_teacher(self) -> bool:
        return any(name != "cross_entropy" for name, _ in self.weights)

    @property
    def hidden(self) -> tuple[str, ...]:
        """The hidden-state losses it uses."""
        return tuple(name for name, _ in self.weights if name in HIDDEN_LOSSES)


def cross_entropy() -> Objective:
    """Labels alone, no teacher: what the seeded student learns without distillation."""
    return Objective("cross-entropy", (("cross_entropy", 1.0),))


def assignment() -> Objective:
    """(CE + KL + cosine of logits) / 3 at T = 1, the course assignment's objective.

    Departures from the assignment's notebook: the KL divergence is averaged over the batch (sum over classes), as in
    Hinton et al. 2015, and the cosine is a loss (one minus the cosine).
    """
    third = 1 / 3
    return Objective("assignment", (("cross_entropy", third), ("soft_targets", third), ("logit_cosine", third)), temperature=1.0)


def hinton(alpha: float = 0.5, temperature: float = 2.0) -> Objective:
    """(1 - alpha) CE + alpha T² KL(teacher || student) at temperature T.

    Source: Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network", section 2.
    Departures: none in the form; the paper writes the soft term as a cross-entropy, which differs from the KL by the
    teacher's entropy, a constant without gradient. The weights are ours.
    """
    return Objective("hinton", _blend(alpha), temperature=temperature)


def distilbert() -> Objective:
    """Soft targets (weight 5, T = 2), task loss (2) and cosine of the last hidden states (1).

    Source: Sanh, Debut, Chaumond and Wolf 2019, "DistilBERT", section 3 (the triple loss); weights from the authors' scripts.
    Departures: distilled on the task, not in pre-training, so the task's cross-entropy stands where the paper has the
    masked-language-model loss; the student is seeded from any chosen layers; the cosine is on the last layer's hidden
    states of all non-pad tokens, as in the paper's code.
    """
    weights = (("soft_targets", 5.0), ("cross_entropy", 2.0), ("hidden_cosine", 1.0))
    return Objective("distilbert", weights, temperature=2.0, hidden_layers="last")


def patient(alpha: float = 0.5, temperature: float = 5.0, beta: float = 10.0) -> Objective:
    """(1 - alpha) CE + alpha T² KL + beta * mean squared distance of normalised [CLS] states.

    Source: Sun, Cheng, Gan and Liu 2019, "Patient Knowledge Distillation for BERT Model Compression", equations 5-8.
    Departures: student layer j is matched to the teacher layer that seeded it unless `match` says otherwise (the paper
    has PKD-Skip and PKD-Last); the distance is averaged over layers, where the paper sums; the soft term carries T².
    As in the paper the last layer is left out. alpha, T and beta are searched in the paper, fixed here.
    """
    weights = (*_blend(alpha), ("hidden_pkd", beta))
    return Objective("patient", weights, temperature=temperature, hidden_layers="all-but-last")


def _blend(alpha: float) -> tuple[tuple[str, float], ...]:
    """Labels and soft targets in the shares 1 - alpha and alpha; a share of zero leaves its loss out."""
    if isinstance(alpha, bool) or not isinstance(alpha, (int, float)) or not 0 <= alpha <= 1:
        raise LabError(f"alpha is {alpha!r}; it must be a number from 0 to 1.")
    shares = (("cross_entropy", 1 - alpha), ("soft_targets", alpha))
    return tuple((name, share) for name, share in shares if share > 0)


BUNDLES = {
    "hinton": hinton,
    "assignment": assignment,
    "distilbert": distilbert,
    "patient": patient,
    "cross-entropy": cross_entropy,
}


def bundle(name: str) -> Objective:
    """The named bundle at its default settings; LabError for an unknown name."""
    if name not in BUNDLES:
        raise LabError(f"There is no objective {name!r}; choose one of {', '.join(BUNDLES)}.")
    return BUNDLES[name]()
