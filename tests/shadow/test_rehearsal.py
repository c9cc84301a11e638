"""A rehearsal writes nothing and says what live work then does (N9): judged at the journals of two equal worlds."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.returns import ReturnRef
from runtime.devserver import DevServer
from sandbox.kit.server import serve
from sandbox.prima import PrimaSandbox, PrimaWorld
from sandbox.reveni import ReveniSandbox
from tests.patience import PATIENCE
from tests.shadow.past import CASES, ask, inspect_by_hand, order_of, scanned, sell, toml
from tests.world import API_KEY, World, connection_table, running_world

pytestmark = pytest.mark.verify

ROOT = Path(__file__).parents[2]
LIMIT = 100.0
#: What each case ends with in this configuration: the exceptions that a person has to decide.
EXPECTED = {
    "mismatch": {"REFUND_MISMATCH"},
    "odd reason": {"REASON_UNMAPPED"},
    "odd tax": {"TAX_CODE_UNMAPPED"},
    "no order": {"ORDER_NOT_FOUND"},
    "sold out": {"EXCHANGE_OOS"},
}


@dataclass
class Rehearsal:
    """What the command said, and what it did to the world. `operator` is where live work would have its database."""

    code: int
    report: dict[str, Any]
    errors: str
    ids: dict[str, str]
    effects: list[dict[str, Any]]
    operator: Path

    def of(self, name: str) -> dict[str, Any]:
        """What the report says of one case."""
        found: dict[str, Any] = next(one for one in self.report["returns"] if one["return_id"] == self.ids[name])
        return found


@pytest.fixture(scope="module")
async def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    """History on a platform, an ERP that knows nothing of it, and the command over both."""
    folder: Path = tmp_path_factory.mktemp("shadow")
    prima, reveni = PrimaSandbox(seed=PrimaWorld()), ReveniSandbox(store_id="uk", api_key=API_KEY)
    sell(prima)
    async with reveni, serve(prima.app) as erp, serve(reveni.app) as platform, httpx.AsyncClient() as http:
        ids = {name: ask(reveni, name) for name in CASES}
        for name, return_id in ids.items():
            await inspect_by_hand(reveni, platform.url, http, return_id, name)
        before = [*prima.journal.entries(), *reveni.journal.entries()]
        table = connection_table(erp.url + prima.path, platform.url, "uk", policy={"order_lag": "4h"})
        config = folder / "backhaul.toml"
        config.write_text(f"connections = {toml({'uk': table})}\n", encoding="utf-8")
        code, out, errors = await backhaul(folder, config, "shadow", "uk", "--location", "LDN-1", "--json")
        after = [*prima.journal.entries(), *reveni.journal.entries()]
    assert code == 0, errors + out
    effects = [entry for entry in after if entry not in before]
    return Rehearsal(code, json.loads(out), errors, ids, effects, folder / "operator.db")


async def backhaul(folder: Path, config: Path, *arguments: str) -> tuple[int, str, str]:
    """The command as a process, as its operator runs it: with a database and a Temporal of live work."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BACKHAUL_", "TEMPORAL_"))}
    live = {
        "PYTHONPATH": str(ROOT),
        "BACKHAUL_CONFIG": str(config),
        "BACKHAUL_DATABASE_URL": f"sqlite:///{folder}/operator.db",
        "TEMPORAL_ADDRESS": "127.0.0.1:1",
        "TEMPORAL_NAMESPACE": "live",
        "REVENI_KEY": API_KEY,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "starter",
        *arguments,
        env={**kept, **live},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, errors = await asyncio.wait_for(process.communicate(), LIMIT)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, out.decode(), errors.decode()


@pytest.fixture(scope="module")
async def live(temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The same returns through a Backhaul that posts."""
    folder: Path = tmp_path_factory.mktemp("live")
    async with running_world(temporal_server, folder) as world:
        sell(world.prima)
        yield world


async def test_N9_a_rehearsal_writes_nothing_anywhere(rehearsal: Rehearsal) -> None:
    assert rehearsal.effects == []
    assert not rehearsal.operator.exists(), "the operator's own database was not even opened"
    assert len(rehearsal.report["returns"]) == len(CASES)


async def test_N9_the_rehearsal_says_what_live_work_does(rehearsal: Rehearsal, live: World) -> None:
    refs = {name: ReturnRef(connection="uk", return_id=ask(live.reveni["uk"], name)) for name in CASES}
    await asyncio.gather(*(lived(live, refs[name], name) for name in CASES))
    said = {name: foretold(rehearsal.of(name)) for name in CASES}
    done = {name: await happened(live, refs[name]) for name in CASES}
    assert said == done
    assert {name: codes for name in CASES if (codes := done[name]["exceptions"])} == EXPECTED


async def lived(world: World, ref: ReturnRef, name: str) -> None:
    """The return goes on until nothing of it runs any more."""
    if "order" in name or "reason" in name:
        await world.parked(ref)
        return
    await world.stage(ref, "AWAITING_GOODS")
    if units := scanned(name):
        answer = await world.inspect(ref, *units)
        assert answer.status_code == 200, answer.text
        async with asyncio.timeout(PATIENCE):
            while not ((await world.exceptions(ref)) or (await world.record(ref)).stage.final):  # type: ignore[union-attr]
                await asyncio.sleep(0.1)
    await world.caught_up(ref)


def foretold(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "rma": [(line["sku"], line["units"]) for line in one["rma"]],
        "stock": {(move["sku"], move["depot"]): move["units"] for move in one["stock"]},
        "credits": [money["amount"] for money in one["credits"]],
        "new": [(made["sku"], made["units"]) for made in one["exchanges"] if made["state"] == "ORDERED"],
        "exceptions": {item["code"] for item in one["exceptions"]},
    }


async def happened(world: World, ref: ReturnRef) -> dict[str, Any]:
    """The same words, from Prima's journal."""
    return {
        "rma": [(line["sku"], line["quantity"]) for rma in world.rmas(ref) for line in rma["lines"]],
        "stock": world.received(ref),
        "credits": [int(Decimal(note["total"]) * 100) for note in world.credits(ref)],
        "new": [
            (line["sku"], line["quantity"]) for order in world.entries("MultiNewOrder", ref) for line in order["lines"]
        ],
        "exceptions": {item.code.value for item in await world.exceptions(ref)},
    }


async def test_N9_exceptions_to_expect_are_counted_with_money_owner_and_what_to_do(rehearsal: Rehearsal) -> None:
    groups = {group["code"]: group for group in rehearsal.report["exceptions"]}
    assert set(groups) == {code for codes in EXPECTED.values() for code in codes}
    mismatch = groups["REFUND_MISMATCH"]
    assert (mismatch["count"], mismatch["owner"]) == (1, "finance")
    assert [money["currency"] for money in mismatch["amounts"]] == ["GBP"]
    assert mismatch["returns"] == [rehearsal.ids["mismatch"]]
    assert all(group["fix"] for group in groups.values())


async def test_N9_value_differences_are_told(rehearsal: Rehearsal) -> None:
    plain, mismatch = rehearsal.of("plain"), rehearsal.of("mismatch")
    assert (plain["refunded"], plain["difference"]["amount"]) == (plain["credited"], 0)
    assert (mismatch["refunded"]["amount"], mismatch["credited"], mismatch["difference"]["amount"]) == (
        20000,
        None,
        20000,
    )


async def test_N9_each_return_says_where_it_would_stand(rehearsal: Rehearsal) -> None:
    stages = {name: rehearsal.of(name)["stage"] for name in CASES}
    assert stages["plain"] == stages["refused"] == stages["instant"] == stages["exchange"] == "CLOSED"
    assert stages["on its way"] == "AWAITING_GOODS"
    assert "inspect 2 unit(s)" in rehearsal.of("on its way")["waits_for"]
    assert rehearsal.of("plain")["rma_number"].startswith("SHADOW-RMA-")
    assert rehearsal.of("plain")["order_number"] == order_of("plain")
    counts = (rehearsal.report["settled"], rehearsal.report["to_decide"], rehearsal.report["waiting"])
    assert counts == (len(CASES) - len(EXPECTED) - 1, len(EXPECTED), 1)
