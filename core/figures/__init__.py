"""Altair figures: the layer diagram, curves, heat map and bars. Torch-free and Streamlit-free; they decide nothing."""

from core.figures.bars import accuracy_bars, norm_bars
from core.figures.confusion import confusion_map
from core.figures.curves import accuracy_curve, loss_curve
from core.figures.layer_diagram import SELECTION, diagram

__all__ = ["SELECTION", "accuracy_bars", "accuracy_curve", "confusion_map", "diagram", "loss_curve", "norm_bars"]
