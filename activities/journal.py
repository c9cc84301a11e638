"""Stock documents beside a return's own parcels: planned once, posted once, whatever is repeated (D1, N2)."""

from collections.abc import Sequence

from activities.decisions import verdict
from activities.edge import Edge, Link
from activities.outcomes import AwaitsWindow, Stop, problem_from
from activities.posting import Poster
from activities.signatures import Decision, StockBooked
from domain.dispositions import Disposition, StockDocument
from domain.documents import (
    AdjustmentRequest,
    DocumentKind,
    Posted,
    Posting,
    ReceiptRequest,
    TransferRequest,
)
from domain.inspection import BookedUnits
from domain.keys import Step, business_key
from domain.outcomes import Rejected
from store.errors import KeyTaken
from store.records import DocumentLine, DocumentPlan, DocumentRecord, DocumentState
from store.unit import Unit

#: Stands in a draft until `plan` gives it the key with the next free number.
NO_KEY = "unnumbered"


async def plan(edge: Edge, drafts: Sequence[DocumentPlan], step: Step) -> list[DocumentRecord]:
    """Make the intent of these documents durable, all of one return and one parcel, in one transaction."""
    if not drafts:
        return []
    async with edge.store.begin() as unit:
        await unit.documents.take_turns(drafts[0].ref)
        return [await plan_in(edge, unit, draft, step) for draft in drafts]


async def plan_in(edge: Edge, unit: Unit, draft: DocumentPlan, step: Step) -> DocumentRecord:
    """Plan one document under the key that its movement had before, or else under the next free one.

    One that the ERP refused is planned anew, with what was corrected: it is surely not there.
    """
    now = edge.clock()
    taken = [d for d in await unit.documents.for_return(draft.ref) if is_of(d, step)]
    known = next((d for d in taken if _movement(d) == _movement(draft)), None)
    if known is not None:
        kept = await unit.documents.plan(keyed(draft, known.key), now)
        if kept.state is DocumentState.REFUSED:
            kept = await unit.documents.replan(keyed(draft, known.key), now)
        return kept
    return await plan_new(edge, unit, draft, step)


async def plan_new(edge: Edge, unit: Unit, draft: DocumentPlan, step: Step) -> DocumentRecord:
    """Plan one document more, under the next free key. The transaction has taken its turn."""
    mine = {d.key for d in await unit.documents.for_return(draft.ref) if is_of(d, step)}
    number = len(mine)
    while True:
        number += 1
        key = business_key(draft.ref, step, number)
        if key in mine:
            continue
        try:
            return await unit.documents.plan(keyed(draft, key), edge.clock())
        except KeyTaken:
            continue


async def post(edge: Edge, link: Link, record: DocumentRecord, decisions: Sequence[Decision] = ()) -> StockBooked:
    """Bring one document into the ERP, or obey the newest decision on it.

    A refusal comes back as its problem; a document that waits for a window comes back with it.
    """
    problem, queued = None, None
    try:
        record = await Poster(edge, link).post(record, lambda: send(link, record), verdict(decisions, record.key))
    except AwaitsWindow as waiting:
        queued = waiting.awaited
    except Rejected as rejection:
        problem = problem_from(rejection, subject=record.key, figures={"depot": record.depot})
    if record.number:
        await _tell(edge, record)
    receipt = record.kind is DocumentKind.RECEIPT
    return StockBooked(
        key=record.key,
        number=record.number,
        document=StockDocument.RECEIPT if receipt else StockDocument.ADJUSTMENT,
        depot=record.depot,
        units=[_booked(line) for line in record.lines],
        problem=problem,
        queued=queued,
    )


def finished(booked: Sequence[StockBooked]) -> list[str]:
    """Numbers of documents that are all in the ERP. Raises Stop with the first refusal, AwaitsWindow for a window."""
    if (problem := next((one.problem for one in booked if one.problem), None)) is not None:
        raise Stop(problem.code, problem.reason, subject=problem.subject, figures=problem.figures)
    if (window := next((one.queued for one in booked if one.queued), None)) is not None:
        raise AwaitsWindow(window)
    return [one.number for one in booked if one.number]


async def send(link: Link, record: DocumentRecord) -> Posting:
    """Ask the ERP for a stock document, as it was planned."""
    request = {**record.request, "intended_at": record.created_at}
    match record.kind:
        case DocumentKind.RECEIPT:
            return await link.erp.receive_goods(ReceiptRequest.model_validate(request))
        case DocumentKind.TRANSFER:
            transfer = TransferRequest.model_validate(request)
            if transfer.from_depot == transfer.to_depot:
                return Posted(number="")  # both dispositions lie in one depot: nothing moves in the ledger
            return await link.erp.transfer_stock(transfer)
        case _:
            return await link.erp.adjust_stock(AdjustmentRequest.model_validate(request))


async def _tell(edge: Edge, record: DocumentRecord) -> None:
    units = ", ".join(f"{line.quantity} x {line.sku}" for line in record.lines)
    refs = {"stock": record.number, "depot": record.depot}
    async with edge.store.begin() as unit:
        await unit.timeline.add(
            record.ref, f"stock/{record.key}", edge.clock(), "backhaul", "stock", f"{_way(record)}: {units}", refs
        )


def _way(record: DocumentRecord) -> str:
    name = f"{record.kind} {record.number}"
    if record.kind is DocumentKind.TRANSFER:
        return f"{name} from depot {record.request['from_depot']} to depot {record.depot}"
    return f"{name} {'out of' if record.kind is DocumentKind.REMOVAL else 'into'} depot {record.depot}"


def _booked(line: DocumentLine) -> BookedUnits:
    disposition = line.disposition or line.was or Disposition.QUARANTINE
    share = 100 if line.line_id else 0
    return BookedUnits(line_id=line.line_id, sku=line.sku, quantity=line.quantity, disposition=disposition, share=share)


def _movement(document: DocumentPlan) -> tuple[object, ...]:
    """What makes two plans the same movement. Depots and SKUs are not in it: a person may correct them."""
    first, of_lines = document.lines[0], {line.line_id for line in document.lines}
    return document.kind, document.inspection_id, of_lines, first.was, first.disposition


def keyed(draft: DocumentPlan, key: str) -> DocumentPlan:
    """The draft under its key, in its request too."""
    return draft.model_copy(update={"key": key, "request": {**draft.request, "key": key}})


def is_of(document: DocumentRecord, step: Step) -> bool:
    """Whether the document was made by this step of its return."""
    return document.key.startswith(business_key(document.ref, step, 0)[:-1])
