"""Centra's journal as books.

Several Centra returns together are the RMA of one platform return: one per shipment and planned disposition, and a
new one where a pending one was deleted to be made again with what was accepted. So a page has one RMA, named by its
first Centra return: its lines are order lines, authorised is the most that its live returns ever held at once, and it
is cancelled when the last of them is deleted, unless that one had been completed: taking a credit back is no
cancellation.

Two live returns of a page under one external id are no such set: the second one took the id over, and the first is a
duplicate that nobody finds again. It is an RMA of its own, so that `more_than_one_live_rma` sees it.

Goods are received by `changeStock` (or by a return that puts its units into a warehouse itself). It names no return
line: units count as received up to what is authorised of their SKU, and beyond that, as the rules want to have a
surplus, as booked in by adjustment.
"""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from sandbox.audit.books import CreditNote, Line, Receipt, Replacement, ReturnBook, Rma, Units
from sandbox.audit.reading import Fold, Reading, return_id_in
from sandbox.kit.journal import Entry

_SURPLUS = "-q-"
"""In the key of a change that is about goods of no return line."""


@dataclass
class _Live:
    """A return that was not deleted."""

    rma: Rma
    key: str
    units: Counter[int]
    """Order line → units."""


@dataclass
class _Notebook:
    """What this vendor's folds must remember between entries, beside the books."""

    live: dict[int, _Live] = field(default_factory=dict)


def _notebook(reading: Reading) -> _Notebook:
    found = reading.notebook.setdefault("centra", _Notebook())
    assert isinstance(found, _Notebook), "the name is this vendor's own"
    return found


def _create_return(reading: Reading, entry: Entry) -> None:
    number, key = entry["return_id"], entry["key"]
    page = reading.page(return_id_in(key) or str(number))
    book = _notebook(reading)
    rma = _rma_for(page, book, key)
    if rma is None:
        rma = Rma(number=str(number), order=entry["order"], standalone=False)
        page.rmas.append(rma)
    rma.cancelled = False
    book.live[number] = _Live(rma, key, _by_line(entry))
    reading.rmas[str(number)] = page, rma
    _authorise(rma, book, entry)
    for warehouse, units in entry["into"].items():
        _receive(page, f"{number}", warehouse, units)


def _rma_for(page: ReturnBook, book: _Notebook, key: str) -> Rma | None:
    """The page's RMA, or the first of several in which no live return has this key."""
    for rma in page.rmas:
        if not any(row.rma is rma and row.key == key for row in book.live.values()):
            return rma
    return None


def _authorise(rma: Rma, book: _Notebook, entry: Entry) -> None:
    held = Counter[int]()
    for row in book.live.values():
        if row.rma is rma:
            held.update(row.units)
    skus = {row["order_line"]: row["sku"] for row in entry["lines"]}
    for number, sku in skus.items():
        if (line := rma.line(number)) is None:
            rma.lines.append(line := Line(number=number, sku=sku, authorised=0))
        line.authorised = max(line.authorised, held[number])


def _delete_return(reading: Reading, entry: Entry) -> None:
    number = entry["return_id"]
    book = _notebook(reading)
    rma = book.live.pop(number).rma
    if not entry["was_completed"] and not any(row.rma is rma for row in book.live.values()):
        rma.cancelled = True
    page, _ = reading.rmas[str(number)]
    for warehouse, units in entry["out_from"].items():
        _adjust(page, warehouse, {sku: -quantity for sku, quantity in units.items()})


def _complete_return(reading: Reading, entry: Entry) -> None:
    page, rma = reading.rmas[str(entry["return_id"])]
    note = CreditNote(
        number=f"CENTRA-RETURN-{entry['return_id']}",
        rma=rma.number,
        total=Decimal(entry["total"]),
        currency=entry["currency"],
        units=_by_line(entry),
    )
    page.notes.append(note)
    reading.notes[note.number] = note
    _count_credit(rma, note, +1)


def _uncomplete_return(reading: Reading, entry: Entry) -> None:
    note = reading.notes[f"CENTRA-RETURN-{entry['return_id']}"]
    note.reversed = True
    _count_credit(reading.rmas[str(entry["return_id"])][1], note, -1)


def _count_credit(rma: Rma, note: CreditNote, sign: int) -> None:
    for number, quantity in note.units.items():
        if line := rma.line(number):
            line.credited += sign * quantity


def _change_stock(reading: Reading, entry: Entry) -> None:
    named = return_id_in(entry["key"])
    if named is None:
        return
    page, units = reading.page(named), _by_sku(entry)
    into, out_from = entry["into"], entry["out_from"]
    if _SURPLUS in entry["key"]:
        for warehouse, sign in ((out_from, -1), (into, +1)):
            if warehouse:
                _adjust(page, warehouse, {sku: sign * quantity for sku, quantity in units.items()})
    elif not out_from:
        _receive(page, str(entry["id"]), into, units)
    elif into:
        _move(page, out_from, units, -1)
        _move(page, into, units, +1)
    else:
        _adjust(page, out_from, {sku: -quantity for sku, quantity in units.items()})


def _receive(page: ReturnBook, number: str, warehouse: str, units: Units) -> None:
    """Units come in: on the lines of an RMA as far as they are authorised, the rest as a surplus.

    With no RMA alive they stand on a cancelled one, if there is one: a rule wants to see that.
    """
    lines = [(rma, line) for rma in page.live_rmas or page.rmas for line in rma.lines]
    for sku, quantity in units.items():
        missing = quantity
        for rma, line in lines:
            taken = min(missing, line.authorised - line.received) if line.sku == sku else 0
            if taken:
                line.received += taken
                missing -= taken
                _book(page.received.setdefault(warehouse, {}), sku, taken)
                page.receipts.append(Receipt(number=number, rma=rma.number))
        if missing:
            _book(page.adjusted, sku, missing)
    _move(page, warehouse, units, +1)


def _adjust(page: ReturnBook, warehouse: str, units: Units) -> None:
    for sku, quantity in units.items():
        _book(page.adjusted, sku, quantity)
    _move(page, warehouse, units, +1)


def _move(page: ReturnBook, warehouse: str, units: Units, sign: int) -> None:
    stock = page.stock.setdefault(warehouse, {})
    for sku, quantity in units.items():
        _book(stock, sku, sign * quantity)


def _book(units: Units, sku: str, quantity: int) -> None:
    units[sku] = units.get(sku, 0) + quantity


def _new_order(reading: Reading, entry: Entry) -> None:
    origin = entry["created_from"]
    owner, rma = reading.rmas.get(str(origin["id"]), (None, None)) if origin["type"] == "return" else (None, None)
    order = Replacement(
        number=entry["order"],
        key=entry["key"],
        rma=rma.number if rma else "",
        original=entry["original_order"],
        order_type=entry["order_type"],
        total=Decimal(entry["total"]),
        paid=Decimal(entry["payment"]),
        goods=sum((row["quantity"] * Decimal(row["price"]) for row in entry["lines"]), Decimal(0)),
        units=_by_sku(entry),
        same_delivery=entry["delivery_matches"],
    )
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


def _by_line(entry: Entry) -> Counter[int]:
    """Order line → units."""
    units = Counter[int]()
    for row in entry["lines"]:
        units[row["order_line"]] += row["quantity"]
    return units


def _by_sku(entry: Entry) -> Units:
    units = Counter[str]()
    for row in entry["lines"]:
        units[row["sku"]] += row["quantity"]
    return dict(units)


FOLDS: dict[str, Fold] = {
    "createReturn": _create_return,
    "deleteReturn": _delete_return,
    "completeReturn": _complete_return,
    "uncompleteReturn": _uncomplete_return,
    "changeStock": _change_stock,
    "newOrder": _new_order,
    "cancelOrder": _cancel_order,
    "orderDespatched": _despatched,
}
