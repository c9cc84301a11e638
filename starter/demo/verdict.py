"""Whether a return ended as it should: what we know against what was expected, and against the vendors' journals."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from starter.demo.report import Page, ReturnRow
from starter.demo.scenario import Expected
from store.records import ExceptionState


def unexpected(row: ReturnRow, expected: Expected) -> Iterator[str]:
    """How the return differs from what its scenario is about."""
    if row.status is not expected.status:
        yield f"ended as {row.status}, not as {expected.status}"
    if row.standalone is not expected.standalone:
        yield f"its RMA is {'standalone' if row.standalone else 'linked to the order'}"
    if (depots := row.by_depot()) != dict(expected.stock):
        yield f"stock went to {depots}, not to {dict(expected.stock)}"
    credited = {expected.currency: Decimal(expected.credited)} if expected.credited else {}
    if (found := _totals((note.currency, note.total) for note in row.credit_notes)) != credited:
        yield f"credited {_text(found)}, not {_text(credited)}"
    codes = tuple(exception.code for exception in row.exceptions)
    if codes != expected.exceptions:
        yield f"raised {', '.join(codes) or 'no exception'}, not {', '.join(expected.exceptions) or 'none'}"
    if any(exception.state is ExceptionState.OPEN for exception in row.exceptions):
        yield "an exception is still open"


def disagreements(row: ReturnRow, page: Page, expected: Expected) -> Iterator[str]:
    """How what we know differs from what the vendors' journals say."""
    if (rmas := [rma.number for rma in page.rmas]) != [row.rma]:
        yield f"the ERP has RMAs {', '.join(rmas) or 'none'}, we know {row.rma or 'none'}"
    for rma in page.rmas:
        if rma.cancelled is not expected.rma_cancelled:
            yield f"RMA {rma.number} is {'cancelled' if rma.cancelled else 'still open'} in the ERP"
    if (depots := _received(page)) != row.by_depot():
        yield f"the ERP received {depots}, we know {row.by_depot()}"
    pairs = [
        ("credited", page.credited, [(note.currency, note.total) for note in row.credit_notes]),
        ("refunded", page.refunded, [(refund.currency, refund.amount) for refund in row.refunds]),
    ]
    for what, theirs, ours in pairs:
        if (known := _totals(ours)) != (booked := _totals(theirs.items())):
            yield f"{what} {_text(booked)} by the journals, {_text(known)} by us"


def _received(page: Page) -> dict[str, int]:
    return {depot: sum(units.values()) for depot, units in page.received.items()}


def _totals(amounts: Iterable[tuple[str, str]]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for currency, amount in amounts:
        totals[currency] = totals.get(currency, Decimal(0)) + Decimal(amount)
    return totals


def _text(totals: dict[str, Decimal]) -> str:
    return ", ".join(f"{amount} {currency}" for currency, amount in totals.items()) or "nothing"
