"""Posting a credit note, and the two ways past a refusal that need no person (E42, E47)."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

from activities.decisions import standing
from activities.edge import Edge, Link
from activities.outcomes import Stop, problem_from
from activities.posting import Poster
from activities.signatures import CreditRefund
from domain.connection import ClosedPeriod
from domain.documents import CreditRecord, CreditRequest, DocumentKind
from domain.exceptions import ExceptionCode
from domain.money import Money, decimal_text
from domain.outcomes import Rejected
from store.records import DocumentPlan, DocumentRecord, DocumentState

#: Refusals that a note made by somebody else may be the cause of.
_MAYBE_MADE = (ExceptionCode.CREDIT_REJECTED, ExceptionCode.NOTHING_TO_APPLY)


async def post_credit(edge: Edge, link: Link, request: CreditRefund, record: DocumentRecord) -> DocumentRecord:
    """The note, posted or found. Raises Stop when the ERP refuses it for good."""
    try:
        return await _post(edge, link, request, record)
    except Rejected as rejection:
        refusal = rejection
    if (moved := await _in_next_month(edge, link, record, refusal)) is not None:
        try:
            return await _post(edge, link, request, moved)
        except Rejected as rejection:
            refusal = rejection
    if (found := await _made_by_somebody(edge, link, request, record, refusal)) is not None:
        return found
    raise _refused(record, refusal) from refusal


async def _post(edge: Edge, link: Link, request: CreditRefund, record: DocumentRecord) -> DocumentRecord:
    ready = CreditRequest.model_validate(record.request)
    return await Poster(edge, link).post(record, lambda: link.erp.post_credit(ready), standing(request.decisions))


async def _in_next_month(edge: Edge, link: Link, record: DocumentRecord, refusal: Rejected) -> DocumentRecord | None:
    """The same note, dated into the open period with its own date in the text, where the policy says so (E47)."""
    if refusal.code is not ExceptionCode.PERIOD_CLOSED:
        return None
    if link.connection.policy.closed_period is not ClosedPeriod.NEXT_MONTH:
        return None
    ready = CreditRequest.model_validate(record.request)
    moved = ready.model_copy(
        update={
            "credited_on": first_of_next_month(ready.credited_on),
            "reason": f"{ready.reason}, dated {ready.credited_on.isoformat()}",
        }
    )
    plan = DocumentPlan.model_validate(record.model_dump(include=set(DocumentPlan.model_fields)))
    async with edge.store.begin() as unit:
        again = plan.model_copy(update={"request": moved.model_dump(mode="json")})
        return await unit.documents.replan(again, edge.clock())


def first_of_next_month(day: date) -> date:
    """The day on which the next period begins."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


async def _made_by_somebody(
    edge: Edge, link: Link, request: CreditRefund, record: DocumentRecord, refusal: Rejected
) -> DocumentRecord | None:
    """The note of this RMA that somebody made in the ERP, adopted when it has our total (E42); Stop when it has not."""
    if refusal.code not in _MAYBE_MADE:
        return None
    ready = CreditRequest.model_validate(record.request)
    notes = [note async for note in _foreign_notes(edge, link, request)]
    same = next((note for note in notes if (note.total, note.currency) == (ready.total, ready.currency)), None)
    if same is None:
        if notes and refusal.code is ExceptionCode.CREDIT_REJECTED:
            raise _other_total(record, ready, notes[0], refusal)
        return None
    now, reason = edge.clock(), "somebody had made it in the ERP"
    async with edge.store.begin() as unit:
        return await unit.documents.mark(
            record.key, DocumentState.LINKED, number=same.number, total=same.total, reason=reason, now=now
        )


async def _foreign_notes(edge: Edge, link: Link, request: CreditRefund) -> AsyncIterator[CreditRecord]:
    """Live notes of this RMA that are none of ours, every page since it was opened."""
    async with edge.store.reading() as unit:
        known = await unit.documents.for_return(request.ref)
    mine = [document for document in known if document.kind is DocumentKind.CREDIT]
    ours = {name for document in mine for name in (document.number, document.key) if name}
    since, until = request.rma.opened_at.date(), edge.clock().date()
    page: int | None = 1
    while page is not None:
        found = await link.erp.list_credits(since, until, page)
        for note in found.records:
            if note.rma_number == request.rma.number and not note.reversed and not {note.number, note.key} & ours:
                yield note
        page = found.next_page


def _other_total(record: DocumentRecord, ready: CreditRequest, note: CreditRecord, refusal: Rejected) -> Stop:
    theirs, ours = decimal_text(note.total, note.currency), decimal_text(ready.total, ready.currency)
    reason = (
        f"{refusal}. Credit note {note.number} of this RMA over {theirs} {note.currency} was made by somebody else;"
        f" ours would be over {ours} {ready.currency}"
    )
    figures = {"credit_note": note.number, "erp_total": theirs, "our_total": ours}
    amount = Money(amount=ready.total, currency=ready.currency)
    return Stop(ExceptionCode.CREDIT_REJECTED, reason, subject=record.key, amount=amount, figures=figures)


def _refused(record: DocumentRecord, refusal: Rejected) -> Stop:
    ready = CreditRequest.model_validate(record.request)
    problem = problem_from(refusal, subject=record.key)
    amount = Money(amount=ready.total, currency=ready.currency)
    return Stop(problem.code, problem.reason, subject=record.key, amount=amount, figures=problem.figures)
