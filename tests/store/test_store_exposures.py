"""The exposure register: value that is out while its goods are not in (N11)."""

from datetime import datetime

from domain.money import Money
from domain.returns import ReturnRef
from store import Store
from store.exchange_records import ExposureKind, ExposureState, OpenExposure
from tests.store.given import LINE, NOW, OTHER, REF, later, line, platform_return

CREDIT = "bh-r1-c-1"


def out(
    slot_no: int,
    amount: int = 1000,
    ref: ReturnRef = REF,
    slot_line_id: str = LINE,
    line_id: str = LINE,
    reference: str = CREDIT,
    currency: str = "EUR",
    cover_until: datetime | None = None,
) -> OpenExposure:
    return OpenExposure(
        ref=ref,
        slot_line_id=slot_line_id,
        slot_no=slot_no,
        line_id=line_id,
        amount=amount,
        currency=currency,
        kind=ExposureKind.REFUND,
        reference=reference,
        cover_until=cover_until,
    )


async def states(store: Store, ref: ReturnRef = REF) -> list[tuple[int, str]]:
    async with store.reading() as unit:
        return [(row.slot_no, row.state.value) for row in await unit.exposures.of(ref)]


async def test_N11_a_unit_is_exposed_once_per_reference(store: Store) -> None:
    for _ in range(2):
        async with store.begin() as unit:
            await unit.exposures.open([out(1), out(2, 999)], NOW)
    async with store.begin() as unit:
        await unit.exposures.open([out(1, 300, reference="bh-r1-c-2")], later())
        assert await unit.exposures.totals() == [Money(amount=2299, currency="EUR")]
        [first, *_] = await unit.exposures.of(REF)
    assert first.model_dump(include=set(OpenExposure.model_fields)) == out(1).model_dump()
    assert (first.since, first.state, first.ended_at, first.note) == (NOW, ExposureState.OPEN, None, "")


async def test_N11_accepted_units_clear_the_lowest_slots_first(store: Store) -> None:
    async with store.begin() as unit:
        await unit.exposures.open([out(3, 30), out(1, 10), out(2, 20), out(1, 5, reference="bh-r1-x-1")], NOW)
        await unit.exposures.open([out(1, 7, ref=OTHER), out(1, 8, slot_line_id="L2/HAT", line_id="L2/HAT")], NOW)
    async with store.begin() as unit:
        closed = await unit.exposures.clear(REF, LINE, 2, ExposureState.CLEARED, "SCAN-1", later())
        assert closed == 35
    async with store.begin() as unit:
        assert await unit.exposures.clear(REF, LINE, 5, ExposureState.DECIDED, "kept as goodwill", later(2)) == 30
        assert await unit.exposures.clear(REF, LINE, 1, ExposureState.CLEARED, "", later(3)) == 0
        rows = [row for row in await unit.exposures.of(REF) if row.line_id == LINE]
        ended = {(row.slot_no, row.state.value, row.note, row.ended_at) for row in rows}
        assert ended == {
            (1, "cleared", "SCAN-1", later()),
            (2, "cleared", "SCAN-1", later()),
            (3, "decided", "kept as goodwill", later(2)),
        }
        assert await unit.exposures.totals() == [Money(amount=15, currency="EUR")]


async def test_N11_opening_again_does_not_bring_back_what_was_cleared(store: Store) -> None:
    async with store.begin() as unit:
        await unit.exposures.open([out(1)], NOW)
        await unit.exposures.clear(REF, LINE, 1, ExposureState.CLEARED, "SCAN-1", NOW)
        await unit.exposures.open([out(1)], later())
    assert await states(store) == [(1, "cleared")]


async def test_N11_a_unit_of_a_bundle_clears_all_of_its_parts(store: Store) -> None:
    parts = {"L1/TOP": 4, "L1/TIE": 2}
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(line("L1/SET", 2)), NOW)
        await unit.slots.reserve("books", "ORD-1", REF, parts, parts)
        rows = [out(no, 1, slot_line_id=part, line_id="L1/SET") for part, n in parts.items() for no in range(1, n + 1)]
        await unit.exposures.open(rows, NOW)
        assert await unit.exposures.clear(REF, "L1/SET", 1, ExposureState.CLEARED, "", NOW) == 3
        still = [(row.slot_line_id, row.slot_no) for row in await unit.exposures.open_ones()]
    assert sorted(still) == [("L1/TIE", 2), ("L1/TOP", 3), ("L1/TOP", 4)]


async def test_N11_a_voided_credit_exposes_nothing_until_it_is_made_again(store: Store) -> None:
    async with store.begin() as unit:
        await unit.exposures.open([out(1), out(2), out(1, reference="bh-r1-x-1")], NOW)
        await unit.exposures.clear(REF, LINE, 1, ExposureState.CLEARED, "SCAN-1", NOW)
        await unit.exposures.void(CREDIT, later(), "voided")
        await unit.exposures.void(CREDIT, later(2))
    assert await states(store) == [(1, "cleared"), (1, "cleared"), (2, "voided")]
    async with store.begin() as unit:
        await unit.exposures.open([out(1), out(2, 500)], later(3))
        [again] = await unit.exposures.open_ones()
    assert (again.slot_no, again.amount, again.since, again.ended_at, again.note) == (2, 500, later(3), None, "")


async def test_N11_the_cover_that_lapses_first_comes_first(store: Store) -> None:
    other = ReturnRef(connection="else", return_id="R9")
    async with store.begin() as unit:
        await unit.exposures.open([out(1)], NOW)
        await unit.exposures.open([out(2)], later(-5))
        await unit.exposures.open([out(3, cover_until=later(90))], NOW)
        await unit.exposures.open([out(1, 150, other, currency="JPY", cover_until=later(60))], NOW)
        assert [(row.ref.connection, row.slot_no) for row in await unit.exposures.open_ones()] == [
            ("else", 1),
            ("shop", 3),
            ("shop", 2),
            ("shop", 1),
        ]
        assert [row.slot_no for row in await unit.exposures.open_ones("shop", limit=2)] == [3, 2]
        assert await unit.exposures.totals() == [
            Money(amount=3000, currency="EUR"),
            Money(amount=150, currency="JPY"),
        ]
        assert await unit.exposures.totals("else") == [Money(amount=150, currency="JPY")]
        assert await unit.exposures.totals("nowhere") == []
