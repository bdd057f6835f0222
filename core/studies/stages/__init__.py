"""Distillation in several stages: progressive shrinking, module replacing, hidden states before logits. Each stage is one Session."""
