"""Layers chosen by algorithm: functions (teacher, task sample, k, capacity limit) -> ranked choices with scores and cost in seconds."""
