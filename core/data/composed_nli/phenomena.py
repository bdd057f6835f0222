"""The phenomena: what each asks for, and the templates that ask for it."""

from . import clauses, lexical, orders, quantity, roles
from .items import Template

PHENOMENA: dict[str, str] = {
    "hypernymy": "A poodle is a dog: what holds of the specific holds of the general, what is denied of the general is denied of the specific.",
    "cohyponymy": "A robin is no owl: two members of one kind exclude each other.",
    "antonymy": "What is hot is not cold, but what is not cold need not be hot.",
    "modifiers": "A modifier is added or dropped: a red car is a car, and who did not sing did not sing loudly.",
    "negation": "Which of two people, and which of two doings, the word 'not' belongs to.",
    "conjunction": "Both, either, neither, or one but not the other.",
    "prepositions": "Which prepositional phrase belongs to whom; nobody and nothing is in two places at once.",
    "quantifiers": "All, some, no, most and not all, over a class or a part of it, in either direction of inference.",
    "numerals": "At least, at most, more than, fewer than and exactly, with the numbers two, five and nine.",
    "role_swap": "Who did it and to whom it was done, in the same words.",
    "passive": "The same event in the active and in the passive voice, or with the roles swapped.",
    "relative_clauses": "Who a relative clause is about, and quantifiers over a class that a clause restricts.",
    "comparatives": "Who is taller than whom, with converses and transitivity.",
    "spatial": "What is above, left of, in front of or north of what, with converses.",
    "temporal": "What happened before or after what, with converses.",
}

# How often a template is drawn beside the others of its phenomenon, by its name; 1 where it has none here.
WEIGHTS = {"alone": 2.0, "bare": 2.0, "one": 3.0, "indefinite": 2.0, "slots": 2.0, "two": 0.5, "compared": 2.0}

# phenomenon -> (templates of every split, templates of the test split only)
_ALL = lexical.TEMPLATES | clauses.TEMPLATES | quantity.TEMPLATES | roles.TEMPLATES | orders.TEMPLATES
TEMPLATES: dict[str, tuple[dict[str, Template], dict[str, Template]]] = {name: _ALL[name] for name in PHENOMENA}
