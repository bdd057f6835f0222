from core.objectives.declarations import ATTENTION_MAPS, TOKENS, Loss
from core.objectives.tensors import key_mean, masked, query_mean


def attention_mse(student, teacher, mask):
    """Return the mean of (A_student - A_teacher)², A = softmax(scores), over the keys of each query, all heads and non-pad queries."""
    student, teacher = (masked(scores, mask).softmax(dim=-1) for scores in (student.scores(), teacher.scores().detach()))
    return query_mean(key_mean((student - teacher).square(), mask), mask)


LOSS = Loss(
    name="attention_mse", title="mean squared error between attention maps",
    label="attention (MSE)", symbol=r"\mathrm{MSE}_A", needs=ATTENTION_MAPS, mean_over=TOKENS, function=attention_mse, order=9,
    formula=r"\operatorname{mean}\big(A^S-A^T\big)^2,\quad A=\mathrm{softmax}(QK^\top/\sqrt d)",
    reading="The mean squared difference between the student's and the teacher's attention probabilities.",
    source='Jiao et al. 2020, "TinyBERT": the normalised variant that they set against their own (attention_scores)',
)
