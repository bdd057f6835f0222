"""Every term of the story in one line: pages show it as help where the term is first met, and the glossary lists all."""

TERMS = {
    "The two models": {
        "teacher": "A large model that has been trained for the task already. Here it stays as it is.",
        "student": "A smaller model with fewer layers that learns to answer as the teacher does.",
        "layer": "One block of the model. Text passes through the layers in order; layer 1 is nearest the input, the last nearest the output.",
        "embeddings": "The first step before layer 1: every word piece becomes a list of numbers.",
        "head": "The last step: it turns what the last layer gives into one number for each label.",
        "parameters": "The numbers inside a model that training changes. Fewer of them make a smaller, faster model.",
    },
    "Starting a student": {
        "seeding": "Copying chosen teacher layers into the student before training, so that it does not start from nothing.",
        "layer choice": "Which teacher layers seed the student, in order. 1, 3, 5 makes a student of three layers.",
        "seam": "A place in the student where two layers meet that were not neighbours in the teacher.",
        "untrained layers": "Layers that start from random numbers instead of the teacher's. They show what seeding is worth.",
        "preset": "A layer choice with a name, such as the first three layers or every other layer.",
    },
    "Training it": {
        "distillation": "Training a student to give the teacher's answers, beside the right labels.",
        "task": "What the model has to decide, with texts and their labels. The built-in one: does the first sentence imply the second?",
        "label": "The right answer of an example, such as “entailment” or “contradiction”.",
        "logits": "The raw numbers that the head gives, one a label. The largest one decides the answer.",
        "soft targets": "The teacher's whole answer as shares over all labels, such as 80 %, 15 % and 5 %, in place of one label.",
        "temperature": "A number that evens out the soft targets. The higher it is, the more the unlikely labels show.",
        "loss": "How far the student's answers are from what it should say. Training makes it smaller.",
        "objective": "What training makes smaller: one loss, or several added up.",
        "step": "One small change of the student, made after looking at one batch of examples.",
        "batch": "The few examples that the student sees in one step.",
        "epoch": "One pass through all training examples.",
        "budget": "How long a student trains: a few hundred steps for a try, three epochs for a full run.",
        "run": "One student from its start to its last step, with all its figures.",
        "short run": "A run of some hundred steps, to watch live. Its order of students can differ from the full runs' order.",
        "full run": "A run of three epochs. Full runs are saved with the program, and short runs are judged against them.",
    },
    "Reading a result": {
        "accuracy": "The share of examples answered right. 80 % means 80 of 100.",
        "point": "A difference of two shares in percent: from 70 % to 73 % is 3 points.",
        "random seed": "The number that fixes all chance in a run, such as the order of the examples. Another seed gives another result.",
        "noise": "What changes a result by chance alone: another seed, or other test examples.",
        "interval": "The range in which the true value lies, as far as these runs can tell.",
        "margin": "The largest gap that chance alone explains. Only a gap beyond it counts.",
        "too few runs to tell": "The gap is inside the noise, and more runs could still show one. It does not mean that both are equal.",
        "equal within some points": "Enough runs show that the two differ by no more than this.",
        "collapsed run": "A run that names one label for nearly everything. It has learned nothing to speak of.",
        "phenomenon": "What makes an example hard, such as a negation or a number. Examples are grouped by it.",
        "probe": "A small model that reads one layer, to find out what can be told from there.",
        "agreement": "The share of examples on which student and teacher give the same answer, right or wrong.",
        "saved run": "A full or short run that comes with the program, so that nothing has to be trained to see it.",
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
