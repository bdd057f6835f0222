"""`python -m core VERB`: the app's verbs on the command line. Exit 2 and one sentence on bad input."""

import argparse
import importlib
import os
import sys

from core.errors import LabError

VERBS = (
    "teachers", "tasks", "fetch", "tune", "distill", "sweep", "plan", "landscape", "validity", "runs", "show", "explain", "export", "home",
    "examples", "inside", "choose", "seams", "stages", "diagnose", "mistakes", "blind", "calibrate", "work",
)
WITHOUT_JSON = ("fetch", "sweep", "work")


class Parser(argparse.ArgumentParser):
    """argparse's own errors as one sentence."""

    def error(self, message: str):
        raise LabError(f"{message[0].upper()}{message[1:]}; see `{self.prog} --help`.")


def parser() -> Parser:
    top = Parser(prog="python -m core", description="Layer Lab: which teacher layers should a student start from?")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=Parser)
    for verb in VERBS:
        module = importlib.import_module(f"core.commands.{verb}")
        sub = verbs.add_parser(verb, help=module.__doc__.splitlines()[0], description=module.__doc__)
        module.add(sub)
        if verb not in WITHOUT_JSON:
            sub.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
        sub.set_defaults(run=module.run)
    return top


def main(argv: list[str] | None = None) -> int:
    return execute(parser(), argv)


def execute(top: Parser, argv: list[str] | None = None) -> int:
    """Parse the arguments and call their `run`; the exit status: 0, 2 for bad input (its sentence on stderr), 130 when interrupted."""
    try:
        args = top.parse_args(argv)
        args.run(args)
        sys.stdout.flush()
    except LabError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, such as head, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
