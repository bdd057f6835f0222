from core.objectives.declarations import RELATIONS, TOKENS, Loss
from core.objectives.tensors import relation_divergence

LOSS = Loss(
    name="query_relation", title="KL divergence from the teacher's relations between queries (MiniLM v2)",
    label="query relations", symbol=r"\mathrm{KL}_Q", needs=RELATIONS, mean_over=TOKENS, order=11,
    function=lambda student, teacher, mask: relation_divergence(student.queries, teacher.queries, mask),
    formula=r"\mathrm{KL}\big(R^T\Vert R^S\big),\quad R=\mathrm{softmax}(QQ^\top/\sqrt d)",
    reading="How far the student's relations between queries, how alike each token's is to every other's, are from the teacher's (MiniLM).",
    source='Wang, Bao, Huang, Dong and Wei 2021, "MiniLMv2: Multi-Head Self-Attention Relation Distillation"',
)
