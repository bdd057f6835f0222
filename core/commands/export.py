"""Write the student of a run into a folder that transformers loads without this program."""

from pathlib import Path

from core.commands.output import answer
from core.errors import LabError
from core.store import students


def add(parser) -> None:
    parser.add_argument("run_id", help="the id of a run whose student was kept, or enough of its beginning")
    parser.add_argument("folder", type=Path, nargs="?", help="where to write it: a new folder, or an empty one")
    parser.add_argument("--onnx", action="store_true", help="write model.onnx too; needs `pip install onnx`")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--packed", action="store_true", help="in place of FOLDER: one zip file, which the app offers to download")
    instead.add_argument("--as-teacher", action="store_true", help="in place of FOLDER: make it a teacher, and say by which name")


def run(args) -> None:
    if (args.folder is not None) + args.packed + args.as_teacher != 1:
        raise LabError("Name a folder to write to, or one of --packed and --as-teacher.")
    student = students.find(args.run_id)
    document = {"id": student.record["id"], "student": student.key}
    of_run = f"The student of run {student.record['id']}"
    if args.as_teacher:
        from core.studies.export.packed import as_teacher

        name = as_teacher(student)
        answer(args, document | {"teacher": name}, lambda: f"{of_run} is a teacher now: --teacher {name}")
        return
    if args.packed:
        from core.studies.export.packed import pack
        from core.studies.export.places import WITH_ONNX, ZIP

        file = pack(student, WITH_ONNX if args.onnx else ZIP)
        answer(args, document | {"file": file.name, "path": str(file)}, lambda: f"{of_run} lies in {file}.")
        return
    from core.studies.export.folder import export

    written = export(student, args.folder, args.onnx)
    document |= {"folder": str(written), "files": sorted(file.name for file in written.iterdir())}
    load = f"AutoModelForSequenceClassification.from_pretrained({str(written)!r})"
    answer(args, document, lambda: f"{of_run} lies in {written}; {load} loads it, and README.md says what it is.")
