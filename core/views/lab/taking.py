"""Taking a student away: what its archive holds, and the same choice as text for other programs."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import LabError
from core.models.catalogue import TEACHERS, find_folder, local_folder
from core.models.config import facts
from core.recipe.tuning import split_teacher
from core.studies.export.embedder import sentence_transformers
from core.studies.export.mergekit import mergekit
from core.studies.export.places import ONNX
from core.studies.export.script import plain_transformers

HOLDS = ("A zip file of one folder: weights (safetensors), config and tokenizer, a model card with the figures and their noise, and the recipe. "
         "`transformers` loads it without this program.")
NO_ONNX = f"ONNX, which programs without PyTorch run, needs one more package where Layer Lab runs: pip install {ONNX} (9 MB)."


@dataclass(frozen=True)
class Text:
    """The same choice for another program. text: what it reads, '' where `problem` says why there is none. use: what it is for, one sentence."""

    name: str
    file: str
    language: str
    use: str
    text: str = ""
    problem: str = ""


def texts(record: Mapping, paths: bool = True) -> list[Text]:
    """Return the choice of a run as lines of transformers, of sentence-transformers, and as a slice file of mergekit.

    paths: folders are named by their paths on this machine, else by their last names: a visitor from another has no use for them.
    """
    recipe = record["recipe"]
    base = split_teacher(recipe["teacher"])[0]
    kinds = (
        ("transformers", "student.py", "python", "The student before its first step, in plain transformers.", plain_transformers, False),
        ("sentence-transformers", "embedder.py", "python", "The same layers of the model that embeds sentences, trained without labels.",
         sentence_transformers, True),
        ("mergekit", "student.yml", "yaml", "The student before its first step, for `mergekit-yaml student.yml FOLDER`.", mergekit, False),
    )
    found = []
    for name, file, language, use, write, of_base in kinds:
        try:
            place = find_folder(recipe["teacher"], recipe["task"], record["task_hash"])
            if place is None:
                raise LabError(f"The teacher {recipe['teacher']} is not on this machine.")
            said = lambda path: str(path) if paths else path.name
            source = said(place)
            if of_base:
                source = TEACHERS[base].hub_id if base in TEACHERS else said(folder) if (folder := local_folder(base)) else base
            found.append(Text(name, file, language, use, write(recipe, facts(place).model_type, source)))
        except LabError as error:
            found.append(Text(name, file, language, use, problem=str(error)))
    return found
