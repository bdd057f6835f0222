"""The figures of the landscape page. Each draws fewer than MOST_MARKS marks: above 2,000 Vega paints a canvas that no screen reader sees."""

from core.figures.landscape.choices import CLICK, choice_rows, most_rows
from core.figures.landscape.effects import effect_chart
from core.figures.landscape.elsewhere import notebooks, published
from core.figures.landscape.groups import group_map
from core.figures.landscape.scatter import before_after, sizes
from core.figures.landscape.taus import rank_lines, tau_chart

__all__ = [
    "CLICK", "before_after", "choice_rows", "effect_chart", "group_map", "most_rows", "notebooks", "published", "rank_lines", "sizes", "tau_chart",
]
