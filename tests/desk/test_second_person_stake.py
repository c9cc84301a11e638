"""Which decisions settle money, and how much of it: what a decision does counts, not what it is called."""

from datetime import date
from typing import Any

import pytest

from desk.bulk import BulkAnswer, decide_all
from domain.catalogue import CATALOGUE
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.money import Money
from domain.order import OrderLine, OrderSnapshot, TaxMode
from domain.resolution import Resolution, Role
from domain.returns import PlatformPhase, PlatformReturn, Refund, RefundState, ReturnKind, ReturnLine
from domain.second_person import above, settles_money
from store import Store
from store.records import ExceptionState
from tests.desk.given import NOW, REF, later, opened, returned
from tests.desk.people import CANCEL, LIMITS, People

ACCEPT = ResolutionKind.ACCEPT_ORDER_AMOUNT
BY_HAND = ResolutionKind.DONE_BY_HAND
EDIT = ResolutionKind.EDIT_AND_RETRY
LINK = ResolutionKind.LINK_EXISTING
PLATFORM = ResolutionKind.ACCEPT_PLATFORM_AMOUNT
SEND_BACK = ResolutionKind.RETURN_TO_CUSTOMER
WRITE_OFF = ResolutionKind.WRITE_OFF

#: Decisions after which the flow goes on: what it credits then is compared and decided as ever.
GOES_ON = {ResolutionKind.RETRY, EDIT, ResolutionKind.SUBSTITUTE_SKU, ResolutionKind.CONVERT_TO_REFUND}
ROLES = {Owner.FINANCE: Role.FINANCE, Owner.CX: Role.CX, Owner.WAREHOUSE: Role.WAREHOUSE}


async def claimed(store: Store, value: int, units: int = 1) -> None:
    """The return holds so many units of its order, worth `value` pence together; the order has one more."""
    line = OrderLine(line_id="1", sku="P1", quantity=units + 1, gross_of_discount=value // units * (units + 1))
    order = OrderSnapshot(
        order_number="7",
        currency="GBP",
        tax_mode=TaxMode.INCLUSIVE,
        ordered_on=date(2026, 2, 1),
        lines=(line,),
        total=line.gross_of_discount,
    )
    async with store.begin() as unit:
        await unit.snapshots.freeze("books", order, NOW)
        await unit.slots.reserve("books", "7", REF, {"1/P1": units}, {"1/P1": units + 1})


async def refunded(store: Store, *amounts: tuple[str, str]) -> None:
    """The return has these refunds."""
    refunds = [
        Refund(refund_id=f"rf-{number}", state=RefundState.PAID, amount_text=amount, currency=currency)
        for number, (amount, currency) in enumerate(amounts, start=1)
    ]
    platform = PlatformReturn(
        return_id=REF.return_id,
        order_number="7",
        kind=ReturnKind.REFUND,
        phase=PlatformPhase.IN_TRANSIT,
        platform_status="shipped",
        currency="GBP",
        lines=[ReturnLine(line_id="1/P1", order_line_id="1", sku="P1", quantity=3, reason="size")],
        refunds=refunds,
    )
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform, NOW)


# --- which decisions


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("DAMAGED_DECISION", {ACCEPT, PLATFORM, SEND_BACK, CANCEL}),
        ("CREDIT_REJECTED", {LINK, BY_HAND, CANCEL}),
        ("LOST_PARCEL", {ACCEPT, WRITE_OFF, BY_HAND, CANCEL}),
        ("EXCHANGE_EXPOSURE", {WRITE_OFF, BY_HAND, CANCEL}),
        ("EXPOSURE_DUE", {WRITE_OFF, BY_HAND, CANCEL}),
        ("REFUND_FAILED", {BY_HAND, CANCEL}),
        ("REFUND_NOT_CONFIRMED", {BY_HAND, CANCEL}),
        ("CANCEL_AFTER_RECEIPT", {SEND_BACK, BY_HAND, CANCEL}),
        ("STOCK_REJECTED", {WRITE_OFF, CANCEL}),
        ("OVER_RECEIPT", set()),
        ("UNMATCHED_RECEIPT", set()),
        ("RMA_REJECTED", set()),
        ("EXCHANGE_OOS", set()),
    ],
)
def test_R110_decisions_of_one_effect_settle_money_alike(code: str, kinds: set[ResolutionKind]) -> None:
    found = {kind for kind in CATALOGUE[ExceptionCode(code)].resolutions if settles_money(ExceptionCode(code), kind)}
    assert found == kinds


@pytest.mark.parametrize("code", [code for code, entry in CATALOGUE.items() if entry.owner is Owner.FINANCE])
def test_R110_whatever_ends_finances_matters_settles_money(code: ExceptionCode) -> None:
    kinds = set(CATALOGUE[code].resolutions)
    assert {kind for kind in kinds if settles_money(code, kind)} == kinds - GOES_ON


@pytest.mark.parametrize("code", ExceptionCode)
def test_R110_an_accepted_amount_settles_money_whoever_owns_the_matter(code: ExceptionCode) -> None:
    assert settles_money(code, ACCEPT) and settles_money(code, PLATFORM)
    assert settles_money(code, EDIT, {"share": "100"})
    assert not settles_money(code, EDIT, {"location": "LDN-1", "tax_code.20.00": "T1"})
    assert not settles_money(code, ResolutionKind.RETRY)


@pytest.mark.parametrize(
    "decision",
    [
        {"kind": ACCEPT},
        {"kind": PLATFORM},
        {"kind": EDIT, "edits": {"share": "100"}},
        {"kind": EDIT, "edits": {"share": "0"}},
        {"kind": SEND_BACK},
        {"kind": CANCEL},
    ],
    ids=lambda decision: "-".join(map(str, decision.values())),
)
async def test_R110_E22_no_way_to_decide_a_damaged_item_goes_past_the_second_person(
    people: People, decision: dict[str, Any]
) -> None:
    await returned(people.store, refund="5000.00")
    await opened(people.store, ExceptionCode.DAMAGED_DECISION, figures={"units": "1 x RING DAMAGED (size)"})
    assert (await people.decide("ann", **decision)).outcome == "proposed"
    record = await people.now()
    assert (record.state, record.resolution) == (ExceptionState.OPEN, None)
    assert (await people.decide("ann", **decision)).outcome == "refused"


async def test_R110_N18_a_share_for_many_is_proposed_for_each(people: People) -> None:
    await returned(people.store, refund="5000.00")
    await opened(people.store, ExceptionCode.DAMAGED_DECISION, figures={})
    share = Resolution(
        exception_id="ex-1", version=1, kind=EDIT, role=Role.FINANCE, actor="ann", edits={"share": "100"}
    )
    answer = await decide_all(people.store, people.link, [share], lambda: later(5), per_second=1000, limits=LIMITS)
    assert answer == BulkAnswer(proposed=1)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("LOST_PARCEL", CANCEL), ("LOST_PARCEL", BY_HAND), ("EXCHANGE_EXPOSURE", CANCEL), ("STOCK_REJECTED", CANCEL)],
)
async def test_R110_giving_value_up_needs_two_people_by_whatever_name(
    people: People, code: str, kind: ResolutionKind
) -> None:
    await claimed(people.store, 60000)
    await opened(people.store, ExceptionCode(code), figures={})
    role = ROLES[CATALOGUE[ExceptionCode(code)].owner]
    assert (await people.decide("ann", WRITE_OFF, role=role)).outcome == "proposed"
    assert (await people.decide("bob", kind, role=role, document="INV-1")).outcome == "proposed"


# --- how much


@pytest.mark.parametrize(
    ("amount", "currency", "limit", "answer"),
    [
        (50000, "EUR", 500, False),
        (50001, "EUR", 500, True),
        (-50001, "EUR", 500, True),
        (501, "JPY", 500, True),
        (500, "JPY", 500, False),
        (500000, "KWD", 500, False),
        (500001, "KWD", 500, True),
        (1, "EUR", 0, True),
        (10**9, "EUR", None, False),
    ],
)
def test_R110_the_limit_is_in_whole_units_of_each_currency(
    amount: int, currency: str, limit: int | None, answer: bool
) -> None:
    assert above([Money(amount=amount, currency=currency)], limit) is answer


@pytest.mark.parametrize(
    ("code", "figures"),
    [
        ("REFUND_MISMATCH", {"platform_amount": "20.00", "order_amount": "500.01"}),
        ("CURRENCY_MISMATCH", {"amount": "500.01", "currency": "EUR"}),
        ("AMOUNT_PRECISION", {"amount": "501.005", "currency": "EUR"}),
        ("CREDIT_REJECTED", {"erp_total": "500.01", "our_total": "20.00"}),
        ("DUPLICATE_REFUND", {"refund": "rf-1"}),
        ("SNAPSHOT_NOT_FOOTING", {}),
    ],
)
async def test_R110_the_figures_and_the_refunds_of_the_return_count_too(
    people: People, code: str, figures: dict[str, Any]
) -> None:
    by_figures = any("." in str(figure) for figure in figures.values())
    await returned(people.store, refund="1.00" if by_figures else "500.01")
    amount = Money(amount=2000, currency="GBP") if "erp_total" in figures or "order_amount" in figures else None
    await opened(people.store, ExceptionCode(code), figures=figures, amount=amount)
    assert (await people.decide("ann")).outcome == "proposed"


@pytest.mark.parametrize(
    ("refunds", "outcome"),
    [
        ([("300.00", "GBP"), ("300.00", "GBP")], "proposed"),
        ([("300.00", "GBP"), ("600.00", "EUR")], "proposed"),
        ([("300.00", "GBP"), ("600.005", "GBP")], "proposed"),
        ([("300.00", "GBP"), ("200.00", "GBP")], "decided"),
        ([("300.00", "GBP"), ("300.00", "EUR")], "decided"),
    ],
)
async def test_R110_several_refunds_count_together_each_in_its_own_currency(
    people: People, refunds: list[tuple[str, str]], outcome: str
) -> None:
    await refunded(people.store, *refunds)
    await opened(people.store, ExceptionCode.SNAPSHOT_NOT_FOOTING, figures={})
    assert (await people.decide("ann")).outcome == outcome


async def test_R110_an_exposure_over_several_refunds_is_their_sum(people: People) -> None:
    figures = {"missing": "2", "refunds": "300.00 GBP, 300.00 GBP"}
    await opened(people.store, ExceptionCode.EXPOSURE_DUE, figures=figures)
    assert (await people.decide("ann", WRITE_OFF, role=Role.CX)).outcome == "proposed"


@pytest.mark.parametrize(("value", "outcome"), [(60000, "proposed"), (50000, "decided")])
async def test_R110_E31_before_any_refund_the_claimed_units_say_how_much_it_is(
    people: People, value: int, outcome: str
) -> None:
    await claimed(people.store, value, units=2)
    await opened(people.store, ExceptionCode.LOST_PARCEL)
    answer = await people.decide("ann", WRITE_OFF, role=Role.CX)
    assert answer.outcome == outcome


async def test_R110_E31_a_small_refund_of_other_units_does_not_hide_what_the_lost_ones_are_worth(
    people: People,
) -> None:
    await returned(people.store, refund="10.00")
    await claimed(people.store, 60000)
    await opened(people.store, ExceptionCode.LOST_PARCEL)
    assert (await people.decide("ann", ACCEPT)).outcome == "proposed"


@pytest.mark.parametrize(("kind", "outcome"), [(ACCEPT, "proposed"), (CANCEL, "decided")])
async def test_R110_E38_who_accepts_the_orders_amount_settles_that_and_not_the_refund(
    people: People, kind: ResolutionKind, outcome: str
) -> None:
    await returned(people.store)
    await claimed(people.store, 60000)
    figures = {"refund": "rf-1", "amount": "100", "currency": "JPY"}
    await opened(people.store, ExceptionCode.CURRENCY_MISMATCH, figures=figures)
    assert (await people.decide("ann", kind)).outcome == outcome


@pytest.mark.parametrize(
    ("code", "kind", "role"),
    [
        ("LOST_PARCEL", ACCEPT, Role.FINANCE),
        ("LOST_PARCEL", WRITE_OFF, Role.CX),
        ("SNAPSHOT_NOT_FOOTING", CANCEL, Role.FINANCE),
    ],
)
async def test_R110_an_amount_that_nobody_knows_needs_two_people(
    people: People, code: str, kind: ResolutionKind, role: Role
) -> None:
    await opened(people.store, ExceptionCode(code))
    assert (await people.decide("ann", kind, role=role)).outcome == "proposed"
    assert (await people.now()).state is ExceptionState.OPEN
