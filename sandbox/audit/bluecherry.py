"""Reads the journal of the emulated BlueCherry: folds into the books, and rules of its own over the entries.

Depots in the books are `<division>/<warehouse>`; goods that were destroyed at receipt are in `<division>/none`. A
transfer is a pair of adjustments with one key: its net is nothing, and so is what it leaves in `adjusted`.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal

from sandbox.audit.books import CreditNote, Line, Receipt, Replacement, Rma, Units
from sandbox.audit.reading import Fold, Reading, return_id_in
from sandbox.kit.journal import Entry

OPERATIONAL = ("RAH", "RAX", "RCV", "ADJ", "SOH", "SOX")
FINANCIAL = ("CMH", "CMV")


def document_outside_a_window(entries: list[Entry]) -> Iterator[str]:
    """Every document by file belongs to a batch that was read in a window of its class."""
    read = {
        (row["division"], row["batch"], row["record_class"], row["window"])
        for row in entries
        if row["op"] == "batch" and row["status"] != "R"
    }
    for entry in entries:
        if entry["op"] not in (*OPERATIONAL, *FINANCIAL) or entry.get("by_hand"):
            continue
        wanted = "financial" if entry["op"] in FINANCIAL else "operational"
        found = (entry["division"], entry.get("batch"), entry.get("record_class"), entry.get("window"))
        if found not in read or entry["record_class"] != wanted:
            yield f"{entry['op']} {entry['extref']} was processed outside {wanted} windows"


def batch_processed_twice(entries: list[Entry]) -> Iterator[str]:
    """A batch number is one file for ever."""
    read = [row for row in entries if row["op"] == "batch" and row["status"] != "R"]
    for (division, batch), times in Counter((row["division"], row["batch"]) for row in read).items():
        if times > 1:
            yield f"batch {batch} of division {division} was processed {times} times"


def extref_applied_twice(entries: list[Entry]) -> Iterator[str]:
    """An EXTREF is one document of its type. The parts of one key have EXTREFs of their own."""
    given = (row for row in entries if row.get("extref"))
    counts = Counter((row["division"], row["op"], row["extref"]) for row in given)
    for (_, op, extref), times in counts.items():
        if times > 1:
            yield f"EXTREF {extref} was applied {times} times by {op}"


EntryRule = Callable[[list[Entry]], Iterator[str]]
"""All entries of the journal in, sentences out."""

RULES: tuple[EntryRule, ...] = (document_outside_a_window, batch_processed_twice, extref_applied_twice)


def _authorisation(reading: Reading, entry: Entry) -> None:
    page = reading.page(_return_id(entry) or entry["ra"])
    lines = [Line(number=row["line"], sku=row["sku"], authorised=row["quantity"]) for row in entry["lines"]]
    rma = Rma(number=entry["ra"], order=entry["order"], standalone=entry["standalone"], lines=lines)
    page.rmas.append(rma)
    reading.rmas[rma.number] = page, rma


def _cancel_authorisation(reading: Reading, entry: Entry) -> None:
    reading.rmas[entry["ra"]][1].cancelled = True


def _receipt(reading: Reading, entry: Entry) -> None:
    owner, rma = reading.rmas[entry["ra"]]
    page = reading.page_of(_name(entry), owner)
    page.receipts.append(Receipt(number=entry["number"], rma=rma.number))
    for row in entry["lines"]:
        if line := rma.line(row["line"]):
            line.received += row["quantity"]
        _add(page.received.setdefault(_depot(entry), {}), row["sku"], row["quantity"])
        _add(page.stock.setdefault(_depot(entry), {}), row["sku"], row["quantity"])


def _adjustment(reading: Reading, entry: Entry) -> None:
    if named := _return_id(entry):
        page = reading.page(named)
        for row in entry["lines"]:
            _add(page.stock.setdefault(_depot(entry), {}), row["sku"], row["quantity"])
            _add(page.adjusted, row["sku"], row["quantity"])


def _memo(reading: Reading, entry: Entry) -> None:
    owner, rma = reading.rmas[entry["ra"]]
    units = Counter[int]()
    for row in entry["lines"]:
        units[row["line"]] += row["quantity"]
    total = Decimal(entry["total"])
    note = CreditNote(number=entry["number"], rma=rma.number, total=total, currency=entry["currency"], units=units)
    reading.page_of(_name(entry), owner).notes.append(note)
    reading.notes[note.number] = note
    _count_credit(rma, note, +1)


def _void(reading: Reading, entry: Entry) -> None:
    note = reading.notes[entry["number"]]
    note.reversed = True
    _count_credit(reading.rmas[note.rma][1], note, -1)


def _sales_order(reading: Reading, entry: Entry) -> None:
    """BlueCherry knows no payments: what an order comes to is owed, and nobody says whether it was paid."""
    units = Counter[str]()
    for row in entry["lines"]:
        units[row["sku"]] += row["quantity"]
    order = Replacement(
        number=entry["order"],
        key=_name(entry),
        rma=entry["ra"],
        original=entry["original_order"],
        order_type=entry["order_type"],
        total=Decimal(entry["total"]),
        paid=Decimal(entry["total"]),
        goods=sum((row["quantity"] * Decimal(row["price"]) for row in entry["lines"]), Decimal(0)),
        units=dict(units),
        same_delivery=entry["delivery_matches"],
    )
    owner, _ = reading.rmas.get(order.rma, (None, None))
    named = _return_id(entry)
    page = reading.page(named) if named else owner or reading.page(order.number)
    page.replacements.append(order)
    reading.replacements[order.number] = order


def _cancel_sales_order(reading: Reading, entry: Entry) -> None:
    if order := reading.replacements.get(entry["order"]):
        order.cancelled = True


def _despatched(reading: Reading, entry: Entry) -> None:
    if order := reading.replacements.get(entry["order"]):
        order.despatched = True


def _count_credit(rma: Rma, note: CreditNote, sign: int) -> None:
    for number, quantity in note.units.items():
        if line := rma.line(number):
            line.credited += sign * quantity


def _name(entry: Entry) -> str:
    key: str = entry["key"] or entry["extref"]
    return key


def _return_id(entry: Entry) -> str | None:
    return return_id_in(_name(entry))


def _depot(entry: Entry) -> str:
    return f"{entry['division']}/{entry['warehouse'] or 'none'}"


def _add(units: Units, sku: str, quantity: int) -> None:
    units[sku] = units.get(sku, 0) + quantity


FOLDS: dict[str, Fold] = {
    "RAH": _authorisation,
    "RAX": _cancel_authorisation,
    "RCV": _receipt,
    "ADJ": _adjustment,
    "CMH": _memo,
    "CMV": _void,
    "SOH": _sales_order,
    "SOX": _cancel_sales_order,
    "orderDespatched": _despatched,
}
