"""A kept student as a folder that transformers loads without this program."""

import json
import shutil
from pathlib import Path

from safetensors import SafetensorError

from core.errors import LabError
from core.store.students import Student, settle
from core.studies.export.as_onnx import write_onnx
from core.studies.export.card import card
from core.training.kept import whole


def export(student: Student, target: Path, onnx: bool = False) -> Path:
    """Write model.safetensors, config.json, the tokenizer's files, README.md (the card) and recipe.json; return the folder.

    onnx: write model.onnx too (core/studies/export/as_onnx.py).

    It is written beside its place and then moved there: nothing half-written is ever found. LabError when the place is taken or cannot be written,
    and where the student cannot be made whole (core/training/kept.py).
    """
    target = target.expanduser().absolute()
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise LabError(f"{target} is there already and not an empty folder; name another folder.")
    model, tokenizer = whole(student)
    for name in ("local_files_only", "is_local"):  # how it was loaded here says nothing of the folder
        tokenizer.init_kwargs.pop(name, None)
    part = target.with_name(f".part-{target.name}")
    try:
        shutil.rmtree(part, ignore_errors=True)  # of an export that was killed
        part.mkdir(parents=True)
        model.save_pretrained(part)
        tokenizer.save_pretrained(part)
        (part / "README.md").write_text(card(student.record, student.about))
        (part / "recipe.json").write_text(json.dumps(student.record["recipe"], indent=1) + "\n")
        if onnx:
            write_onnx(model, tokenizer, part / "model.onnx")
        for written in (*part.iterdir(), part):
            settle(written)
        part.replace(target)
        settle(target.parent)
    except LabError:
        shutil.rmtree(part, ignore_errors=True)
        raise
    except (OSError, SafetensorError) as error:
        shutil.rmtree(part, ignore_errors=True)
        raise LabError(f"The student cannot be written to {target} ({getattr(error, 'strerror', None) or error}); free some disk space, or name a "
                       "folder that you can write.") from error
    return target
