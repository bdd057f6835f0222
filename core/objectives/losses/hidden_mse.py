from core.objectives.declarations import HIDDEN_STATES, TOKENS, Loss
from core.objectives.tensors import full, token_mean


def hidden_mse(student_hidden, teacher_hidden, mask):
    """Return the mean of (h_student - h_teacher)² over non-pad tokens and hidden units."""
    distance = (full(student_hidden) - full(teacher_hidden.detach())).square().mean(-1)  # (B, T)
    return token_mean(distance, mask)


LOSS = Loss(
    name="hidden_mse", title="mean squared error between hidden states",
    label="hidden (MSE)", symbol=r"\mathrm{MSE}_h", needs=HIDDEN_STATES, mean_over=TOKENS, function=hidden_mse, order=5,
    formula=r"\mathrm{MSE}_h=\tfrac1{\lvert J\rvert}\sum_{j\in J}\operatorname{mean}\big(h^S_j-h^T_{m(j)}\big)^2",
    reading="The mean squared difference between hidden states, student layer j beside the teacher layer m(j) that it is matched with.",
    source='Jiao et al. 2020, "TinyBERT", equation 8, without its learnt projection: the sizes are equal here',
)
