from core.objectives.declarations import EXAMPLES, LOGITS, Loss
from core.objectives.tensors import full


def soft_targets(student_logits, teacher_logits, temperature):
    """Return T² KL(p || q), p = softmax(z_teacher / T) and q = softmax(z_student / T): sum over the classes, mean over the batch.

    T² keeps the gradient's size when T changes. The paper has the cross-entropy of q with p, which differs by the entropy of p, without gradient.
    """
    import torch.nn.functional as F

    student = F.log_softmax(full(student_logits) / temperature, dim=-1)
    teacher = F.log_softmax(full(teacher_logits.detach()) / temperature, dim=-1)
    return F.kl_div(student, teacher, reduction="batchmean", log_target=True) * temperature**2


LOSS = Loss(
    name="soft_targets", title="KL divergence from the teacher's softened probabilities, times T²",
    label="soft targets", symbol=r"T^2\,\mathrm{KL}_T", needs=LOGITS, mean_over=EXAMPLES, function=soft_targets, softened=True, order=2,
    formula=r"T^2\,\mathrm{KL}_T=\tfrac{T^2}{n}\sum_i\sum_c p^T_{i,c}\ln\frac{p^T_{i,c}}{p^S_{i,c}},\quad p=\mathrm{softmax}(z/T)",
    reading="How far the student's probabilities are from the teacher's, both softened by the temperature T; the factor T² keeps its gradient "
            "in step.",
    source='Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network", section 2',
)
