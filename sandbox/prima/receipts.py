"""Goods in: ReturnReceipt, ReceiptDetail. A receipt moves stock into a depot per line."""

from collections import Counter
from dataclasses import replace
from xml.etree.ElementTree import Element, SubElement

from sandbox.prima.fields import Row, day, only_children, read_row, read_rows, units, whole
from sandbox.prima.model import Receipt, ReceiptLine, Return
from sandbox.prima.refusal import Refused
from sandbox.prima.returns import return_by_number
from sandbox.prima.state import Desk

HEADER = "TPGUID! ReturnNumber! ReceiptDate!"
LINE = "ReturnLine! Quantity! Depot! Condition"


def return_receipt(desk: Desk, data: Element, lag: float) -> Element:
    """Book goods in on a live return; may be called several times."""
    head = read_row(data, HEADER)
    only_children(data, ["ReceiptLineData"])
    rows = read_rows(data, "ReceiptLineData", LINE)
    world = desk.world
    world.refuse_known_key("ReturnReceipt", head["TPGUID"])
    found = return_by_number(world, head["ReturnNumber"])
    if found.cancelled:
        raise Refused(f"Return {found.number} is Cancelled", "STATUS")
    world.refuse_closed_period(day(head, "ReceiptDate"))
    if not rows:
        raise Refused("Receipt without lines")
    lines = tuple(_line(desk, found, row) for row in rows)
    received = _count(found, lines)
    return _post(desk, head, received, lines)


def receipt_detail(desk: Desk, data: Element, lag: float) -> Element:
    """By `TPGUID` or by `ReceiptNumber`."""
    only_children(data)
    asked = read_row(data, "TPGUID ReceiptNumber")
    number = asked["ReceiptNumber"] or desk.world.number_by_key("ReturnReceipt", asked["TPGUID"])
    receipt = desk.world.receipts.get(number, lag) if number else None
    if receipt is None:
        raise Refused("Receipt not found", "NOTFOUND")
    return _detail(receipt, desk.world.returns[receipt.return_number])


def _line(desk: Desk, found: Return, row: Row) -> ReceiptLine:
    authorised = found.line(whole(row, "ReturnLine"))
    if authorised is None:
        raise Refused(f"Return line {row['ReturnLine']} not found on return {found.number}", "ORDLINE")
    desk.world.refuse_unknown_depot(row["Depot"])
    return ReceiptLine(authorised.line, authorised.sku, units(row), row["Depot"], row["Condition"])


def _count(found: Return, lines: tuple[ReceiptLine, ...]) -> Return:
    """The return with the receipt counted in. Refused with QTY above what is authorised and not yet back."""
    counts = Counter[int]()
    for line in lines:
        counts[line.return_line] += line.quantity
    for row in found.lines:
        if counts[row.line] > row.quantity - row.received:
            left = row.quantity - row.received
            raise Refused(f"Return line {row.line}: {counts[row.line]} receipted but only {left} open", "QTY")
    rows = (replace(row, received=row.received + counts[row.line]) for row in found.lines)
    return replace(found, lines=tuple(rows))


def _post(desk: Desk, head: Row, received: Return, lines: tuple[ReceiptLine, ...]) -> Element:
    world = desk.world
    number = world.next_number("G")
    receipt = Receipt(number, head["TPGUID"], received.number, day(head, "ReceiptDate"), lines)
    world.receipts.put(number, receipt)
    world.claim_key("ReturnReceipt", receipt.tpguid, number)
    world.returns.put(received.number, received)
    for line in lines:
        world.move(line.sku, line.depot, line.quantity)
        authorised = received.line(line.return_line)
        if received.order and authorised:
            world.count_returned(received.order, authorised.order_line, line.quantity)
    desk.journal.append(
        "ReturnReceipt",
        receipt_number=number,
        tpguid=receipt.tpguid,
        return_number=received.number,
        order=received.order,
        lines=[
            {
                "return_line": row.return_line,
                "sku": str(row.sku),
                "quantity": row.quantity,
                "depot": row.depot,
            }
            for row in lines
        ],
    )
    return Element("Data", {"ReceiptNumber": number, "ReturnStatus": received.status})


def _detail(receipt: Receipt, found: Return) -> Element:
    header = {
        "ReceiptNumber": receipt.number,
        "TPGUID": receipt.tpguid,
        "ReturnNumber": receipt.return_number,
        "ReceiptDate": receipt.day.isoformat(),
        "ReturnStatus": found.status,
    }
    answer = Element("Data", header)
    for line in receipt.lines:
        facts = {"Quantity": str(line.quantity), "Depot": line.depot, "Condition": line.condition}
        row = {"ReturnLine": str(line.return_line), **line.sku.attributes, **facts}
        SubElement(answer, "ReceiptLineData", row)
    return answer
