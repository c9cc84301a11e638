"""The exception queue: opened once, decided once, told to timeline and audit."""

import asyncio

import pytest

from domain.catalogue import owner_of
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.money import Money
from domain.resolution import Resolution, Role
from store import Store
from store.errors import NotOpen, StaleVersion, UnknownException
from store.records import ExceptionRecord, ExceptionState, OpenException
from tests.store.given import NOW, REF, later, platform_return

ID = "shop/R1/finance/1"


def parked(exception_id: str = ID, minutes: int = 0) -> OpenException:
    return OpenException(
        id=exception_id,
        connection="shop",
        return_id="R1",
        code=ExceptionCode.REFUND_MISMATCH,
        track=Track.FINANCE,
        step="credit_refund",
        reason="The platform paid 20.00 EUR, the order says 18.09 EUR.",
        payload={"refund": "RF1", "expected": 1809, "skus": ["SHIRT"]},
        amount=Money(amount=191, currency="EUR"),
        now=later(minutes),
    )


def decision(kind: ResolutionKind = ResolutionKind.RETRY, actor: str = "fin-7") -> Resolution:
    role = Role.FINANCE
    return Resolution(exception_id=ID, version=1, kind=kind, role=role, actor=actor, reason="checked")


async def test_R67_an_open_exception_says_everything(store: Store) -> None:
    async with store.begin() as unit:
        made = await unit.exceptions.open(parked())
    async with store.reading() as unit:
        assert await unit.exceptions.get(ID) == made
    assert made.owner is owner_of(ExceptionCode.REFUND_MISMATCH)
    assert (made.state, made.version, made.opened_at) == (ExceptionState.OPEN, 1, NOW)
    assert (made.payload, made.amount, made.ref) == (parked().payload, parked().amount, REF)


async def test_R67_opening_again_changes_nothing(store: Store) -> None:
    async with store.begin() as unit:
        first = await unit.exceptions.open(parked())
    async with store.begin() as unit:
        assert await unit.exceptions.open(parked(minutes=5)) == first
        assert len(await unit.timeline.list(REF)) == 1
        assert len(await unit.audit.list(ID)) == 1


async def test_R69_a_decision_is_kept_with_timeline_audit_and_header(store: Store) -> None:
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(), NOW)
        await unit.exceptions.open(parked())
        header = await unit.returns.get(REF)
        assert header is not None
        assert header.exceptions_open == 1
    async with store.begin() as unit:
        made = await unit.exceptions.resolve(ID, 1, decision(), later())
        assert (made.state, made.version, made.resolution) == (ExceptionState.RESOLVED, 2, decision())
        assert made.resolved_at == later()
    async with store.reading() as unit:
        header = await unit.returns.get(REF)
        assert header is not None
        assert header.exceptions_open == 0
        opened, decided = await unit.timeline.list(REF)
        assert (opened.actor, decided.actor, decided.refs) == ("system", "fin-7", {"exception": ID})
        audit = await unit.audit.list(ID)
        assert [entry.action for entry in audit] == ["exception.resolved", "exception.opened"]
        assert audit[0].detail["reason"] == "checked"


async def test_E67_the_same_press_again_is_a_no_op_and_another_decision_is_refused(store: Store) -> None:
    async with store.begin() as unit:
        await unit.exceptions.open(parked())
        first = await unit.exceptions.resolve(ID, 1, decision(), later())
    async with store.begin() as unit:
        assert await unit.exceptions.resolve(ID, 1, decision(), later(2)) == first
        with pytest.raises(NotOpen):
            await unit.exceptions.resolve(ID, 1, decision(actor="fin-8"), later(2))
        assert len(await unit.timeline.list(REF)) == 2


async def test_E67_two_people_at_once_one_decides(store: Store) -> None:
    async with store.begin() as unit:
        await unit.exceptions.open(parked())

    async def press(actor: str) -> bool:
        try:
            async with store.begin() as unit:
                await unit.exceptions.resolve(ID, 1, decision(actor=actor), later())
        except NotOpen:
            return False
        return True

    assert sum(await asyncio.gather(*(press(f"fin-{n}") for n in range(6)))) == 1


async def test_E67_a_stale_version_is_refused(store: Store) -> None:
    async with store.begin() as unit:
        await unit.exceptions.open(parked())
        with pytest.raises(StaleVersion):
            await unit.exceptions.resolve(ID, 2, decision(), later())
        with pytest.raises(UnknownException):
            await unit.exceptions.resolve("nobody", 1, decision(), later())


async def test_an_exception_that_went_away_is_cleared(store: Store) -> None:
    async with store.begin() as unit:
        await unit.exceptions.open(parked())
        cleared = await unit.exceptions.clear(ID, later(1))
        assert await unit.exceptions.clear(ID, later(2)) == cleared
        assert (cleared.state, cleared.resolved_at) == (ExceptionState.CLEARED, later(1))
        with pytest.raises(NotOpen):
            await unit.exceptions.resolve(ID, 1, decision(), later(3))


async def test_E63_trouble_of_a_connection_is_one_row_however_many_returns_meet_it(store: Store) -> None:
    async def meet(connection: str) -> ExceptionRecord:
        async with store.begin() as unit:
            return await unit.exceptions.open_for_connection(
                connection, ExceptionCode.CONNECTION_DOWN, "no answer for 15 minutes", NOW
            )

    seen = await asyncio.gather(*(meet("shop") for _ in range(8)), meet("other"))
    assert len({made.id for made in seen}) == 2
    async with store.begin() as unit:
        assert await unit.exceptions.clear_connection("shop", ExceptionCode.CONNECTION_DOWN, later())
        assert not await unit.exceptions.clear_connection("shop", ExceptionCode.CONNECTION_DOWN, later())
        [still] = await unit.exceptions.list(ExceptionState.OPEN)
        assert (still.connection, still.return_id) == ("other", None)
    second = await meet("shop")
    assert second.id not in {made.id for made in seen}
    assert second.state is ExceptionState.OPEN


async def test_E63_the_two_sides_of_a_connection_are_down_and_up_apart(store: Store) -> None:
    code = ExceptionCode.CONNECTION_DOWN

    async def meet(system: str) -> ExceptionRecord:
        async with store.begin() as unit:
            return await unit.exceptions.open_for_connection("shop", code, "no answer", NOW, system=system)

    seen = await asyncio.gather(*(meet(system) for system in ("erp", "platform") * 4))
    assert {made.step for made in seen} == {"erp", "platform"}
    assert len({made.id for made in seen}) == 2
    async with store.begin() as unit:
        assert await unit.exceptions.clear_connection("shop", code, later(), system="erp")
        assert not await unit.exceptions.clear_connection("shop", code, later(), system="erp")
        assert [made.step for made in await unit.exceptions.list(ExceptionState.OPEN)] == ["platform"]


async def test_E63_an_outage_that_ended_is_told_from_one_that_ended_before(store: Store) -> None:
    code = ExceptionCode.CONNECTION_DOWN
    async with store.begin() as unit:
        await unit.exceptions.open_for_connection("shop", code, "no answer", NOW, system="erp")
        assert not await unit.exceptions.cleared_for_connection("shop", code, "erp", since=NOW)
        await unit.exceptions.clear_connection("shop", code, later(2), system="erp")
        assert await unit.exceptions.cleared_for_connection("shop", code, "erp", since=later(1))
        assert not await unit.exceptions.cleared_for_connection("shop", code, "erp", since=later(2))
        assert not await unit.exceptions.cleared_for_connection("shop", code, "platform", since=NOW)


async def test_R67_the_queue_can_be_narrowed(store: Store) -> None:
    async with store.begin() as unit:
        for n in (2, 1, 3):
            await unit.exceptions.open(parked(f"x-{n}", minutes=n))
        await unit.exceptions.resolve("x-2", 1, decision(), later(5))
        await unit.exceptions.open_for_connection("shop", ExceptionCode.CONNECTION_DOWN, "down", later(9))
    async with store.reading() as unit:
        listed = await unit.exceptions.list(return_id="R1", connection="shop")
        assert [made.id for made in listed] == ["x-1", "x-2", "x-3"]
        mine = await unit.exceptions.list(ExceptionState.OPEN, owner=owner_of(ExceptionCode.REFUND_MISMATCH))
        assert [made.id for made in mine] == ["x-1", "x-3"]
        assert len(await unit.exceptions.list(limit=1)) == 1
