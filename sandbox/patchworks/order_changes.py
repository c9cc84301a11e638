"""What people at the ERP do to an order: it leaves, it is changed, its invoice is paid or opened again."""

from dataclasses import replace
from decimal import Decimal

from pydantic import Field

from sandbox.kit.money import ZERO, vat_of
from sandbox.kit.sold import ItemSeed, LineSeed, Seed
from sandbox.patchworks.exchange import NEEDED, commit, free
from sandbox.patchworks.model import OPEN, Address, Invoice, Move, Order, OrderLine
from sandbox.patchworks.refusal import Refused
from sandbox.patchworks.seed import STATUSES, add_missing_item, borne, build_line
from sandbox.patchworks.state import Desk

DELIVERY = {**NEEDED, "address2": "line2", "city": "city", "forename": "first_name", "surname": "last_name"}
"""Names of the delivery fields that an edit may use, beside our own (line1, postcode …)."""


class LineEdit(Seed):
    """New values of an order line; what is not given stays."""

    line: int
    quantity: int | None = Field(default=None, ge=0)
    price: Decimal | None = None
    discount: Decimal | None = None


class OrderEdit(Seed):
    """New values of an order. `delivery` sets fields of the address; an empty text clears one.

    `status` is a word of the seeds or of NetSuite.
    """

    lines: tuple[LineEdit, ...] = ()
    add: tuple[LineSeed, ...] = ()
    delivery: dict[str, str] = Field(default_factory=dict)
    customer: str | None = None
    email: str | None = None
    status: str | None = None
    archived: bool | None = None


def despatch(desk: Desk, number: str) -> Order:
    """The goods leave: stock goes out, the order is Billed. A replacement owes nothing: the platform collected it."""
    world, order = desk.world, desk.world.order(number)
    if order.status not in OPEN:
        raise Refused("CONFLICT", f"order {number} is {order.status} and cannot be despatched")
    order = order if order.committed else commit(world, order)
    gone = [{"sku": part.sku, "quantity": part.quantity, "location": part.location} for part in order.committed]
    for part in order.committed:
        world.move(Move(part.sku, part.location, -part.quantity))
    due = ZERO if order.original else order.total
    sent = replace(
        free(world, order),
        status=STATUSES["Despatched"],
        lines=tuple(replace(line, fulfilled=line.quantity) for line in order.lines),
        invoices=order.invoices or (Invoice(f"INV{number}", order.total, due),),
    )
    world.orders.put(number, sent)
    desk.journal.append("order_despatched", order=number, order_type=order.order_type, lines=gone)
    return sent


def edit_order(desk: Desk, number: str, edit: OrderEdit) -> Order:
    """Somebody changes an order by hand; its invoice stays. VALIDATION for a line or a field that it has not."""
    order = desk.world.order(number)
    edits = {change.line: change for change in edit.lines}
    if unknown := edits.keys() - {line.line for line in order.lines}:
        raise Refused("VALIDATION", f"order {number} has no line {min(unknown)}")
    lines = [_edited(line, edits.get(line.line)) for line in order.lines]
    last = max(line.line + len(line.parts) for line in lines)
    lines += [_added(desk, seed, line, order) for line, seed in enumerate(edit.add, last + 1)]
    header = edit.model_dump(include={"customer", "email", "archived"}, exclude_none=True)
    changed = replace(order, lines=tuple(lines), address=_address(order.address, edit.delivery), **header)
    if edit.status is not None:
        changed = replace(changed, status=STATUSES.get(edit.status, edit.status))
    if edit.lines or edit.add:
        changed = _taxed(changed)
    desk.world.orders.put(number, changed)
    desk.journal.append("order_edited", order=number, changed=sorted(edit.model_fields_set))
    return changed


def set_amount_due(desk: Desk, number: str, amount: Decimal | None) -> Order:
    """What all invoices of an order still owe: the first `amount`, the others nothing; None: each its total."""
    order = desk.world.order(number)
    dues = [amount if place == 0 else ZERO for place in range(len(order.invoices))]
    rows = zip(order.invoices, dues, strict=True)
    invoices = tuple(replace(row, due=row.total if amount is None or due is None else due) for row, due in rows)
    changed = replace(order, invoices=invoices)
    desk.world.orders.put(number, changed)
    return changed


def _edited(line: OrderLine, edit: LineEdit | None) -> OrderLine:
    if edit is None:
        return line
    return replace(line, **edit.model_dump(include={"quantity", "price", "discount"}, exclude_none=True))


def _added(desk: Desk, seed: LineSeed, number: int, order: Order) -> OrderLine:
    add_missing_item(desk.world, ItemSeed(sku=seed.sku, description=seed.sku, parts=seed.parts))
    shipped = order.status not in OPEN
    return build_line(seed, number, inclusive=order.tax_included, currency=order.currency, shipped=shipped)


def _taxed(order: Order) -> Order:
    """Every line with the tax of its present value, after its share of the order's discounts."""
    shares = borne([line.value for line in order.lines], order.discounts, order.currency)
    rows = (
        replace(line, tax=vat_of(line.value - share, line.tax_rate, order.tax_included, order.currency))
        for line, share in zip(order.lines, shares, strict=True)
    )
    return replace(order, lines=tuple(rows))


def _address(address: Address, edit: dict[str, str]) -> Address:
    fields = {DELIVERY.get(name, name): text for name, text in edit.items()}
    if unknown := fields.keys() - vars(address).keys():
        raise Refused("VALIDATION", f"an address has no {min(unknown)}")
    return replace(address, **fields)
