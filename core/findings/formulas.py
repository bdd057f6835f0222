"""Scores and objectives as formulas, each with a line that reads it; those of losses are in core/objectives/losses/."""

from dataclasses import dataclass

from core.errors import LabError
from core.objectives import LOSSES
from core.recipe import Objective


@dataclass(frozen=True)
class Formula:
    """title: its name in words. latex: without dollar signs. reading: one plain sentence."""

    title: str
    latex: str
    reading: str


SCORES: dict[str, Formula] = {
    "accuracy": Formula("Accuracy", r"a=\tfrac1n\sum_i[\hat y_i=y_i]", "The share of examples whose predicted class is the true one."),
    "wilson": Formula(
        "Interval of an accuracy",
        r"\frac{a+\frac{z^2}{2n}\pm z\sqrt{\frac{a(1-a)}{n}+\frac{z^2}{4n^2}}}{1+\frac{z^2}{n}},\quad z=1.96",
        "Where the accuracy would lie in 95 of 100 draws of as many examples (Wilson's interval).",
    ),
    "macro_f1": Formula(
        "Macro-F1",
        r"F_1=\tfrac1C\sum_c\frac{2\,\mathrm{TP}_c}{2\,\mathrm{TP}_c+\mathrm{FP}_c+\mathrm{FN}_c}",
        "For each class the balance of what was found and what was found rightly, every class that occurs or is predicted counting the same.",
    ),
    "agreement": Formula(
        "Agreement with the teacher",
        r"\tfrac1n\sum_i[\hat y^S_i=\hat y^T_i]",
        "The share of examples on which student and teacher predict the same class, right or wrong.",
    ),
    "loss": Formula(
        "Held-out loss",
        r"-\tfrac1n\sum_i\ln p_i(y_i)",
        "The cross-entropy with the true labels, in nats: 0 is certain and right, ln C is a blind guess among C classes.",
    ),
    "update_norm": Formula(
        "Update norm",
        r"\lVert\theta_\text{after}-\theta_\text{before}\rVert_2",
        "How far training moved the weights of a part; 0 means that it did not train.",
    ),
    "seed_sd": Formula(
        "Noise of seeds, over all choices",
        r"s=\sqrt{\frac{\sum_c\sum_i(a_{ci}-\bar a_c)^2}{\sum_c(n_c-1)}}",
        "How far runs of the same choice scatter from seed to seed, pooled over all choices of this size and budget.",
    ),
    "choice_sd": Formula(
        "Noise of seeds, of one choice",
        r"s_c=\max\Big(\sqrt{\tfrac{\sum_i(a_{ci}-\bar a_c)^2}{n_c-1}},\;\tfrac1K\sum_k s_k\Big),\qquad "
        r"b_c^2=f\,\max_k s_k^2,\quad f=1.5\ (n_c>2),\ 2.5\ (n_c=2)",
        "How far runs of one choice scatter: by its own seeds, but no less than choices do on average; and a bound above the noisiest choice.",
    ),
    "test": Formula(
        "A gap beside its noise",
        r"t=\frac{\bar a_1-\bar a_2}{\sqrt{s_1^2/n_1+s_2^2/n_2+v}},\qquad p=\min(1,\,2\min(p_s,p_b))",
        "The gap between two choices in units of its noise: s of each between its seeds, v from which examples happened to be in the test set. It is "
        "tested with s, and with the bound b in its place; the smaller p counts twice.",
    ),
    "test_set_variance": Formula(
        "Noise of the test examples",
        r"v=\frac{G}{G-1}\,\frac1{n^2}\sum_g\Big(\sum_{i\in g}(d_i-\bar d)\Big)^2",
        "How much the gap would change with other examples: d is the difference in right answers, g a group of examples that share a premise.",
    ),
    "holm": Formula(
        "Many comparisons at once (Holm)",
        r"\tilde p_{(j)}=\max_{l\le j}\,\min\Big(1,\;p_{(l)}\,\tfrac{\sum_{m\ge l}w_{(m)}}{w_{(l)}}\Big)",
        "Every p-value is raised for the number of comparisons made, so that one false claim in a whole explanation stays as rare as 1 in 20.",
    ),
    "tau": Formula(
        "Agreement of two orders (Kendall's tau)",
        r"\tau_b=\frac{C-D}{\sqrt{(C+D+T_x)(C+D+T_y)}}",
        "Pairs that two rankings put in the same order, minus those they put in the other, as a share: 1 is the same ranking, 0 chance.",
    ),
    "interval_score": Formula(
        "Score of an interval",
        r"S=(u-l)+\tfrac2{\alpha}\,\max(0,\,l-y,\,y-u)",
        "The width of an interval plus a fine for what falls outside: lower is better, and neither a vague nor a rash interval wins.",
    ),
    "fano": Formula(
        "Highest loss of calibrated probabilities",
        r"-a\ln a-(1-a)\ln(1-a)+(1-a)\ln(C-1)",
        "The highest loss that calibrated probabilities can have at accuracy a: above it, they do not mean what they say.",
    ),
}


def formula(name: str) -> Formula:
    """Return the formula of a loss or a score; LabError for another name."""
    if name in LOSSES:
        return Formula(LOSSES[name].label, LOSSES[name].formula, LOSSES[name].reading)
    if name not in SCORES:
        raise LabError(f"There is no formula for {name!r}; choose one of {', '.join((*LOSSES, *SCORES))}.")
    return SCORES[name]


def objective_formula(objective: Objective) -> Formula:
    """Return the weighted sum that a run with this objective makes small, whatever its weights, with what each part asks for."""
    terms = " + ".join(rf"{weight:.3g}\,L_\text{{{name.replace('_', ' ')}}}" for name, weight in objective.weights)
    parts = "; ".join(f"{weight:.3g} times {name.replace('_', ' ')}" for name, weight in objective.weights)
    temperature = rf",\quad T={objective.temperature:g}" if objective.softened else ""
    return Formula(f"The objective: {objective.name}", rf"L={terms}" + temperature, f"The student makes this sum small: {parts}.")
