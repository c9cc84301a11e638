"""The queue as the database cuts, counts and groups it; escalations and proposals happen once."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.exceptions import ExceptionCode, Owner, ResolutionKind, Track
from domain.grouping import RootCause
from domain.money import Money
from domain.resolution import Proposal, Resolution, Role
from domain.returns import ReturnRef
from store import Store
from store.engines import parse_url, sync_engine
from store.errors import NotOpen, StaleVersion
from store.migrations import downgrade, upgrade
from store.queue_records import QueueFilter
from store.records import ExceptionRecord, ExceptionState, OpenException
from tests.store.given import NOW, document, later, line, platform_return, refund

SKU, MISMATCH = ExceptionCode.SKU_NOT_IN_MASTER, ExceptionCode.REFUND_MISMATCH
EVERYTHING = QueueFilter(state=None)


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
async def queue(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    """Nine open exceptions of ``shop`` and one of ``other``, opened a minute apart or in the same moment."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('queue') / 'queue.db'}"
    else:
        create: Callable[[], str] = request.getfixturevalue("new_database")
        url = create()
    store = Store(url)
    await store.migrate()
    async with store.begin() as unit:
        ref = ReturnRef(connection="shop", return_id="R1")
        await unit.returns.save_platform_return(ref, platform_return(line(), line("L2/HAT")), NOW)
        await unit.returns.save_platform_return(ref, WITH_REFUND, NOW)  # the hat is not returned any more
        await unit.documents.plan(document(), NOW)
        for n in range(5):  # in the same moment: only the id tells them apart
            await unit.exceptions.open(stopped(f"sku-{n}", SKU, payload={"skus": "P1"}))
        for n, (amount, currency) in enumerate([(2000, "EUR"), (550, "GBP"), (1, "EUR")]):
            money = Money(amount=amount, currency=currency)
            await unit.exceptions.open(stopped(f"money-{n}", MISMATCH, f"R{n}", minutes=n + 1, amount=money))
        await unit.exceptions.open(stopped("sku-other", SKU, payload={"skus": "P2"}, minutes=9))
        await unit.exceptions.open(stopped("abroad", SKU, connection="other", payload={"skus": "P1"}, minutes=10))
        await unit.exceptions.open(stopped("old", MISMATCH, "R9"))
        await unit.exceptions.clear("old", later())
    yield store
    await store.close()


WITH_REFUND = platform_return(refunds=[refund()])


def stopped(
    name: str,
    code: ExceptionCode,
    return_id: str | None = None,
    *,
    connection: str = "shop",
    payload: dict[str, object] | None = None,
    minutes: int = 0,
    amount: Money | None = None,
) -> OpenException:
    return OpenException(
        id=name,
        connection=connection,
        return_id=return_id or name,
        code=code,
        track=Track.FINANCE,
        step="step",
        reason="it stopped",
        payload=payload or {},
        amount=amount,
        now=later(minutes),
    )


async def listed(store: Store, filters: QueueFilter, now: int = 60) -> list[str]:
    async with store.reading() as unit:
        page = await unit.queue.page(filters, later(now))
        assert len(page) == await unit.queue.count(filters, later(now))
    return [record.id for record in page]


@pytest.mark.parametrize("newest", [False, True])
async def test_R67_pages_give_every_exception_once_and_in_one_order(queue: Store, newest: bool) -> None:
    whole = await listed(queue, QueueFilter())
    found: list[str] = []
    async with queue.reading() as unit:
        while page := await unit.queue.page(QueueFilter(), NOW, found[-1] if found else None, 3, newest):
            found += [record.id for record in page]
    assert found == (whole[::-1] if newest else whole)
    assert whole == [f"sku-{n}" for n in range(5)] + [f"money-{n}" for n in range(3)] + ["sku-other", "abroad"]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"owner": Owner.FINANCE}, "money-0 money-1 money-2"),
        ({"code": SKU, "connection": "other"}, "abroad"),
        ({"state": ExceptionState.CLEARED}, "old"),
        ({"state": None, "owner": Owner.FINANCE}, "old money-0 money-1 money-2"),
        ({"min_age": timedelta(minutes=58)}, "sku-0 sku-1 sku-2 sku-3 sku-4 money-0 money-1"),
        ({"level": 1}, ""),
        ({"level": 0, "cause": RootCause(connection="shop", code=SKU, wrong="SKU P2").id}, "sku-other"),
        ({"any_id": "R1"}, "money-1"),
        ({"any_id": " shop/R1 "}, "money-1"),
        ({"any_id": "return/other/abroad"}, "abroad"),
        ({"any_id": "ORD-1"}, "money-1"),
        ({"any_id": "TRACK-1"}, "money-1"),
        ({"any_id": "sku-3"}, "sku-3"),
        ({"any_id": "nothing"}, ""),
    ],
)
async def test_R67_the_queue_is_narrowed_by_the_database(queue: Store, filters: dict[str, object], names: str) -> None:
    assert await listed(queue, QueueFilter.model_validate(filters)) == names.split()


async def test_R72_causes_are_counted_with_their_money_and_the_largest_is_first(queue: Store) -> None:
    async with queue.reading() as unit:
        rows = await unit.queue.causes(QueueFilter(), NOW)
        cut = await unit.queue.causes(QueueFilter(), NOW, limit=1)
    assert [(row.sample.connection, row.sample.code, row.count) for row in rows] == [
        ("shop", SKU, 5),
        ("shop", MISMATCH, 3),
        ("shop", SKU, 1),
        ("other", SKU, 1),
    ]
    assert [row.oldest_at for row in rows] == [NOW, later(1), later(9), later(10)]
    assert rows[1].sums == [Money(amount=2001, currency="EUR"), Money(amount=550, currency="GBP")]
    assert rows[0].sums == []
    assert cut == rows[:1]


async def test_R67_every_owner_is_counted_with_the_money_at_stake(queue: Store) -> None:
    async with queue.reading() as unit:
        finance, merchandising = await unit.queue.owners()
    assert (finance.owner, finance.count, finance.escalated, finance.proposed) == (Owner.FINANCE, 3, 0, 0)
    assert finance.sums == [Money(amount=2001, currency="EUR"), Money(amount=550, currency="GBP")]
    assert (merchandising.owner, merchandising.count, merchandising.oldest_at) == (Owner.MERCHANDISING, 7, NOW)


async def test_R67_an_item_has_its_return_and_documents_around_it(queue: Store) -> None:
    known, unknown = ReturnRef(connection="shop", return_id="R1"), ReturnRef(connection="other", return_id="abroad")
    async with queue.reading() as unit:
        around = await unit.queue.surroundings([known, unknown])
    assert (around[known].order_number, around[known].tracking_number, around[known].units) == ("ORD-1", "TRACK-1", 2)
    assert [(money.amount_text, money.currency) for money in around[known].refunds] == [("20.00", "EUR")]
    assert (around[unknown].order_number, around[unknown].units, around[unknown].refunds) == ("", 0, [])


# --- once per level


async def test_R74_an_exception_is_lifted_once_per_level_whoever_tries(queue: Store) -> None:
    async with queue.begin() as unit:
        await unit.exceptions.open(stopped("forgotten", MISMATCH, connection="slow"))

    async def lift(level: int) -> bool:
        async with queue.begin() as unit:
            return await unit.exceptions.escalate("forgotten", level, "the lead of finance", later(level))

    assert not await lift(2), "the lead is asked first"
    assert sum(await asyncio.gather(*(lift(1) for _ in range(4)))) == 1
    assert await lift(2)
    async with queue.begin() as unit:
        lifted = await unit.exceptions.get("forgotten")
        assert lifted is not None
        assert (lifted.level, lifted.escalated_at, lifted.version) == (2, later(2), 1)
        assert lifted.ref is not None
        texts = [entry.text for entry in await unit.timeline.list(lifted.ref)]
        assert len([one for one in texts if "the lead of finance is asked now" in one]) == 2
        actions = [entry.action for entry in await unit.audit.list("forgotten")]
        assert actions == ["exception.escalated", "exception.escalated", "exception.opened"]
        await unit.exceptions.clear("forgotten", later(3))
    assert not await lift(3), "what is over is lifted no more"


async def test_R74_what_is_overdue_is_found_by_owner_and_by_its_last_escalation(queue: Store) -> None:
    async with queue.begin() as unit:
        for n in range(3):
            await unit.exceptions.open(stopped(f"o-{n}", MISMATCH, connection="late", minutes=n))
        await unit.exceptions.open(stopped("o-sku", SKU, connection="late"))
        await unit.exceptions.escalate("o-0", 1, "somebody", later(30))

    async def overdue(minutes: int, top: int = 2, after: str | None = None) -> list[str]:
        async with queue.reading() as unit:
            found = await unit.queue.overdue("late", {Owner.FINANCE: later(minutes)}, top, after, 1)
        return [record.id for record in found]

    assert await overdue(0) == []
    assert await overdue(1) == ["o-1"]
    assert await overdue(29, after="o-1") == ["o-2"]
    assert await overdue(30) == ["o-0"]
    assert await overdue(30, top=1) == ["o-1"]


# --- a first person's decision


def proposal(kind: ResolutionKind = ResolutionKind.CANCEL_TRACK, actor: str = "fin-1", minutes: int = 1) -> Proposal:
    return Proposal(kind=kind, role=Role.FINANCE, actor=actor, reason="paid twice", at=later(minutes))


async def opened(store: Store, name: str) -> ExceptionRecord:
    async with store.begin() as unit:
        return await unit.exceptions.open(stopped(name, MISMATCH, connection="two"))


async def test_R110_a_proposal_is_kept_raises_the_version_and_is_told(queue: Store) -> None:
    before = await opened(queue, "p-1")
    async with queue.begin() as unit:
        first = await unit.exceptions.propose("p-1", 1, proposal())
        second = await unit.exceptions.propose("p-1", 2, proposal(ResolutionKind.RETRY, "fin-2", 2))
        assert [one.proposal for one in (before, first, second)] == [
            None,
            proposal(),
            proposal(ResolutionKind.RETRY, "fin-2", 2),
        ]
        assert [one.version for one in (before, first, second)] == [1, 2, 3]
        assert second.state is ExceptionState.OPEN
        assert second.ref is not None
        latest, earlier, _ = await unit.audit.list("p-1")
        assert (latest.actor, earlier.actor, latest.action) == ("fin-2", "fin-1", "exception.proposed")
        assert latest.detail["instead_of"] == proposal().model_dump(mode="json")
        told = [(entry.actor, entry.kind) for entry in await unit.timeline.list(second.ref)]
        assert told == [("system", "exception"), ("fin-1", "exception"), ("fin-2", "exception")]
    async with queue.begin() as unit:
        with pytest.raises(StaleVersion):
            await unit.exceptions.propose("p-1", 1, proposal())


async def test_R110_E67_of_two_first_persons_at_once_one_is_told_to_look_again(queue: Store) -> None:
    await opened(queue, "p-2")

    async def press(actor: str) -> bool:
        try:
            async with queue.begin() as unit:
                await unit.exceptions.propose("p-2", 1, proposal(actor=actor))
        except StaleVersion:
            return False
        return True

    assert sum(await asyncio.gather(*(press(f"fin-{n}") for n in range(4)))) == 1


async def test_R110_the_workflows_decision_holds_whatever_was_proposed_and_nothing_stays_proposed(
    queue: Store,
) -> None:
    await opened(queue, "p-3")
    made = Resolution(
        exception_id="p-3",
        version=1,
        kind=ResolutionKind.CANCEL_TRACK,
        role=Role.FINANCE,
        actor="fin-2",
        reason="twice",
        proposed_by="fin-1",
    )
    async with queue.begin() as unit:
        await unit.exceptions.propose("p-3", 1, proposal())
    async with queue.begin() as unit:
        with pytest.raises(StaleVersion):
            await unit.exceptions.resolve("p-3", 1, made, later(2))
        decided = await unit.exceptions.resolve("p-3", None, made, later(2))
        assert (decided.state, decided.resolution, decided.proposal) == (ExceptionState.RESOLVED, made, None)
        assert await unit.exceptions.resolve("p-3", None, made, later(3)) == decided
        with pytest.raises(NotOpen):
            await unit.exceptions.propose("p-3", 3, proposal())
        assert decided.ref is not None
        assert (await unit.timeline.list(decided.ref))[-1].text.endswith("CANCEL_TRACK by fin-2, proposed by fin-1")


# --- rows from before


def test_R72_exceptions_from_before_get_their_cause_units_and_money(store_url: str) -> None:
    url = parse_url(store_url)
    upgrade(url)
    downgrade(url, "0003")
    payloads = {
        "a": {"skus": "P1"},
        "b": {"units.1": "2", "units.2": "1", "refunds": "20.00 EUR"},
        "c": {"system": "erp"},
    }
    engine = sync_engine(url)
    with engine.begin() as connection:
        for name, payload in payloads.items():
            connection.execute(
                text(
                    "INSERT INTO exceptions (id, return_id, connection, workflow_id, code, owner, step, reason,"
                    " payload, state, version, opened_at) VALUES (:id, :id, 'shop', '', 'SKU_NOT_IN_MASTER',"
                    " 'merchandising', 's', 'r', :payload, 'open', 1, '2026-03-01 09:30:00')"
                ),
                {"id": name, "payload": json.dumps(payload)},
            )
    upgrade(url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT cause, units, amount, currency, level FROM exceptions ORDER BY id"))
        named = RootCause(connection="shop", code=SKU, wrong="SKU P1").id
        unnamed = RootCause(connection="shop", code=SKU).id
        assert [(*row,) for row in found] == [
            (named, None, None, None, 0),
            (unnamed, 3, 2000, "EUR", 0),
            (unnamed, None, None, None, 0),
        ]
    engine.dispose()
