"""Folds journal entries into books, one small function per op."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sandbox.audit.books import Books, CreditNote, Decision, Line, Receipt, Replacement, ReturnBook, Rma, Units
from sandbox.audit.rules import find_violations
from sandbox.audit.scope import Scope
from sandbox.kit.journal import Entry

RETURN_ID = re.compile(r"[0-9a-f]{32}")


def read_books(
    prima: list[Entry],
    reveni: list[Entry],
    explained: Mapping[str, str] | None = None,
    hold_depots: Collection[str] = (),
    sellable_depots: Collection[str] = (),
    exchange_type: str = "EX",
) -> Books:
    """Read both journals.

    explained: return id → why its credit and refund differ, or accepted goods never came (lost); not reported then
    hold_depots: hold goods for the customer; a rejected unit may be received there
    sellable_depots: goods that nobody authorised must never be in one
    exchange_type: order type that every replacement order must have

    Without Reveni entries the rules that compare with Reveni are left out. Raises KeyError or ValueError for
    entries of another shape, such as a receipt for an RMA that was never created.
    """
    reading = Reading()
    for entries, folds in ((prima, PRIMA), (reveni, REVENI)):
        for entry in entries:
            if fold := folds.get(entry["op"]):
                fold(reading, entry)
    told = {plain_id(key): reason for key, reason in (explained or {}).items()}
    scope = Scope(
        explained=told,
        hold_depots=frozenset(hold_depots),
        sellable_depots=frozenset(sellable_depots),
        exchange_type=exchange_type,
        compare=bool(reveni),
    )
    reading.books.violations = find_violations(reading.books, prima, scope)
    return reading.books


def plain_id(return_id: str) -> str:
    """A return id as our keys carry it: lower case, no hyphens."""
    return return_id.replace("-", "").lower()


def return_id_in(tpguid: str) -> str | None:
    """The 32 hex digits of a return id inside a key, hyphenated or not."""
    for text in (tpguid.lower(), plain_id(tpguid)):
        if found := RETURN_ID.search(text):
            return found.group()
    return None


@dataclass
class Reading:
    """The books being written, and where each RMA, note and replacement order is in them."""

    books: Books = field(default_factory=Books)
    rmas: dict[str, tuple[ReturnBook, Rma]] = field(default_factory=dict)
    notes: dict[str, CreditNote] = field(default_factory=dict)
    replacements: dict[str, Replacement] = field(default_factory=dict)

    def page(self, key: str) -> ReturnBook:
        return self.books.returns.setdefault(key, ReturnBook(key=key))

    def page_of(self, tpguid: str, otherwise: ReturnBook) -> ReturnBook:
        """The return a document belongs to: the one its key names, else the given one."""
        named = return_id_in(tpguid)
        return self.page(named) if named else otherwise


def _new_return(reading: Reading, entry: Entry) -> None:
    number = entry["return_number"]
    page = reading.page(return_id_in(entry["tpguid"]) or number)
    lines = [Line(number=row["return_line"], sku=row["sku"], authorised=row["quantity"]) for row in entry["lines"]]
    rma = Rma(number=number, order=entry["order"], standalone=entry["standalone"], lines=lines)
    page.rmas.append(rma)
    reading.rmas[number] = page, rma


def _cancel_return(reading: Reading, entry: Entry) -> None:
    reading.rmas[entry["return_number"]][1].cancelled = True


def _receipt(reading: Reading, entry: Entry) -> None:
    owner, rma = reading.rmas[entry["return_number"]]
    page = reading.page_of(entry["tpguid"], owner)
    page.receipts.append(Receipt(number=entry["receipt_number"], rma=rma.number))
    for row in entry["lines"]:
        if line := rma.line(row["return_line"]):
            line.received += row["quantity"]
        _add(page.received, row["depot"], row["sku"], row["quantity"])
        _add(page.stock, row["depot"], row["sku"], row["quantity"])


def _transfer(reading: Reading, entry: Entry) -> None:
    if named := return_id_in(entry["tpguid"]):
        stock = reading.page(named).stock
        for row in entry["lines"]:
            _add(stock, entry["from_depot"], row["sku"], -row["quantity"])
            _add(stock, entry["to_depot"], row["sku"], row["quantity"])


def _adjustment(reading: Reading, entry: Entry) -> None:
    if named := return_id_in(entry["tpguid"]):
        page = reading.page(named)
        for row in entry["lines"]:
            _add(page.stock, row.get("depot", entry["depot"]), row["sku"], row["quantity"])
            page.adjusted[row["sku"]] = page.adjusted.get(row["sku"], 0) + row["quantity"]


def _new_order(reading: Reading, entry: Entry) -> None:
    order = Replacement(
        number=entry["order"],
        key=entry["tpguid"],
        rma=entry["customer_ref"],
        original=entry["original_order"],
        order_type=entry["order_type"],
        total=Decimal(entry["total"]),
        paid=Decimal(entry["payment"]),
        goods=sum((row["quantity"] * Decimal(row["price"]) for row in entry["lines"]), Decimal(0)),
        units=_units(entry["lines"]),
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
    owner, rma = reading.rmas[entry["return_number"]]
    units = Counter[int]()
    for row in entry["lines"]:
        units[row["return_line"]] += row["quantity"]
    note = CreditNote(
        number=entry["credit_number"],
        rma=rma.number,
        total=Decimal(entry["total"]),
        currency=entry["currency"],
        units=units,
    )
    reading.page_of(entry["tpguid"], owner).notes.append(note)
    reading.notes[note.number] = note
    _count_credit(rma, note, +1)


def _cancel_credit(reading: Reading, entry: Entry) -> None:
    note = reading.notes[entry["credit_number"]]
    note.reversed = True
    _count_credit(reading.rmas[note.rma][1], note, -1)


def _count_credit(rma: Rma, note: CreditNote, sign: int) -> None:
    for number, quantity in note.units.items():
        if line := rma.line(number):
            line.credited += sign * quantity


def _refund_paid(reading: Reading, entry: Entry) -> None:
    page = reading.page(plain_id(entry["return_id"]))
    page.refunds[entry["refund_id"]] = (Decimal(entry["amount"]), entry["currency"])


def _refund_failed(reading: Reading, entry: Entry) -> None:
    reading.page(plain_id(entry["return_id"])).refunds.pop(entry["refund_id"], None)


def _item_decided(reading: Reading, entry: Entry) -> None:
    page = reading.page(plain_id(entry["return_id"]))
    page.decisions[entry["item_id"]] = Decision(sku=entry["sku"], quantity=entry["quantity"], status=entry["status"])


def _return_cancelled(reading: Reading, entry: Entry) -> None:
    reading.page(plain_id(entry["return_id"])).cancelled = True


def _units(rows: list[Entry]) -> Units:
    """SKU → units of an entry's lines."""
    units = Counter[str]()
    for row in rows:
        units[row["sku"]] += row["quantity"]
    return dict(units)


def _add(depots: dict[str, Units], depot: str, sku: str, quantity: int) -> None:
    units = depots.setdefault(depot, {})
    units[sku] = units.get(sku, 0) + quantity


Fold = Callable[[Reading, Entry], None]

PRIMA: dict[str, Fold] = {
    "NewReturn": _new_return,
    "CancelReturn": _cancel_return,
    "ReturnReceipt": _receipt,
    "DepotTransfer": _transfer,
    "StockAdjustment": _adjustment,
    "MultiNewOrder": _new_order,
    "CancelOrder": _cancel_order,
    "OrderDespatched": _despatched,
    "NewCreditNote": _credit,
    "CancelCreditNote": _cancel_credit,
}

REVENI: dict[str, Fold] = {
    "refund_paid": _refund_paid,
    "refund_failed": _refund_failed,
    "item_decided": _item_decided,
    "return_cancelled": _return_cancelled,
}
