"""The content words of the task, counted once each whatever their form; names of people are left out."""

import re

from . import taxonomy as words
from .grammar import plural

FUNCTION_WORDS = frozenset({"an", "the", "in", "on", "at", "of", "to", "by", "with", "from", "for", "up", "under", "behind", "near", "can", "its"})


def content_words() -> tuple[str, ...]:
    """Nouns, verbs, adjectives and adverbs that the templates draw from, sorted; forms of one word joined by '/'."""
    nouns = [n for kind, members in words.KINDS.items() for n in (kind, *members)]
    nouns += [*words.PEOPLE, *words.PLACED, *words.THINGS, *(row[0] for row in words.ATTACHED)]
    nouns += [thing for _, _, things in (*words.THING_CONTRARIES, *words.THING_SCALES) for thing in things]
    nouns += [thing for _, _, things, _ in words.SPACE for thing in things]
    verbs = [*words.ANY_VERBS, *words.SHOP_VERBS, *words.ONE_WAY, *(row[:2] for row in words.MANNERS)]
    described = [*(w for row in (*words.PERSON_CONTRARIES, *words.THING_CONTRARIES) for w in row[:2]), *words.MODIFIERS_THING,
                 *words.MODIFIERS_PERSON, *words.DOING, *(w for row in words.MANNERS for w in row[2])]
    phrases = [*words.PERSON_PLACES, *words.THING_PLACES, *words.CLAUSES, *words.MOMENTS, *(past for past, _ in words.CHORES),
               *(phrase for _, *extras in words.ATTACHED for phrase in extras), *(s for states in words.STATES.values() for s in states)]
    found = {noun: f"{noun}/{plural(noun)}" for noun in nouns}
    found |= {verb[-1]: "/".join(dict.fromkeys(verb)) for verb in verbs}
    found |= {w: w for w in described}
    known = {form for forms in found.values() for form in forms.split("/")}
    loose = {w for phrase in phrases for w in re.findall("[a-z]+", phrase.lower())} - known - FUNCTION_WORDS
    for group, _ in words.COUNTED:
        loose |= {noun for noun in group if noun not in known}
    return tuple(sorted([*found.values(), *loose]))
