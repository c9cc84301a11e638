"""The commands ``backhaul health`` and ``backhaul report``."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from typer.testing import CliRunner, Result

from desk.clock import utc_now
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode
from domain.progress import Stage
from domain.returns import ReturnRef
from starter.cli import app
from starter.cli.measures import span
from store import Store
from store.records import DocumentState
from tests.starter.given import ENVIRON, EXAMPLE
from tests.store.given import document, platform_return

Command: TypeAlias = Callable[..., Awaitable[Result]]
REF = ReturnRef(connection="uk", return_id="R1")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store: Store) -> Command:
    """Runs a command against the test's database, with the example's first connections; nothing else is there."""
    config = tmp_path / "uk.toml"
    config.write_text(EXAMPLE.read_text(encoding="utf-8").partition("# --- uk-fast")[0], encoding="utf-8")
    database = f"sqlite:///{tmp_path}/backhaul.db"
    for name, value in {**ENVIRON, "BACKHAUL_DATABASE_URL": database, "BACKHAUL_CONFIG": str(config)}.items():
        monkeypatch.setenv(name, value)

    async def invoke(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))

    return invoke


async def test_R95_health_says_what_is_down_and_its_exit_code_says_it_too(command: Command, store: Store) -> None:
    quiet = await command("health")
    assert quiet.exit_code == 0
    assert "DOWN" not in quiet.stdout
    async with store.begin() as unit:
        await unit.exceptions.open_for_connection(
            "uk", ExceptionCode.CONNECTION_DOWN, "prima: no route", utc_now(), system="prima"
        )
    down = await command("health", "--json")
    assert down.exit_code == 1
    told = json.loads(down.stdout)
    [uk] = [one for one in told["connections"] if one["connection"] == "uk"]
    assert (told["ok"], uk["exceptions_open"], uk["backlog"]) == (False, 1, 0)
    assert {side["system"]: side["up"] for side in uk["sides"]} == {"reveni": True, "prima": False}
    assert "prima: no route" in (await command("health")).stdout


async def test_R96_R90_report_tells_effort_and_times_of_the_last_days(command: Command, store: Store) -> None:
    now = utc_now()
    hour = timedelta(hours=1)
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(), now - 5 * hour)
        note = document("bh-r1-c-1", DocumentKind.CREDIT, REF).model_copy(update={"due_at": now - 30 * hour})
        await unit.documents.plan(note, now - 5 * hour)
        await unit.documents.mark(note.key, DocumentState.BY_HAND, number="CN-1", now=now - 4 * hour)
        await unit.returns.set_ended(REF, Stage.CLOSED, now - 4 * hour)
    result = await command("report", "--days", "2")
    assert result.exit_code == 0, result.output
    assert "0 of 1 closed returns (0%) needed no person." in result.stdout
    [line] = [line for line in result.stdout.splitlines() if line.startswith("credit")]
    assert "26.0 h" in line
    assert line.rstrip().endswith("RED")
    told = json.loads((await command("report", "--json")).stdout)
    assert told["effort"]["touchless"] == {"closed": 1, "touchless": 0, "share": 0.0}
    assert (await command("report", "--days", "0")).exit_code == 2


def test_spans_are_told_in_their_largest_unit() -> None:
    assert [span(seconds) for seconds in (0.42, 61, 5_400, 400_000)] == ["0.4 s", "1 min", "1.5 h", "4.6 d"]
