"""Returns in the middle of their life, as a workflow remembers them."""

from datetime import UTC, datetime, timedelta

from activities.signatures import Credited, GoodsBooked, Problem, RmaLineRef, RmaOpened, StockBooked
from domain.dispositions import Disposition, StockDocument
from domain.exceptions import ExceptionCode
from domain.inspection import BookedUnits, InspectedUnits, Inspection
from domain.messages import ReturnStart
from domain.returns import (
    PlatformPhase,
    PlatformReturn,
    Refund,
    RefundState,
    ReturnKind,
    ReturnLine,
    ReturnRef,
)
from workflows.case import ReturnCase

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
START = ReturnStart(ref=ReturnRef(connection="uk", return_id="r-1"), erp_queue="e", platform_queue="p")


def line(number: int, quantity: int, sku: str = "") -> ReturnLine:
    """Line 1 is SKU-1, and so on."""
    sku = sku or f"SKU-{number}"
    return ReturnLine(line_id=f"{number}/{sku}", order_line_id=str(number), sku=sku, quantity=quantity)


def platform(*lines: ReturnLine, refunds: tuple[Refund, ...] = (), phase: str = "authorised") -> PlatformReturn:
    """What the platform says."""
    return PlatformReturn(
        return_id="r-1",
        order_number="500",
        kind=ReturnKind.REFUND,
        phase=PlatformPhase(phase),
        platform_status=phase,
        currency="GBP",
        lines=list(lines),
        refunds=list(refunds),
    )


def refund(number: int, state: RefundState = RefundState.PAID, at: datetime | None = None) -> Refund:
    """A refund of 10.00."""
    return Refund(refund_id=f"f-{number}", state=state, amount_text="10.00", currency="GBP", created_at=at)


def rma(case: ReturnCase) -> RmaOpened:
    """The RMA of all lines, under the ERP's own SKUs, which are upper case with an X."""
    lines = [
        RmaLineRef(
            line_id=line.line_id,
            slot_line_id=line.line_id,
            rma_line_no=number,
            order_line_id=line.order_line_id,
            sku=f"X-{line.sku}",
            quantity=line.quantity,
        )
        for number, line in enumerate(case.lines, 1)
    ]
    return RmaOpened(
        number="R1",
        order_number="500",
        standalone=False,
        lines=lines,
        snapshot_hash="h",
        opened_at=NOW,
        deadline=NOW + timedelta(days=30),
    )


def authorised(*lines: ReturnLine, refunds: tuple[Refund, ...] = ()) -> ReturnCase:
    """A return with its RMA."""
    case = ReturnCase(START, platform=platform(*lines, refunds=refunds))
    case.rma = rma(case)
    return case


def parcel(scan: str, *units: tuple[str, int], disposition: str = "A", order_line: str = "") -> Inspection:
    """An inspection; units are (SKU, quantity)."""
    found = [InspectedUnits(sku=s, quantity=q, disposition=disposition, order_line_id=order_line) for s, q in units]
    return Inspection(inspection_id=scan, location="LDN-1", units=found)


def book(
    case: ReturnCase,
    scan: str,
    *units: tuple[str, int],
    disposition: Disposition = Disposition.SELLABLE,
    refused: bool = False,
) -> None:
    """Record and book a parcel; units are (line id, quantity)."""
    booked = [BookedUnits(line_id=i, sku=i.split("/")[1], quantity=q, disposition=disposition) for i, q in units]
    problem = Problem(code=ExceptionCode.STOCK_REJECTED, reason="no such depot") if refused else None
    document = StockBooked(
        key=f"k-{scan}",
        number="" if refused else "G1",
        document=StockDocument.RECEIPT,
        depot="01",
        units=booked,
        problem=problem,
    )
    case.inspections.setdefault(scan, parcel(scan, *((u.sku, u.quantity) for u in booked)))
    case.booked[scan] = GoodsBooked(inspection_id=scan, units=booked, documents=[document])


def credit(case: ReturnCase, number: int, scan: str, **units: int) -> None:
    """Credit a refund for one parcel; units by line number, as ``l1=2``."""
    by_line = {
        line.line_id: units[f"l{line.order_line_id}"] for line in case.lines if f"l{line.order_line_id}" in units
    }
    case.credits[f"f-{number}"] = Credited(
        refund_id=f"f-{number}", number=f"C{number}", total=1000, currency="GBP", units=by_line, inspections=[scan]
    )
