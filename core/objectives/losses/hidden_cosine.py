from core.objectives.declarations import HIDDEN_STATES, TOKENS, Loss
from core.objectives.tensors import cosine_distance, token_mean


def hidden_cosine(student_hidden, teacher_hidden, mask):
    """Return 1 - cos(h_student, h_teacher) over the hidden units, averaged over non-pad tokens."""
    return token_mean(cosine_distance(student_hidden, teacher_hidden.detach()), mask)


LOSS = Loss(
    name="hidden_cosine", title="one minus the cosine between hidden states",
    label="hidden (cosine)", symbol=r"(1-\cos_h)", needs=HIDDEN_STATES, mean_over=TOKENS, function=hidden_cosine, order=6,
    formula=r"1-\tfrac1{\lvert J\rvert}\sum_{j\in J}\operatorname{mean}\cos\big(h^S_j,h^T_{m(j)}\big)",
    reading="How far the student's hidden states point away from those of the matched teacher layers.",
    source='Sanh, Debut, Chaumond and Wolf 2019, "DistilBERT", section 3 (L_cos, on the last layer)',
)
