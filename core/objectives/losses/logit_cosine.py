from core.objectives.declarations import EXAMPLES, LOGITS, Loss
from core.objectives.tensors import cosine_distance


def logit_cosine(student_logits, teacher_logits, temperature=None):
    """Return 1 - cos(z_student, z_teacher), the cosine over the classes, mean over the batch, without temperature."""
    return cosine_distance(student_logits, teacher_logits.detach()).mean()


LOSS = Loss(
    name="logit_cosine", title="one minus the cosine between logit vectors",
    label="logits (cosine)", symbol=r"(1-\cos)", needs=LOGITS, mean_over=EXAMPLES, function=logit_cosine, order=4,
    formula=r"1-\tfrac1n\sum_i\cos(z^S_i,z^T_i)",
    reading="How far the student's logits point away from the teacher's, whatever their length.",
    source="the course assignment's third term, written as a loss",
)
