"""Folds Prima's journal into the books, one small function per op."""

from collections import Counter
from decimal import Decimal

from sandbox.audit.books import CreditNote, Line, Receipt, Replacement, Rma
from sandbox.audit.reading import Fold, Reading, add_units, return_id_in, units_of
from sandbox.kit.journal import Entry


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
        add_units(page.received, row["depot"], row["sku"], row["quantity"])
        add_units(page.stock, row["depot"], row["sku"], row["quantity"])


def _transfer(reading: Reading, entry: Entry) -> None:
    if named := return_id_in(entry["tpguid"]):
        stock = reading.page(named).stock
        for row in entry["lines"]:
            add_units(stock, entry["from_depot"], row["sku"], -row["quantity"])
            add_units(stock, entry["to_depot"], row["sku"], row["quantity"])


def _adjustment(reading: Reading, entry: Entry) -> None:
    if named := return_id_in(entry["tpguid"]):
        page = reading.page(named)
        for row in entry["lines"]:
            add_units(page.stock, row.get("depot", entry["depot"]), row["sku"], row["quantity"])
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
        units=units_of(entry["lines"]),
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


FOLDS: dict[str, Fold] = {
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
