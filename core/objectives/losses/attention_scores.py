from core.objectives.declarations import ATTENTION_MAPS, TOKENS, Loss
from core.objectives.tensors import full, key_mean, query_mean


def attention_scores(student, teacher, mask):
    """Return the mean of (s_student - s_teacher)², s the scores before the softmax, over the keys of each query, all heads and non-pad queries.

    The authors' code averages over all pairs of positions, padding with them.
    """
    return query_mean(key_mean((full(student.scores()) - full(teacher.scores().detach())).square(), mask), mask)


LOSS = Loss(
    name="attention_scores", title="mean squared error between attention scores before the softmax (TinyBERT)",
    label="attention scores", symbol=r"\mathrm{MSE}_s", needs=ATTENTION_MAPS, mean_over=TOKENS, function=attention_scores, order=10,
    formula=r"\operatorname{mean}\big(s^S-s^T\big)^2,\quad s=QK^\top/\sqrt d",
    reading="The mean squared difference between attention scores before the softmax (TinyBERT).",
    source='Jiao et al. 2020, "TinyBERT: Distilling BERT for Natural Language Understanding", the attention-based distillation',
)
