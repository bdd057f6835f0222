"""Training: device, signals, losses, the loop, fine-tuning and distillation."""
