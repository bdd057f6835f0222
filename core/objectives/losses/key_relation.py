from core.objectives.declarations import RELATIONS, TOKENS, Loss
from core.objectives.tensors import relation_divergence

LOSS = Loss(
    name="key_relation", title="KL divergence from the teacher's relations between keys (MiniLM v2)",
    label="key relations", symbol=r"\mathrm{KL}_K", needs=RELATIONS, mean_over=TOKENS, order=12,
    function=lambda student, teacher, mask: relation_divergence(student.keys, teacher.keys, mask),
    formula=r"\mathrm{KL}\big(R^T\Vert R^S\big),\quad R=\mathrm{softmax}(KK^\top/\sqrt d)",
    reading="How far the student's relations between keys, how alike each token's is to every other's, are from the teacher's (MiniLM).",
    source='Wang, Bao, Huang, Dong and Wei 2021, "MiniLMv2: Multi-Head Self-Attention Relation Distillation"',
)
