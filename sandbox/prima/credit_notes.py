"""Posting and reversing credit notes: NewCreditNote, CancelCreditNote."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from xml.etree.ElementTree import Element

from sandbox.kit.money import vat_of
from sandbox.prima.fields import Row, day, only_children, read_row, read_rows, units, whole
from sandbox.prima.model import Charge, Credit, CreditLine, Order, Return, ReturnLine
from sandbox.prima.money import parse_amount, parse_decimal, write_amount
from sandbox.prima.refusal import Refused
from sandbox.prima.returns import return_by_number
from sandbox.prima.state import EXCHANGE_TYPE, Desk, PrimaWorld

HEADER = "TPGUID! ReturnNumber! OrderNumber! InvoiceNumber Currency! CreditDate!"
LINE = "CreditLine! ReturnLine! OrderLine! Quantity! Price! VatRate! VatValue"
CHARGE = "Charge! ChargeValue!"


def new_credit_note(desk: Desk, data: Element, lag: float) -> Element:
    """Post a credit against a return and the order it refers to, before or after the goods are back."""
    head = read_row(data, HEADER)
    desk.world.refuse_known_key("NewCreditNote", head["TPGUID"])
    return _book(desk, data, head, by_hand=False)


def credit_by_hand(desk: Desk, data: Element) -> Element:
    """As NewCreditNote, for somebody at the ERP's own screen: a key is not needed, and may be anybody's."""
    return _book(desk, data, read_row(data, HEADER.replace("TPGUID!", "TPGUID")), by_hand=True)


def _book(desk: Desk, data: Element, head: Row, *, by_hand: bool) -> Element:
    only_children(data, ["CreditLineData", "CreditChargeData"])
    world = desk.world
    order, found = world.order(head["OrderNumber"]), return_by_number(world, head["ReturnNumber"])
    _check_header(head, order, found)
    world.refuse_closed_period(day(head, "CreditDate"))
    credit = _read_credit(data, head, order, found)
    counted = _count(found, credit.lines)
    _refuse_above_invoice(world, order, credit)
    return _post(desk, credit, counted, by_hand)


def cancel_credit_note(desk: Desk, data: Element, lag: float) -> Element:
    """Posts a reversing document dated today, in the period of the note: both days must be open."""
    only_children(data)
    number = read_row(data, "CreditNumber! Narrative")["CreditNumber"]
    world = desk.world
    credit = world.credits.get(number)
    if credit is None:
        raise Refused(f"Credit note {number} not found", "NOTFOUND")
    if credit.reversal:
        raise Refused(f"Credit note {number} is Reversed", "STATUS")
    world.refuse_closed_period(credit.day)
    world.refuse_closed_period(desk.today())
    reversed_ = replace(credit, reversal=world.next_number("CR"))
    world.credits.put(number, reversed_)
    world.returns.put(credit.return_number, _uncount(world.returns[credit.return_number], credit))
    desk.journal.append("CancelCreditNote", credit_number=number, reversal_number=reversed_.reversal)
    answer = {"CreditNumber": number, "CreditStatus": reversed_.status, "ReversalNumber": reversed_.reversal}
    return Element("Data", answer)


def _check_header(head: Row, order: Order, found: Return) -> None:
    if found.cancelled:
        raise Refused(f"Return {found.number} is Cancelled", "STATUS")
    if found.order and found.order != order.number:
        raise Refused(f"Return {found.number} belongs to order {found.order}")
    if {head["Currency"], found.currency} != {order.currency}:
        raise Refused(f"Currency of order {order.number} is {order.currency}")
    if head["InvoiceNumber"] not in ("", order.invoice):
        raise Refused(f"Invoice {head['InvoiceNumber']} not found on order {order.number}", "NOTFOUND")


def _read_credit(data: Element, head: Row, order: Order, found: Return) -> Credit:
    """The note that `data` asks for, not yet numbered."""
    lines = tuple(_line(row, order, found) for row in read_rows(data, "CreditLineData", LINE))
    charges = tuple(_charge(row, order.currency) for row in read_rows(data, "CreditChargeData", CHARGE))
    if not (lines or charges) or len({line.line for line in lines}) < len(lines):
        raise Refused("CreditLine numbers are missing or repeated")
    return Credit(
        number="",
        tpguid=head["TPGUID"],
        return_number=found.number,
        order=order.number,
        invoice=head["InvoiceNumber"],
        currency=order.currency,
        day=day(head, "CreditDate"),
        lines=lines,
        charges=charges,
        total=_total(lines, charges, order.vat_inclusive),
    )


def _line(row: Row, order: Order, found: Return) -> CreditLine:
    authorised = found.line(whole(row, "ReturnLine"))
    if authorised is None:
        raise Refused(f"Return line {row['ReturnLine']} not found on return {found.number}", "ORDLINE")
    order_line = whole(row, "OrderLine")
    _check_order_line(order, found, authorised, order_line)
    quantity, currency = units(row), order.currency
    price = parse_amount(row["Price"], currency, "Price")
    if price < 0:
        raise Refused("Price must not be negative, use a charge")
    rate = parse_decimal(row["VatRate"], "VatRate")
    stated = row["VatValue"]
    vat = (
        parse_amount(stated, currency, "VatValue")
        if stated
        else vat_of(quantity * price, rate, order.vat_inclusive, currency)
    )
    line = whole(row, "CreditLine")
    return CreditLine(line, authorised.line, order_line, authorised.sku, quantity, price, rate, vat)


def _check_order_line(order: Order, found: Return, authorised: ReturnLine, order_line: int) -> None:
    """A linked line names its order line; a standalone one 0 or the line of the order that sold the SKU."""
    if found.order or order_line == 0:
        if order_line != authorised.order_line:
            raise Refused(f"Return line {authorised.line} is not for order line {order_line}", "ORDLINE")
        return
    sold = order.line(order_line)
    if sold is None:
        raise Refused(f"Order line {order_line} not found on order {order.number}", "ORDLINE")
    if sold.sku != authorised.sku:
        raise Refused(f"Order line {order_line} is {sold.sku}, not {authorised.sku}", "SKU")


def _charge(row: Row, currency: str) -> Charge:
    return Charge(row["Charge"], parse_amount(row["ChargeValue"], currency, "ChargeValue"))


def _count(found: Return, lines: tuple[CreditLine, ...]) -> Return:
    """The return with the credit counted in. Refused with QTY above what is not yet credited."""
    counts = _units(lines)
    for row in found.lines:
        if counts[row.line] > row.quantity - row.credited:
            left = row.quantity - row.credited
            raise Refused(f"Return line {row.line}: {counts[row.line]} to credit but only {left} left", "QTY")
    rows = (replace(row, credited=row.credited + counts[row.line]) for row in found.lines)
    return replace(found, lines=tuple(rows))


def _refuse_above_invoice(world: PrimaWorld, order: Order, credit: Credit) -> None:
    """All live notes of an order stay within what it was invoiced over; ASSUMED code `APPLY`."""
    if order.order_type != EXCHANGE_TYPE and world.credited(order.number) + credit.total > order.total:
        raise Refused(f"Invoice {order.invoice or order.number} has no open amount left", "APPLY")


def _uncount(found: Return, credit: Credit) -> Return:
    counts = _units(credit.lines)
    return replace(found, lines=tuple(replace(row, credited=row.credited - counts[row.line]) for row in found.lines))


def _units(lines: tuple[CreditLine, ...]) -> Counter[int]:
    counts = Counter[int]()
    for line in lines:
        counts[line.return_line] += line.quantity
    return counts


def _total(lines: tuple[CreditLine, ...], charges: tuple[Charge, ...], inclusive: bool) -> Decimal:
    goods = sum((line.quantity * line.price for line in lines), Decimal(0))
    tax = Decimal(0) if inclusive else sum((line.vat_value for line in lines), Decimal(0))
    total = goods + tax + sum((charge.value for charge in charges), Decimal(0))
    if total < 0:
        raise Refused("Credit total must not be negative")
    return total


def _post(desk: Desk, draft: Credit, credited: Return, by_hand: bool) -> Element:
    world = desk.world
    credit = replace(draft, number=world.next_number("CN"))
    world.add_credit(credit)
    world.returns.put(credited.number, credited)
    _journal(desk, credit, by_hand)
    total = write_amount(credit.total, credit.currency)
    return Element("Data", {"CreditNumber": credit.number, "CreditTotal": total, "CreditStatus": credit.status})


def _journal(desk: Desk, credit: Credit, by_hand: bool) -> None:
    money = credit.currency
    desk.journal.append(
        "NewCreditNote",
        credit_number=credit.number,
        tpguid=credit.tpguid,
        return_number=credit.return_number,
        order=credit.order,
        invoice=credit.invoice,
        currency=money,
        total=write_amount(credit.total, money),
        lines=[
            {
                "return_line": row.return_line,
                "order_line": row.order_line,
                "sku": str(row.sku),
                "quantity": row.quantity,
                "price": write_amount(row.price, money),
                "vat": write_amount(row.vat_value, money),
            }
            for row in credit.lines
        ],
        charges=[{"charge": row.charge, "value": write_amount(row.value, money)} for row in credit.charges],
        by_hand=by_hand,
    )
