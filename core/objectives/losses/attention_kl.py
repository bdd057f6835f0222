from core.objectives.declarations import ATTENTION_MAPS, TOKENS, Loss
from core.objectives.tensors import map_divergence


def attention_kl(student, teacher, mask):
    """Return KL(A_teacher || A_student), A = softmax(scores): sum over the keys, mean over heads and non-pad queries."""
    return map_divergence(student.scores(), teacher.scores(), mask)


LOSS = Loss(
    name="attention_kl", title="KL divergence from the teacher's attention maps",
    label="attention (KL)", symbol=r"\mathrm{KL}_A", needs=ATTENTION_MAPS, mean_over=TOKENS, function=attention_kl, order=8,
    formula=r"\mathrm{KL}\big(A^T\Vert A^S\big),\quad A=\mathrm{softmax}(QK^\top/\sqrt d)",
    reading="How far where the student's tokens look is from where the teacher's look, averaged over heads and tokens.",
    source='Wang, Wei, Dong, Bao, Yang and Zhou 2020, "MiniLM", the self-attention distribution transfer (there of the last layer)',
)
