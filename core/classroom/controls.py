"""The controls of the Lab that a lesson can hide or lock, and the pages that a step can open."""

CONTROLS = {
    "teacher": "the teacher", "task": "the task", "layers": "the layers", "size": "the student's number of layers", "presets": "the presets",
    "order": "order and repeats", "overlay": "what the blocks show", "predict": "the prediction", "objective": "the objective",
    "budget": "the budget", "seed": "the seed", "view": "the level, story or researcher",
}
NEVER_HIDDEN = ("layers",)  # the diagram is the page
HIDEABLE = tuple(name for name in CONTROLS if name not in NEVER_HIDDEN)
PAGES = {  # the name of a page's file, and its title
    "lab": "Lab", "compare": "Compare", "landscape": "Landscape", "wrong": "What went wrong?", "yours": "Your data", "choosers": "Smarter choices",
    "inside": "Inside the teacher", "about": "About the runs", "glossary": "Glossary",
}
