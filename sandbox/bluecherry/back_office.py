"""People at the ERP's own screens: they despatch and change orders, cancel RAs, post credit memos.

What they do is in force for the next document at once; the read API shows it after the next window, like all else.
"""

from dataclasses import replace
from decimal import Decimal

from pydantic import Field

from sandbox.bluecherry import credit_memos, orders, returns
from sandbox.bluecherry.model import SHIP_TO, Memo, MemoLine, Order, OrderLine, Ra
from sandbox.bluecherry.money import ZERO
from sandbox.bluecherry.refusal import Refused
from sandbox.bluecherry.seed import add_missing_item, build_line, priced, status_of
from sandbox.bluecherry.state import Desk
from sandbox.kit.money import vat_of
from sandbox.kit.sold import ItemSeed, LineSeed, Seed


class LineEdit(Seed):
    """New values of an order line, in the words of LineSeed; what is not given stays."""

    line: int
    quantity: int | None = Field(default=None, ge=0)
    price: Decimal | None = None
    discount: Decimal | None = None


class OrderEdit(Seed):
    """New values of an order. `delivery` sets fields of shipTo by name; an empty text clears one."""

    lines: tuple[LineEdit, ...] = ()
    add: tuple[LineSeed, ...] = ()
    delivery: dict[str, str] = Field(default_factory=dict)
    customer: str | None = None
    email: str | None = None
    status: str | None = None
    archived: bool | None = None


class HandLine(Seed):
    """Units of one RA line. `price` is per unit: net when `tax` (per unit) is given, else as LineSeed says it."""

    return_line: int = 1
    quantity: int = Field(default=1, ge=1)
    price: Decimal
    tax: Decimal | None = None


class HandCredit(Seed):
    """A credit memo by hand on an RA. `order` is needed on a standalone one; `tpguid` is another system's EXTREF.

    Charges of the shipping codes are its freight; others must be negative and are its fees.
    """

    return_number: str
    lines: tuple[HandLine, ...] = ()
    charges: dict[str, Decimal] = Field(default_factory=dict)
    order: str | None = None
    tpguid: str = ""


class BackOffice:
    """What people do. Methods raise Refused, as the ERP words it, or ValueError, and change nothing then."""

    def __init__(self, desk: Desk, shipping_charges: frozenset[str]) -> None:
        self._desk = desk
        self._shipping = shipping_charges

    def despatch(self, number: str) -> Order:
        """The goods of an order leave; it is SHIPPED and has an invoice."""
        with self._desk.world.lock:
            return orders.despatch(self._desk, number)

    def edit_order(self, number: str, edit: OrderEdit) -> Order:
        """Change what an order says, whatever its state."""
        if unknown := edit.delivery.keys() - set(SHIP_TO):
            raise ValueError(f"shipTo has no {min(unknown)}")
        with self._desk.world.lock:
            return self._edit(self._desk.world.order(number), edit)

    def cancel_return(self, number: str) -> Ra:
        """Cancel an RA on which nothing has happened yet."""
        with self._desk.world.lock:
            return returns.cancel(self._desk, number)

    def post_credit(self, credit: HandCredit) -> Memo:
        """A new credit memo dated today. Its effects and limits are those of any other."""
        with self._desk.world.lock:
            ra = self._desk.world.ra(credit.return_number)
            order = self._desk.world.order(credit.order or ra.order)
            return credit_memos.post_by_hand(self._desk, self._memo(credit, ra, order))

    def _edit(self, order: Order, edit: OrderEdit) -> Order:
        edits = {change.line: change for change in edit.lines}
        if unknown := edits.keys() - {line.line for line in order.lines}:
            raise Refused("E202", f"ORDER LINE NOT FOUND {order.number}/{min(unknown)}")
        lines = [_edited(line, edits.get(line.line), order) for line in order.lines]
        for number, seed in enumerate(edit.add, len(lines) + 1):
            add_missing_item(self._desk.world, ItemSeed(sku=seed.sku, description=seed.sku))
            lines.append(build_line(seed, number, order, None, bool(order.invoice)))
        email = {} if edit.email is None else {"email": edit.email}
        changed = replace(
            order,
            lines=tuple(lines),
            ship_to=order.ship_to | edit.delivery | email,
            customer=order.customer if edit.customer is None else edit.customer,
            status=order.status if edit.status is None else status_of(edit.status),
            archived=order.archived if edit.archived is None else edit.archived,
        )
        self._desk.world.orders.put(order.number, changed)
        self._desk.note("orderEdited", order=order.number, changed=sorted(edit.model_fields_set))
        return changed

    def _memo(self, credit: HandCredit, ra: Ra, order: Order) -> Memo:
        lines = tuple(_memo_line(line, ra, order) for line in credit.lines)
        freight = sum((value for code, value in credit.charges.items() if code in self._shipping), ZERO)
        fees = -sum((value for code, value in credit.charges.items() if code not in self._shipping), ZERO)
        if fees < 0:
            raise ValueError(f"a credit memo carries freight and fees only, not {', '.join(credit.charges)}")
        subtotal = sum((line.quantity * line.price for line in lines), ZERO)
        tax = sum((line.quantity * line.tax for line in lines), ZERO)
        return Memo(
            ext_ref=credit.tpguid,
            ra=ra.number,
            invoice=order.invoice,
            customer=ra.customer,
            currency=ra.currency,
            day=self._desk.today(),
            lines=lines,
            subtotal=subtotal,
            tax=tax,
            freight=freight,
            fees=fees,
            total=subtotal + tax + freight - fees,
        )


def _edited(line: OrderLine, edit: LineEdit | None, order: Order) -> OrderLine:
    """Its tax is that of its new value."""
    if edit is None:
        return line
    if line.said is None:
        raise ValueError("a line that came by file is not changed by hand")
    quantity = line.ordered if edit.quantity is None else edit.quantity
    said = replace(
        line.said,
        price=line.said.price if edit.price is None else edit.price,
        discount=line.said.discount if edit.discount is None else edit.discount,
        tax=None,
    )
    unit_price, discount, tax = priced(said, quantity, order.inclusive, order.currency)
    return replace(line, ordered=quantity, unit_price=unit_price, discount=discount, tax=tax, said=said)


def _memo_line(line: HandLine, ra: Ra, order: Order) -> MemoLine:
    if line.tax is not None:
        return MemoLine(line.return_line, line.quantity, line.price, line.tax)
    authorised = ra.line(line.return_line)
    said = [row.said for row in order.lines if authorised and row.sku == authorised.sku and row.said]
    rate = said[0].rate if said else ZERO
    tax = vat_of(line.price, rate, order.inclusive, order.currency)
    return MemoLine(line.return_line, line.quantity, line.price - tax * order.inclusive, tax)
