"""The objective bundles in a line each, with their formulas. No Streamlit."""

from core.recipe import bundle

NAMES = {
    "hinton": "Hinton: soft targets and labels",
    "assignment": "Assignment: labels, soft targets, cosine",
    "distilbert": "DistilBERT: also the last hidden state",
    "patient": "Patient: also the inner layers",
    "attention": "Attention: also where each layer looks",
    "tinybert": "TinyBERT: attention scores and hidden states",
    "minilm": "MiniLM: also relations in the last layer",
    "cross-entropy": "Labels only, no teacher",
}
LINES = {
    "hinton": "Learn from the labels and from the teacher's softened probabilities, half and half.",
    "assignment": "The course assignment's three losses, a third each, without softening.",
    "distilbert": "Mostly soft targets; the student's last hidden states are turned towards the teacher's.",
    "patient": "Soft targets, and each student layer imitates the teacher layer that seeded it.",
    "attention": "Labels and soft targets, and each student layer looks where the teacher layer that seeded it looks.",
    "tinybert": "Every student layer imitates the attention scores and the hidden states of a teacher layer; no label is used.",
    "minilm": "Labels and soft targets, and in the last layer queries, keys and values are as alike among themselves as the teacher's.",
    "cross-entropy": "What the seeded student learns without any distillation: the comparison for all others.",
}
SYMBOLS = {
    "cross_entropy": r"\mathrm{CE}",
    "soft_targets": r"T^2\,\mathrm{KL}_T",
    "logit_mse": r"\mathrm{MSE}",
    "logit_cosine": r"(1-\cos)",
    "hidden_mse": r"\mathrm{MSE}_h",
    "hidden_cosine": r"(1-\cos_h)",
    "hidden_pkd": r"\lVert\hat h_S-\hat h_T\rVert^2",
    "attention_kl": r"\mathrm{KL}_A",
    "attention_mse": r"\mathrm{MSE}_A",
    "attention_scores": r"\mathrm{MSE}_s",
    "query_relation": r"\mathrm{KL}_Q",
    "key_relation": r"\mathrm{KL}_K",
    "value_relation": r"\mathrm{KL}_V",
}


def title(name: str) -> str:
    return NAMES.get(name, name)


def formula(name: str) -> str:
    """The bundle's weighted sum as LaTeX, from the very weights that a run uses."""
    objective = bundle(name)
    weight = lambda w: r"\tfrac13" if abs(w - 1 / 3) < 1e-9 else "" if w == 1 else f"{w:g}"
    terms = " + ".join(rf"{weight(w)}\,{SYMBOLS[loss]}" for loss, w in objective.weights)
    softened = any(loss == "soft_targets" for loss, _ in objective.weights)
    return rf"L = {terms}" + (rf",\quad T={objective.temperature:g}" if softened else "")


def line(name: str) -> str:
    return LINES.get(name, "")
