"""The published claims, one entry each. Their figures come from core/assets/published_results.csv, their words from published_claims.csv; no
other number stands in them. Each was written down when the saved runs were known already; its direction is the publication's, not this project's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.findings.finding import fill
from core.findings.literature.statements import Alike, Flipped, Higher, Student, listed, named, ranked, untrained
from core.studies.published import Published, Statement, figure, statements

FIRST, LAST, SPREAD = map(named, ("first-k", "last-k", "spread"))
SANH, SUN, JIAO = "Sanh et al. 2019 DistilBERT", "Sun et al. 2019 Patient KD", "Jiao et al. 2020 TinyBERT"
MATCHING, LISTS, BART, NVIDIA = "Revisiting Intermediate-Layer Matching", "sentence-transformers", "DistilBART", "NVIDIA Model-Optimizer"
HALVES = "the first layers, nearest the input, beside as many of the last, nearest the output, at every size"
BETWEEN = ("patient", "seeding"), ("patient", "uniform"), ("distilbert", "seeding")  # objectives that compare hidden states, and what with


@dataclass(frozen=True)
class Claim:
    """who: the publication, short. says: one sentence. figures: what fills its fields, field -> (how the source begins, the figure's model or start).
    stated: keys of published_claims.csv. statements: on saved runs; none where no such run can be made here. compared: which students of this
    project stand for the claim. needs: which runs would decide it, where none does."""

    who: str
    says: str
    compared: str
    needs: str
    statements: tuple = ()
    figures: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    stated: tuple[str, ...] = ()

    @property
    def rows(self) -> dict[str, Published]:
        """The published figures, by the field that they fill."""
        return {name: figure(*where) for name, where in self.figures.items()}

    @property
    def told(self) -> tuple[Statement, ...]:
        return tuple(statements()[key] for key in self.stated)

    @property
    def sentence(self) -> str:
        return fill(self.says, {name: f"{abs(row.value):g}" for name, row in self.rows.items()})


def cut(layers: int) -> tuple[str, str]:
    return LISTS, f"stsb-roberta-base cut to {layers} layers"


def beside(a: Student, b: Student) -> Higher:
    return Higher((a, b))


WHICH = (
    Claim(
        "Sajjad et al.", "The lower layers, nearest the input, are the most critical to keep.", HALVES,
        "students of the first and of the last layers", (beside(Student(FIRST), Student(LAST)),), stated=("sajjad",),
    ),
    Claim(
        "Wang et al. 2023", "With soft targets or hidden states, lower layers make a better start than higher ones, by up to 17.8 points on QNLI.",
        f"{HALVES} and with every loss on logits or hidden states that was saved",
        "students of the first and of the last layers",
        tuple(beside(Student(FIRST, *loss), Student(LAST, *loss)) for loss in (("hinton", "seeding"), *BETWEEN)), stated=("wang",),
    ),
    Claim(
        "Wang et al. 2023", "With attention maps, it hardly matters which layers a student starts from.", f"{HALVES}, with a loss on attention maps",
        "students of the first and of the last layers whose loss compares attention maps",
        (Alike((Student(FIRST, "attention"), Student(LAST, "attention"))),), stated=("wang",),
    ),
    Claim(
        "ShortGPT", "The layers that change their input least are the first to go.",
        "the layers that this rule would keep first beside those that it would keep last", "students of the layers that the rule picks",
        (beside(Student(ranked("block-influence", 0)), Student(ranked("block-influence", -1))),), stated=("shortgpt",),
    ),
    Claim(
        "Angular distance", "The block of layers to drop is the one whose output is most like its input.",
        "the layers that this rule would keep first beside those that it would keep last", "students of the layers that the rule picks",
        (beside(Student(ranked("angular-distance", 0)), Student(ranked("angular-distance", -1))),), stated=("angular",),
    ),
    Claim(
        "Minitron and Puzzletron",
        "Of two cut models, the one ahead before distilling ({ahead} to {before} on MMLU) ended behind ({behind} to {after}).",
        f"{HALVES}: which of the two is ahead before the first step, and which after training",
        "two students of which one is ahead before the first step and the other after training", (Flipped((Student(FIRST), Student(LAST))),),
        {"before": (NVIDIA, "Minitron, before distillation"), "ahead": (NVIDIA, "Puzzletron, before distillation"),
         "after": (NVIDIA, "Minitron, after"), "behind": (NVIDIA, "Puzzletron, after")}, ("nvidia",),
    ),
)

HOW_MANY = (
    Claim(
        "sentence-transformers", "Cut to 8, 6 and 4 of 12 layers, a model scores {eight}, {six} and {four} on STSbenchmark: each cut costs a little.",
        "the patterns of its script's lists in a teacher of six layers: 1, 2, 4, 5 beside 1, 3, 5 beside 2, 5",
        "students of 8, 6 and 4 of 12 layers",
        tuple(
            Higher(tuple(Student(listed({layers: one})) for one in lists), over_sizes=True)
            for layers, lists in ((12, ((1, 2, 4, 5, 7, 8, 10, 11), (1, 3, 5, 7, 9, 11), (2, 5, 8, 11))), (6, ((1, 2, 4, 5), (1, 3, 5), (2, 5))))
        ),
        {"eight": cut(8), "six": cut(6), "four": cut(4)}, ("lists",),
    ),
    Claim(
        "sentence-transformers", "Cut to 3, 2 and 1 of 12 layers it still scores {three}, {two} and {one} on STSbenchmark; whole, {whole}.",
        "its script's lists: 4, 8, 12 beside 4, 8 beside 6", "students of 3, 2 and 1 of 12 layers; six layers have no such pattern",
        (Higher(tuple(Student(listed({12: one})) for one in ((4, 8, 12), (4, 8), (6,))), over_sizes=True),),
        {"three": cut(3), "two": cut(2), "one": cut(1), "whole": (LISTS, "teacher")},
    ),
    Claim(
        "DistilBART", "Half the decoder layers do as well as all, {half} beside {whole} ROUGE-2; half the encoder layers as well cost: {both}.",
        "nothing: this project trains encoders alone", "students of a teacher with a decoder, on a task that writes text",
        figures={"half": (BART, "12-6"), "whole": (BART, "baseline 12-12"), "both": (BART, "6-6")},
    ),
    Claim(
        "DistilBART", "Cut further, the decoder loses with every cut: {six}, {three} and {one} ROUGE-2 with 6, 3 and 1 of 12 layers.",
        "nothing: this project trains encoders alone", "students of a teacher with a decoder, on a task that writes text",
        figures={"six": (BART, "12-6"), "three": (BART, "12-3"), "one": (BART, "12-1")},
    ),
)

COPIED = (
    Claim(
        "DistilBERT", "Started from random weights instead of layers 1, 3, 5, 8, 10, 12 of its teacher, it loses {lost} points on GLUE.",
        "evenly spread layers, which of 12 are DistilBERT's own, beside untrained ones", "students of evenly spread and of untrained layers",
        (beside(Student(SPREAD), Student(untrained)),), {"lost": (SANH, "random weights instead of teacher layers")}, ("lists",),
    ),
    Claim(
        "Intermediate-layer matching", "Whether layers are copied matters a lot: {copied} % on MNLI with, {fresh} % without.",
        "evenly spread layers beside untrained ones", "students of evenly spread and of untrained layers",
        (beside(Student(SPREAD), Student(untrained)),),
        {"copied": (MATCHING, "copied layers, no layer matching"), "fresh": (MATCHING, "random init, no layer matching")}, ("matching",),
    ),
)

COMPARED = (
    Claim(
        "Intermediate-layer matching", "Which layers the loss compares matters little: {forward} % on MNLI in their order, {reverse} % in reverse.",
        "evenly spread layers as what the loss compares with, beside the layers that seeded the student; none in reverse",
        "more runs of students whose loss compares with other layers",
        tuple(
            Alike((Student(pick, objective, "uniform"), Student(pick, objective, "seeding")))
            for pick in (FIRST, LAST, named("odd")) for objective in ("patient", "distilbert")
        ),
        {"forward": (MATCHING, "copied layers, forward matching"), "reverse": (MATCHING, "copied layers, reverse matching")}, ("matching",),
    ),
    Claim(
        "Patient KD", "Comparing with every other teacher layer ({skip} % on MNLI) beats comparing with the last ones ({last} %).",
        "the first layers as a start, every other layer beside the last ones as what the loss compares with",
        "students of the first layers whose loss compares with the last ones",
        (beside(Student(FIRST, "patient", "uniform"), Student(FIRST, "patient", "last-k")),),
        {"skip": (SUN, "first 6, patient, match every other layer"), "last": (SUN, "first 6, patient, match last layers")},
    ),
    Claim(
        "Patient KD", "Comparing with every other teacher layer as well ({skip} % on MNLI) beats soft targets alone ({soft} %).",
        "the first layers as a start, with this loss beside soft targets and labels", "students of the first layers with both losses",
        (beside(Student(FIRST, "patient", "uniform"), Student(FIRST)),),
        {"skip": (SUN, "first 6, patient, match every other layer"), "soft": (SUN, "first 6, soft targets")},
    ),
    Claim(
        "TinyBERT", "Losses compare best with evenly spread layers ({uniform} % on MNLI), then the top ({top} %), then the bottom ({bottom} %).",
        "the same start, with a loss on hidden states and attention maps that compares with each", "students that differ in this mapping alone",
        (Higher(tuple(Student(FIRST, "tinybert", match) for match in ("uniform", "last-k", "first-k"))),),
        {"uniform": (JIAO, "distillation mapping: uniform"), "top": (JIAO, "distillation mapping: top"),
         "bottom": (JIAO, "distillation mapping: bottom")},
    ),
)

TWO_LISTS = beside(Student(listed({12: (1, 3, 5, 8, 10, 12)})), Student(listed({12: (1, 3, 5, 7, 9, 11)})))  # no claim: no source compares them

CLAIMS: dict[str, tuple[Claim, ...]] = {
    "Which layers": WHICH, "How many": HOW_MANY, "Copied or not": COPIED, "What the losses compare with": COMPARED,
}
