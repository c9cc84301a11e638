"""Many returns with one cause: seen as one group, mended once, decided once (R72, N18)."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from temporalio.client import Client
from typer.testing import CliRunner, Result

from desk.bulk import BulkAnswer, decide_all
from desk.clock import utc_now
from desk.groups import read_groups, read_members
from desk.link import TemporalLink
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.grouping import RootCause
from domain.money import Money
from domain.resolution import Resolution, Role
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from starter.cli import app
from store.queue_records import QueueFilter
from store.records import ExceptionRecord, ExceptionState, OpenException
from tests.patience import PATIENCE
from tests.world import COAT, World, running_world

pytestmark = pytest.mark.verify

Backhaul: TypeAlias = Callable[..., Awaitable[Result]]


@pytest.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("groups")
    return path


@pytest.fixture(scope="module")
async def crowd(temporal_server: DevServer, folder: Path) -> AsyncIterator[World]:
    """A world of its own: what is in its queue is known."""
    async with running_world(temporal_server, folder) as running:
        yield running


@pytest.fixture
def backhaul(crowd: World, folder: Path, temporal_server: DevServer, monkeypatch: pytest.MonkeyPatch) -> Backhaul:
    """Runs the command against this world."""
    monkeypatch.setenv("BACKHAUL_DATABASE_URL", f"sqlite:///{folder / 'world.db'}")
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_server.address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", crowd.client.namespace)

    async def invoke(*arguments: str) -> Result:
        result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def data(result: Result) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(result.stdout)
    return content


async def open_items(world: World, refs: Sequence[ReturnRef]) -> list[ExceptionRecord]:
    wanted = {ref.return_id for ref in refs}
    async with world.store.reading() as unit:
        found = await unit.exceptions.list(state=ExceptionState.OPEN, connection="uk", limit=10_000)
    return [item for item in found if item.return_id in wanted]


async def all_parked(world: World, refs: Sequence[ReturnRef]) -> list[ExceptionRecord]:
    """Wait until each of them has its one open exception."""
    while len(found := await open_items(world, refs)) < len(refs):
        await asyncio.sleep(0.1)
    assert len(found) == len(refs)
    return found


async def dead_sku_returns(world: World, count: int) -> tuple[str, list[ReturnRef], list[ExceptionRecord]]:
    """Returns of orders of their own that wait for one inactive SKU."""
    sku = f"P{uuid.uuid4().hex[:8].upper()}-BLU"
    world.prima.add_item(sku, active=False)
    refs = [
        world.returned(world.order([{"sku": sku, "price": "20.00"}]), [("1", sku, 1, "20.00")]) for _ in range(count)
    ]
    return sku, refs, await all_parked(world, refs)


def group_of(code: ExceptionCode, wrong: str, connection: str = "uk") -> str:
    return RootCause(connection=connection, code=code, wrong=wrong).id


async def one_fix_clears(world: World, backhaul: Backhaul, count: int, *, per_second: int) -> None:
    """Counted first; one correction in the ERP, one command at its rate: every return has its RMA, once."""
    sku, refs, items = await dead_sku_returns(world, count)
    [group] = [one for one in data(await backhaul("exceptions", "--groups", "--json"))["groups"] if sku in one["wrong"]]
    expected = ("SKU_NOT_IN_MASTER", "merchandising", f"SKU {sku}", count)
    assert (group["code"], group["owner"], group["wrong"], group["count"]) == expected
    listed = data(await backhaul("exceptions", "--group", group["id"], "--limit", "1000", "--json"))["exceptions"]
    assert {item["return_id"] for item in listed} == {ref.return_id for ref in refs}

    rehearsed = data(await backhaul("resolve-group", group["id"], "RETRY", "--dry-run", "--json"))
    assert (rehearsed["decided"], rehearsed["count"], rehearsed["refused"]) == (count, count, [])

    world.prima.set_item_active(sku, active=True)
    loop = asyncio.get_running_loop()
    began, rate = loop.time(), ["--per-second", str(per_second)]
    result = await backhaul("resolve-group", group["id"], "RETRY", "--actor", "u-72", "--json", *rate)

    assert result.exit_code == 0, result.output
    assert loop.time() - began >= (count - 1) / per_second, "no faster than asked"
    answer = data(result)
    assert (answer["decided"], answer["refused"], answer["unconfirmed"]) == (count, [], [])
    for ref in refs:
        await world.stage(ref, "AWAITING_GOODS")
    assert [len(world.rmas(ref)) for ref in refs] == [1] * count, "one RMA each, and no duplicate"
    assert await open_items(world, refs) == []
    async with world.store.reading() as unit:
        audit = [entry for item in items for entry in await unit.audit.list(item.id) if entry.actor == "u-72"]
    assert [entry.action for entry in audit] == ["exception.resolved"] * count, "each has its own line"
    assert group["id"] not in (await backhaul("exceptions", "--groups")).stdout
    assert (await backhaul("resolve-group", group["id"], "RETRY")).exit_code == 3


async def test_R72_N18_returns_on_one_dead_sku_are_one_group_that_one_fix_clears(
    crowd: World, backhaul: Backhaul
) -> None:
    await one_fix_clears(crowd, backhaul, 12, per_second=50)


@pytest.mark.verify
@pytest.mark.timeout(900)
async def test_R72_N18_five_hundred_returns_on_one_dead_sku_are_one_group_that_one_fix_clears(
    crowd: World, backhaul: Backhaul
) -> None:
    await one_fix_clears(crowd, backhaul, 500, per_second=50)


async def test_N18_a_dry_run_counts_and_changes_nothing(crowd: World, backhaul: Backhaul) -> None:
    sku, refs, items = await dead_sku_returns(crowd, 3)
    crowd.prima.set_item_active(sku, active=True)  # a decision would go through
    group = group_of(ExceptionCode.SKU_NOT_IN_MASTER, f"SKU {sku}")
    before = await trail(crowd, items)
    told = await backhaul("resolve-group", group, "RETRY", "--dry-run")
    counted = data(await backhaul("resolve-group", group, "retry", "--dry-run", "--json"))

    assert told.exit_code == 0
    assert "3 would be decided, 0 refused; nothing was changed" in told.stdout
    assert (counted["dry_run"], counted["count"], counted["decided"]) == (True, 3, 3)
    denied = await backhaul("resolve-group", group, "RETRY", "--dry-run", "--role", "finance", "--json")
    assert denied.exit_code == 1
    assert (data(denied)["decided"], len(data(denied)["refused"])) == (0, 3)
    assert await open_items(crowd, refs) == items
    assert await trail(crowd, items) == before
    assert [crowd.rmas(ref) for ref in refs] == [[], [], []]


async def trail(world: World, items: Sequence[ExceptionRecord]) -> list[str]:
    async with world.store.reading() as unit:
        return [entry.action for item in items for entry in await unit.audit.list(item.id)]


async def test_R72_R110_another_team_is_refused_for_each_and_every_attempt_is_in_the_audit(
    crowd: World, backhaul: Backhaul
) -> None:
    sku, refs, items = await dead_sku_returns(crowd, 2)
    group = group_of(ExceptionCode.SKU_NOT_IN_MASTER, f"SKU {sku}")
    result = await backhaul("resolve-group", group, "RETRY", "--role", "warehouse", "--actor", "u-9")

    assert result.exit_code == 1
    assert "0 decided, 2 refused" in result.stdout
    assert result.stdout.count("belongs to merchandising; the role warehouse may not decide it") == 2
    assert (await trail(crowd, items)).count("exception.refused") == 2
    assert await open_items(crowd, refs) == items


async def test_R72_one_corrected_input_is_applied_to_the_whole_group(crowd: World, backhaul: Backhaul) -> None:
    refs = [crowd.returned(crowd.order()) for _ in range(2)]
    for ref, found in zip(refs, ("A", "C"), strict=True):  # other buckets, the same place
        await crowd.stage(ref, "AWAITING_GOODS")
        await crowd.inspect(ref, (COAT, 1, found), location="LDN-9")
    await all_parked(crowd, refs)
    group = group_of(ExceptionCode.LOCATION_UNMAPPED, "location LDN-9")
    result = await backhaul("resolve-group", group, "EDIT_AND_RETRY", "--set", "location=LDN-1", "--role", "warehouse")

    assert result.exit_code == 0, result.output
    for ref, depot in zip(refs, ("01", "DM"), strict=True):
        await crowd.closed(ref)
        assert crowd.received(ref) == {(COAT, depot): 1}


async def test_R72_R4_one_unmapped_sku_is_one_group_and_one_mapping_clears_it(crowd: World, backhaul: Backhaul) -> None:
    old = f"OLD-{uuid.uuid4().hex[:6]}"
    refs = [crowd.returned(crowd.order(), [("1", old, 1, "220.50")]) for _ in range(3)]
    own = crowd.returned(crowd.order(), [("1", COAT, 9, "220.50")])  # the same code, and nobody else's trouble
    await all_parked(crowd, [*refs, own])
    group = group_of(ExceptionCode.VALIDATION_QTY, f"SKU {old}")
    result = await backhaul("resolve-group", group, "EDIT_AND_RETRY", "--set", f"sku.{old}={COAT}", "--json")

    assert (result.exit_code, data(result)["decided"]) == (0, 3)
    for ref in refs:
        await crowd.stage(ref, "AWAITING_GOODS")
    assert [item.return_id for item in await open_items(crowd, [*refs, own])] == [own.return_id]


async def test_R72_a_depot_that_the_erp_refuses_is_one_group(crowd: World) -> None:
    refs = [crowd.returned(crowd.order()) for _ in range(2)]
    for ref in refs:
        await crowd.stage(ref, "AWAITING_GOODS")
        await crowd.inspect(ref, (COAT, 1, "A"), location="LDN-3")
    await all_parked(crowd, refs)
    group = group_of(ExceptionCode.STOCK_REJECTED, "vendor's code DEPOT, depot 09")
    found = (await read_groups(crowd.store, QueueFilter(), utc_now())).find(group)
    assert found is not None
    assert found.count == 2
    assert {item.return_id for item in await read_members(crowd.store, group, utc_now())} == {r.return_id for r in refs}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (
            ["LINK_EXISTING"],
            2,
            "a decision on one return; a group can be resolved by RETRY, EDIT_AND_RETRY, CANCEL_TRACK",
        ),
        (["CANCEL_TRACK"], 2, "needs a reason"),
        (["EDIT_AND_RETRY"], 2, "at least one edit"),
        (["EDIT_AND_RETRY", "--set", "order=7"], 2, "order cannot be edited"),
        (["RETRY", "--per-second", "0"], 2, "--per-second"),
    ],
)
async def test_R72_a_decision_that_cannot_be_right_for_many_decides_none(
    crowd: World, backhaul: Backhaul, arguments: list[str], code: int, words: str
) -> None:
    ref = crowd.returned(crowd.order(), reason=f"odd_{uuid.uuid4().hex[:6]}")
    item = await crowd.parked(ref)
    group = group_of(item.code, f"reason {item.payload['reason']}")
    result = await backhaul("resolve-group", group, *arguments)

    assert result.exit_code == code
    assert words in " ".join(result.stderr.replace("│", " ").split())
    assert await crowd.exceptions(ref) == [item]


async def test_R72_an_unknown_group_is_exit_3_and_two_lists_at_once_are_exit_2(backhaul: Backhaul) -> None:
    for arguments in (["resolve-group", "g-nothing", "RETRY"], ["exceptions", "--group", "g-nothing"]):
        result = await backhaul(*arguments)
        assert result.exit_code == 3
        assert "backhaul exceptions --groups" in result.stderr
    assert (await backhaul("exceptions", "--groups", "--group", "g-nothing")).exit_code == 2


async def test_R72_a_group_shows_its_oldest_age_and_the_money_at_stake(crowd: World, backhaul: Backhaul) -> None:
    for number, (amount, currency) in enumerate([(2000, "GBP"), (550, "EUR"), (1, "GBP")]):
        await raise_mismatch(crowd, f"m-{number}", Money(amount=amount, currency=currency))
    await raise_mismatch(crowd, "m-unknown", None)
    [view] = data(await backhaul("exceptions", "--groups", "--connection", "books", "--json"))["groups"]

    assert (view["code"], view["wrong"], view["count"]) == ("REFUND_MISMATCH", "", 4)
    assert view["amounts"] == [{"amount": 550, "currency": "EUR"}, {"amount": 2001, "currency": "GBP"}]
    assert view["oldest_at"].startswith("2026-01-05T")
    assert view["age_seconds"] > 86_400
    table = (await backhaul("exceptions", "--groups", "--connection", "books")).stdout
    for word in (view["id"], "each its own", "5.50 EUR, 20.01 GBP", " d "):
        assert word in table
    others = data(await backhaul("exceptions", "--groups", "--connection", "books", "--owner", "cx", "--json"))
    assert others == {"groups": [], "complete": True}


async def raise_mismatch(world: World, name: str, amount: Money | None) -> None:
    """Finance has a mismatch of a connection that nothing else uses; no return waits for it."""
    async with world.store.begin() as unit:
        await unit.exceptions.open(
            OpenException(
                id=name,
                connection="books",
                return_id=name,
                code=ExceptionCode.REFUND_MISMATCH,
                step="credit",
                reason="the refund and the order do not agree",
                payload={"refund": name},
                amount=amount,
                now=utc_now().replace(year=2026, month=1, day=5),
            )
        )


async def test_R72_groups_say_when_there_are_more_of_them(crowd: World) -> None:
    for _ in range(2):
        await dead_sku_returns(crowd, 1)
    cut = await read_groups(crowd.store, QueueFilter(), utc_now(), limit=1)
    whole = await read_groups(crowd.store, QueueFilter(), utc_now())
    assert (cut.complete, whole.complete) == (False, True)
    assert cut.groups == whole.groups[:1]


# --- one after the other


def retries(items: Sequence[ExceptionRecord], actor: str) -> list[Resolution]:
    role = Role.MERCHANDISING
    return [
        Resolution(exception_id=item.id, version=item.version, kind=ResolutionKind.RETRY, role=role, actor=actor)
        for item in items
    ]


def link_of(world: World) -> TemporalLink:
    async def connect() -> Client:
        return world.client

    return TemporalLink(connect)


async def test_R72_E67_what_somebody_decided_meanwhile_is_left_as_it_is(crowd: World) -> None:
    sku, refs, items = await dead_sku_returns(crowd, 3)
    made = retries(items, "u-many")
    await crowd.resolve(items[1], ResolutionKind.LINK_EXISTING, document="R-HAND-72", actor="u-first")
    crowd.prima.set_item_active(sku, active=True)
    async with asyncio.timeout(PATIENCE):
        while len(await open_items(crowd, refs)) == 3:
            await asyncio.sleep(0.05)
    answer = await decide_all(crowd.store, link_of(crowd), made, utc_now, per_second=100, limits={})

    assert answer.decided == 2
    [refused] = answer.refused
    assert (refused.exception_id, "resolved already by LINK_EXISTING of u-first" in refused.text) == (items[1].id, True)
    for ref in refs:
        await crowd.stage(ref, "AWAITING_GOODS")
    assert [len(crowd.rmas(ref)) for ref in refs if ref.return_id != items[1].return_id] == [1, 1]


async def test_N18_decisions_go_out_no_faster_than_their_rate(crowd: World) -> None:
    _, _, items = await dead_sku_returns(crowd, 4)
    loop = asyncio.get_running_loop()
    began = loop.time()
    answer = await decide_all(crowd.store, link_of(crowd), retries(items, "u-slow"), utc_now, per_second=4, limits={})
    assert answer.decided == 4
    assert loop.time() - began >= 0.75, "the first at once, then one each quarter of a second"


async def test_R72_without_a_worker_it_stops_soon_and_the_same_command_ends_it(
    crowd: World, backhaul: Backhaul, monkeypatch: pytest.MonkeyPatch
) -> None:
    sku, refs, items = await dead_sku_returns(crowd, 5)
    crowd.prima.set_item_active(sku, active=True)
    await crowd.stop_worker()
    try:
        made = retries(items, "u-late")
        answer = await decide_all(crowd.store, link_of(crowd), made, utc_now, per_second=100, limits={}, wait=0.3)
        assert answer == BulkAnswer(
            unconfirmed=[item.id for item in items[:3]], untried=2, trouble="no worker confirms decisions"
        )
    finally:
        await crowd.start_worker()
    again = await decide_all(crowd.store, link_of(crowd), retries(items, "u-late"), utc_now, per_second=100, limits={})
    assert (again.decided, again.refused, again.trouble) == (5, [], "")
    for ref in refs:
        await crowd.stage(ref, "AWAITING_GOODS")
    assert [len(crowd.rmas(ref)) for ref in refs] == [1] * 5


async def test_R72_without_temporal_it_is_exit_4_and_says_what_is_left(
    crowd: World, backhaul: Backhaul, monkeypatch: pytest.MonkeyPatch
) -> None:
    sku, refs, items = await dead_sku_returns(crowd, 2)
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("BACKHAUL_CONNECT_SECONDS", "0.2")
    group = group_of(ExceptionCode.SKU_NOT_IN_MASTER, f"SKU {sku}")
    result = await backhaul("resolve-group", group, "RETRY")

    assert result.exit_code == 4
    assert "2 not tried: Temporal at 127.0.0.1:1 did not answer" in result.stdout
    assert await open_items(crowd, refs) == items
