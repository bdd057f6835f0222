"""Every loss, objective and score that is shown, as a formula with a line that reads it."""

from dataclasses import dataclass

from core.errors import LabError
from core.recipe import Objective


@dataclass(frozen=True)
class Formula:
    """latex: without dollar signs. reading: one plain sentence."""

    latex: str
    reading: str


LOSSES: dict[str, Formula] = {
    "cross_entropy": Formula(
        r"\mathrm{CE}=-\tfrac1n\sum_i \ln p^S_i(y_i)",
        "How surprised the student is by the true labels, on average, in nats.",
    ),
    "soft_targets": Formula(
        r"T^2\,\mathrm{KL}_T=\tfrac{T^2}{n}\sum_i\sum_c p^T_{i,c}\ln\frac{p^T_{i,c}}{p^S_{i,c}},\quad p=\mathrm{softmax}(z/T)",
        "How far the student's probabilities are from the teacher's, both softened by the temperature T; the factor T² keeps its gradient in step.",
    ),
    "logit_mse": Formula(
        r"\mathrm{MSE}=\tfrac1{nC}\sum_i\lVert z^S_i-z^T_i\rVert^2",
        "The mean squared difference between the student's and the teacher's logits.",
    ),
    "logit_cosine": Formula(
        r"1-\tfrac1n\sum_i\cos(z^S_i,z^T_i)",
        "How far the student's logits point away from the teacher's, whatever their length.",
    ),
    "hidden_mse": Formula(
        r"\mathrm{MSE}_h=\tfrac1{\lvert J\rvert}\sum_{j\in J}\operatorname{mean}\big(h^S_j-h^T_{m(j)}\big)^2",
        "The mean squared difference between hidden states, student layer j beside the teacher layer m(j) that it is matched with.",
    ),
    "hidden_cosine": Formula(
        r"1-\tfrac1{\lvert J\rvert}\sum_{j\in J}\operatorname{mean}\cos\big(h^S_j,h^T_{m(j)}\big)",
        "How far the student's hidden states point away from those of the matched teacher layers.",
    ),
    "hidden_pkd": Formula(
        r"\tfrac1{\lvert J\rvert}\sum_{j\in J}\operatorname{mean}\big\lVert\hat h^S_j-\hat h^T_{m(j)}\big\rVert^2,\quad \hat h=h/\lVert h\rVert",
        "The squared distance between the first tokens' hidden states, each brought to length one (Patient KD).",
    ),
    "attention_kl": Formula(
        r"\mathrm{KL}\big(A^T\Vert A^S\big),\quad A=\mathrm{softmax}(QK^\top/\sqrt d)",
        "How far where the student's tokens look is from where the teacher's look, averaged over heads and tokens.",
    ),
    "attention_mse": Formula(
        r"\operatorname{mean}\big(A^S-A^T\big)^2,\quad A=\mathrm{softmax}(QK^\top/\sqrt d)",
        "The mean squared difference between the student's and the teacher's attention probabilities.",
    ),
    "attention_scores": Formula(
        r"\operatorname{mean}\big(s^S-s^T\big)^2,\quad s=QK^\top/\sqrt d",
        "The mean squared difference between attention scores before the softmax (TinyBERT).",
    ),
    "query_relation": Formula(
        r"\mathrm{KL}\big(R^T\Vert R^S\big),\quad R=\mathrm{softmax}(QQ^\top/\sqrt d)",
        "How far the student's relations between queries, how alike each token's is to every other's, are from the teacher's (MiniLM).",
    ),
    "key_relation": Formula(
        r"\mathrm{KL}\big(R^T\Vert R^S\big),\quad R=\mathrm{softmax}(KK^\top/\sqrt d)",
        "How far the student's relations between keys, how alike each token's is to every other's, are from the teacher's (MiniLM).",
    ),
    "value_relation": Formula(
        r"\mathrm{KL}\big(R^T\Vert R^S\big),\quad R=\mathrm{softmax}(VV^\top/\sqrt d)",
        "How far the student's relations between values, how alike each token's is to every other's, are from the teacher's (MiniLM).",
    ),
}

SCORES: dict[str, Formula] = {
    "accuracy": Formula(r"a=\tfrac1n\sum_i[\hat y_i=y_i]", "The share of examples whose predicted class is the true one."),
    "wilson": Formula(
        r"\frac{a+\frac{z^2}{2n}\pm z\sqrt{\frac{a(1-a)}{n}+\frac{z^2}{4n^2}}}{1+\frac{z^2}{n}},\quad z=1.96",
        "Where the accuracy would lie in 95 of 100 draws of as many examples (Wilson's interval).",
    ),
    "macro_f1": Formula(
        r"F_1=\tfrac1C\sum_c\frac{2\,\mathrm{TP}_c}{2\,\mathrm{TP}_c+\mathrm{FP}_c+\mathrm{FN}_c}",
        "For each class the balance of what was found and what was found rightly, every class counting the same.",
    ),
    "agreement": Formula(
        r"\tfrac1n\sum_i[\hat y^S_i=\hat y^T_i]",
        "The share of examples on which student and teacher predict the same class, right or wrong.",
    ),
    "loss": Formula(
        r"-\tfrac1n\sum_i\ln p_i(y_i)",
        "The cross-entropy with the true labels, in nats: 0 is certain and right, ln C is a blind guess among C classes.",
    ),
    "update_norm": Formula(
        r"\lVert\theta_\text{after}-\theta_\text{before}\rVert_2",
        "How far training moved the weights of a part; 0 means that it did not train.",
    ),
    "seed_sd": Formula(
        r"s=\sqrt{\frac{\sum_c\sum_i(a_{ci}-\bar a_c)^2}{\sum_c(n_c-1)}}",
        "How far runs of the same choice scatter from seed to seed, pooled over all choices of this size and budget.",
    ),
    "test": Formula(
        r"t=\frac{\bar a_1-\bar a_2}{\sqrt{s^2(1/n_1+1/n_2)+v}}",
        "The gap between two choices in units of its noise: s between seeds, v from which examples happened to be in the test set.",
    ),
    "test_set_variance": Formula(
        r"v=\frac{G}{G-1}\,\frac1{n^2}\sum_g\Big(\sum_{i\in g}(d_i-\bar d)\Big)^2",
        "How much the gap would change with other examples: d is the difference in right answers, g a group of examples that share a premise.",
    ),
    "holm": Formula(
        r"\tilde p_{(j)}=\max_{l\le j}\,\min\Big(1,\;p_{(l)}\,\tfrac{\sum_{m\ge l}w_{(m)}}{w_{(l)}}\Big)",
        "Every p-value is raised for the number of comparisons made, so that one false claim in a whole explanation stays as rare as 1 in 20.",
    ),
    "tau": Formula(
        r"\tau_b=\frac{C-D}{\sqrt{(C+D+T_x)(C+D+T_y)}}",
        "Pairs that two rankings put in the same order, minus those they put in the other, as a share: 1 is the same ranking, 0 chance.",
    ),
    "interval_score": Formula(
        r"S=(u-l)+\tfrac2{\alpha}\,\max(0,\,l-y,\,y-u)",
        "The width of an interval plus a fine for what falls outside: lower is better, and neither a vague nor a rash interval wins.",
    ),
    "fano": Formula(
        r"-a\ln a-(1-a)\ln(1-a)+(1-a)\ln(C-1)",
        "The highest loss that calibrated probabilities can have at accuracy a: above it, they do not mean what they say.",
    ),
}


def formula(name: str) -> Formula:
    """Of a loss or a score; LabError for another name."""
    found = LOSSES.get(name) or SCORES.get(name)
    if found is None:
        raise LabError(f"There is no formula for {name!r}; choose one of {', '.join((*LOSSES, *SCORES))}.")
    return found


def objective_formula(objective: Objective) -> Formula:
    """The weighted sum that a run with this objective makes small, whatever its weights, with what each part asks for."""
    terms = " + ".join(rf"{weight:.3g}\,L_\text{{{name.replace('_', ' ')}}}" for name, weight in objective.weights)
    softened = any(name == "soft_targets" for name, _ in objective.weights)
    parts = "; ".join(f"{weight:.3g} times {name.replace('_', ' ')}" for name, weight in objective.weights)
    return Formula(rf"L={terms}" + (rf",\quad T={objective.temperature:g}" if softened else ""), f"The student makes this sum small: {parts}.")
