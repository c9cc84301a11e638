"""An order of the read API → the order snapshot. Names and addresses of it are never looked at here.

Prepacks: which lines of an order are parts of which (R33, money.md 6.6).

| the prepack line has a value | its part lines have | the snapshot holds                               |
| ---------------------------- | ------------------- | ------------------------------------------------ |
| yes                          | none                | the prepack line with its parts as components    |
| no                           | none                | the same; a free prepack                         |
| no                           | values              | the parts as ordinary lines, no prepack          |
| yes                          | values              | Rejected(SNAPSHOT_NOT_FOOTING): paid twice       |
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from adapters.bluecherry.codes import join_sku, of_wire
from adapters.bluecherry.contract import DAY, FREIGHT_CODE, ORDER_STATES, TAX_CODE, VENDOR
from adapters.bluecherry.wire import WireItem, WireLine, WireOrder
from domain.documents import ItemRecord
from domain.exceptions import ExceptionCode
from domain.money import AmountPrecisionError, decimal_text, parse_minor, round_half_away
from domain.order import Charge, Component, Fulfilment, LineTax, OrderLine, OrderSnapshot, OrderStatus, TaxMode
from domain.outcomes import Rejected, RetryLater

Recipes = Mapping[str, Mapping[str, int]]
"""Prepack SKU → part SKU → units per prepack. No entry, or an empty one: no prepack."""


def snapshot(order: WireOrder, separator: str) -> OrderSnapshot:
    """The order but for recipes of prepacks whose parts are not on it: see `with_recipes`.

    Rejected: ORDER_LOCKED for an unknown state, AMOUNT_PRECISION, SNAPSHOT_NOT_FOOTING for negative values or a
    prepack priced twice, BUNDLE_RECIPE_MISSING, SKU_NOT_IN_MASTER.
    """
    lines = _lines(order, separator)
    return OrderSnapshot(
        order_number=order.order_no,
        currency=order.currency,
        tax_mode=TaxMode.EXCLUSIVE,
        ordered_on=day(order.order_date),
        status=_status(order),
        erp_status=order.status,
        customer_ref=order.customer_no,
        invoice_number=invoice(order),
        lines=tuple(lines),
        fulfilment={row.line_no: _fulfilment(row) for row in order.lines},
        shipping=_shipping(order, sum(tax.amount or 0 for line in lines for tax in line.taxes)),
        total=amount(order.total, order.currency, "total"),
    )


def no_order(number: str) -> Rejected:
    """To raise when the read API does not have the order."""
    return Rejected(ExceptionCode.ORDER_NOT_FOUND, f"{VENDOR} has no order {number}", "E201")


def whole_lines(order: OrderSnapshot) -> list[str]:
    """SKUs of lines without parts: the item master knows whether they are prepacks."""
    return list(dict.fromkeys(line.sku for line in order.lines if not line.components))


def with_recipes(order: OrderSnapshot, recipes: Recipes) -> OrderSnapshot:
    """The order with its prepacks. Parts of a recipe weigh by their units: no prices known (money.md 6.6)."""
    lines = tuple(_with_parts(line, recipes.get(line.sku, {})) for line in order.lines)
    return order.model_copy(update={"lines": lines})


def invoice(order: WireOrder) -> str:
    """The invoice that a credit memo is against; empty while there is none."""
    return order.invoices[0].invoice_no if order.invoices else ""


def item_record(sku: str, item: WireItem | None, separator: str) -> ItemRecord:
    """What the item master says. Rejected(BUNDLE_RECIPE_MISSING) for a prepack without parts."""
    if item is None:
        return ItemRecord(sku=sku, active=False)
    parts: Counter[str] = Counter()
    for part in item.components if item.is_prepack else ():
        parts[join_sku(of_wire(part), separator)] += part.qty
    if item.is_prepack and (not parts or min(parts.values()) < 1):
        reason = f"{sku} is a prepack without parts in {VENDOR}'s item master"
        raise Rejected(ExceptionCode.BUNDLE_RECIPE_MISSING, reason, figures={"sku": sku})
    return ItemRecord(sku=sku, active=item.active, components=dict(parts))


def amount(text: str, currency: str, name: str) -> int:
    """Minor units. Rejected(AMOUNT_PRECISION) when the text cannot be held exactly."""
    try:
        return parse_minor(text or "0", currency)
    except AmountPrecisionError as wrong:
        raise Rejected(ExceptionCode.AMOUNT_PRECISION, f"{VENDOR} {name}: {wrong}") from None


def day(text: str) -> date:
    """A date of the read API. RetryLater when it is none."""
    try:
        return datetime.strptime(text, DAY).replace(tzinfo=UTC).date()
    except ValueError:
        raise RetryLater(f"{VENDOR}: a date that is not YYYYMMDD") from None


def _status(order: WireOrder) -> OrderStatus:
    status = ORDER_STATES.get(order.status)
    if status is None:
        raise Rejected(ExceptionCode.ORDER_LOCKED, f"{VENDOR} order state {order.status!r} is not known", order.status)
    locked = order.archived and status is not OrderStatus.CANCELLED
    return OrderStatus.LOCKED if locked else status


def _shipping(order: WireOrder, tax_of_lines: int) -> tuple[Charge, ...]:
    freight = amount(order.freight, order.currency, "freight")
    tax = amount(order.tax_total, order.currency, "taxTotal") - tax_of_lines
    return (Charge(code=FREIGHT_CODE, amount=freight, tax=max(tax, 0)),) if freight else ()


def _lines(order: WireOrder, separator: str) -> list[OrderLine]:
    """All lines of which anything was ordered, in the order's sequence."""
    rows = {row.line_no: row for row in order.lines if row.qty_ordered > 0}
    parts: dict[str, list[WireLine]] = {}
    for row in rows.values():
        if row.kit_parent_line in rows and row.kit_parent_line != row.line_no:
            parts.setdefault(row.kit_parent_line, []).append(row)
    if nested := {row.line_no for group in parts.values() for row in group} & parts.keys():
        raise Rejected(
            ExceptionCode.BUNDLE_RECIPE_MISSING, f"{VENDOR} order line {min(nested)}: a prepack in a prepack"
        )
    hidden: set[str] = set()
    components: dict[str, tuple[Component, ...]] = {}
    for number, group in parts.items():
        if not any(_has_value(row, order.currency) for row in group):
            components[number] = tuple(_component(row, rows[number].qty_ordered, separator) for row in group)
            hidden |= {row.line_no for row in group}
        elif _has_value(rows[number], order.currency):
            problem = f"{VENDOR} order line {number}: the prepack and its parts are both priced"
            raise Rejected(ExceptionCode.SNAPSHOT_NOT_FOOTING, problem)
        else:
            hidden.add(number)
    return [_line(row, order.currency, separator, components) for row in rows.values() if row.line_no not in hidden]


def _line(row: WireLine, currency: str, separator: str, components: Mapping[str, Sequence[Component]]) -> OrderLine:
    gross, discount, tax = _values(row, currency)
    if min(gross, discount, gross - discount, tax) < 0:
        raise Rejected(ExceptionCode.SNAPSHOT_NOT_FOOTING, f"{VENDOR} order line {row.line_no} has a negative value")
    return OrderLine(
        line_id=row.line_no,
        sku=join_sku(of_wire(row), separator),
        quantity=row.qty_ordered,
        gross_of_discount=gross,
        line_discount=discount,
        taxes=(LineTax(code=TAX_CODE, rate=_rate(tax, gross - discount), amount=tax),) if tax else (),
        components=tuple(components.get(row.line_no, ())),
    )


def _fulfilment(row: WireLine) -> Fulfilment:
    sent = None if row.qty_shipped is None else max(row.qty_shipped, 0)
    return Fulfilment(despatched=sent, returned=max(row.qty_returned or 0, 0))


def _values(row: WireLine, currency: str) -> tuple[int, int, int]:
    """Price of all units, discount and tax of the line."""
    price = amount(row.unit_price, currency, f"order line {row.line_no} unitPrice")
    discount = amount(row.discount, currency, f"order line {row.line_no} discount")
    return price * row.qty_ordered, discount, amount(row.tax, currency, f"order line {row.line_no} tax")


def _has_value(row: WireLine, currency: str) -> bool:
    return any(_values(row, currency))


def _rate(tax: int, base: int) -> str:
    """The percentage that the tax comes to, with two decimals: BlueCherry states none."""
    return decimal_text(round_half_away(tax * 10_000, base), "EUR") if base else "0.00"


def _component(row: WireLine, prepacks: int, separator: str) -> Component:
    each, rest = divmod(row.qty_ordered, prepacks)
    if rest:
        problem = f"{VENDOR} order line {row.line_no}: no whole units in each of {prepacks} prepacks"
        raise Rejected(ExceptionCode.BUNDLE_RECIPE_MISSING, problem)
    sku = join_sku(of_wire(row), separator)
    return Component(sku=sku, quantity_per_bundle=each, weight=each, order_line_id=row.line_no)


def _with_parts(line: OrderLine, parts: Mapping[str, int]) -> OrderLine:
    if line.components or not parts:
        return line
    components = tuple(Component(sku=sku, quantity_per_bundle=n, weight=n) for sku, n in parts.items())
    return line.model_copy(update={"components": components})
