"""Which booked units lie where, from the stock documents of one return: what a regrade may move (E24, N8)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from domain.connection import Mappings
from domain.dispositions import Disposition, StockDocument
from domain.documents import DocumentKind
from domain.inspection import Regrade, RegradedUnits
from store.records import DocumentRecord

#: SKU, disposition, depot → units.
Balance: TypeAlias = Counter[tuple[str, Disposition, str]]

_IN = (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT)
_OUT = (DocumentKind.TRANSFER, DocumentKind.REMOVAL)


def balance(documents: Iterable[DocumentRecord]) -> Balance:
    """Units by SKU, disposition and depot. What is still to be moved away counts as gone, never as arrived."""
    units: Balance = Counter()
    for document in documents:
        for line in document.lines:
            if document.state.in_erp and line.disposition and document.kind in (*_IN, DocumentKind.TRANSFER):
                units[line.sku, line.disposition, document.depot] += line.quantity
            if document.kind in _OUT and line.was and (document.state.in_erp or document.state.pending):
                units[line.sku, line.was, _source(document)] -= line.quantity
    return units


def depot_for(mappings: Mappings, location: str, disposition: Disposition, reason: str = "") -> str | None:
    """The depot of a disposition at a location; empty when it lies in none, None when nothing is mapped.

    reason: of the return, for units that come in; it may have a depot of its own (R28)
    """
    action = mappings.stock_actions.get(disposition)
    if action is None or action.document is StockDocument.NONE:
        return ""
    return mappings.depot(location, action.bucket, reason)


def regrade_refusal(documents: Sequence[DocumentRecord], mappings: Mappings, regrade: Regrade) -> str:
    """Why these units cannot be regraded, in plain words; empty when they can.

    Movements of the same regrade are left out of account: asking twice is asking once.
    """
    booked = balance(d for d in documents if d.inspection_id != regrade.regrade_id or d.kind not in _OUT)
    for units in regrade.units:
        if reason := _impossible(mappings, regrade.location, units):
            return reason
        sku, depot = mappings.skus.get(units.sku, units.sku), depot_for(mappings, regrade.location, units.was)
        there = max(booked[sku, units.was, depot or ""], 0)
        if there < units.quantity:
            where = f"in depot {depot} (location {regrade.location})"
            return f"{units.quantity} x {units.sku} {units.was} to regrade, but only {there} of it is booked {where}"
        booked[sku, units.was, depot or ""] -= units.quantity
    return ""


def _impossible(mappings: Mappings, location: str, units: RegradedUnits) -> str:
    if units.was is units.now:
        return f"{units.sku} is {units.was} already: a regrade needs two dispositions"
    if not units.now.arrived:
        return f"{units.sku} cannot become {units.now}: a regrade is about units that are here"
    if depot_for(mappings, location, units.was) == "":
        return f"{units.was} units of {units.sku} are in no depot: there is nothing to move"
    if unmapped := [d for d in (units.was, units.now) if depot_for(mappings, location, d) is None]:
        return f"location {location!r} has no depot for {' and '.join(unmapped)} in mappings.locations"
    return ""


def _source(document: DocumentRecord) -> str:
    """The depot that the units leave."""
    return str(document.request.get("from_depot") or document.depot)
