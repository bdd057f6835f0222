"""Specifications of charts that were made before: to make one takes longer than all else that a click on a page does."""

import functools
import json
from collections.abc import Callable

import altair as alt


def spec(figure: Callable, *args, **named) -> dict:
    """Return figure(*args, **named) as a Vega-Lite specification. What is given has to be JSON: it is what a chart is found again by."""
    return json.loads(_made(figure, json.dumps([args, named])))


@functools.lru_cache(maxsize=512)
def _made(figure: Callable, given: str) -> str:
    args, named = json.loads(given)
    with alt.theme.enable("none"):  # Altair's own sets a width and a height
        return json.dumps(figure(*args, **named).to_dict())
