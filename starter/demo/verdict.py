"""Whether a return ended as it should: what we know against what was expected, and against the vendors' journals."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from starter.demo.report import BookedReplacement, NewOrder, Page, ReturnRow
from starter.demo.scenario import Expected
from store.exchange_records import ExposureState
from store.records import ExceptionState

Ordered = tuple[tuple[str, Decimal, bool], ...]
"""SKU, total and whether it was cancelled, of each replacement order."""


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
    wanted = tuple((new.sku, Decimal(new.total), new.cancelled) for new in expected.replacements)
    if (ordered := _known_orders(row.replacements)) != wanted:
        yield f"replaced by {_orders(ordered)}, not by {_orders(wanted)}"
    yield from _unexpected_exposure(row, expected)
    codes = tuple(exception.code for exception in row.exceptions)
    if codes != expected.exceptions:
        yield f"raised {', '.join(codes) or 'no exception'}, not {', '.join(expected.exceptions) or 'none'}"
    if any(exception.state is ExceptionState.OPEN for exception in row.exceptions):
        yield "an exception is still open"


def disagreements(row: ReturnRow, page: Page, expected: Expected, parcels: Sequence[Page] = ()) -> Iterator[str]:
    """How what we know differs from what the vendors' journals say.

    parcels: pages of the parcels that were matched to the return; their goods are part of its stock
    """
    if (rmas := [rma.number for rma in page.rmas]) != [row.rma]:
        yield f"the ERP has RMAs {', '.join(rmas) or 'none'}, we know {row.rma or 'none'}"
    for rma in page.rmas:
        if rma.cancelled is not expected.rma_cancelled:
            yield f"RMA {rma.number} is {'cancelled' if rma.cancelled else 'still open'} in the ERP"
    if (theirs := _stock((page, *parcels))) != (ours := _known_stock(row)):
        yield f"the ERP has in stock {_units(theirs)}, we know {_units(ours)}"
    if (made := _booked_orders(page.replacements)) != (known := _known_orders(row.replacements)):
        yield f"the ERP has replacement orders {_orders(made)}, we know {_orders(known)}"
    pairs = [
        ("credited", page.credited, [(note.currency, note.total) for note in row.credit_notes]),
        ("refunded", page.refunded, [(refund.currency, refund.amount) for refund in row.refunds]),
    ]
    for what, booked, counted in pairs:
        if (totals := _totals(counted)) != (in_journal := _totals(booked.items())):
            yield f"{what} {_text(in_journal)} by the journals, {_text(totals)} by us"


def _unexpected_exposure(row: ReturnRow, expected: Expected) -> Iterator[str]:
    """What was out before its goods came must have ended, and as expected."""
    found = _totals((out.state, out.amount) for out in row.exposure)
    wanted = _totals(expected.exposure.items())
    if found != wanted:
        yield f"exposed {_endings(found)}, not {_endings(wanted)}"
    if row.status is not None and row.status.final and found.get(ExposureState.OPEN):
        yield "it is over, but something is still exposed"


def _stock(pages: Iterable[Page]) -> Counter[tuple[str, str]]:
    units = Counter[tuple[str, str]]()
    for page in pages:
        for depot, by_sku in page.stock.items():
            for sku, quantity in by_sku.items():
                units[depot, sku] += quantity
    return units


def _known_stock(row: ReturnRow) -> Counter[tuple[str, str]]:
    units = Counter[tuple[str, str]]()
    for line in row.stock:
        units[line.depot, line.sku] += line.quantity
    return units


def _known_orders(orders: Iterable[NewOrder]) -> Ordered:
    return tuple((order.sku, Decimal(order.total), order.cancelled) for order in orders)


def _booked_orders(orders: Iterable[BookedReplacement]) -> Ordered:
    return tuple((", ".join(order.units), Decimal(order.total), order.cancelled) for order in orders)


def _totals(amounts: Iterable[tuple[str, str]]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for currency, amount in amounts:
        totals[currency] = totals.get(currency, Decimal(0)) + Decimal(amount)
    return totals


def _text(totals: dict[str, Decimal]) -> str:
    return ", ".join(f"{amount} {currency}" for currency, amount in totals.items()) or "nothing"


def _endings(totals: dict[str, Decimal]) -> str:
    return ", ".join(f"{amount} {state}" for state, amount in totals.items()) or "nothing"


def _units(stock: Counter[tuple[str, str]]) -> str:
    found = [f"{quantity} x {sku} in {depot}" for (depot, sku), quantity in sorted(stock.items()) if quantity]
    return ", ".join(found) or "nothing"


def _orders(orders: Ordered) -> str:
    return ", ".join(f"{sku} for {total}{' (cancelled)' if gone else ''}" for sku, total, gone in orders) or "nothing"
