"""Every term of the story in one line: pages show it as help where the term is first met, and the glossary lists all."""

TERMS = {
    "Teacher and student": {
        "teacher": "A large model, trained for the task already. It stays as it is.",
        "student": "A smaller model that learns to answer as the teacher does.",
        "layer": "One block of a model. Layer 1 is nearest the input, the last nearest the output.",
        "embeddings": "The start of a model: each word piece becomes a list of numbers.",
        "head": "The end of a model: one number for each label.",
        "seeding": "Copying chosen teacher layers into the student before it trains.",
        "layer choice": "Which teacher layers seed the student, in order: 1, 3, 5.",
        "seam": "Where two layers meet that were not neighbours in the teacher.",
        "untrained layers": "Layers that start from random numbers: what seeding is worth.",
        "probe": "A small model that reads one layer, to see what can be told there.",
    },
    "Training": {
        "distillation": "Training a student on the teacher's answers, beside the labels.",
        "task": "What is to be decided: texts and labels.",
        "label": "The right answer of an example.",
        "logits": "The numbers that the head gives. The largest is the answer.",
        "soft targets": "The teacher's answer as shares, such as 80, 15 and 5 %.",
        "temperature": "It evens out soft targets: the higher, the more alike the shares.",
        "loss": "How far the student is off.",
        "objective": "What training makes smaller: one loss, or a sum of several.",
        "step": "One small change of the student, after one batch of examples.",
        "epoch": "One pass through all training examples.",
        "budget": "How long it trains, in steps or epochs.",
        "run": "One student from its start to its last step.",
        "short run": "A few hundred steps. The order of students may change later.",
        "full run": "Three epochs. Short runs are judged by full ones.",
    },
    "Reading a result": {
        "accuracy": "The share of examples answered right.",
        "point": "A difference in percent: from 70 % to 73 % is 3 points.",
        "phenomenon": "What makes an example hard, such as a negation.",
        "random seed": "It fixes all chance in a run.",
        "noise": "What changes by chance alone: another seed, other examples.",
        "interval": "The range that holds the true value, as far as runs tell.",
        "margin": "The largest gap that chance alone explains.",
        "too few runs to tell": "The gap is within chance. That does not mean equal.",
        "equal within some points": "Shown to differ by no more than this.",
        "collapsed run": "It names one label for nearly everything.",
        "saved run": "A run that comes with the program.",
    },
}
_LINES = {term: line for terms in TERMS.values() for term, line in terms.items()}
_ALIASES = {
    "seed": "random seed", "steps": "step", "epochs": "epoch", "layers": "layer", "points": "point", "labels": "label", "phenomena": "phenomenon",
    "seams": "seam", "distill": "distillation", "choice": "layer choice",
}


def define(term: str) -> str:
    """Return the term's one line, with its name, for a help text: '**Student**: a smaller model …'. KeyError for a term that it lacks."""
    name = _ALIASES.get(term, term)
    return f"**{name[0].upper()}{name[1:]}**: {_LINES[name]}"


def define_all(*terms: str) -> str:
    """Return several terms' lines, one below the other, for one help text."""
    return "  \n".join(map(define, terms))
