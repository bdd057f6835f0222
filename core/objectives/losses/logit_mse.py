from core.objectives.declarations import EXAMPLES, LOGITS, Loss
from core.objectives.tensors import full


def logit_mse(student_logits, teacher_logits, temperature=None):
    """Return the mean of (z_student - z_teacher)² over batch and classes, without temperature."""
    import torch.nn.functional as F

    return F.mse_loss(full(student_logits), full(teacher_logits.detach()))


LOSS = Loss(
    name="logit_mse", title="mean squared error between logits",
    label="logits (MSE)", symbol=r"\mathrm{MSE}", needs=LOGITS, mean_over=EXAMPLES, function=logit_mse, order=3,
    formula=r"\mathrm{MSE}=\tfrac1{nC}\sum_i\lVert z^S_i-z^T_i\rVert^2",
    reading="The mean squared difference between the student's and the teacher's logits.",
    source='Ba and Caruana 2014, "Do Deep Nets Really Need to be Deep?", equation 1 (there a sum over classes, halved)',
)
