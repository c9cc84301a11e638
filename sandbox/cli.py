"""`python -m sandbox prima|reveni|…`: one emulated vendor as a process, until it is told to stop.

`python -m sandbox audit` reads the journals that they left.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
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


def _returngo(journal: Journal, options: argparse.Namespace) -> ASGIApp:
    named = ("shop_name", "api_key", "webhook_url", "retry_seconds", "pay")
    given = {name: getattr(options, name) for name in named if getattr(options, name) is not None}
    app: ASGIApp = import_module("sandbox.returngo").ReturnGoSandbox(journal=journal, **given).app
    return app


def _centra(journal: Journal, options: argparse.Namespace) -> ASGIApp:
    app: ASGIApp = import_module("sandbox.centra").CentraSandbox(journal=journal).app
    return app


def _patchworks(journal: Journal, options: argparse.Namespace) -> ASGIApp:
    module = import_module("sandbox.patchworks")
    given = {name: value for name in ("inbound_url", "inbound_token") if (value := getattr(options, name)) is not None}
    world = module.PatchworksWorld() if options.empty else None
    app: ASGIApp = module.PatchworksSandbox(world, journal=journal, **given).app
    return app


def _bluecherry(journal: Journal, options: argparse.Namespace) -> ASGIApp:
    every = None if options.every is None else timedelta(seconds=options.every)
    module = import_module("sandbox.bluecherry")
    length = timedelta(seconds=options.length)
    app: ASGIApp = module.BlueCherrySandbox(options.root, journal=journal, every=every, length=length).app
    return app


VENDORS: dict[str, Callable[[Journal, argparse.Namespace], ASGIApp]] = {
    "prima": _prima,
    "centra": _centra,
    "bluecherry": _bluecherry,
    "patchworks": _patchworks,
    "reveni": _reveni,
    "returngo": _returngo,
}
"""Each imports its vendor only when asked for: one vendor must not need the other's parts."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="vendor", required=True)
    prima = commands.add_parser("prima", help="an emulated Prima ERP")
    centra = commands.add_parser("centra", help="an emulated Centra")
    bluecherry = commands.add_parser("bluecherry", help="an emulated BlueCherry with its drop directories")
    bluecherry.add_argument("--root", type=Path, required=True, help="folder of inbound/ and outbound/")
    bluecherry.add_argument("--every", type=float, help="seconds from window to window; left out: none opens by itself")
    bluecherry.add_argument("--length", type=float, default=0, help="seconds that a window lasts")
    patchworks = commands.add_parser("patchworks", help="an emulated Patchworks with a NetSuite-like ERP behind it")
    patchworks.add_argument("--inbound-url", help="where the connector reports warehouse events")
    patchworks.add_argument("--inbound-token", help="bearer token that it sends with them")
    for erp in (prima, patchworks):
        erp.add_argument("--empty", action="store_true", help="start without the varied orders and items")
    reveni = commands.add_parser("reveni", help="one merchant's store at an emulated Reveni")
    reveni.add_argument("--store-id", help="id of the store in every path")
    returngo = commands.add_parser("returngo", help="one shop at an emulated ReturnGO")
    returngo.add_argument("--shop-name", help="the x-shop-name header")
    for platform in (reveni, returngo):
        platform.add_argument("--api-key", help="what its callers must send")
        platform.add_argument("--webhook-url", help="receives every event beside the registered webhooks")
        platform.add_argument("--retry-seconds", type=_seconds, help="waits before further tries of a webhook: 1,5,60")
        platform.add_argument("--pay", choices=("at_once", "later", "withheld"), help="when refunds move")
    for vendor in (prima, centra, bluecherry, patchworks, reveni, returngo):
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
