"""``backhaul check``: is everything configured, and does everything answer?"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import timedelta

import httpx
import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from adapters.assembly import ReadyConnection
from desk.clock import utc_now
from domain.messages import SEARCH_ATTRIBUTES
from domain.model import Value
from domain.outcomes import VendorTrouble
from domain.ports import CallCounter
from runtime.client import TemporalUnreachableError
from runtime.problems import ConfigurationError
from runtime.search_attributes import missing_search_attributes
from runtime.settings import Settings
from starter.calls import CallsToday, calls_today
from starter.cli.output import Exit, emit, table
from starter.cli.run import AsJson, run
from starter.configuration import examined_connections
from starter.process import opened_client, opened_store
from store import Store
from store.quota import StoredCalls

_SECONDS = 30.0
_MONTH = timedelta(days=30)


class Probe(Value):
    """What came of asking one system."""

    system: str
    target: str
    ok: bool
    text: str
    seconds: float


class CheckResult(Value):
    """`configuration` says what is wrong with it as a whole, `problems` each part; empty when nothing is.

    to_prove: what only returns can prove, and the command that does
    """

    ok: bool
    configuration: str
    problems: tuple[str, ...]
    probes: tuple[Probe, ...]
    calls: tuple[CallsToday, ...] = ()
    to_prove: tuple[str, ...] = ()


def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Check the configuration completely, then ask every system. Exit 1 with everything that is wrong."""

    async def examine(settings: Settings) -> None:
        result = await examined(settings)
        emit(result, as_json, lambda console: _draw(console, result))
        if not result.ok:
            raise typer.Exit(Exit.REFUSED)

    run(context, examine, as_json=as_json)


async def examined(settings: Settings) -> CheckResult:
    """Configuration and reachability. What can be asked is asked even when the connections are wrong (R104)."""
    title, problems, connections = "", list[str](), list[ReadyConnection]()
    try:
        found = examined_connections(settings.config)
        problems, connections = list(found.problems), list(found.reachable)
        title = f"{settings.config} cannot be used" if problems else ""
    except ConfigurationError as error:
        title, problems = error.title, error.problems
    async with opened_store(settings) as store, httpx.AsyncClient(timeout=_SECONDS) as http:
        database = await _asked("database", settings.database_url.partition(":")[0], lambda: _database(store))
        counter = StoredCalls(store) if database.ok else None  # without it no live work counts, or calls, either
        probes = await asyncio.gather(
            _asked("temporal", "server", lambda: _temporal(settings)),
            *_vendor_probes(connections, http, counter),
        )
        calls = await calls_today(store, connections) if database.ok else ()
    return CheckResult(
        ok=not problems and all(probe.ok for probe in (database, *probes)),
        configuration=title,
        problems=tuple(problems),
        probes=(database, *probes),
        calls=calls,
        to_prove=tuple(_to_prove(ready.name) for ready in connections),
    )


def _to_prove(name: str) -> str:
    since = utc_now().date() - _MONTH
    words = "only returns show which reasons, tax codes, SKUs and charges must be mapped"
    return f"Connection {name}: {words}; prove the rest with: backhaul shadow {name} --since {since}"


def _vendor_probes(
    connections: Sequence[ReadyConnection], http: httpx.AsyncClient, counter: CallCounter | None
) -> list[Coroutine[None, None, Probe]]:
    """Every platform once, and every ERP once, however many connections share it."""
    erps = {ready.connection.books: ready for ready in reversed(connections)}
    return [
        *(_asked(one.connection.platform, one.name, one.platform(http, counter).probe) for one in connections),
        *(_asked(one.connection.erp, books, one.erp(http, counter).probe) for books, one in erps.items()),
    ]


async def _asked(system: str, target: str, ask: Callable[[], Awaitable[None]]) -> Probe:
    started = time.monotonic()
    text = "answers"
    try:
        async with asyncio.timeout(_SECONDS):
            await ask()
        ok = True
    except (VendorTrouble, TemporalUnreachableError, ConfigurationError, _Unfit) as error:
        ok, text = False, str(error)
    except (SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        ok, text = False, f"does not answer: {str(cause).strip().splitlines()[0]}"
    except TimeoutError:
        ok, text = False, f"did not answer within {_SECONDS:g} s"
    return Probe(system=system, target=target, ok=ok, text=text, seconds=round(time.monotonic() - started, 2))


class _Unfit(Exception):
    """A system answers, but lacks something that we need."""


async def _database(store: Store) -> None:
    await store.ping()
    try:
        async with store.reading() as unit:
            await unit.inbox.backlog()
    except SQLAlchemyError:
        raise _Unfit("has no tables of ours, or old ones; run: backhaul migrate") from None


async def _temporal(settings: Settings) -> None:
    async with opened_client(settings) as client:
        missing = await missing_search_attributes(client, dict.fromkeys(SEARCH_ATTRIBUTES, "Keyword"))
    if missing:
        raise _Unfit(f"namespace {client.namespace} lacks the search attributes {', '.join(sorted(missing))}")


def _draw(console: Console, result: CheckResult) -> None:
    if result.configuration:
        lines = [f"{result.configuration}:", *(f"  - {problem}" for problem in result.problems)]
        console.print("\n".join(lines), markup=False)
    rows = [(p.system, p.target, "ok" if p.ok else "FAILED", f"{p.seconds:.2f} s", p.text) for p in result.probes]
    console.print(table(["system", "which", "result", "took", "what it said"], rows))
    for account in result.calls:
        console.print(str(account), markup=False)
    for sentence in result.to_prove:
        console.print(sentence, markup=False)
    console.print("Everything is ready." if result.ok else "Something is wrong; see above.")
