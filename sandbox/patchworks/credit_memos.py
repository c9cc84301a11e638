"""Credit memos: create_credit_note, void_credit_note, apply_credit_note.

A memo made from a return authorization does not touch the inventory. One that is not (no `returnNumber`) moves stock
by itself, as in NetSuite (N14): its units go to the location of the order line that sold them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sandbox.kit.money import ZERO
from sandbox.patchworks.application import apply, release, settlement
from sandbox.patchworks.envelope import Envelope, Fields
from sandbox.patchworks.model import Charge, CreditMemo, MemoLine, Move, Order, ReturnAuthorization
from sandbox.patchworks.money import text
from sandbox.patchworks.refusal import Refused
from sandbox.patchworks.returns import line_by_id
from sandbox.patchworks.state import Desk, PatchworksWorld
from sandbox.patchworks.wire import Json

EXCHANGE_TYPES = ("EX", "EXCHANGE")
"""Orders over nothing, whose units carry the value of the order before them."""
SELLABLE = "01"


def create_credit_note(desk: Desk, asked: Envelope) -> str:
    """Made from the authorization and applied to an open invoice of the order; without one it stays unapplied."""
    world, goods, note = desk.world, asked.goods(), asked.child("creditNote")
    order = world.order(goods.text("orderId"))
    ra = world.ra(goods.text("returnNumber")) if goods.text("returnNumber", needed=False) else None
    _check_header(asked, note, order, ra)
    memo = CreditMemo(
        number="",
        key=asked.key,
        ra=ra.number if ra else "",
        order=order.number,
        currency=order.currency,
        day=note.day("date"),
        lines=tuple(_line(row, ra, order.currency) for row in note.rows("lines", needed=False)),
        charges=tuple(_charge(row, order.currency) for row in note.rows("charges", needed=False)),
        total=note.amount("amount", order.currency),
    )
    if memo.total != (sum_ := total_of(memo.lines, memo.charges, order.tax_included)):
        raise note.wrong("amount", f"is not the sum of its lines and charges, which is {sum_}")
    return post(desk, memo, order, hint=note.text("invoiceNumber", needed=False))


def post(desk: Desk, draft: CreditMemo, order: Order, *, hint: str = "", by_hand: bool = False) -> str:
    """Number, count, apply and journal a memo that is complete. Refused above what may be credited."""
    world = desk.world
    if draft.total < ZERO or not (draft.lines or draft.charges):
        raise Refused("VALIDATION", "a credit memo needs lines or charges, and no total below zero")
    world.refuse_closed_period(draft.day)
    credited = _counted(world.ra(draft.ra), draft.lines, +1) if draft.ra else None
    _refuse_above_order(world, order, draft.total)
    memo = apply(world, replace(draft, number=world.next_number("CM")), hint)
    world.add_memo(memo)
    moves = [] if credited else _restock(order, draft.lines)
    if credited:
        world.returns.put(credited.number, credited)
    for change in moves:
        world.move(change)
    _journal(desk, memo, moves, by_hand)
    return memo.number


def show_credit(world: PatchworksWorld, number: str) -> Json:
    """`erp` of a memo as it is now."""
    memo = world.memos[number]
    return {"documentType": "credit_memo", "cancelled": memo.voided, **settlement(memo)}


def void_credit_note(desk: Desk, number: str) -> bool:
    """Void directly: no reversing document, its invoices owe again. Its own day and today must be open."""
    world, memo = desk.world, desk.world.memo(number)
    if memo.voided:
        return False
    for day in (memo.day, desk.today):
        world.refuse_closed_period(day)
    world.memos.put(number, replace(release(world, memo), voided=True))
    if memo.ra:
        world.returns.put(memo.ra, _counted(world.returns[memo.ra], memo.lines, -1))
    desk.journal.append("credit_memo_voided", number=number, key=memo.key)
    return True


def apply_credit_note(desk: Desk, number: str) -> None:
    """Apply what is left of a memo to whatever invoice of its order is open now."""
    before = desk.world.memo(number)
    if before.voided:
        raise Refused("CONFLICT", f"credit memo {number} is Voided")
    after = apply(desk.world, before)
    if after != before:
        desk.world.memos.put(number, after)
        made = after.applications[-1]
        desk.journal.append(
            "credit_applied",
            number=number,
            invoice=made.invoice,
            amount=text(made.amount, after.currency),
            unapplied=text(after.unapplied, after.currency),
        )


def total_of(lines: Sequence[MemoLine], charges: Sequence[Charge], tax_included: bool) -> Decimal:
    """What lines and charges come to, with tax."""
    goods = sum((line.amount if tax_included else line.amount + line.tax for line in lines), ZERO)
    return goods + sum((charge.amount for charge in charges), ZERO)


def _check_header(asked: Envelope, note: Fields, order: Order, ra: ReturnAuthorization | None) -> None:
    if asked.currency() != order.currency:
        raise asked.wrong("currency", f"is not that of order {order.number}")
    if note.flag("taxIncluded") != order.tax_included:
        raise note.wrong("taxIncluded", f"is not that of order {order.number}")
    if ra and ra.cancelled:
        raise Refused("CONFLICT", f"return authorization {ra.number} is Cancelled")
    if ra and ra.order != order.number:
        raise Refused("VALIDATION", f"return authorization {ra.number} is of order {ra.order}", field="return.orderId")


def _line(row: Fields, ra: ReturnAuthorization | None, currency: str) -> MemoLine:
    quantity, price = row.whole("quantity", least=1), row.amount("unitPrice", currency)
    if price < ZERO:
        raise row.wrong("unitPrice", "must not be negative")
    authorised = line_by_id(ra, row) if ra else None
    return MemoLine(
        ra_line=authorised.line if authorised else 0,
        sku=row.text("sku"),
        quantity=quantity,
        amount=quantity * price,
        tax=row.amount("taxAmount", currency),
    )


def _charge(row: Fields, currency: str) -> Charge:
    return Charge(row.text("code"), row.amount("amount", currency))


def _counted(found: ReturnAuthorization, lines: Sequence[MemoLine], sign: int) -> ReturnAuthorization:
    """The authorization with these units counted. QUANTITY_EXCEEDED above what is authorised."""
    counts = Counter[int]()
    for line in lines:
        counts[line.ra_line] += line.quantity * sign
    for row in found.lines:
        if counts[row.line] > (left := row.quantity - row.credited):
            text_ = f"line {row.id} of {found.number}: {counts[row.line]} to credit, {left} left"
            raise Refused("QUANTITY_EXCEEDED", text_, id=row.id, sku=row.sku)
    rows = (replace(row, credited=row.credited + counts[row.line]) for row in found.lines)
    return replace(found, lines=tuple(rows))


def _refuse_above_order(world: PatchworksWorld, order: Order, amount: Decimal) -> None:
    """All live memos of an order stay within what it was sold for."""
    credited = sum((memo.total for memo in world.memos_of(order.number)), ZERO)
    exchanged = order.original or order.order_type in EXCHANGE_TYPES
    if not exchanged and credited + amount > order.total:
        left = text(order.total - credited, order.currency)
        raise Refused("QUANTITY_EXCEEDED", f"order {order.number} has {left} {order.currency} left to credit")


def _restock(order: Order, lines: Sequence[MemoLine]) -> list[Move]:
    """What a memo without an authorization does to the stock."""
    homes = {sku: line.location for line in order.lines for sku in (line.sku, *dict(line.parts))}
    return [Move(line.sku, homes.get(line.sku, SELLABLE), line.quantity) for line in lines]


def _journal(desk: Desk, memo: CreditMemo, moves: Sequence[Move], by_hand: bool) -> None:
    money = memo.currency
    desk.journal.append(
        "credit_memo",
        number=memo.number,
        key=memo.key,
        ra=memo.ra,
        from_ra=bool(memo.ra),
        order=memo.order,
        day=date.isoformat(memo.day),
        currency=money,
        total=text(memo.total, money),
        applied=text(memo.applied, money),
        unapplied=text(memo.unapplied, money),
        invoice=memo.invoice,
        lines=[
            {
                "line": row.ra_line,
                "sku": row.sku,
                "quantity": row.quantity,
                "amount": text(row.amount, money),
                "tax": text(row.tax, money),
            }
            for row in memo.lines
        ],
        charges=[{"code": row.code, "amount": text(row.amount, money)} for row in memo.charges],
        stock=[{"sku": row.sku, "location": row.location, "quantity": row.quantity} for row in moves],
        by_hand=by_hand,
    )
