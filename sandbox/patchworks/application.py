"""Which invoice takes a credit, and how much of it."""

from dataclasses import replace
from decimal import Decimal

from sandbox.kit.money import ZERO
from sandbox.patchworks.model import Application, CreditMemo, Invoice, Order
from sandbox.patchworks.money import text
from sandbox.patchworks.state import PatchworksWorld


def open_invoice(order: Order, amount: Decimal, hint: str = "") -> Invoice | None:
    """The first invoice with enough due (the hinted one before others), else the one with the most due, else none."""
    owing = sorted((row for row in order.invoices if row.due > ZERO), key=lambda row: row.number != hint)
    enough = [row for row in owing if row.due >= amount]
    choice = enough or sorted(owing, key=lambda row: -row.due)
    return choice[0] if choice else None


def apply(world: PatchworksWorld, memo: CreditMemo, hint: str = "") -> CreditMemo:
    """The memo with what is left of it applied to one open invoice of its order; as it was when there is none."""
    order = world.orders.get(memo.order)
    found = open_invoice(order, memo.unapplied, hint) if order else None
    if found is None or memo.unapplied <= ZERO:
        return memo
    amount = min(found.due, memo.unapplied)
    world.change_invoice(memo.order, found.number, -amount)
    return replace(memo, applications=(*memo.applications, Application(found.number, amount)))


def release(world: PatchworksWorld, memo: CreditMemo) -> CreditMemo:
    """The memo without its applications; its invoices owe again."""
    for part in memo.applications:
        world.change_invoice(memo.order, part.invoice, part.amount)
    return replace(memo, applications=())


def settlement(memo: CreditMemo) -> dict[str, object]:
    """`applied`, `unapplied` and `invoiceNumber` of a reply: decimal text."""
    return {
        "total": text(memo.total, memo.currency),
        "applied": text(memo.applied, memo.currency),
        "unapplied": text(memo.unapplied, memo.currency),
        "invoiceNumber": memo.invoice,
    }
