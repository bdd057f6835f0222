from core.objectives.declarations import EXAMPLES, FIRST_TOKEN, Loss
from core.objectives.tensors import cosine_distance


def hidden_pkd(student_hidden, teacher_hidden, mask=None):
    """Return ||h_student / |h_student| - h_teacher / |h_teacher| ||² of the first token, which is never padding; between 0 and 4.

    Sum over the hidden units, mean over the batch.
    """
    return 2 * cosine_distance(student_hidden[:, 0], teacher_hidden[:, 0].detach()).mean()


LOSS = Loss(
    name="hidden_pkd", title="squared distance between normalised [CLS] states (Patient KD)",
    label="hidden (patient)", symbol=r"\lVert\hat h_S-\hat h_T\rVert^2", needs=FIRST_TOKEN, mean_over=EXAMPLES, function=hidden_pkd, order=7,
    formula=r"\tfrac1{\lvert J\rvert}\sum_{j\in J}\operatorname{mean}\big\lVert\hat h^S_j-\hat h^T_{m(j)}\big\rVert^2,\quad \hat h=h/\lVert h\rVert",
    reading="The squared distance between the first tokens' hidden states, each brought to length one (Patient KD).",
    source='Sun, Cheng, Gan and Liu 2019, "Patient Knowledge Distillation for BERT Model Compression", equation 7 (there summed over layers)',
)
