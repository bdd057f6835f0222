"""Altair figures, pure functions of plain data. Torch-free and Streamlit-free; they decide nothing."""

from core.figures.bars import accuracy_bars, norm_bars, norms_beside
from core.figures.chain import SEAM, chain, cost_text
from core.figures.curves import accuracy_curve, emphasis_curve, log_lines, loss_curve, panel, scaling, side, staged_curve
from core.figures.heat_maps import confusion_map, group_map, layer_map, similarity_map
from core.figures.intervals import comparison, effect_chart, interval_dots, tau_chart
from core.figures.kept import spec
from core.figures.lanes import lanes
from core.figures.layer_diagram import SELECTION, Overlay, diagram, diagram_spec, ends
from core.figures.layer_rows import CLICK, PICK, choice_rows, ladder, pick_rows
from core.figures.layer_scores import accuracy_lines, head_spread, score_bars
from core.figures.line_ends import end_labels
from core.figures.moved import moved_blocks
from core.figures.scatter import before_after, notebooks, published, rank_lines, sizes
from core.figures.strip import group_strip

__all__ = [
    "CLICK", "PICK", "SEAM", "SELECTION", "Overlay", "accuracy_bars", "accuracy_curve", "accuracy_lines", "before_after", "chain", "choice_rows",
    "comparison", "confusion_map", "cost_text", "diagram", "diagram_spec", "effect_chart", "emphasis_curve", "end_labels", "ends", "group_map",
    "group_strip", "head_spread", "interval_dots", "ladder", "lanes", "layer_map", "log_lines", "loss_curve", "moved_blocks", "norm_bars",
    "norms_beside", "notebooks", "panel", "pick_rows", "published", "rank_lines", "scaling", "score_bars", "side", "similarity_map", "sizes",
    "spec", "staged_curve", "tau_chart",
]
