"""``backhaul payouts`` and ``backhaul period``, and wrong use of ``backhaul reconcile``: all without Temporal."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from typer.testing import CliRunner, Result

from desk.periods import close_period
from domain.resolution import Role
from starter.cli import app
from store import Store
from tests.desk.defects import clean
from tests.desk.reconciled import NOW, shop_with
from tests.starter.given import ENVIRON, EXAMPLE

Backhaul: TypeAlias = Callable[..., Awaitable[Result]]
REPORT = "refund_id,order_number,amount,currency,paid_at\nrf-1,ORD-1,7.00,GBP,2026-11-21\n"


@pytest.fixture
def backhaul(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store: Store) -> Backhaul:
    """Runs the command against the test's database; Temporal is not there."""
    config = tmp_path / "uk.toml"
    config.write_text(EXAMPLE.read_text(encoding="utf-8").partition("# --- uk-outlet")[0], encoding="utf-8")
    environ = {
        "BACKHAUL_DATABASE_URL": f"sqlite:///{tmp_path}/backhaul.db",
        "BACKHAUL_CONFIG": str(config),
        **ENVIRON,
        "TEMPORAL_ADDRESS": "127.0.0.1:1",
        "BACKHAUL_CONNECT_SECONDS": "1",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    async def invoke(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))

    return invoke


async def test_R79_a_payout_report_is_imported_once(backhaul: Backhaul, tmp_path: Path) -> None:
    file = tmp_path / "payouts.csv"
    file.write_text(REPORT)
    first = await backhaul("payouts", "uk", str(file))
    assert (first.exit_code, first.stdout.split(".")[0]) == (0, "1 line(s) of payouts"), first.output
    assert "imported before" in (await backhaul("payouts", "uk", str(file))).stdout
    file.write_text(REPORT.replace("7.00", "seven"))
    bad = await backhaul("payouts", "uk", str(file))
    assert bad.exit_code == 1 and "line 2: amount: 'seven'" in bad.stderr
    assert (await backhaul("payouts", "uk", str(tmp_path / "gone.csv"))).exit_code == 3
    assert (await backhaul("payouts", "nowhere", str(file))).exit_code == 3


async def test_R84_a_month_is_shown_and_closed(backhaul: Backhaul, store: Store) -> None:
    empty = await backhaul("period", "uk", "2025-11")
    assert empty.exit_code == 0 and "is not ready to close" in empty.stdout
    refused = await backhaul("period", "uk", "2025-11", "--close")
    assert refused.exit_code == 1 and "2025-11 was not closed" in refused.stderr
    shop = shop_with(store)
    await shop.reconcile(NOW, days=400)
    assert (await backhaul("period", "uk", "2025-11", "--close", "--role", "cx")).exit_code == 1
    closed = json.loads((await backhaul("period", "uk", "2025-11", "--close", "--actor", "jo", "--json")).stdout)
    assert (closed["ready"], closed["closed"]["closed_by"]) == (True, "jo")
    assert "was closed by jo" in (await backhaul("period", "uk", "2025-11")).stdout


async def test_R84_N15_a_closed_month_is_shown_as_it_was_closed_and_what_was_found_since_apart(
    backhaul: Backhaul, store: Store
) -> None:
    shop, after = shop_with(store), datetime(2026, 12, 2, tzinfo=UTC)
    await clean(shop, "ok")
    await shop.reconcile(after, since=date(2026, 11, 1), until=date(2026, 12, 1))
    await close_period(store, "uk", "2026-11", actor="jo", role=Role.FINANCE, clock=lambda: after)
    assert "Nothing was found in its days since." in (await backhaul("period", "uk", "2026-11")).stdout
    await shop.returned("late", "30.00")
    await shop.reconcile(after + timedelta(days=1), since=date(2026, 11, 1), until=date(2026, 12, 1))
    shown = (await backhaul("period", "uk", "2026-11")).stdout
    assert "2026-11 of uk was closed by jo on 2026-12-02 00:00" in shown
    kept, _, since = shown.partition("Found since it was closed: 1 over 30.00 GBP")
    assert "Refunds of the platform: 20.00 GBP (adds up)" in kept and "late" not in kept
    assert "30.00 GBP" in since and "credit note is missing" in since
    answer = json.loads((await backhaul("period", "uk", "2026-11", "--json")).stdout)
    assert (answer["closed"]["closed_by"], [one["return_id"] for one in answer["since_close"]]) == ("jo", ["late"])


@pytest.mark.parametrize("month", ["2025-13", "9999-12", "november"])
async def test_what_is_no_month_is_wrong_use(backhaul: Backhaul, month: str) -> None:
    assert (await backhaul("period", "uk", month)).exit_code == 2


@pytest.mark.parametrize(
    "options",
    [
        ("--since", "2026-11-01"),
        ("--until", "2026-12-01"),
        ("--since", "2026-12-01", "--until", "2026-11-01"),
        ("--since", "2026-11-01", "--until", "2026-12-01", "--days", "3"),
    ],
)
async def test_days_that_make_no_sense_are_wrong_use(backhaul: Backhaul, options: tuple[str, ...]) -> None:
    assert (await backhaul("reconcile", "uk", *options)).exit_code == 2


async def test_without_temporal_nothing_is_compared(backhaul: Backhaul) -> None:
    assert (await backhaul("reconcile", "uk")).exit_code == 4
    assert (await backhaul("reconcile", "nowhere")).exit_code == 3
