"""Altair figures: the layer diagram, curves, heat map and bars. Torch-free and Streamlit-free; they decide nothing."""

from core.figures.bars import accuracy_bars, norm_bars
from core.figures.comparison import comparison, interval_dots
from core.figures.confusion import confusion_map
from core.figures.curves import accuracy_curve, loss_curve
from core.figures.layer_diagram import SELECTION, diagram, diagram_spec
from core.figures.overlay import Overlay

__all__ = [
    "SELECTION", "Overlay", "accuracy_bars", "accuracy_curve", "comparison", "confusion_map", "diagram", "diagram_spec",
    "interval_dots", "loss_curve", "norm_bars",
]
