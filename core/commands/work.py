"""Run the worker: take jobs from the queue and run them. The app starts one by itself."""

import logging

from core.worker import IDLE_SECONDS, work


def add(parser) -> None:
    parser.add_argument("--idle", type=float, default=IDLE_SECONDS, metavar="SECONDS", help="end after this long without jobs and server")


def run(args) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    work(args.idle)
