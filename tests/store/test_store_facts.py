"""Facts of a return that has exchanges, kept units, or units that are credited only in part."""

import pytest

from domain.connection import ExchangeOn
from domain.dispositions import Disposition
from domain.exceptions import ExceptionCode
from domain.exchange import ExchangeState
from domain.inspection import BookedUnits
from domain.progress import LineFacts, Stage
from domain.returns import ExchangeWish
from store import Store
from store.records import OpenException
from store.unit import Unit
from tests.store.given import LINE, NOW, REF, booked, exchange, inspection, later, line, platform_return

KEY = "bh-r1-x-1"


def wish(quantity: int = 1, sku: str = "SHIRT-L") -> ExchangeWish:
    return ExchangeWish(
        exchange_id=f"{LINE}>{sku}",
        line_id=LINE,
        quantity=quantity,
        sku=sku,
        replacement_quantity=quantity,
        price_text="10.00",
    )


async def save(unit: Unit, quantity: int = 2, *wishes: ExchangeWish, keep: bool = False) -> None:
    told = platform_return(line(quantity=quantity).model_copy(update={"keep": keep}))
    await unit.returns.save_platform_return(REF, told.model_copy(update={"exchanges": list(wishes)}), NOW)


async def authorise(unit: Unit, on: ExchangeOn = ExchangeOn.CONFIRMATION) -> None:
    await unit.returns.set_authorised(REF, "RMA-1", False, "hash", later(60), NOW, exchange_on=on)


async def scan(unit: Unit, name: str, quantity: int = 1, share: int | None = 100) -> None:
    units = [unit_.model_copy(update={"share": share}) for unit_ in booked(quantity)]
    await unit.inspections.save(REF, inspection(name, quantity), units, NOW)


async def accepted(unit: Unit) -> int:
    [facts] = (await unit.returns.facts(REF)).lines
    return facts.accepted


async def test_u31_kept_units_are_not_expected_and_are_owed_at_once(store: Store) -> None:
    async with store.begin() as unit:
        await save(unit, keep=True)
        await authorise(unit)
        assert (await unit.returns.lines(REF))[0].keep
        assert (await unit.returns.facts(REF)).lines == [LineFacts(expected=0, accepted=2)]
        header = await unit.returns.get(REF)
    assert header is not None
    assert (header.stage, header.waiting_for) == (Stage.SETTLING, "the platform to confirm the refund of 2 unit(s)")


async def test_E22_units_owe_a_credit_once_their_share_is_decided(store: Store) -> None:
    async with store.begin() as unit:
        await save(unit, 4)
        await scan(unit, "S1", 1, share=None)
        await scan(unit, "S2", 1, share=0)
        await scan(unit, "S3", 1, share=50)
        assert await accepted(unit) == 1
        assert await unit.inspections.set_share(REF, "S1", 30, later()) == 1
        assert await unit.inspections.set_share(REF, "S1", 90, later()) == 0
        assert await unit.inspections.set_share(REF, "S2", 90, later()) == 0
        assert await accepted(unit) == 2
        shares = [units.share for parcel in await unit.inspections.list(REF) for units in parcel.booked]
    assert shares == [30, 0, 50]


async def test_E18_surplus_is_kept_and_counts_for_no_line(store: Store) -> None:
    async with store.begin() as unit:
        await save(unit)
        surplus = BookedUnits(line_id="", sku="SHIRT", quantity=5, disposition=Disposition.QUARANTINE)
        await unit.inspections.save(REF, inspection(), [*booked(1), surplus], NOW)
        assert (await unit.returns.facts(REF)).lines == [LineFacts(expected=2, inspected=1, accepted=1)]
        [parcel] = await unit.inspections.list(REF)
    assert parcel.booked == [*booked(1), surplus]


async def test_E57_exchanged_units_come_off_the_accepted_ones_first(store: Store) -> None:
    async with store.begin() as unit:
        await save(unit, 3, wish())
        found = []
        for n in range(3):
            await scan(unit, f"S{n}")
            found.append(await accepted(unit))
        assert found == [0, 1, 2]
        await unit.exchanges.plan(exchange(), NOW)
        assert await accepted(unit) == 2
        await unit.exchanges.mark(KEY, ExchangeState.CONVERTED_TO_REFUND, now=NOW)
        assert await accepted(unit) == 3


async def test_E55_at_confirmation_an_exchange_is_open_from_the_rma_to_its_order(store: Store) -> None:
    async with store.begin() as unit:
        await save(unit, 2, wish())
        found = [(await unit.returns.facts(REF)).exchanges_open]
        await authorise(unit)
        found.append((await unit.returns.facts(REF)).exchanges_open)
        await unit.exchanges.plan(exchange(), NOW)
        found.append((await unit.returns.facts(REF)).exchanges_open)
        await unit.exchanges.mark(KEY, ExchangeState.AWAITING_PAYMENT, now=NOW)
        found.append((await unit.returns.facts(REF)).exchanges_open)
        await unit.exchanges.mark(KEY, ExchangeState.ORDERED, order_number=KEY, now=NOW)
        found.append((await unit.returns.facts(REF)).exchanges_open)
    assert found == [0, 1, 1, 1, 0]


async def test_E55_at_acceptance_an_exchange_is_open_once_units_are_accepted(store: Store) -> None:
    async with store.begin() as unit:
        await save(unit, 2, wish(2))
        await authorise(unit, ExchangeOn.ACCEPTANCE)
        header = await unit.returns.get(REF)
        assert header is not None
        assert (header.exchange_on, header.exchanges) == (ExchangeOn.ACCEPTANCE, [wish(2)])
        assert (await unit.returns.facts(REF)).exchanges_open == 0
        await scan(unit, "S1")
        assert (await unit.returns.facts(REF)).exchanges_open == 1
        await unit.exchanges.plan(exchange(), NOW)
        await unit.exchanges.mark(KEY, ExchangeState.ORDERED, now=NOW)
        assert (await unit.returns.facts(REF)).exchanges_open == 0
        await scan(unit, "S2")
        assert (await unit.returns.facts(REF)).exchanges_open == 1


@pytest.mark.parametrize(("price", "owed"), [(500, 1), (1000, 0), (1500, 0)])
async def test_E52_a_cheaper_replacement_owes_its_difference_until_a_credit(
    store: Store, price: int, owed: int
) -> None:
    async with store.begin() as unit:
        await save(unit, 1, wish())
        await authorise(unit)
        await unit.exchanges.plan(exchange(price=price), NOW)
        assert (await unit.returns.facts(REF)).differences_owed == 0
        await unit.exchanges.mark(KEY, ExchangeState.ORDERED, now=NOW)
        assert (await unit.returns.facts(REF)).differences_owed == owed
        await unit.exchanges.mark(KEY, ExchangeState.ORDERED, credit_key="bh-r1-c-1", now=NOW)
        assert (await unit.returns.facts(REF)).differences_owed == 0


async def test_R54_the_stage_follows_the_exchange(store: Store) -> None:
    seen: list[tuple[Stage, str]] = []

    async def look(unit: Unit) -> None:
        header = await unit.returns.get(REF)
        assert header is not None
        seen.append((header.stage, header.waiting_for))

    async with store.begin() as unit:
        await save(unit, 1, wish())
        await authorise(unit)
        await scan(unit, "S1")
        await unit.returns.set_reported(REF, NOW)
        await look(unit)
        await unit.exchanges.plan(exchange(price=500), NOW)
        await unit.exchanges.mark(KEY, ExchangeState.ORDERED, now=NOW)
        await look(unit)
        await unit.exchanges.mark(KEY, ExchangeState.ORDERED, credit_key="bh-r1-c-1", now=NOW)
        await look(unit)
    assert seen == [
        (Stage.SETTLING, "the replacement order in the ERP"),
        (Stage.SETTLING, "the platform to confirm the refund of the price difference"),
        (Stage.CLOSED, ""),
    ]


async def test_R1_what_the_platform_tells_of_an_exchange_is_kept(store: Store) -> None:
    told = platform_return().model_copy(update={"exchanges": [wish()], "due_text": "12.50", "paid_text": "3"})
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, told, NOW)
        await authorise(unit, ExchangeOn.ACCEPTANCE)
        await unit.returns.save_platform_return(REF, told.model_copy(update={"paid_text": "12.50"}), later())
    async with store.reading() as unit:
        kept = await unit.returns.get(REF)
    assert kept is not None
    assert (kept.exchanges, kept.due_text, kept.paid_text) == ([wish()], "12.50", "12.50")
    assert kept.exchange_on is ExchangeOn.ACCEPTANCE


async def test_E29_an_ended_return_is_opened_again(store: Store) -> None:
    async with store.begin() as unit:
        await save(unit)
        await authorise(unit)
        await unit.returns.set_ended(REF, Stage.EXPIRED, NOW)
        for _ in range(2):
            await unit.returns.reopen(REF, later())
        again = await unit.returns.get(REF)
    assert again is not None
    assert (again.stage, again.closed_at) == (Stage.AWAITING_GOODS, None)


async def test_E26_an_exception_knows_who_waits_for_its_decision(store: Store) -> None:
    item = OpenException(
        id="ex-1",
        connection="shop",
        return_id="parcel.SCAN-1",
        workflow_id="parcel/shop/SCAN-1",
        code=ExceptionCode.UNMATCHED_RECEIPT,
        step="match",
        reason="nobody expects it",
        now=NOW,
    )
    async with store.begin() as unit:
        assert (await unit.exceptions.open(item)).workflow_id == "parcel/shop/SCAN-1"
        await unit.exceptions.open(item.model_copy(update={"id": "ex-2", "workflow_id": ""}))
        waiting = {found.id: found.workflow_id for found in await unit.exceptions.list()}
    assert waiting == {"ex-1": "parcel/shop/SCAN-1", "ex-2": ""}
