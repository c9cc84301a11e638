"""The journal of Patchworks and the ERP behind it in the books, and what must never be true of its credit memos."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from sandbox.audit.books import CreditNote, Line, Receipt, Replacement, ReturnBook, Rma, Units
from sandbox.audit.reading import Fold, Reading, return_id_in
from sandbox.audit.scope import Rule, Scope
from sandbox.kit.journal import Entry


class AppliedNote(CreditNote):
    """A credit note that is applied to an invoice; `unapplied` is what no invoice took."""

    unapplied: Decimal = Decimal(0)


def _authorization(reading: Reading, entry: Entry) -> None:
    number = entry["number"]
    page = reading.page(return_id_in(entry["key"]) or number)
    lines = [Line(number=row["line"], sku=row["sku"], authorised=row["quantity"]) for row in entry["lines"]]
    rma = Rma(number=number, order=entry["order"], standalone=entry["standalone"], lines=lines)
    page.rmas.append(rma)
    reading.rmas[number] = page, rma


def _cancel_authorization(reading: Reading, entry: Entry) -> None:
    reading.rmas[entry["number"]][1].cancelled = True


def _receipt(reading: Reading, entry: Entry) -> None:
    owner, rma = reading.rmas[entry["ra"]]
    page = reading.page_of(entry["key"], owner)
    page.receipts.append(Receipt(number=entry["number"], rma=rma.number))
    for row in entry["lines"]:
        if line := rma.line(row["line"]):
            line.received += row["quantity"]
        _add(page.received, row["location"], row["sku"], row["quantity"])
        _add(page.stock, row["location"], row["sku"], row["quantity"])


def _transfer(reading: Reading, entry: Entry) -> None:
    if named := return_id_in(entry["key"]):
        stock = reading.page(named).stock
        for row in entry["lines"]:
            _add(stock, row["from"], row["sku"], -row["quantity"])
            _add(stock, row["to"], row["sku"], row["quantity"])


def _adjustment(reading: Reading, entry: Entry) -> None:
    if named := return_id_in(entry["key"]):
        page = reading.page(named)
        for row in entry["lines"]:
            quantity = row["sign"] * row["quantity"]
            _add(page.stock, row["location"], row["sku"], quantity)
            page.adjusted[row["sku"]] = page.adjusted.get(row["sku"], 0) + quantity


def _replacement(reading: Reading, entry: Entry) -> None:
    units = Counter[str]()
    for row in entry["lines"]:
        units[row["sku"]] += row["quantity"]
    order = Replacement(
        number=entry["order"],
        key=entry["key"],
        rma=entry["ra"],
        original=entry["original_order"],
        order_type=entry["order_type"],
        total=Decimal(entry["total"]),
        paid=Decimal(entry["due"]),
        goods=sum((row["quantity"] * Decimal(row["price"]) for row in entry["lines"]), Decimal(0)),
        units=dict(units),
        same_delivery=entry["delivery_matches"],
    )
    owner, _ = reading.rmas.get(order.rma, (None, None))
    named = return_id_in(order.key)
    page = reading.page(named) if named else owner or reading.page(order.number)
    page.replacements.append(order)
    reading.replacements[order.number] = order


def _cancel_order(reading: Reading, entry: Entry) -> None:
    if order := reading.replacements.get(entry["order"]):
        order.cancelled = True


def _despatched(reading: Reading, entry: Entry) -> None:
    if order := reading.replacements.get(entry["order"]):
        order.despatched = True


def _credit(reading: Reading, entry: Entry) -> None:
    """Also of a memo without an authorization: the page is the one that its key names, or its own."""
    units = Counter[int]()
    for row in entry["lines"]:
        units[row["line"]] += row["quantity"]
    note = AppliedNote(
        number=entry["number"],
        rma=entry["ra"],
        total=Decimal(entry["total"]),
        currency=entry["currency"],
        units=units,
        unapplied=Decimal(entry["unapplied"]),
    )
    owner = reading.rmas[note.rma][0] if entry["from_ra"] else reading.page(return_id_in(entry["key"]) or note.number)
    page = reading.page_of(entry["key"], owner)
    page.notes.append(note)
    reading.notes[note.number] = note
    _count_credit(reading, note, +1)
    for row in entry["stock"]:
        _add(page.stock, row["location"], row["sku"], row["quantity"])


def _void_credit(reading: Reading, entry: Entry) -> None:
    note = reading.notes[entry["number"]]
    note.reversed = True
    _count_credit(reading, note, -1)


def _apply_credit(reading: Reading, entry: Entry) -> None:
    note = reading.notes[entry["number"]]
    if isinstance(note, AppliedNote):
        note.unapplied = Decimal(entry["unapplied"])


def _count_credit(reading: Reading, note: CreditNote, sign: int) -> None:
    _, rma = reading.rmas.get(note.rma, (None, None))
    for number, quantity in note.units.items():
        if rma and (line := rma.line(number)):
            line.credited += sign * quantity


def _add(locations: dict[str, Units], location: str, sku: str, quantity: int) -> None:
    units = locations.setdefault(location, {})
    units[sku] = units.get(sku, 0) + quantity


FOLDS: dict[str, Fold] = {
    "return_authorization": _authorization,
    "return_authorization_cancelled": _cancel_authorization,
    "item_receipt": _receipt,
    "inventory_transfer": _transfer,
    "inventory_adjustment": _adjustment,
    "sales_order": _replacement,
    "sales_order_cancelled": _cancel_order,
    "order_despatched": _despatched,
    "credit_memo": _credit,
    "credit_memo_voided": _void_credit,
    "credit_applied": _apply_credit,
}


def credit_moved_stock(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """N14: stock changes by receipts and adjustments (transfers add up to nothing); what is over came by a credit."""
    moved = Counter[str]()
    for units in page.stock.values():
        moved.update(units)
    received = page.received_units()
    for sku, units_moved in moved.items():
        booked = received.get(sku, 0) + page.adjusted.get(sku, 0)
        if units_moved != booked:
            yield f"{units_moved - booked} units of {sku} came into stock by a credit memo"


def credit_left_unapplied(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """R45: a live credit that no invoice took is somebody's work; explained returns are left out."""
    if page.key in scope.explained:
        return
    for note in page.notes:
        if isinstance(note, AppliedNote) and note.unapplied and not note.reversed:
            yield f"credit memo {note.number} has {note.unapplied} {note.currency} unapplied"


RULES: tuple[Rule, ...] = (credit_moved_stock, credit_left_unapplied)
