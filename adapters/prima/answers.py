"""Prima's answers → what we say about documents, items, stock and credits. `Data` of the answer comes in."""

from collections import Counter
from collections.abc import Sequence

from adapters.prima.codec import Record, Unreadable
from adapters.prima.contract import (
    CREDIT_NOTE_DETAIL,
    CREDIT_POSTED,
    CREDIT_REVERSED,
    NEW_CREDIT_NOTE,
    RETURN_CANCELLED,
    RETURN_DETAIL,
    RETURNS_OPEN,
    Message,
)
from adapters.prima.kits import recipe
from adapters.prima.settings import PrimaSettings
from adapters.prima.values import amount, day, join_sku, short_sku, split_sku, whole
from domain.documents import (
    CreditPage,
    CreditRecord,
    CreditRequest,
    DepotStock,
    ItemRecord,
    Posted,
    RmaRequest,
    RmaState,
)
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected


def posted(message: Message, record: Record) -> Posted:
    """The document's number. Unreadable without one."""
    return Posted(number=record.need(message.number))


def posted_credit(record: Record, currency: str) -> Posted:
    """The credit note with Prima's own total in minor units."""
    return Posted(number=record.need(NEW_CREDIT_NOTE.number), total=amount(record, "CreditTotal", currency))


def found_rma(record: Record, request: RmaRequest) -> Posted:
    """The return that carries our key, when it is alive and of our order."""
    number = record.need(RETURN_DETAIL.number)
    if record.get("ReturnStatus") == RETURN_CANCELLED:
        raise Rejected(ExceptionCode.RMA_CLOSED_IN_ERP, f"Prima return {number} is cancelled", RETURN_CANCELLED)
    if record.get("OrderNumber") not in ("", request.order_number):
        raise Rejected(ExceptionCode.RMA_REJECTED, f"Prima return {number} with our key is of another order")
    has = {whole(row, "ReturnLine"): whole(row, "Quantity") for row in record.rows("ReturnLineData")}
    lacking = [line for line in request.lines if has.get(line.line_no, 0) < line.quantity]
    if lacking:
        text = ", ".join(f"{line.quantity} x {line.sku} (line {line.line_no})" for line in lacking)
        raise Rejected(ExceptionCode.PARTIAL_ACCEPT, f"Prima return {number} lacks {text}")
    return Posted(number=number)


def rma_state(record: Record) -> RmaState:
    """The return as it is now."""
    status = record.need("ReturnStatus")
    return RmaState(
        number=record.need(RETURN_DETAIL.number), open=status in RETURNS_OPEN, cancelled=status == RETURN_CANCELLED
    )


def found_credit(record: Record, request: CreditRequest) -> Posted:
    """The credit note that carries our key, when it is live and of our order."""
    number = record.need(CREDIT_NOTE_DETAIL.number)
    if record.get("CreditStatus") == CREDIT_REVERSED:
        raise Rejected(ExceptionCode.CREDIT_REJECTED, f"Prima credit note {number} is reversed", CREDIT_REVERSED)
    if record.get("OrderNumber") not in ("", request.order_number):
        raise Rejected(ExceptionCode.CREDIT_REJECTED, f"Prima credit note {number} is of another order")
    return posted_credit(record, request.currency)


def cancelled_rma(record: Record) -> Posted | None:
    """The return when it is cancelled, else None."""
    done = record.get("ReturnStatus") == RETURN_CANCELLED
    return Posted(number=record.need(RETURN_DETAIL.number)) if done else None


def reversed_credit(record: Record) -> Posted | None:
    """The reversing document when the note is reversed, else None. Prima may not name it: then the note."""
    if record.get("CreditStatus") != CREDIT_REVERSED:
        return None
    return Posted(number=record.get("ReversalNumber") or record.need(CREDIT_NOTE_DETAIL.number))


def credit_page(data: Record, from_row: int) -> CreditPage:
    """The page that starts at `from_row`. Our page number *is* that row, so none is skipped."""
    records = [_credit_record(row) for row in data.rows("CreditData")]
    more = data.get("MoreRows") == "Yes"
    if more and not records:
        raise Unreadable("an empty page with more to come")
    return CreditPage(records=records, next_page=from_row + len(records) if more else None)


def _credit_record(row: Record) -> CreditRecord:
    status, currency = row.need("CreditStatus"), row.need("Currency")
    if status not in (CREDIT_POSTED, CREDIT_REVERSED):
        raise Rejected(ExceptionCode.CONFIG_INVALID, f"Prima credit status {status!r} is not known", status)
    return CreditRecord(
        number=row.need("CreditNumber"),
        key=row.get("TPGUID"),
        rma_number=row.get("ReturnNumber"),
        order_number=row.get("OrderNumber"),
        credited_on=day(row, "CreditDate"),
        total=amount(row, "CreditTotal", currency),
        currency=currency,
        reversed=status == CREDIT_REVERSED,
    )


def item_records(data: Record, skus: Sequence[str], settings: PrimaSettings) -> list[ItemRecord]:
    """One record per asked SKU, in that order; inactive when Prima has no row for it, or one with an error.

    Rejected(BUNDLE_RECIPE_MISSING) for a kit without parts.
    """
    rows = {join_sku(row, settings.sku_separator): row for row in data.rows("SKU")}
    return [_item_record(sku, rows.get(sku), settings) for sku in skus]


def _item_record(sku: str, row: Record | None, settings: PrimaSettings) -> ItemRecord:
    if row is None:
        return ItemRecord(sku=sku, active=False)
    parts: Counter[str] = Counter()
    for part in recipe(row, settings.sku_separator):
        parts[part.sku] += part.quantity_per_bundle
    active = row.get("Active") == "Yes" and not row.get("RowError")
    return ItemRecord(sku=sku, active=active, components=dict(parts))


def stock_records(data: Record, skus: Sequence[str], settings: PrimaSettings) -> list[DepotStock]:
    """Rows of DepotStock. They state two of the four codes, so no two `skus` may agree in those."""
    asked = {short_sku(split_sku(sku, settings.sku_separator)): sku for sku in skus}
    return [
        DepotStock(
            sku=asked[short_sku(row.values)],
            depot=row.need("Depot"),
            physical=whole(row, "PhysicalQuantity"),
            available=whole(row, "AvailableQuantity"),
        )
        for row in data.rows("SKU")
        if short_sku(row.values) in asked
    ]
