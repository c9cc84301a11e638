"""Units that were given up as lost or missing and turn up after all: stock as found, no second credit (E32)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from activities import journal
from activities.edge import Edge, Link
from activities.outcomes import Stop
from activities.parcel_documents import as_planned, is_parcels
from activities.quarantine import depot_of
from activities.signatures import Decision, StockBooked
from domain.dispositions import Disposition, StockDocument
from domain.documents import AdjustmentRequest, DocumentKind, MovementLine, ReceiptRequest, RmaRequest
from domain.exceptions import ExceptionCode
from domain.inspection import AllocatedUnits, BookedUnits, InspectedUnits, Inspection, OpenLine, split
from domain.keys import Step
from domain.returns import ReturnRef
from store.records import DocumentLine, DocumentPlan, DocumentRecord, InspectionRecord

_GIVEN_UP = (Disposition.LOST_IN_TRANSIT, Disposition.MISSING)
_STOCK = (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT)


@dataclass(frozen=True)
class Ended:
    """A return that is over, as the store has it, with its RMA."""

    ref: ReturnRef
    rma: DocumentRecord
    inspections: Sequence[InspectionRecord]
    documents: Sequence[DocumentRecord]

    @property
    def _lines(self) -> dict[str, tuple[int, str, str]]:
        """Return line → RMA line number, order line, the ERP's SKU."""
        request = RmaRequest.model_validate(self.rma.request)
        both = zip(self.rma.lines, request.lines, strict=True)
        return {known.line_id: (line.line_no, line.order_line_id, line.sku) for known, line in both}

    def given_up(self, scan: str, platform_skus: dict[str, str]) -> list[OpenLine]:
        """Lines with the units that were given up and did not turn up yet, parcel `scan` left out of account."""
        booked = [units for inspection in self.inspections for units in inspection.booked]
        lost = Counter[str]()
        for units in booked:
            lost[units.line_id] += units.quantity if units.disposition in _GIVEN_UP else 0
        booked_scans = {one.inspection.inspection_id for one in self.inspections if one.booked}
        for document in self.documents:
            if document.kind in _STOCK and document.inspection_id not in {scan, *booked_scans}:
                for line in document.lines:
                    lost[line.line_id] -= line.quantity
        return [
            OpenLine(
                line_id=line_id,
                order_line_id=order_line,
                skus=list(dict.fromkeys([sku, platform_skus.get(line_id, sku)])),
                outstanding=max(lost[line_id], 0),
            )
            for line_id, (_, order_line, sku) in self._lines.items()
        ]

    def movement(self, units: BookedUnits) -> MovementLine:
        """The units as a line of a stock document."""
        number, _, sku = self._lines[units.line_id]
        return MovementLine(rma_line_no=number, sku=sku, quantity=units.quantity)


def leftover(inspection: Inspection, lines: list[OpenLine]) -> list[InspectedUnits]:
    """The inspected units, with their dispositions, that these lines do not take."""
    rest = []
    for units in inspection.units:
        taken, surplus = split(inspection.model_copy(update={"units": [units]}), lines)
        used = Counter[str]()
        for allocated in taken:
            used[allocated.line_id] += allocated.quantity
        lines = [one.model_copy(update={"outstanding": one.outstanding - used[one.line_id]}) for one in lines]
        rest += [units.model_copy(update={"quantity": one.quantity}) for one in surplus]
    return rest


async def book_found(
    edge: Edge,
    link: Link,
    ended: Ended,
    inspection: Inspection,
    found: Sequence[AllocatedUnits],
    corrections: dict[str, str],
    decisions: Sequence[Decision],
) -> list[StockBooked]:
    """Receive what turned up on the RMA, which is still live, one document per disposition."""
    units = _dispose(link, ended, inspection.inspection_id, found, corrections)
    location = corrections.get("location", inspection.location)
    drafts = []
    for disposition in Disposition:
        of_this = [u for u in units if u.disposition is disposition]
        if of_this and link.connection.mappings.stock_actions[disposition].document is not StockDocument.NONE:
            drafts.append(_draft(edge, link, ended, inspection, disposition, location, of_this))
    records = await journal.plan(edge, drafts, Step.GOODS)
    return [await journal.post(edge, link, record, decisions) for record in records]


def _dispose(
    link: Link, ended: Ended, scan: str, found: Sequence[AllocatedUnits], corrections: dict[str, str]
) -> list[BookedUnits]:
    """What each unit is: as its document has it by now, else by the mappings."""
    codes = [corrections.get(f"disposition.{u.disposition}", u.disposition) for u in found]
    mapped = [link.connection.mappings.disposition(code) for code in codes]
    planned = as_planned(found, mapped, [d for d in ended.documents if is_parcels(d, scan)])
    units = []
    for allocated, code, kept, now in zip(found, codes, planned, mapped, strict=True):
        if (disposition := kept or now) is None:
            reason = f"disposition {code!r} of {allocated.sku} is not in mappings.dispositions"
            raise Stop(ExceptionCode.DISPOSITION_UNMAPPED, reason, figures={"disposition": code, "sku": allocated.sku})
        known = allocated.model_dump(include={"line_id", "sku", "quantity"})
        units.append(BookedUnits(**known, disposition=disposition))
    return units


def _draft(
    edge: Edge,
    link: Link,
    ended: Ended,
    inspection: Inspection,
    disposition: Disposition,
    location: str,
    units: Sequence[BookedUnits],
) -> DocumentPlan:
    action = link.connection.mappings.stock_actions[disposition]
    depot = depot_of(link, location, disposition)
    receipt = action.document is StockDocument.RECEIPT
    order, day = ended.rma.order_number, edge.clock().date()
    lines = [ended.movement(u) for u in units]
    body: ReceiptRequest | AdjustmentRequest
    if receipt:
        body = ReceiptRequest(
            key=journal.NO_KEY,
            rma_number=ended.rma.number,
            order_number=order,
            depot=depot,
            condition=action.condition,
            received_on=day,
            lines=lines,
        )
    else:
        body = AdjustmentRequest(
            key=journal.NO_KEY, order_number=order, depot=depot, reason=action.condition, adjusted_on=day, lines=lines
        )
    return DocumentPlan(
        key=journal.NO_KEY,
        ref=ended.ref,
        kind=DocumentKind.RECEIPT if receipt else DocumentKind.ADJUSTMENT,
        order_number=order,
        depot=depot,
        inspection_id=inspection.inspection_id,
        lines=[DocumentLine(line_id=u.line_id, sku=u.sku, quantity=u.quantity, disposition=disposition) for u in units],
        request=body.model_dump(mode="json"),
    )
