"""``backhaul check`` finds each thing that a good configuration may lack, and names connection and key (N9, R104)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from desk.clock import utc_now
from runtime.settings import Settings
from sandbox.bluecherry import BlueCherrySandbox
from sandbox.kit.server import serve
from sandbox.returngo import ReturnGoSandbox
from starter.cli.check import CheckResult, examined
from store import Store
from tests.shadow.past import toml
from tests.shadow.tables import batch_table

KEYS = {"RG_KEY": "sandbox-returngo-key", "RG_TOKEN": "t" * 32, "BC_KEY": "sandbox-bluecherry-key"}
SHOP = "preflight.myshopify.com"
Table = dict[str, Any]


@pytest.fixture(scope="module")
async def good(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Callable[[], Table]]:
    """Makes the table of a connection that lacks nothing; both systems answer."""
    drop: Path = tmp_path_factory.mktemp("preflight")
    async with AsyncExitStack() as stack:
        erp = await stack.enter_async_context(BlueCherrySandbox(drop))
        there = await stack.enter_async_context(serve(erp.app))
        here = await stack.enter_async_context(serve((await _shop(stack)).app))
        yield lambda: batch_table(here.url, f"{there.url}/bcapi/v1", drop, SHOP)


async def _shop(stack: AsyncExitStack) -> ReturnGoSandbox:
    return await stack.enter_async_context(ReturnGoSandbox(SHOP, KEYS["RG_KEY"]))


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (KEYS | {"TEMPORAL_ADDRESS": "127.0.0.1:1"}).items():
        monkeypatch.setenv(name, value)


async def preflight(tmp_path: Path, *tables: Table) -> CheckResult:
    """What the command finds; Temporal is not there, which is no matter here."""
    config, database = tmp_path / "backhaul.toml", f"sqlite:///{tmp_path}/live.db"
    connections = dict(zip(("us", "ca"), tables, strict=False))
    config.write_text(f"connections = {toml(connections)}", encoding="utf-8")
    return await examined(Settings(config=config, database_url=database, connect_seconds=0.05))


def vendors(result: CheckResult) -> dict[str, bool]:
    return {probe.system: probe.ok for probe in result.probes if probe.system not in ("database", "temporal")}


async def test_N9_R104_a_good_connection_has_no_gap_and_is_told_how_to_prove_the_rest(
    good: Callable[[], Table], tmp_path: Path
) -> None:
    result = await preflight(tmp_path, good())
    assert (result.configuration, result.problems) == ("", ())
    assert vendors(result) == {"returngo": True, "bluecherry": True}
    [rest] = result.to_prove
    assert "reasons, tax codes" in rest
    assert "prove the rest with: backhaul shadow us --since 20" in rest


#: What is removed, and the words of the sentence that finds it.
REMOVED = {
    "mappings.locations.LDN-1.damaged": "location LDN-1 has no depot for damaged",
    "mappings.stock_actions.QUARANTINE": "stock_actions has no entry for QUARANTINE",
    "mappings.dispositions.not_returned": "mappings.dispositions has no target for not_returned",
    "mappings.return_types.mixed": "mappings.return_types has no target for mixed",
    "mappings.credit_statuses.VOIDED": "mappings.credit_statuses has no target for VOIDED",
    "mappings.tax_codes": "mappings.tax_codes is missing",
    "mappings.reasons": "mappings.reasons is missing",
    "bluecherry.exchange_order_type": "erp_settings.exchange_order_type is missing",
    "timing.stock": "name its windows in timing.stock",
    "returngo.api_key_env": "platform_settings.api_key: Field required",
}
SECRET = "returngo.api_key_env"
#: What is put in place of something that works, and the words of the sentence that finds it.
UNFIT: dict[str, tuple[object, str]] = {
    "mappings.locations.LDN-1.hold": ("HC", "depot 'HC' is not written division/warehouse, such as '10/01'"),
    "mappings.locations.platform.damaged": ("", "location platform has no depot for damaged"),
    "mappings.stock_actions.QUARANTINE.condition": ("E", "condition 'E' is no word of bluecherry; known are A, B, C"),
    "mappings.stock_actions.DAMAGED.condition": ("", "condition '' is no word of bluecherry"),
    "mappings.reasons": ({}, "mappings.reasons is empty"),
    "mappings.tax_codes": ({}, "mappings.tax_codes is empty"),
    "mappings.tax_codes.TAX": ("", "mappings.tax_codes.TAX is empty"),
}


def lose(table: Table, path: str) -> None:
    """Remove one key."""
    *tables, key = path.split(".")
    for name in tables:
        table = table[name]
    del table[key]


@pytest.mark.parametrize("path", REMOVED)
async def test_N9_R18_R23_R104_each_removed_key_is_found(good: Callable[[], Table], tmp_path: Path, path: str) -> None:
    table = good()
    lose(table, path)
    [problem] = (await preflight(tmp_path, table)).problems
    assert problem.startswith("Connection us: ")
    assert REMOVED[path] in problem


@pytest.mark.parametrize("path", UNFIT)
async def test_N9_R23_R104_what_would_always_be_refused_is_found(
    good: Callable[[], Table], tmp_path: Path, path: str
) -> None:
    table, (value, words) = good(), UNFIT[path]
    *tables, key = path.split(".")
    part = table
    for name in tables:
        part = part[name]
    part[key] = value
    [problem] = (await preflight(tmp_path, table)).problems
    assert problem.startswith("Connection us: ")
    assert words in problem


async def test_N9_R104_a_variable_that_is_not_set_is_found(
    good: Callable[[], Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BC_KEY")
    [problem] = (await preflight(tmp_path, good())).problems
    assert problem == "Connection us: erp_settings.api_key_env names BC_KEY, which is not set in the environment."


async def test_N9_R104_everything_is_told_at_once_unreachable_systems_too(
    good: Callable[[], Table], tmp_path: Path
) -> None:
    bad, worse = good(), good()
    bad["bluecherry"]["base_url"] = "http://127.0.0.1:1/bcapi/v1"
    sentences = {path: words for path, words in REMOVED.items() if path != SECRET}  # without it nobody can be asked
    for path in sentences:
        lose(bad, path)
    worse["ledger"] = "other"
    worse["returngo"]["api_key_env"] = "NOT_SET"
    result = await preflight(tmp_path, bad, worse)
    untold = [words for words in sentences.values() if not any(words in problem for problem in result.problems)]
    assert untold == []
    assert any(problem.startswith("Connection ca: ") and "NOT_SET" in problem for problem in result.problems)
    assert vendors(result) == {"returngo": True, "bluecherry": False}
    [probe] = [probe for probe in result.probes if probe.system == "bluecherry"]
    assert "no connection" in probe.text


async def test_R104_calls_of_today_are_shown_against_their_limit(good: Callable[[], Table], tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/live.db")
    await store.migrate()
    account = (await preflight(tmp_path, good())).calls[0].account
    async with store.begin() as unit:
        for _ in range(3):
            await unit.calls.count(account, utc_now().date())
    await store.close()
    [counted] = (await preflight(tmp_path, good())).calls
    assert (counted.calls, counted.daily_calls) == (1 + 3 + 1, 2000), "the two checks count, too"
    assert KEYS["RG_KEY"] not in counted.model_dump_json()
