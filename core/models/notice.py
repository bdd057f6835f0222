"""The licence note that stands beside bundled weights."""

from core.models.catalogue import TEACHERS

MODEL_CARD = "https://huggingface.co/"


def notice(card: dict) -> str:
    """Return Markdown: where the weights come from, under which licence, and what was changed. card: the teacher's."""
    info = TEACHERS[card["base"]]
    tuning = card["tuning"]
    optimiser = tuning["optimiser"]
    settings = f"learning rate {optimiser['learning_rate']:g}, batch size {optimiser['batch_size']}, seed {tuning['seed']}"
    return f"""# Notice

`model.safetensors` and the tokenizer files in this folder are derived from **{info.hub_id}** ({MODEL_CARD}{info.hub_id}),
published under the Apache License 2.0, whose text is in `../LICENSE-Apache-2.0.txt`. The original weights have the sha256
`{info.sha256}`.

Changed in this copy:

- a classification head for {len(card["labels"])} classes ({", ".join(card["labels"])}) was added and, with all other weights, fine-tuned on the
  task `{card["task"]}` for {tuning["epochs"]} epochs ({settings});
- all weights were rounded to half precision (fp16).

`teacher.json` holds the whole recipe, the versions and the scores; `logits.safetensors` holds the outputs of these weights on that task.
This folder is distributed under the same licence. `python -m core tune {card["name"]} --task {card["task"]} --bundle` makes it again.
"""
