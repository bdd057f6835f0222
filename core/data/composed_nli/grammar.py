"""The little English grammar that the phenomena share: articles, plurals, sentences."""

IRREGULAR_PLURALS = {"fisherman": "fishermen", "thief": "thieves", "fish": "fish", "trout": "trout", "salmon": "salmon", "carp": "carp",
                     "tuna": "tuna", "herring": "herring", "knife": "knives", "leaf": "leaves", "man": "men", "woman": "women"}


def a(noun_phrase: str) -> str:
    """Return 'an owl', 'a poodle'; by spelling, with the exceptions that the lexicon needs."""
    vowel = noun_phrase[0].lower() in "aeiou" and not noun_phrase.startswith(("uni", "use", "one"))
    return ("an " if vowel else "a ") + noun_phrase


def plural(noun: str) -> str:
    if noun in IRREGULAR_PLURALS:
        return IRREGULAR_PLURALS[noun]
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def sentence(text: str) -> str:
    """First letter upper case, a full stop at the end; the rest as it is."""
    return text[0].upper() + text[1:] + "."
