"""Each mistake in three lines of code at most, as it is written and mended. The names are those of PyTorch, or speak for themselves."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Snippet:
    """faulty, mended: lines of Python, three at most."""

    faulty: str
    mended: str


SNIPPETS = {
    "stale-optimizer": Snippet(
        "optimizer = AdamW(students[0].parameters())\nfor student in students:\n    train(student, optimizer)",
        "for student in students:\n    optimizer = AdamW(student.parameters())\n    train(student, optimizer)",
    ),
    "stale-schedule": Snippet(
        "schedule = LinearDecay(steps)\nfor student in students:\n    train(student, schedule)",
        "for student in students:\n    schedule = LinearDecay(steps)\n    train(student, schedule)",
    ),
    "embeddings-not-copied": Snippet(
        "student = Model(small_config)\nfor i, layer in enumerate(chosen):\n    student.layers[i] = copy(layer)",
        "student = Model(small_config, embeddings=copy(teacher.embeddings))\nfor i, layer in enumerate(chosen):\n    student.layers[i] = copy(layer)",
    ),
    "teacher-not-tuned": Snippet(
        "teacher = load(\"bert-base-uncased\", labels=3)\nsoft = teacher(batch).logits",
        "teacher = load(\"bert-base-uncased\", labels=3)\nfine_tune(teacher, task)\nsoft = teacher(batch).logits",
    ),
    "odd-wraps": Snippet(
        "for i in range(3):\n    layer = teacher.layers[2 * i - 1]  # -1, 1, 3\n    student.layers[i] = copy(layer)",
        "for i in range(3):\n    layer = teacher.layers[2 * i]  # 0, 2, 4\n    student.layers[i] = copy(layer)",
    ),
    "even-wraps": Snippet(
        "for i in (0, 2, 4):\n    place = (i - 1) // 2  # -1, 0, 1\n    student.layers[place] = copy(teacher.layers[i])",
        "for i in (1, 3, 5):\n    place = (i - 1) // 2  # 0, 1, 2\n    student.layers[place] = copy(teacher.layers[i])",
    ),
    "one-choice": Snippet(
        "def make_student(choice):\n    return copy_layers(teacher, [1, 3, 5])",
        "def make_student(choice):\n    return copy_layers(teacher, choice)",
    ),
    "shared-student": Snippet(
        "student = make_student(choices[0])\nfor choice in choices:\n    train(student)",
        "for choice in choices:\n    student = make_student(choice)\n    train(student)",
    ),
    "teacher-dropout": Snippet(
        "with torch.no_grad():\n    soft = teacher(batch).logits",
        "teacher.eval()\nwith torch.no_grad():\n    soft = teacher(batch).logits",
    ),
    "no-t-squared": Snippet(
        "p = softmax(teacher_logits / T)\nq = log_softmax(student_logits / T)\nloss = kl_div(q, p)",
        "p = softmax(teacher_logits / T)\nq = log_softmax(student_logits / T)\nloss = T**2 * kl_div(q, p)",
    ),
    "padding-in-loss": Snippet(
        "gaps = (student_states - teacher_states) ** 2\nloss = gaps.mean()",
        "gaps = (student_states - teacher_states) ** 2\nloss = gaps[attention_mask.bool()].mean()",
    ),
    "epochs-averaged": Snippet(
        "for epoch in range(epochs):\n    accuracies.append(train_and_evaluate(student))\nreport(mean(accuracies))",
        "for epoch in range(epochs):\n    accuracies.append(train_and_evaluate(student))\nreport(accuracies[-1])",
    ),
    "best-epoch": Snippet(
        "accuracies = [evaluate(student, test) for student in after_each_epoch]\nreport(max(accuracies))",
        "best = max(after_each_epoch, key=lambda student: evaluate(student, validation))\nreport(evaluate(best, test))",
    ),
}
