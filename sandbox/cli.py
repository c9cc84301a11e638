"""`python -m sandbox prima|reveni`: one emulated vendor as a process, until it is told to stop."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import FrameType

from starlette.types import ASGIApp

from sandbox.kit.journal import Journal
from sandbox.kit.server import RunningServer


def main(argv: Sequence[str] | None = None) -> int:
    """Serve, print the base URL as the only line on stdout, and end with 0 on SIGINT or SIGTERM."""
    options = _parser().parse_args(argv)
    app = VENDORS[options.vendor](Journal(options.vendor, options.journal))
    with RunningServer.start(app, options.host, options.port) as server:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _stopper(server))
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        server.wait()
    return 0


def _prima(journal: Journal) -> ASGIApp:
    return _app_of("sandbox.prima", "PrimaSandbox", journal)


def _reveni(journal: Journal) -> ASGIApp:
    return _app_of("sandbox.reveni", "ReveniSandbox", journal)


VENDORS: dict[str, Callable[[Journal], ASGIApp]] = {"prima": _prima, "reveni": _reveni}


def _app_of(module: str, name: str, journal: Journal) -> ASGIApp:
    """Imported only when asked for: one vendor must not need the other's parts."""
    app: ASGIApp = getattr(import_module(module), name)(journal=journal).app
    return app


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("vendor", choices=sorted(VENDORS))
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default: loopback only)")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--journal", type=Path, help="JSONL file of applied effects, appended to")
    return parser


def _stopper(server: RunningServer) -> Callable[[int, FrameType | None], None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        server.ask_to_stop()

    return stop
