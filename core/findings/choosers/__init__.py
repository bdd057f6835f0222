"""Choosers beside the saved full runs: regret, baselines, and the study of stages."""
