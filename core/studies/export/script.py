"""The same choice without this program: a few lines of plain transformers that make the student as it is before its first step."""

from collections.abc import Mapping

from core.models.families import FAMILIES

START = '''import copy

from torch import nn
from transformers import AutoModelForSequenceClassification

teacher = AutoModelForSequenceClassification.from_pretrained({teacher!r}).eval()
layers = {layers}  # of the teacher, counted from 1, nearest the input

student = copy.deepcopy(teacher)
student.{path} = nn.ModuleList(copy.deepcopy(teacher.{path}[layer - 1]) for layer in layers)
student.config.{count} = len(layers)
'''
FRESH = '''
fresh = type(teacher)(student.config).state_dict()  # what is not copied
student.load_state_dict({{name: weight for name, weight in fresh.items() if name.startswith({prefixes})}}, strict=False)
'''
END = '\nstudent.save_pretrained("student")  # before its first step: train it like any other model\n'


def plain_transformers(recipe: Mapping, model_type: str, teacher: str) -> str:
    """Return the script, Python.

    recipe: as JSON has it. model_type: transformers' name of the teacher's architecture. teacher: the folder or hub id of the fine-tuned teacher.
    """
    family, seeding = FAMILIES[model_type], recipe["seeding"]
    prefixes = () if seeding["copy_embeddings"] else family.embeddings
    prefixes += (f"{family.layers}.",) if seeding["untrained_layers"] else ()
    prefixes += (*family.pooler, *family.head) if seeding["fresh_head"] else ()
    start = START.format(teacher=teacher, layers=list(recipe["layers"]), path=family.layers, count=family.layer_count)
    return start + (FRESH.format(prefixes=prefixes) if prefixes else "") + END
