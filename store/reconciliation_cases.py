"""Returns with both sides of their money, as the comparison takes them (see `domain.reconciliation`)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from domain.connection import Policy
from domain.documents import CreditCharge, CreditLine, DocumentKind
from domain.exceptions import ExceptionCode, Track
from domain.money import AmountPrecisionError, Money, parse_money
from domain.reconciliation.facts import CaseFact, NoteFact, OpenMatter, RefundFact
from domain.returns import RefundState
from domain.settlement import rounded_components
from store.reconciliation_accepted import accepted_differences
from store.reconciliation_days import start_of
from store.reconciliation_records import RunRecord
from store.reconciliation_rows import CaseRows, read_requests, read_rows
from store.reconciliation_stock import credited_units, stock_fact
from store.records import DocumentState, ExceptionState
from store.scope import Scope

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
    credited = credited_units(case, notes)
    announced = sum(line.quantity for line in case.lines)
    return CaseFact(
        return_id=return_id,
        order_number=case.header.order_number,
        refunds=list(_refunds(case, run)),
        notes=notes,
        stock=stock_fact(case, notes, credited),
        units_left=announced - credited.total() - case.exchanged.total(),
        ended=case.header.finance_closed,
        open=[_matter(row) for row in case.exceptions if row.state == ExceptionState.OPEN],
    )


def _refunds(case: CaseRows, run: RunRecord) -> Iterator[RefundFact]:
    """What the platform lists, then what only our record has."""
    ours = {row.refund_id: row for row in case.refunds}
    accepted = accepted_differences(case.exceptions)
    for item in case.items:
        if item.side == "refund":
            own = ours.pop(item.item_id, None)
            yield RefundFact(
                refund_id=item.item_id,
                state=RefundState(item.state),
                amount=None if item.amount is None else Money(amount=item.amount, currency=item.currency),
                amount_text=f"{item.amount_text} {item.currency}",
                at=(own.created_at or own.first_seen_at) if own else item.at,
                paid_at=own.paid_at if own else None,
                listed=True,
                credit_key=(own.credit_key or "") if own else "",
                decision=own.decision if own else "",
                accepted=accepted[item.item_id],
            )
    for row in ours.values():
        at = row.created_at or row.first_seen_at
        yield RefundFact(
            refund_id=row.refund_id,
            state=RefundState(row.state),
            amount=_money(row.amount_text, row.currency),
            amount_text=f"{row.amount_text} {row.currency}",
            at=at,
            paid_at=row.paid_at,
            listed=False,
            expected=start_of(run.since) <= at < min(start_of(run.until), run.started_at),
            credit_key=row.credit_key or "",
            decision=row.decision,
            accepted=accepted[row.refund_id],
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
