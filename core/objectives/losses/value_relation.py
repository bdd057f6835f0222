from core.objectives.declarations import RELATIONS, TOKENS, Loss
from core.objectives.tensors import relation_divergence

LOSS = Loss(
    name="value_relation", title="KL divergence from the teacher's relations between values (MiniLM)",
    label="value relations", symbol=r"\mathrm{KL}_V", needs=RELATIONS, mean_over=TOKENS, order=13,
    function=lambda student, teacher, mask: relation_divergence(student.values, teacher.values, mask),
    formula=r"\mathrm{KL}\big(R^T\Vert R^S\big),\quad R=\mathrm{softmax}(VV^\top/\sqrt d)",
    reading="How far the student's relations between values, how alike each token's is to every other's, are from the teacher's (MiniLM).",
    source='Wang, Wei, Dong, Bao, Yang and Zhou 2020, "MiniLM", the value-relation transfer',
)
