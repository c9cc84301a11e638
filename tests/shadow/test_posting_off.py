"""Posting off, call by call (N9): whatever is written, nothing happens; whatever is read, is real."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from adapters.kit.outside import Outside
from adapters.reveni.port import build
from adapters.shadow import ShadowErp, ShadowPlatform, rehearsed
from domain.configuration import connections_from
from domain.documents import Posted, Posting
from domain.outcomes import Rejected
from domain.ports import Erp, ReturnsPlatform
from domain.returns import LineDecision, PlatformPhase
from domain.windows import Timing
from runtime.problems import ConfigurationError
from sandbox.kit.server import serve
from sandbox.reveni import ItemSpec, ReturnSpec, ReveniSandbox
from starter.shadow.stage import environment
from tests.adapters.prima import shop as desk
from tests.adapters.prima.shop import Shop, shop
from tests.adapters.reveni.world import KEY, STORE, settings_for
from tests.world import connection_table
from worker import keep_apart

Write = Callable[[Erp], Awaitable[Posting]]
WRITES: dict[str, Write] = {
    "open_rma": lambda erp: erp.open_rma(desk.rma()),
    "cancel_rma": lambda erp: erp.cancel_rma(desk.cancel_rma("SHADOW-RMA-1")),
    "receive_goods": lambda erp: erp.receive_goods(desk.receipt("SHADOW-RMA-1")),
    "adjust_stock": lambda erp: erp.adjust_stock(desk.adjustment()),
    "transfer_stock": lambda erp: erp.transfer_stock(desk.transfer()),
    "order_replacement": lambda erp: erp.order_replacement(desk.replacement()),
    "cancel_replacement": lambda erp: erp.cancel_replacement(desk.cancel_replacement("SHADOW-ORDER-1")),
    "post_credit": lambda erp: erp.post_credit(desk.credit("SHADOW-RMA-1")),
    "cancel_credit": lambda erp: erp.cancel_credit(desk.cancel_credit("SHADOW-CREDIT-1")),
}


@pytest.fixture
async def prima() -> AsyncIterator[Shop]:
    async with shop() as running:
        yield running


def test_N9_every_write_of_the_port_is_tried_here() -> None:
    hints = {name: getattr(method, "__annotations__", {}) for name, method in inspect.getmembers(Erp)}
    answers = {name for name, types in hints.items() if types.get("return") == Posting}
    assert answers == set(WRITES)
    for port, wrapper in ((Erp, ShadowErp), (ReturnsPlatform, ShadowPlatform)):
        methods = {name for name in vars(port) if not name.startswith("_")}
        assert methods <= set(vars(wrapper)) | {"capabilities"}, "nothing gets through to the real port by itself"


@pytest.mark.parametrize("name", WRITES)
async def test_N9_a_write_is_answered_and_not_made(prima: Shop, name: str) -> None:
    erp = ShadowErp(prima.erp)
    first, again = await WRITES[name](erp), await WRITES[name](erp)
    assert isinstance(first, Posted) and isinstance(again, Posted)
    assert first.number.startswith("SHADOW-")
    assert (again.number, again.adopted) == (first.number, True), "one key is one document"
    assert prima.prima.journal.entries() == []
    assert first.total == (desk.credit("x").total if name == "post_credit" else None)


async def test_N9_what_was_rehearsed_is_found_and_the_real_one_wins(prima: Shop) -> None:
    erp = ShadowErp(prima.erp)
    await erp.open_rma(desk.rma())
    assert (await erp.read_rma("SHADOW-RMA-1")).open
    await erp.cancel_rma(desk.cancel_rma("SHADOW-RMA-1"))
    assert (await erp.read_rma("SHADOW-RMA-1")).cancelled
    with pytest.raises(Rejected):
        await erp.read_rma("R-of-nobody")
    wanted = desk.replacement()
    assert await erp.find_replacement(wanted.key) is None
    rehearsed_order = await erp.order_replacement(wanted)
    assert await erp.find_replacement(wanted.key) == rehearsed_order
    await prima.erp.order_replacement(wanted)
    found = await erp.find_replacement(wanted.key)
    assert found is not None and found.number == wanted.key


async def test_N9_reads_are_real(prima: Shop) -> None:
    erp = ShadowErp(prima.erp)
    assert await erp.read_order("2011234") == await prima.erp.read_order("2011234")
    assert await erp.check_items([desk.COAT]) == await prima.erp.check_items([desk.COAT])
    assert await erp.depot_stock([desk.COAT]) == await prima.erp.depot_stock([desk.COAT])
    assert await erp.check_replacement(desk.replacement()) == await prima.erp.check_replacement(desk.replacement())
    assert await erp.list_credits(desk.TODAY, desk.TODAY) == await prima.erp.list_credits(desk.TODAY, desk.TODAY)


async def test_N9_a_platform_is_read_and_told_nothing() -> None:
    async with ReveniSandbox(STORE, KEY) as vendor, serve(vendor.app) as server, httpx.AsyncClient() as http:
        platform = ShadowPlatform(build(settings_for(server.url), Outside(http)))
        shirts = ItemSpec("1", "TS-BLU-M", 2, Decimal("29.95"))
        return_id = vendor.add_return(ReturnSpec("SO-1", (shirts,)))
        before = vendor.journal.entries()
        line = (await platform.read_return(return_id)).lines[0]
        decision = LineDecision(line_id=line.line_id, order_line_id="1", sku=line.sku, accepted=1, rejected=1)
        told = await platform.report_inspection(return_id, [decision])
        await platform.add_note(return_id, "a note")
        assert [(one.accepted, one.rejected) for one in told.lines] == [(1, 1)]
        assert await platform.read_return(return_id) == told
        assert vendor.journal.entries() == before
        assert [one["status"] for one in vendor.get(return_id)["return_items"]] == ["pending"]


async def test_N9_goods_that_were_all_rejected_are_rehearsed_before_that_end() -> None:
    async with ReveniSandbox(STORE, KEY) as vendor, serve(vendor.app) as server, httpx.AsyncClient() as http:
        real = build(settings_for(server.url), Outside(http))
        shirt = ItemSpec("1", "TS-BLU-M", 1, Decimal("29.95"))
        return_id = vendor.add_return(ReturnSpec("SO-1", (shirt,)))
        line = (await real.read_return(return_id)).lines[0]
        await real.report_inspection(
            return_id, [LineDecision(line_id=line.line_id, order_line_id="1", sku=line.sku, rejected=1)]
        )
        assert (await real.read_return(return_id)).phase is PlatformPhase.REJECTED
        assert (await ShadowPlatform(real).read_return(return_id)).phase is PlatformPhase.IN_REVIEW


def test_N9_a_rehearsal_waits_for_no_window_and_no_clock_runs_out() -> None:
    table = connection_table("http://x.example", "http://x.example", "uk")
    table["timing"] = {"credit": {"opens": ["22:00"]}}
    table["policy"] |= {"deadline": "4s", "reminders": ["1s"], "refund_limit": "1s", "order_lag": "4h"}
    [live] = connections_from({"connections": {"uk": table}}, {})
    connection = rehearsed(live)
    assert connection.timing == Timing()
    assert connection.policy.order_lag == timedelta()
    assert min(connection.policy.deadline, connection.policy.refund_limit) > timedelta(days=1)
    assert connection.policy.reminders == ()


@pytest.mark.parametrize(("shadow", "namespace"), [("uk", "default"), ("uk", "prod"), ("", "backhaul-shadow")])
def test_N9_live_and_rehearsed_returns_never_share_a_worker(shadow: str, namespace: str) -> None:
    with pytest.raises(ConfigurationError, match="must not start"):
        keep_apart(shadow, namespace)
    keep_apart("uk", "backhaul-shadow")
    keep_apart("", "prod")


def test_N9_a_rehearsal_hears_nothing_of_where_live_work_goes() -> None:
    live = {
        "TEMPORAL_ADDRESS": "prod:7233",
        "TEMPORAL_API_KEY": "k",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://prod",
        "BACKHAUL_METRICS_ADDRESS": "127.0.0.1:9000",
        "BACKHAUL_DATABASE_URL": "postgresql://prod",
        "BACKHAUL_REVENI_API_KEY": "needed",
        "PYTHONPATH": "mine",
    }
    own = environment(live, {"BACKHAUL_DATABASE_URL": "sqlite:///tmp", "TEMPORAL_ADDRESS": "127.0.0.1:5"})
    assert {name for name in own if name.startswith(("TEMPORAL_", "OTEL_"))} == {"TEMPORAL_ADDRESS"}
    assert (own["TEMPORAL_ADDRESS"], own["BACKHAUL_DATABASE_URL"]) == ("127.0.0.1:5", "sqlite:///tmp")
    assert own["BACKHAUL_REVENI_API_KEY"] == "needed"
    assert "BACKHAUL_METRICS_ADDRESS" not in own
    assert Path(own["PYTHONPATH"].split(":")[0], "worker.py").exists()
