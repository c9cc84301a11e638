"""What the store of the walking tests holds: one return with something in each part of its page."""

from datetime import timedelta

from domain.connection import ExchangeOn
from domain.dispositions import Disposition
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode, Track
from domain.money import Money
from domain.returns import ExchangeWish, ReturnRef
from store import Store
from store.exchange_records import ExposureKind, OpenExposure
from store.records import DocumentLine, DocumentState, OpenException
from tests.console.books import fill_books
from tests.console.waiting import fill_queue
from tests.store import given
from tests.store.given import LINE, NOW, REF

EXCEPTION_ID = "R1-credit-1"
TRACKING, RMA, CREDIT_NOTE = "TRACK-1", "RMA-1", "CN-77"
MANY = 60


async def fill(store: Store) -> None:
    """Something for every address of `tests.console.samples`."""
    wish = ExchangeWish(
        exchange_id=f"{LINE}>SHIRT-L", line_id=LINE, quantity=1, sku="SHIRT-L", replacement_quantity=1, price_text="10"
    )
    async with store.begin() as unit:
        platform = given.platform_return(refunds=[given.refund()]).model_copy(update={"exchanges": [wish]})
        await unit.returns.save_platform_return(REF, platform, NOW)
        await unit.returns.set_authorised(
            REF, RMA, False, "a1b2", NOW + timedelta(days=30), NOW, ExchangeOn.CONFIRMATION
        )
        await unit.timeline.add(REF, "rma", NOW, "backhaul", "rma", "RMA RMA-1 is open in the ERP.", {"rma": RMA})
        await unit.inspections.save(REF, given.inspection(quantity=1), given.booked(1), NOW)
        await unit.documents.plan(given.document(), NOW)
        await unit.documents.mark("bh-r1-c-1", DocumentState.POSTED, number=CREDIT_NOTE, now=NOW)
        stock = given.document("bh-r1-s-1", DocumentKind.RECEIPT).model_copy(
            update={
                "depot": "LDN-1-S",
                "lines": [DocumentLine(line_id=LINE, sku="SHIRT", quantity=1, disposition=Disposition.SELLABLE)],
            }
        )
        await unit.documents.plan(stock, NOW)
        await unit.documents.mark("bh-r1-s-1", DocumentState.POSTED, number="GRN-5", now=NOW)
        await unit.exchanges.plan(given.exchange(), NOW)
        await unit.exposures.open([_exposure()], NOW)
        await unit.exceptions.open(exception())
    await fill_queue(store)
    await fill_books(store)


async def fill_many(store: Store) -> None:
    """Returns M1 to M59 of a connection of their own on one order, which changed at the same moment."""
    async with store.begin() as unit:
        for number in range(1, MANY):
            ref = ReturnRef(connection="many", return_id=f"M{number}")
            saved = given.platform_return(return_id=ref.return_id).model_copy(update={"tracking_number": ""})
            await unit.returns.save_platform_return(ref, saved, NOW - timedelta(hours=1))


def exception() -> OpenException:
    """A credit that the ERP refused."""
    return OpenException(
        id=EXCEPTION_ID,
        connection=REF.connection,
        return_id=REF.return_id,
        code=ExceptionCode.CREDIT_REJECTED,
        track=Track.FINANCE,
        step="credit-1",
        reason="The ERP refused the credit note: period closed.",
        amount=Money(amount=2000, currency="EUR"),
        now=NOW,
    )


def _exposure() -> OpenExposure:
    return OpenExposure(
        ref=REF,
        slot_line_id=LINE,
        slot_no=2,
        line_id=LINE,
        amount=1000,
        currency="EUR",
        kind=ExposureKind.REFUND,
        reference="bh-r1-c-1",
        cover_until=NOW + timedelta(days=20),
    )
