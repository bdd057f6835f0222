"""Write the student of a run into a folder that transformers loads without this program."""

from pathlib import Path

from core.commands.output import answer
from core.store import students


def add(parser) -> None:
    parser.add_argument("run_id", help="the id of a run whose student was kept, or enough of its beginning")
    parser.add_argument("folder", type=Path, help="where to write it: a new folder, or an empty one")
    parser.add_argument("--onnx", action="store_true", help="write model.onnx too; needs `pip install onnx`")


def run(args) -> None:
    student = students.find(args.run_id)
    from core.studies.export.folder import export

    written = export(student, args.folder, args.onnx)
    document = {"id": student.record["id"], "student": student.key, "folder": str(written), "files": sorted(file.name for file in written.iterdir())}
    load = f"AutoModelForSequenceClassification.from_pretrained({str(written)!r})"
    answer(args, document, lambda: f"The student of run {student.record['id']} lies in {written}; {load} loads it, and README.md says what it is.")
