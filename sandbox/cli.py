"""`python -m sandbox prima|reveni`: one emulated vendor as a process, until it is told to stop.

`python -m sandbox audit` reads the journals that they left.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import FrameType

from starlette.types import ASGIApp

from sandbox.audit.command import add_audit_options, audit
from sandbox.kit.journal import Journal
from sandbox.kit.server import RunningServer


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. A vendor prints its base URL as the only line on stdout; 0 on SIGINT or SIGTERM."""
    options = _parser().parse_args(argv)
    return audit(options) if options.vendor == "audit" else _serve(options)


def _serve(options: argparse.Namespace) -> int:
    app = VENDORS[options.vendor](Journal(options.vendor, options.journal), options)
    with RunningServer.start(app, options.host, options.port) as server:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _stopper(server))
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        server.wait()
    return 0


def _prima(journal: Journal, options: argparse.Namespace) -> ASGIApp:
    module = import_module("sandbox.prima")
    app: ASGIApp = module.PrimaSandbox(module.PrimaWorld() if options.empty else None, journal=journal).app
    return app


def _reveni(journal: Journal, options: argparse.Namespace) -> ASGIApp:
    named = ("store_id", "api_key", "webhook_url", "retry_seconds", "pay")
    given = {name: getattr(options, name) for name in named if getattr(options, name) is not None}
    app: ASGIApp = import_module("sandbox.reveni").ReveniSandbox(journal=journal, **given).app
    return app


VENDORS: dict[str, Callable[[Journal, argparse.Namespace], ASGIApp]] = {"prima": _prima, "reveni": _reveni}
"""Each imports its vendor only when asked for: one vendor must not need the other's parts."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="vendor", required=True)
    prima = commands.add_parser("prima", help="an emulated Prima ERP")
    prima.add_argument("--empty", action="store_true", help="start without the varied orders and items")
    reveni = commands.add_parser("reveni", help="one merchant's store at an emulated Reveni")
    reveni.add_argument("--store-id", help="id of the store in every path")
    reveni.add_argument("--api-key", help="bearer token, and key of the webhook signature")
    reveni.add_argument("--webhook-url", help="receives every event beside the registered webhooks")
    reveni.add_argument("--retry-seconds", type=_seconds, help="waits before further tries of a webhook: 1,5,60")
    reveni.add_argument("--pay", choices=("at_once", "later", "withheld"), help="when refunds move")
    for vendor in (prima, reveni):
        vendor.add_argument("--host", default="127.0.0.1", help="address to bind (default: loopback only)")
        vendor.add_argument("--port", type=int, default=0, help="0 takes a free port")
        vendor.add_argument("--journal", type=Path, help="JSONL file of applied effects, appended to")
    add_audit_options(commands.add_parser("audit", help="an independent reading of the journals, as JSON"))
    return parser


def _seconds(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(",") if part)


def _stopper(server: RunningServer) -> Callable[[int, FrameType | None], None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        server.ask_to_stop()

    return stop
