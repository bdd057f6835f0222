"""Layers chosen by algorithm: functions (teacher, task sample, k) -> ranked choices with scores and cost in seconds."""
