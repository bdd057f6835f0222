from core.objectives.declarations import RELATIONS, TOKENS, Loss
from core.objectives.tensors import relation_divergence


def value_relation(student, teacher, mask):
    """Return the divergence between the relations of the layers' values."""
    return relation_divergence(student.values, teacher.values, mask)


LOSS = Loss(
    name="value_relation", title="KL divergence from the teacher's relations between values (MiniLM)",
    label="value relations", symbol=r"\mathrm{KL}_V", needs=RELATIONS, mean_over=TOKENS, function=value_relation, order=13,
    formula=r"\mathrm{KL}\big(R^T\Vert R^S\big),\quad R=\mathrm{softmax}(VV^\top/\sqrt d)",
    reading="How far the student's relations between values, how alike each token's is to every other's, are from the teacher's (MiniLM).",
    source='Wang, Wei, Dong, Bao, Yang and Zhou 2020, "MiniLM", the value-relation transfer',
)
