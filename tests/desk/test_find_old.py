"""N15: what people find of a return long after everything about it has ended elsewhere."""

from datetime import timedelta

from desk.find import find_one
from desk.view import find_views
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode
from domain.progress import Stage
from domain.returns import ReturnRef
from store import Store
from store.records import DocumentState, OpenException
from tests.store.given import NOW, booked, delivery, document, inspection, platform_return, refund

OLD = NOW - timedelta(days=400)
REF = ReturnRef(connection="shop", return_id="R1")
IDS = (
    *("R1", "shop/R1", "return/shop/R1", "ORD-1", "RMA-1", "TRACK-1", "RF1", "SCAN-1", "D1", "x-1"),
    *("bh-old-rma", "bh-old-receipt", "bh-old-credit", "bh-old-exchange"),
    *("N-rma", "N-receipt", "N-credit", "N-exchange", "PART-credit"),
)


async def keep(store: Store) -> None:
    """Everything that happened to one return, 400 days ago."""
    stopped = OpenException(
        id="x-1",
        connection="shop",
        return_id="R1",
        code=ExceptionCode.CREDIT_REJECTED,
        step="credit",
        reason="no",
        now=OLD,
    )
    async with store.begin() as unit:
        await unit.inbox.accept("shop", delivery("D1"), "digest-of-D1", "", OLD)
        await unit.returns.save_platform_return(REF, platform_return(refunds=[refund("RF1")]), OLD)
        await unit.returns.set_authorised(REF, "RMA-1", False, "hash", OLD + timedelta(days=30), OLD)
        await unit.inspections.save(REF, inspection("SCAN-1"), booked(), OLD)
        for kind in (DocumentKind.RMA, DocumentKind.RECEIPT, DocumentKind.CREDIT, DocumentKind.EXCHANGE):
            key, parts = f"bh-old-{kind}", [f"PART-{kind}"] if kind is DocumentKind.CREDIT else []
            await unit.documents.plan(document(key, kind), OLD)
            await unit.documents.mark(key, DocumentState.POSTED, number=f"N-{kind}", parts=parts, now=OLD)
        await unit.exceptions.open(stopped)
        await unit.exceptions.clear("x-1", OLD)
        await unit.returns.set_ended(REF, Stage.CLOSED, OLD)


async def test_N15_R86_a_return_of_400_days_ago_is_found_by_each_of_its_ids(store: Store) -> None:
    await keep(store)
    for number in range(20):
        ref = ReturnRef(connection="shop", return_id=f"NEW{number}")
        fresh = platform_return(return_id=ref.return_id).model_copy(
            update={"order_number": f"NEW-ORD{number}", "tracking_number": f"NEW-T{number}"}
        )
        async with store.begin() as unit:
            await unit.returns.save_platform_return(ref, fresh, NOW)
    for any_id in IDS:
        assert await find_one(store, any_id) == REF, any_id
    [view] = await find_views(store, "N-credit")
    assert {one.number for one in view.documents} == {"N-rma", "N-receipt", "N-credit", "N-exchange"}
    assert [one.id for one in view.exceptions] == ["x-1"]
    assert min(entry.at for entry in view.timeline) == OLD
