"""Returns with both sides of their money, as the comparison takes them (see `domain.reconciliation`)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from domain.connection import Policy
from domain.dispositions import Disposition
from domain.documents import CreditCharge, CreditLine, DocumentKind
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.money import AmountPrecisionError, Money, parse_money
from domain.progress import Stage
from domain.reconciliation.facts import CaseFact, NoteFact, OpenMatter, RefundFact, StockFact
from domain.returns import RefundState
from domain.settlement import rounded_components
from store.reconciliation_days import start_of
from store.reconciliation_records import RunRecord
from store.reconciliation_rows import CaseRows, read_requests, read_rows
from store.records import DocumentState, ExceptionState
from store.scope import Scope

#: Decisions of finance after which amounts of a return may differ.
_ACCEPTING = frozenset(
    {
        ResolutionKind.ACCEPT_PLATFORM_AMOUNT.value,
        ResolutionKind.ACCEPT_ORDER_AMOUNT.value,
        ResolutionKind.LINK_EXISTING.value,
        ResolutionKind.DONE_BY_HAND.value,
        ResolutionKind.WRITE_OFF.value,
        ResolutionKind.CANCEL_TRACK.value,
    }
)
#: Documents that a person named: what the ERP calls them, and whether it lists them, is theirs to know (R76).
_BY_A_PERSON = (DocumentState.LINKED, DocumentState.BY_HAND)


class Cases:
    """Returns of a run, page by page, in one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def read(self, run: RunRecord, ids: Sequence[str], policy: Policy) -> list[CaseFact]:
        """The returns with these ids, in the order of the ids. `policy` says what counts as rounding."""
        rows = await read_rows(self._scope, run, ids)
        requests = await read_requests(self._scope, [key for case in rows.values() for key in _unclear(case)])
        return [_case(return_id, case, run, requests, policy) for return_id, case in rows.items()]


def _unclear(case: CaseRows) -> Iterator[str]:
    """Keys of the notes whose request must be looked into: not listed, or not over what was refunded."""
    listed = {item.item_id: item for item in case.items if item.side == "credit"}
    refunded = {item.amount for item in case.items if item.side == "refund"}
    for document in case.documents:
        if document.kind == DocumentKind.CREDIT and DocumentState(document.state).in_erp:
            item = listed.get(document.number)
            if item is None or item.amount not in refunded:
                yield document.key


def _case(
    return_id: str, case: CaseRows, run: RunRecord, requests: Mapping[str, Mapping[str, Any]], policy: Policy
) -> CaseFact:
    notes = list(_notes(case, run, requests, policy))
    credited = _credited_units(case, notes)
    announced = sum(line.quantity for line in case.lines)
    return CaseFact(
        return_id=return_id,
        order_number=case.header.order_number,
        refunds=list(_refunds(case, run)),
        notes=notes,
        stock=_stock(case, notes, credited),
        units_left=announced - credited - case.exchanged,
        accepted=any(map(_accepts, case.exceptions)),
        ended=case.header.finance_closed,
        open=[_matter(row) for row in case.exceptions if row.state == ExceptionState.OPEN],
    )


def _refunds(case: CaseRows, run: RunRecord) -> Iterator[RefundFact]:
    """What the platform lists, then what only our record has."""
    ours = {row.refund_id: row for row in case.refunds}
    for item in case.items:
        if item.side == "refund":
            own = ours.pop(item.item_id, None)
            yield RefundFact(
                refund_id=item.item_id,
                state=RefundState(item.state),
                amount=None if item.amount is None else Money(amount=item.amount, currency=item.currency),
                amount_text=f"{item.amount_text} {item.currency}",
                at=(own.created_at or own.first_seen_at) if own else item.at,
                listed=True,
                credit_key=(own.credit_key or "") if own else "",
                decision=own.decision if own else "",
            )
    for row in ours.values():
        at = row.created_at or row.first_seen_at
        yield RefundFact(
            refund_id=row.refund_id,
            state=RefundState(row.state),
            amount=_money(row.amount_text, row.currency),
            amount_text=f"{row.amount_text} {row.currency}",
            at=at,
            listed=False,
            expected=start_of(run.since) <= at < min(start_of(run.until), run.started_at),
            credit_key=row.credit_key or "",
            decision=row.decision,
        )


def _notes(
    case: CaseRows, run: RunRecord, requests: Mapping[str, Mapping[str, Any]], policy: Policy
) -> Iterator[NoteFact]:
    """Our notes with the ERP's side of them, then those of others on our RMA."""
    listed = {item.item_id: item for item in case.items if item.side == "credit"}
    by_key = {item.key: item for item in listed.values() if item.key}
    for document in case.documents:
        if document.kind == DocumentKind.CREDIT and document.state != DocumentState.ABANDONED:
            item = by_key.get(document.key) or listed.get(document.number)
            if item is not None:
                listed.pop(item.item_id, None)
            yield _our_note(case, document, item, run, requests.get(document.key, {}), policy)
    for item in listed.values():
        yield NoteFact(
            number=item.item_id,
            key=item.key,
            total=Money(amount=item.amount or 0, currency=item.currency),
            at=item.at,
            ours=False,
            in_erp=False,
            reversed=item.state == "reversed",
        )


def _our_note(
    case: CaseRows, document: Any, item: Any, run: RunRecord, request: Mapping[str, Any], policy: Policy
) -> NoteFact:
    total = item.amount if item is not None and item.amount is not None else document.total or 0
    currency = item.currency if item is not None else document.currency
    return NoteFact(
        number=item.item_id if item is not None else document.number,
        key=document.key,
        total=Money(amount=total, currency=currency),
        at=document.updated_at,
        in_erp=DocumentState(document.state).in_erp,
        listed=item is not None,
        expected=_expected(document, run, request),
        reversed=item is not None and item.state == "reversed",
        refund_id=document.refund_id,
        rounding=case.rounding.get(document.key, 0),
        steps=_rounded(request) * policy.tolerance_step,
        cap=policy.tolerance_cap(currency),
        waits_until=document.window_at,
    )


def _expected(document: Any, run: RunRecord, request: Mapping[str, Any]) -> bool:
    """Whether the ERP should list the note: dated in these days, and posted before it was asked."""
    if document.state in _BY_A_PERSON or document.updated_at >= run.started_at:
        return False
    try:
        day = date.fromisoformat(str(request.get("credited_on", "")))
    except ValueError:
        day = document.updated_at.date()
    return run.since <= day < run.until


def _rounded(request: Mapping[str, Any]) -> int:
    """How many parts of this note were rounded each on its own (money.md 6.8)."""
    lines = [CreditLine.model_validate(line) for line in request.get("lines", ())]
    charges = [CreditCharge.model_validate(charge) for charge in request.get("charges", ())]
    return rounded_components(lines, charges)


def _credited_units(case: CaseRows, notes: Iterable[NoteFact]) -> int:
    live = {note.key for note in notes if note.ours and note.live}
    return sum(int(line["quantity"]) for document in case.documents if document.key in live for line in document.lines)


def _stock(case: CaseRows, notes: Sequence[NoteFact], credited: int) -> StockFact | None:
    """Units by the documents; None when nothing was credited or restocked."""
    posted, booking, written_off = Counter[str](), 0, 0
    times: list[datetime] = [note.at for note in notes if note.ours and note.live]
    for document in case.documents:
        if document.kind == DocumentKind.CREDIT:
            continue
        units = _moved(document)
        state = DocumentState(document.state)
        if state.in_erp:
            posted.update(units)
            times.append(document.updated_at)
        elif state.pending:
            booking += sum(units.values())
        else:
            written_off += sum(units.values())
    if not times:
        return None
    booked = Counter[str]()
    worthless = 0
    for row in case.booked:
        if row.line_id:
            booked[row.disposition] += row.quantity
            worthless += 0 if row.share else row.quantity
    without_stock = {
        "kept by the customer": sum(line.quantity for line in case.lines if line.keep),
        "paid before their goods": case.exposed,
        "lost on the way": booked[Disposition.LOST_IN_TRANSIT],
        "disposed of": max(booked[Disposition.DISPOSED] - posted[Disposition.DISPOSED], 0),
        "written off": written_off,
    }
    without_credit = {
        "exchanged": case.exchanged,
        "without value": worthless,
        "given up as missing": booked[Disposition.MISSING],
    }
    accepted = sum(count for name, count in booked.items() if Disposition(name).accepted)
    return StockFact(
        credited=credited,
        restocked=sum(posted.values()),
        booking=booking,
        accepted=accepted - booked[Disposition.LOST_IN_TRANSIT],
        without_stock={name: count for name, count in without_stock.items() if count},
        without_credit={name: count for name, count in without_credit.items() if count},
        final=case.header.stage == Stage.CLOSED,
        at=max(times),
    )


def _moved(document: Any) -> Counter[str]:
    """Accepted units of the return that a document brings into stock for the first time; a regrade brings none."""
    units = Counter[str]()
    for line in document.lines:
        name = line.get("disposition") or Disposition.SELLABLE
        if line["line_id"] and not line.get("was") and Disposition(name).accepted:
            units[name] += int(line["quantity"])
    return units


def _accepts(row: Any) -> bool:
    decided = row.resolution or {}
    return row.track == Track.FINANCE and decided.get("kind") in _ACCEPTING


def _matter(row: Any) -> OpenMatter:
    refund = row.payload.get("refund")
    return OpenMatter(
        exception_id=row.id,
        code=ExceptionCode(row.code),
        track=Track(row.track) if row.track else None,
        refund=refund if isinstance(refund, str) else "",
    )


def _money(text: str, currency: str) -> Money | None:
    try:
        return parse_money(text, currency)
    except AmountPrecisionError:
        return None
