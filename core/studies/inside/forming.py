"""How the prediction of one text, or one pair, forms from layer to layer."""

import torch

from core.models.exits import exit_logits
from core.studies.ask import checked
from core.training.device import pick
from core.training.loading import load_pair


def forming(teacher_name: str, task_name: str, first: str, second: str | None = None) -> dict:
    """The head's class probabilities after every layer, on one text, or on a pair where the task's examples are pairs.

    {"labels": C names, "layers": L + 1 times C probabilities, index 0 after the embeddings, "tokens": how many were read, "cut":
    whether the text was longer than the task's max_length}. The last layer's are the teacher's own. The random state of torch is
    left as it was. LabError for a teacher that is not ready and for texts that do not fit the task.
    """
    with torch.random.fork_rng():
        teacher, task, _ = load_pair(teacher_name, task_name)
        texts = checked(first, second, pair=task.train.second is not None)
        device = pick("fp32")  # one text takes no time
        limit = min(task.max_length, teacher.tokenizer.model_max_length)
        whole = len(teacher.tokenizer(*texts, truncation=False)["input_ids"])
        encoded = teacher.tokenizer(*texts, truncation=True, max_length=limit, return_tensors="pt").to(device.torch)
        inputs = {name: value for name, value in encoded.items() if name in teacher.tokenizer.model_input_names}
        with torch.inference_mode():
            model = teacher.model.to(device.torch)
            with device.context():
                states = model(**inputs, output_hidden_states=True).hidden_states
                logits = torch.cat([exit_logits(model, state) for state in states])
    return {
        "labels": list(task.labels), "layers": torch.softmax(logits.double().cpu(), 1).tolist(), "tokens": min(whole, limit), "cut": whole > limit,
    }
