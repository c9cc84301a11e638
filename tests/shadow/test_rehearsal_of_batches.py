"""A rehearsal between a platform that grades and an ERP that takes files: nothing waits for its windows (N9, R35)."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import SQLAlchemyError

from runtime.settings import Settings
from sandbox.bluecherry import BlueCherrySandbox
from sandbox.kit.faults import Fault
from sandbox.kit.server import serve
from sandbox.returngo import ItemSpec, ReturnGoSandbox, ReturnSpec, Verdict
from starter.configuration import configured_connections
from starter.shadow import Plan, ShadowReport, ShadowTrouble, rehearse
from store import Store
from tests.patience import PATIENCE
from tests.shadow.past import toml
from tests.shadow.tables import batch_table
from tests.world import COAT

#: Long: `make verify` runs them.
pytestmark = pytest.mark.verify

SHOP = "shadow.myshopify.com"
KEYS = {"RG_KEY": "sandbox-returngo-key", "RG_TOKEN": "t" * 32, "BC_KEY": "sandbox-bluecherry-key"}
ROOT = Path(__file__).parents[2]
ORDERS = ("800001", "800002", "800003")


@dataclass
class Past:
    """Both vendors, and the file of the connection between them."""

    erp: BlueCherrySandbox
    platform: ReturnGoSandbox
    config: Path
    live: Store

    def graded(self, order: str) -> str:
        """A return of two coats: one is fine, one cannot be sold again; staff have finished with it."""
        coats = ItemSpec("1", COAT, 2, Decimal("220.50"), tax_rate=Decimal("0.20"), reason="changed_mind")
        return_id = self.platform.add_return(ReturnSpec(order, (coats,), currency="GBP"))
        self.platform.receive(return_id)
        fine, worn = (item["returnedItemId"] for item in self.platform.get(return_id)["items"])
        verdicts = [Verdict(fine, location="LDN-1"), Verdict(worn, restockable=False, reason="worn", location="LDN-1")]
        self.platform.validate(return_id, verdicts)
        self.platform.done(return_id)
        return return_id

    def effects(self) -> list[dict[str, Any]]:
        """Everything that either vendor has done, and every file that lies there."""
        files = [{"file": str(path)} for path in self.erp.root.rglob("*") if path.is_file()]
        return [*self.erp.journal.entries(), *self.platform.journal.entries(), *files]

    async def report(self, **changes: Any) -> ShadowReport:
        """Rehearse what changed today."""
        settings = Settings(config=self.config)
        [ready] = configured_connections(self.config, {**os.environ, **KEYS})
        now = datetime.now(UTC)
        plan: dict[str, Any] = {"since": now - timedelta(days=1), "until": now + timedelta(minutes=1), "location": ""}
        return await rehearse(settings, ready, Plan(**plan | changes))

    async def calls(self, spent: int = 0) -> int:
        """How many calls live work has counted today, after it has made `spent` more."""
        [ready] = configured_connections(self.config, {**os.environ, **KEYS})
        assert ready.quota is not None
        today = datetime.now(UTC).date()
        async with self.live.begin() as unit:
            for _ in range(spent):
                await unit.calls.count(ready.quota.account, today)
            return await unit.calls.used(ready.quota.account, today)


@pytest.fixture
async def past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Past]:
    url = f"sqlite:///{tmp_path}/live.db"
    for name, value in (KEYS | {"BACKHAUL_DATABASE_URL": url}).items():
        monkeypatch.setenv(name, value)
    live = Store(url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(live.close)
        await live.migrate()
        erp = await stack.enter_async_context(BlueCherrySandbox(tmp_path / "drop", length=timedelta(seconds=1)))
        platform = await stack.enter_async_context(ReturnGoSandbox(SHOP, KEYS["RG_KEY"]))
        there = await stack.enter_async_context(serve(erp.app))
        here = await stack.enter_async_context(serve(platform.app))
        erp.add_item(COAT)
        for order in ORDERS:
            line = {"sku": COAT, "quantity": 2, "price": "220.50"}
            erp.add_order(order, [line], vat_inclusive=True, status="Invoiced")
        config = tmp_path / "backhaul.toml"
        table = batch_table(here.url, f"{there.url}/bcapi/v1", erp.root, SHOP)
        config.write_text(f"connections = {toml({'us': table})}", encoding="utf-8")
        yield Past(erp, platform, config, live)


async def test_N9_R35_a_graded_return_needs_no_window_and_an_outage_ends_the_rehearsal(past: Past) -> None:
    past.erp.faults.add(Fault(match="*", kind="unavailable", key=ORDERS[1], times=None))
    ids = [past.graded(order) for order in ORDERS]
    await past.calls(spent=3)
    before = past.effects()
    report = await past.report(at_once=1, patience=timedelta(seconds=2))
    assert past.effects() == before
    first, second = report.returns
    assert (first.return_id, first.stage) == (ids[0], "CLOSED")
    assert {(move.depot, move.units) for move in first.stock} == {("10/01", 1), ("10/DM", 1)}
    assert first.difference is not None and first.difference.amount == 0
    assert second.return_id == ids[1], "what does not get on is told of, and nothing more is begun"
    assert report.not_run == 1
    assert "HTTP 503" in report.stopped
    assert report.summary.endswith("Nothing was written to returngo or bluecherry.")
    assert await past.calls() == 3 + 4, "live work counts them: probe, listing, and each return read once"
    assert [(account.calls, account.daily_calls) for account in report.calls] == [(7, 2000)]


async def test_N9_R34_a_rehearsal_leaves_calls_of_the_day_to_live_work(past: Past) -> None:
    for order in ORDERS:
        past.graded(order)
    await past.calls(spent=1497)
    report = await past.report(at_once=1, patience=timedelta(seconds=2))
    assert await past.calls() == 1500, "probe, listing, one return"
    assert "the last 500 of the 2000 calls to ReturnGO of this day are kept for what is urgent" in report.stopped


async def test_N9_without_tables_to_count_in_nothing_is_asked(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKHAUL_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    with pytest.raises(SQLAlchemyError):
        await past.report()


async def test_N9_a_platform_that_refuses_us_is_told_before_anything_starts(past: Past) -> None:
    past.platform.faults.add(Fault(match="*", kind="unavailable", times=None))
    with pytest.raises(ShadowTrouble, match="returngo of connection us cannot be asked"):
        await past.report()


async def test_N9_nothing_to_rehearse_is_a_report_too(past: Past) -> None:
    report = await past.report()
    assert report.summary.startswith("0 returns: 0 settled, 0 to decide, 0 waiting.")


async def test_N9_a_rehearsal_that_is_ended_leaves_nothing_behind(past: Past, tmp_path: Path) -> None:
    past.graded(ORDERS[0])
    own = tmp_path / "own"
    own.mkdir()
    changes = {"TMPDIR": str(own), "PYTHONPATH": str(ROOT), "BACKHAUL_CONFIG": str(past.config)}
    command, env = [sys.executable, "-m", "starter", "shadow", "us"], {**os.environ, **changes}
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=asyncio.subprocess.DEVNULL)
    async with asyncio.timeout(PATIENCE):
        while not list(own.glob("backhaul-shadow-*/worker.log")):
            await asyncio.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 130
    assert list(own.iterdir()) == []
    assert str(own) not in "".join(_commands()), "neither Temporal nor worker is left"


def _commands() -> list[str]:
    """Command line and environment of every process of ours that still runs."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found.append((folder / "cmdline").read_text() + (folder / "environ").read_text())
    return found
