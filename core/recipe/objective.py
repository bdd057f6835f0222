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
    "attention_kl": "KL divergence from the teacher's attention maps",
    "attention_mse": "mean squared error between attention maps",
    "attention_scores": "mean squared error between attention scores before the softmax (TinyBERT)",
    "query_relation": "KL divergence from the teacher's relations between queries (MiniLM v2)",
    "key_relation": "KL divergence from the teacher's relations between keys (MiniLM v2)",
    "value_relation": "KL divergence from the teacher's relations between values (MiniLM)",
}
HIDDEN_LOSSES = ("hidden_mse", "hidden_cosine", "hidden_pkd")
MAP_LOSSES = ("attention_kl", "attention_mse", "attention_scores")
RELATION_LOSSES = ("query_relation", "key_relation", "value_relation")
LAYER_LOSSES = HIDDEN_LOSSES + MAP_LOSSES + RELATION_LOSSES
MATCHES = ("seeding", "uniform")
HIDDEN_LAYERS = ("all", "last", "all-but-last")
EMPHASES: dict[str, str] = {
    "fixed": "every compared layer counts the same",
    "uncertainty": "learned: the layer that agrees best counts most (uncertainty weights)",
    "gradient-norm": "learned: every layer pulls about as hard (GradNorm)",
    "relevance": "by how much the teacher's loss depends on the layer that it is compared with (Fisher)",
}


@dataclass(frozen=True)
class Objective:
    """A weighted sum of losses.

    name: the bundle it came from, or "custom".
    weights: (loss name, weight) pairs, sorted by name; names from LOSSES, weights positive.
    temperature: T of the soft targets.
    match: the teacher layer that student layer j is compared with in the losses between layers (hidden states, attention):
        "seeding" (the one that seeded it), "uniform" (teacher layer round(j * L / K)), or one teacher layer per student layer.
    hidden_layers: which student layers the losses between layers read: "all", "last" or "all-but-last".
    emphasis: how the compared layers are weighted among themselves while the student trains, one of EMPHASES; their total stays
        that of "fixed".
    """

    name: str = "custom"
    weights: tuple[tuple[str, float], ...] = field(default_factory=tuple)
    temperature: float = 1.0
    match: str | tuple[int, ...] = "seeding"
    hidden_layers: str = "all"
    emphasis: str = "fixed"

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
        if not isinstance(self.emphasis, str) or self.emphasis not in EMPHASES:
            raise LabError(f"The emphasis is {self.emphasis!r}; choose one of {', '.join(EMPHASES)}.")
        if self.emphasis != "fixed" and not self.layered:
            raise LabError(f"This objective compares no layers, so the emphasis {self.emphasis} weights nothing; add a loss between layers.")
        object.__setattr__(self, "weights", tuple(sorted((name, float(weight)) for name, weight in self.weights)))
        object.__setattr__(self, "temperature", float(self.temperature))

    @property
    def needs_teacher(self) -> bool:
        return any(name != "cross_entropy" for name, _ in self.weights)

    @property
    def hidden(self) -> tuple[str, ...]:
        """The hidden-state losses it uses."""
        return self._of(HIDDEN_LOSSES)

    @property
    def maps(self) -> tuple[str, ...]:
        """The losses between attention maps or scores it uses."""
        return self._of(MAP_LOSSES)

    @property
    def relations(self) -> tuple[str, ...]:
        """The losses between relations of queries, keys or values it uses."""
        return self._of(RELATION_LOSSES)

    @property
    def layered(self) -> tuple[str, ...]:
        """All losses between matched layers it uses."""
        return self._of(LAYER_LOSSES)

    def _of(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name, _ in self.weights if name in names)

    def to_dict(self) -> dict:
        """JSON-ready; the emphasis is left out where it is fixed, so that ids from before there was any stay."""
        out = {"name": self.name, "weights": dict(self.weights), "temperature": self.temperature, "match": self.match,
               "hidden_layers": self.hidden_layers}
        return out if self.emphasis == "fixed" else out | {"emphasis": self.emphasis}


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


def attention(beta: float = 1.0, alpha: float = 0.5, temperature: float = 2.0) -> Objective:
    """(1 - alpha) CE + alpha T² KL + beta times the KL divergence from the teacher's attention maps, averaged over all student layers.

    The attention term is that of Wang et al. 2020, "MiniLM", here at every student layer and beside the teacher layer that seeded it; the
    sum is ours. Fixed equal weights of the layers: what an adaptive emphasis is compared with.
    """
    return Objective("attention", (*_blend(alpha), ("attention_kl", beta)), temperature=temperature)


def tinybert() -> Objective:
    """Mean squared error between attention scores (weight 1) and between hidden states (1), and soft targets (1, T = 1), at every layer.

    Source: Jiao et al. 2020, "TinyBERT: Distilling BERT for Natural Language Understanding", and the
    authors' task_distill.py. Departures:
    - one stage: all three terms from the first step; the paper first trains on the intermediate terms alone, then on the predictions;
    - no general distillation before, no data augmentation; the student is seeded from the teacher's layers instead of pre-trained;
    - no embedding term: the embeddings are copied;
    - no learnt projection of hidden states: the sizes are equal;
    - terms are averaged over layers, where the paper sums: at K layers each counts 1/K of the paper's weight;
    - the scores' error is averaged over the keys of a query, then over all non-pad queries of the batch; the authors' code averages over
      all pairs of positions, padding with them, counted as zero;
    - the scores are those before the mask, and with MPNet's relative positions where there are any.
    As in the paper student layer j meets teacher layer j L / K, and no label is used.
    """
    weights = (("attention_scores", 1.0), ("hidden_mse", 1.0), ("soft_targets", 1.0))
    return Objective("tinybert", weights, temperature=1.0, match="uniform")


def minilm(alpha: float = 0.5, temperature: float = 2.0) -> Objective:
    """(1 - alpha) CE + alpha T² KL + the KL divergences from the teacher's query, key and value relations in the last layer (1 each).

    Source: Wang, Bao, Huang, Dong and Wei 2021, "MiniLMv2: Multi-Head Self-Attention Relation Distillation for Compressing Pretrained
    Transformers"; relations between values were introduced by Wang, Wei, Dong, Bao, Yang and Zhou 2020, "MiniLM: Deep Self-Attention
    Distillation for Task-Agnostic Compression of Pre-Trained Transformers", beside the attention maps themselves (loss attention_kl).
    Departures:
    - distilled on the task, with labels and soft targets beside the relations; the papers distil in pre-training on relations alone and
      fine-tune afterwards. Relations alone would leave the last feed-forward block, the pooler and the head untrained;
    - as many relation heads as attention heads; v2 splits and joins heads to another number;
    - the student is seeded from the teacher's layers; there is no teacher assistant;
    - the divergence is averaged over heads and over all non-pad tokens of the batch, where the papers average within each example first;
    - the last student layer meets the teacher's last layer; v2 also examines other layers of the teacher.
    """
    relations = tuple((name, 1.0) for name in RELATION_LOSSES)
    return Objective("minilm", (*_blend(alpha), *relations), temperature=temperature, match="uniform", hidden_layers="last")


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
    "attention": attention,
    "tinybert": tinybert,
    "minilm": minilm,
    "cross-entropy": cross_entropy,
}


def bundle(name: str) -> Objective:
    """The named bundle at its default settings; LabError for an unknown name."""
    if name not in BUNDLES:
        raise LabError(f"There is no objective {name!r}; choose one of {', '.join(BUNDLES)}.")
    return BUNDLES[name]()
