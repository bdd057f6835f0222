"""Losses, bundles of losses and layer weightings: each is declared once, in a file of its own, and found here. Torch-free on import.

To add one, write one file in losses/, bundles/ or weightings/. A file may hold several declarations, such as a loss and a bundle that uses it.
"""

from core.objectives import bundles, losses, weightings
from core.objectives.declarations import Bundle, Loss, Weighting, declared

LOSSES = declared(Loss, losses, bundles, weightings)
BUNDLES = declared(Bundle, losses, bundles, weightings)
WEIGHTINGS = declared(Weighting, losses, bundles, weightings)

__all__ = ["BUNDLES", "LOSSES", "WEIGHTINGS", "Bundle", "Loss", "Weighting"]
