"""What this home keeps and how large it is; write it into one file for another machine, or take such a file over."""

from pathlib import Path

from core.commands.output import answer, table
from core.errors import LabError
from core.home import home
from core.store import archive, students
from core.views.common.kept import archive_text, kept_text, rows


def add(parser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--save", metavar="FILE", type=Path, help="write runs, maps, students, uploads and the teachers that they need into one file")
    what.add_argument("--load", metavar="FILE", type=Path, help="take over what such a file holds and this home does not")
    what.add_argument("--pin", metavar="RUN_ID", help="the student of this run never goes by itself")
    what.add_argument("--unpin", metavar="RUN_ID", help="it may go again")
    what.add_argument("--delete", metavar="RUN_ID", help="delete the student of this run")


def run(args) -> None:
    if args.save:
        for _ in archive.save(args.save):
            pass
        size = args.save.expanduser().stat().st_size
        answer(args, {"file": str(args.save), "bytes": size},
               lambda: f"Runs, maps, students and uploads of {home()} lie in {args.save} ({size / 1e6:,.0f} MB).")
    elif args.load:
        if not args.load.expanduser().is_file():
            raise LabError(f"There is no file {args.load}.")
        found = archive.load(args.load.expanduser())
        answer(args, vars(found), lambda: f"Taken over: {found.runs} runs, {found.maps} maps, {found.students} students, "
                                          f"{found.teachers} teachers, {found.tables} tables; {found.there} were there already.")
    elif args.pin or args.unpin:
        students.pin(students.find(args.pin or args.unpin), bool(args.pin))
        _list(args)
    elif args.delete:
        students.remove(students.find(args.delete))
        _list(args)
    else:
        _list(args)


def _list(args) -> None:
    kept = students.students()
    named = [{"id": one.record["id"], "key": one.key, "bytes": one.size, "pinned": one.pinned} for one in kept]
    head = ("run", "student", "MB", "kept", "pinned")
    answer(args, {"home": str(home()), "limit": students.limit(), "archive_bytes": archive.size().bytes, "students": named},
           lambda: f"{table(head, rows(kept))}\n{kept_text()} ({home()})\nAs one file (--save): {archive_text()}")
