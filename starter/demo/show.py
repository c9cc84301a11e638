"""The demo from the first process to the last: nothing stays behind, however it ends."""

import asyncio
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from temporalio.service import RPCError

from runtime.client import TemporalUnreachableError
from runtime.devserver import DevServerError
from runtime.shutdown import stop_on_signals
from starter.demo.board import Board, summary
from starter.demo.pairing import SHOWN, pairing_named
from starter.demo.stage import Stage
from starter.demo.system import System
from starter.demo.trouble import DemoError

_LOG_WIDTH = 170

OK, FAILED, INTERRUPTED = 0, 1, 130


@dataclass
class Ending:
    """The exit code, as far as it is known."""

    code: int = INTERRUPTED


async def run_demo(
    *, exit_when_done: bool, report: Path | None, pairing: str = "", console: Console | None = None
) -> int:
    """Play all scenarios; 0 when each ended as it should and the books agree, 1 when not, 130 when interrupted.

    Without `exit_when_done` everything keeps running for people to look at, until Ctrl-C or SIGTERM.
    `report` gets the result as JSON. `pairing`: every scenario on this pair of systems, and nothing else.
    """
    board = Board(console or _console())
    if report is not None and not report.parent.is_dir():
        board.say(f"There is no folder {report.parent} for the report.")
        return FAILED
    try:
        pairings = (pairing_named(pairing),) if pairing else SHOWN
    except DemoError as unknown:
        board.say(str(unknown))
        return FAILED
    ending = Ending()
    with (
        tempfile.TemporaryDirectory(prefix="backhaul-demo-", ignore_cleanup_errors=True) as folder,
        stop_on_signals() as stop,
    ):
        show = asyncio.create_task(_show(System(Path(folder), pairings), board, ending, exit_when_done, report))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({show, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not show.done():
            board.say("Stopping.")
            show.cancel()
        with suppress(asyncio.CancelledError):
            await show
    return ending.code


def _console() -> Console:
    """As wide as the terminal; wide enough for the summary where there is none."""
    return Console(width=None if sys.stdout.isatty() else _LOG_WIDTH)


async def _show(system: System, board: Board, ending: Ending, exit_when_done: bool, report: Path | None) -> None:
    """Runs until it is done, or cancelled; in either case its processes are gone afterwards."""
    try:
        names = [name for pairing in system.pairings for name in pairing.connections.values()]
        erps = ", ".join(dict.fromkeys(pairing.erp for pairing in system.pairings))
        parts = f"Temporal, {erps}, a store for each of {', '.join(names)}"
        board.say(f"Starting {parts}, the worker, the bridge and the console.")
        async with system:
            board.say(f"Everything runs. Console: {system.console.url} ({system.sign_in})")
            board.say(f"Temporal UI: {system.temporal.ui_url}")
            result = await Stage(system, board).play()
            if report is not None:
                result.write(report)
            summary(board.console, result, {} if exit_when_done else system.addresses())
            for words in system.last_words():
                board.console.print(words, markup=False, soft_wrap=True)
            ending.code = OK if result.ok else FAILED
            if not exit_when_done:
                board.say("Everything keeps running. Press Ctrl-C to end it.")
                await asyncio.Event().wait()
    except (DemoError, DevServerError, TemporalUnreachableError, RPCError, httpx.HTTPError, OSError) as error:
        ending.code = FAILED
        board.say(f"The demo failed. {error}")
