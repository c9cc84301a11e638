"""Small facts that many store tests start from."""

from datetime import UTC, datetime, timedelta

from domain.dispositions import Disposition
from domain.documents import DocumentKind
from domain.inspection import BookedUnits, InspectedUnits, Inspection
from domain.returns import (
    Delivery,
    PlatformPhase,
    PlatformReturn,
    Refund,
    RefundState,
    ReturnKind,
    ReturnLine,
    ReturnRef,
)
from store.exchange_records import ExchangePlan
from store.records import DocumentLine, DocumentPlan

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
REF = ReturnRef(connection="shop", return_id="R1")
OTHER = ReturnRef(connection="shop", return_id="R2")
LINE = "L1/SHIRT"


def later(minutes: int = 1) -> datetime:
    return NOW + timedelta(minutes=minutes)


def delivery(delivery_id: str = "D1", return_id: str | None = "R1") -> Delivery:
    return Delivery(delivery_id=delivery_id, event="return.updated", return_id=return_id, occurred_at=NOW)


def line(line_id: str = LINE, quantity: int = 2) -> ReturnLine:
    order_line_id, sku = line_id.split("/")
    return ReturnLine(line_id=line_id, order_line_id=order_line_id, sku=sku, quantity=quantity, reason="size")


def refund(refund_id: str = "RF1", state: RefundState = RefundState.PAID) -> Refund:
    return Refund(refund_id=refund_id, state=state, amount_text="20.00", currency="EUR", created_at=NOW)


def platform_return(
    *lines: ReturnLine,
    return_id: str = "R1",
    phase: PlatformPhase = PlatformPhase.AUTHORISED,
    refunds: list[Refund] | None = None,
) -> PlatformReturn:
    return PlatformReturn(
        return_id=return_id,
        order_number="ORD-1",
        kind=ReturnKind.REFUND,
        phase=phase,
        platform_status="open",
        currency="EUR",
        lines=list(lines) or [line()],
        refunds=refunds or [],
        tracking_number="TRACK-1",
    )


def inspection(inspection_id: str = "SCAN-1", quantity: int = 2) -> Inspection:
    units = [InspectedUnits(sku="SHIRT", quantity=quantity, disposition="SELLABLE")]
    return Inspection(inspection_id=inspection_id, location="LDN-1", units=units, inspected_at=NOW)


def booked(quantity: int = 2, disposition: Disposition = Disposition.SELLABLE) -> list[BookedUnits]:
    return [BookedUnits(line_id=LINE, sku="SHIRT", quantity=quantity, disposition=disposition)]


def document(key: str = "bh-r1-c-1", kind: DocumentKind = DocumentKind.CREDIT, ref: ReturnRef = REF) -> DocumentPlan:
    return DocumentPlan(
        key=key,
        ref=ref,
        kind=kind,
        order_number="ORD-1",
        lines=[DocumentLine(line_id=LINE, sku="SHIRT", quantity=2)],
        total=2000,
        currency="EUR",
        request={"key": key, "total": 2000, "lines": [{"sku": "SHIRT", "quantity": 2}]},
    )


def exchange(price: int = 1000) -> ExchangePlan:
    return ExchangePlan(
        key="bh-r1-x-1",
        ref=REF,
        number=1,
        exchange_id=f"{LINE}>SHIRT-L",
        line_id=LINE,
        units=1,
        sku="SHIRT-L",
        quantity=1,
        carried=1000,
        price=price,
        currency="EUR",
        slot_line_id=LINE,
        slots=[1],
    )
