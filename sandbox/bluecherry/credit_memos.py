"""Credit memos: CMH, CMV. Goods first: no unit is credited that was not received."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from sandbox.bluecherry.keys import named
from sandbox.bluecherry.layout import Document, Record
from sandbox.bluecherry.model import Claim, Memo, MemoLine, Order, Ra
from sandbox.bluecherry.money import ZERO, read_amount, write_amount
from sandbox.bluecherry.refusal import Refused
from sandbox.bluecherry.state import Desk, World


def credit_by_file(desk: Desk, document: Document) -> Claim:
    """CMH with its CMD."""
    head, currency = document.head, document.head["CURR"]
    memo = Memo(
        ext_ref=document.ext_ref,
        ra=head["RANO"],
        invoice=head["INVNO"],
        customer=head["CUSTNO"],
        currency=currency,
        day=head.day("CMDATE"),
        lines=tuple(_line(record, currency) for record in document.details),
        subtotal=read_amount(head["SUBTOTAL"], currency, "SUBTOTAL"),
        tax=read_amount(head["TAX"], currency, "TAX"),
        freight=read_amount(head["FREIGHT"], currency, "FREIGHT"),
        fees=read_amount(head["FEES"], currency, "FEES"),
        total=read_amount(head["TOTAL"], currency, "TOTAL"),
    )
    posted = post(desk, memo)
    return Claim(posted.number, posted.number)


def post_by_hand(desk: Desk, draft: Memo) -> Memo:
    """As by file; an EXTREF given by hand is taken for ever too. Refused with E212 when it was before."""
    claims = desk.world.claims
    if draft.ext_ref and ("CMH", draft.ext_ref) in claims:
        raise Refused("E212", f"DUPLICATE EXTREF {draft.ext_ref}")
    memo = post(desk, draft)
    if memo.ext_ref:
        claims["CMH", memo.ext_ref] = Claim(memo.number, memo.number)
    return memo


def post(desk: Desk, draft: Memo) -> Memo:
    """The memo with its number, counted on its RA."""
    world = desk.world
    ra = world.ra(draft.ra)
    _check_ra(ra, draft)
    order = _invoiced_order(world, ra, draft)
    world.refuse_closed_period(draft.day)
    _refuse_wrong_sums(draft)
    counted = _count(ra, draft, +1)
    for before, after in zip(ra.lines, counted.lines, strict=True):
        if after.credited > before.received:
            raise Refused(
                "E208", f"RA {ra.number}/{before.line}: {before.received} RECEIVED, {after.credited} CREDITED"
            )
    memo = replace(draft, number=world.next_number("CM"))
    world.memos.put(memo.number, memo)
    world.returns.put(ra.number, counted)
    _journal(desk, memo, counted, order)
    return memo


def void_by_file(desk: Desk, document: Document) -> Claim:
    """CMV: a reversal of today. Refused with E208 for a memo that is unknown or voided, E210 when today is closed."""
    world, number = desk.world, document.head["CMNO"]
    memo = world.memos.get(number)
    if memo is None or memo.voided_by:
        raise Refused("E208", f"CREDIT MEMO {number} {'NOT FOUND' if memo is None else 'IS VOIDED'}")
    world.refuse_closed_period(desk.today())
    reversal = world.next_number("CV")
    world.memos.put(number, replace(memo, voided_by=reversal))
    world.returns.put(memo.ra, _count(world.returns[memo.ra], memo, -1))
    desk.note("CMV", number=number, reversal=reversal, **named(document.ext_ref))
    return Claim(reversal, number)


def _line(record: Record, currency: str) -> MemoLine:
    price, tax = (read_amount(record[name], currency, name) for name in ("PRICE", "TAX"))
    return MemoLine(record.whole("RALINE"), record.whole("QTY"), price, tax)


def _check_ra(ra: Ra, memo: Memo) -> None:
    if ra.status in ("OPEN", "CANCELLED"):
        raise Refused("E208", f"RA {ra.number} IS {ra.status}")
    if ra.customer != memo.customer:
        raise Refused("E208", f"RA {ra.number} HAS ANOTHER CUSTOMER")
    if ra.currency != memo.currency:
        raise Refused("E209", f"RA {ra.number} IS IN {ra.currency}")
    for line in memo.lines:
        if ra.line(line.ra_line) is None:
            raise Refused("E202", f"RA LINE NOT FOUND {ra.number}/{line.ra_line}")


def _invoiced_order(world: World, ra: Ra, memo: Memo) -> str:
    """Number of the order behind the invoice. A standalone RA needs no invoice, but a given one must be there."""
    if not (ra.order or memo.invoice):
        return ""
    orders = [world.orders[ra.order]] if ra.order else world.orders.values()
    for order in orders:
        if _bills(order, memo):
            return order.number
    raise Refused("E209", f"INVOICE NOT FOUND {memo.invoice}")


def _bills(order: Order, memo: Memo) -> bool:
    wanted = (memo.invoice, memo.customer, memo.currency)
    return bool(memo.invoice) and wanted == (order.invoice, order.customer, order.currency)


def _refuse_wrong_sums(memo: Memo) -> None:
    """E212: amounts do not foot, or have the wrong sign."""
    goods = _sum(line.quantity * line.price for line in memo.lines)
    tax = _sum(line.quantity * line.tax for line in memo.lines)
    if (goods, tax) != (memo.subtotal, memo.tax):
        raise Refused("E212", f"LINES COME TO {goods} AND TAX {tax}, NOT {memo.subtotal} AND {memo.tax}")
    if (total := memo.subtotal + memo.tax + memo.freight - memo.fees) != memo.total:
        raise Refused("E212", f"SUBTOTAL, TAX, FREIGHT AND FEES COME TO {total}, NOT {memo.total}")
    amounts = [memo.total, memo.freight, memo.fees, *(part for line in memo.lines for part in (line.price, line.tax))]
    if min(amounts) < 0:
        raise Refused("E212", "AMOUNTS ARE NOT NEGATIVE")


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def _count(ra: Ra, memo: Memo, sign: int) -> Ra:
    units = Counter[int]()
    for line in memo.lines:
        units[line.ra_line] += sign * line.quantity
    return replace(ra, lines=tuple(replace(row, credited=row.credited + units[row.line]) for row in ra.lines))


def _journal(desk: Desk, memo: Memo, ra: Ra, order: str) -> None:
    money = memo.currency
    skus = {row.line: str(row.sku) for row in ra.lines}
    desk.note(
        "CMH",
        number=memo.number,
        **named(memo.ext_ref),
        ra=memo.ra,
        order=order,
        invoice=memo.invoice,
        total=write_amount(memo.total, money),
        freight=write_amount(memo.freight, money),
        fees=write_amount(memo.fees, money),
        currency=money,
        lines=[
            {
                "line": row.ra_line,
                "sku": skus[row.ra_line],
                "quantity": row.quantity,
                "price": write_amount(row.price, money),
                "tax": write_amount(row.tax, money),
            }
            for row in memo.lines
        ],
    )
