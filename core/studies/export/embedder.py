"""The same choice for sentence embeddings, as a script of sentence-transformers.

It has the shape of their layer reduction (their documentation: "Model Distillation"): the same model twice, one cut to some of its layers, which
learns the embeddings of the other by mean squared error. No labels are needed.
"""

from collections.abc import Mapping

from core.errors import LabError
from core.models.families import FAMILIES

SCRIPT = '''import copy
import sys

from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments, losses
from torch import nn

teacher = SentenceTransformer({teacher!r})
student = SentenceTransformer({teacher!r})
layers = {layers}  # of the teacher, counted from 1, nearest the input

encoder = student[0].auto_model
encoder.{path} = nn.ModuleList(copy.deepcopy(encoder.{path}[layer - 1]) for layer in layers)
encoder.config.{count} = len(layers)

# The file that is named behind the script holds a text a line: texts like those that the student is for, without labels.
texts = [line.strip() for line in open(sys.argv[1], encoding="utf-8") if line.strip()]
data = Dataset.from_dict({{"sentence": texts, "label": teacher.encode(texts).tolist()}})
settings = SentenceTransformerTrainingArguments("training", num_train_epochs=1, per_device_train_batch_size=64, learning_rate=1e-4)
SentenceTransformerTrainer(student, settings, train_dataset=data, loss=losses.MSELoss(student)).train()
student.save_pretrained("student")
'''


def sentence_transformers(recipe: Mapping, model_type: str, base: str) -> str:
    """Return the script, Python; called with a file of texts it trains the student and writes the folder `student`.

    recipe: as JSON has it. model_type: transformers' name of the base's architecture. base: the folder or hub id of the model that embeds.
    LabError where the layers are drawn fresh.
    """
    if recipe["seeding"]["untrained_layers"]:
        raise LabError("This student is the control, whose layers are drawn fresh: there is no choice of layers to carry over.")
    family = FAMILIES[model_type]
    path = family.layers.partition(".")[2]  # within the encoder
    return SCRIPT.format(teacher=base, layers=list(recipe["layers"]), path=path, count=family.layer_count)
