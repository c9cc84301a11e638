"""Exceptions of every code, with the figures that their steps write."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from domain.catalogue import CATALOGUE
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode
from domain.money import Money
from domain.returns import PlatformPhase, PlatformReturn, Refund, RefundState, ReturnKind, ReturnLine, ReturnRef
from store import Store
from store.records import DocumentLine, DocumentPlan, DocumentState, ExceptionRecord, OpenException
from tests.store.given import NOW, later

__all__ = ["FIGURES", "NOW", "REF", "hours", "later", "opened", "returned", "stopped"]

REF = ReturnRef(connection="uk", return_id="r-1")

#: Figures as the steps write them, for codes whose items show something of their own.
FIGURES: Mapping[ExceptionCode, dict[str, JsonValue]] = {
    ExceptionCode.REFUND_MISMATCH: {
        "refund": "rf-1",
        "platform_amount": "25.00",
        "order_amount": "20.00",
        "difference": "5.00",
        "hypothesis": "shipping_included",
        "hypotheses": "shipping included: 5.00 more; list price, all discounts ignored: 4.00 more, 1.00 unexplained",
    },
    ExceptionCode.CREDIT_REJECTED: {"document": "bh-r-1-c-1", "vendor_code": "NOCUST"},
    ExceptionCode.PERIOD_CLOSED: {"document": "bh-r-1-c-1", "vendor_code": "PER"},
    ExceptionCode.RMA_REJECTED: {"vendor_code": "LEN", "order": "7"},
    ExceptionCode.STOCK_REJECTED: {"vendor_code": "DEPOT", "depot": "09"},
    ExceptionCode.SKU_NOT_IN_MASTER: {"skus": "P1, P2"},
    ExceptionCode.VALIDATION_QTY: {"sku": "OLD", "unknown_sku": "OLD", "order_line": "1", "quantity": "3"},
    ExceptionCode.LOCATION_UNMAPPED: {"location": "LDN-9", "bucket": "main"},
    ExceptionCode.DISPOSITION_UNMAPPED: {"disposition": "Z", "sku": "P1"},
    ExceptionCode.REASON_UNMAPPED: {"reason": "too_ugly", "sku": "P1", "quantity": "1"},
    ExceptionCode.TAX_CODE_UNMAPPED: {"tax_code": "17.50"},
    ExceptionCode.UNEXPECTED_SKU: {"inspection": "s-1", "location": "LDN-1", "surplus": "2 x P8, 1 x P9"},
    ExceptionCode.EXPOSURE_DUE: {"missing": "2", "refunds": "20.00 GBP", "units.1/P1": "2"},
}


def hours(count: float) -> int:
    """Minutes, as `later` takes them."""
    return int(count * 60)


def stopped(
    code: ExceptionCode = ExceptionCode.REFUND_MISMATCH,
    name: str = "ex-1",
    *,
    ref: ReturnRef | None = REF,
    amount: Money | None = None,
    figures: dict[str, JsonValue] | None = None,
    waits: bool = False,
    minutes: int = 0,
) -> OpenException:
    """An exception to open. Unless `waits`, no workflow is parked on it: it is decided in the store."""
    return OpenException(
        id=name,
        connection=ref.connection if ref else "uk",
        return_id=ref.return_id if ref else None,
        code=code,
        track=CATALOGUE[code].track if waits else None,
        step="step",
        reason="it stopped here",
        payload=FIGURES.get(code, {}) if figures is None else figures,
        amount=amount,
        now=later(minutes),
    )


async def opened(
    store: Store, code: ExceptionCode = ExceptionCode.REFUND_MISMATCH, name: str = "ex-1", **given: Any
) -> ExceptionRecord:
    """An open exception, as `stopped` makes it."""
    async with store.begin() as unit:
        return await unit.exceptions.open(stopped(code, name, **given))


async def returned(store: Store, refund: str = "20.00", ref: ReturnRef = REF) -> None:
    """A return of three units with an RMA and a credit note, and one refund."""
    platform = PlatformReturn(
        return_id=ref.return_id,
        order_number="O-1",
        kind=ReturnKind.REFUND,
        phase=PlatformPhase.IN_TRANSIT,
        platform_status="shipped",
        currency="GBP",
        lines=[ReturnLine(line_id="1/P1", order_line_id="1", sku="P1", quantity=3, reason="size")],
        refunds=[Refund(refund_id="rf-1", state=RefundState.PAID, amount_text=refund, currency="GBP")],
        tracking_number="T-1",
    )
    async with store.begin() as unit:
        await unit.returns.save_platform_return(ref, platform, NOW)
        await unit.returns.set_authorised(ref, "R-1", False, "hash", NOW, NOW)
        for kind, number in ((DocumentKind.RMA, "R-1"), (DocumentKind.CREDIT, "CN-1")):
            key = f"bh-{ref.return_id}-{number.lower()}"
            lines = [DocumentLine(line_id="1/P1", sku="P1", quantity=3)]
            await unit.documents.plan(DocumentPlan(key=key, ref=ref, kind=kind, order_number="O-1", lines=lines), NOW)
            await unit.documents.mark(key, DocumentState.POSTED, number=number, now=NOW)
