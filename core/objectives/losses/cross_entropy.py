from core.objectives.declarations import EXAMPLES, LABELS, Loss
from core.objectives.tensors import full


def cross_entropy(student_logits, labels):
    """Return -log softmax(z)[label], mean over the batch. student_logits: (B, C). labels: (B,) int64; an example without one, -100, counts 0."""
    import torch.nn.functional as F

    return F.cross_entropy(full(student_logits), labels, ignore_index=-100, reduction="sum") / len(labels)


LOSS = Loss(
    name="cross_entropy", title="cross-entropy with the labels",
    label="cross-entropy", symbol=r"\mathrm{CE}", needs=LABELS, mean_over=EXAMPLES, function=cross_entropy, order=1,
    formula=r"\mathrm{CE}=-\tfrac1n\sum_i \ln p^S_i(y_i)",
    reading="How surprised the student is by the true labels, on average, in nats.",
    source="the negative log likelihood of the labels",
)
