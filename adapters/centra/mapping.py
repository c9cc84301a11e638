"""An order of Centra → the order snapshot. Nobody's name is in what is read here."""

from collections import Counter
from fractions import Fraction
from typing import TypeVar

from adapters.centra import contract
from adapters.centra.client import CentraClient
from adapters.centra.contract import VENDOR
from adapters.centra.wire import Numbered, Order, OrderLine
from domain import order as ours
from domain.exceptions import ExceptionCode
from domain.money import round_half_away
from domain.order import Charge, Component, Fulfilment, LineTax, OrderDiscount, OrderSnapshot, OrderStatus, TaxMode
from domain.outcomes import Rejected, RetryLater

N = TypeVar("N", bound=Numbered)


async def read(client: CentraClient, order_number: str, shape: type[N], operation: contract.Operation) -> N:
    """The order, asked for once more among the archived ones. Rejected(ORDER_NOT_FOUND) when it is not there."""
    if order_number.isascii() and order_number.isdecimal() and int(order_number[:12]) <= contract.GREATEST_INT:
        for status in ({}, {"s": [contract.ARCHIVED]}):
            rows = await client.rows(operation, shape, n=[int(order_number)], **status)
            if rows and rows[0].number != int(order_number):
                raise RetryLater(f"{VENDOR} {operation.name}: the answer is about another order")
            if rows:
                return rows[0]
    raise Rejected(ExceptionCode.ORDER_NOT_FOUND, f"{VENDOR} does not show an order {order_number!r}")


def snapshot(order: Order) -> OrderSnapshot:
    """The money basis. Rejected: ORDER_LOCKED for an unknown state, AMOUNT_PRECISION, SNAPSHOT_NOT_FOOTING for
    negative values."""
    currency, totals = order.currency, order.totals
    status = contract.ORDER_STATES.get(order.status)
    if status is None:
        raise Rejected(ExceptionCode.ORDER_LOCKED, f"{VENDOR} order state {order.status!r} is not known", order.status)
    added, included = totals.tax_added.minor(currency, "taxAdded"), totals.tax_included.minor(currency, "taxIncluded")
    mode = TaxMode.EXCLUSIVE if added else TaxMode.INCLUSIVE if included else TaxMode.NONE
    discount = totals.discounts.minor(currency, "discounts")
    if discount < 0:
        raise Rejected(ExceptionCode.SNAPSHOT_NOT_FOOTING, f"{VENDOR} order {order.number} has a negative discount")
    draft = OrderSnapshot(
        order_number=str(order.number),
        currency=currency,
        tax_mode=mode,
        ordered_on=order.created_at.date(),
        status=status,
        erp_status=order.status,
        customer_ref=str(order.customer.id) if order.customer else "",
        lines=_lines(order, mode),
        fulfilment=_fulfilment(order),
        discounts=(OrderDiscount(amount=discount),) if discount else (),
        shipping=_charge("shipping", totals.shipping.minor(currency, "shipping")),
        fees=_charge("handling", totals.handling.minor(currency, "handling")),
        total=order.grand_total.minor(currency, "grandTotal"),
    )
    return _with_charge_tax(draft, added) if mode is TaxMode.EXCLUSIVE else draft


def returnable(order: Order) -> bool:
    """Whether Centra can take a return of it at all; an archived one can be returned through its shipments (R123)."""
    return contract.ORDER_STATES.get(order.status) is not OrderStatus.CANCELLED


def value_of(line: OrderLine, currency: str) -> int:
    """What the units of a line that were not cancelled come to with tax, in minor units."""
    return _live(line, line.value.minor(currency, "lineValue"))


def net_of(line: OrderLine, currency: str) -> int:
    """The same without tax."""
    return _live(line, line.net.minor(currency, "lineValue"))


def percent(text: str) -> str:
    """A rate with at least two decimals and no needless zeros: ``20`` and ``20.000`` → ``20.00``."""
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def _live(line: OrderLine, amount: int) -> int:
    return round_half_away(amount * (line.quantity - line.cancelled), line.quantity)


def _lines(order: Order, mode: TaxMode) -> tuple[ours.OrderLine, ...]:
    """Lines with units; the parts of a bundle stand in its line."""
    sold = [line for line in order.lines if line.quantity > line.cancelled]
    bundles = {line.id: [part for part in sold if part.part_of == line.id] for line in sold if line.is_bundle}
    lines = []
    for line in sold:
        if parts := bundles.get(line.id):
            lines.append(_bundle(line, _parts(parts, order.currency, mode)))
        elif line.part_of not in bundles:
            lines.append(_line(line, order.currency, mode))
    return tuple(lines)


def _fulfilment(order: Order) -> dict[str, Fulfilment]:
    sent = Counter[int]()
    for line in (line for shipment in order.shipments if shipment.shipped for line in shipment.lines):
        sent[line.order_line] += line.quantity
    return {str(line.id): Fulfilment(despatched=sent[line.id], returned=line.returned) for line in order.lines}


def _parts(parts: list[OrderLine], currency: str, mode: TaxMode) -> list[ours.OrderLine]:
    """Where the parts have several rates, no rate of the bundle says what its tax is: Centra's amounts do."""
    stated = len({percent(part.tax_percent) for part in parts}) > 1
    return [_line(part, currency, mode, stated=stated) for part in parts]


def _line(line: OrderLine, currency: str, mode: TaxMode, *, stated: bool = False) -> ours.OrderLine:
    quantity, rate = line.quantity - line.cancelled, percent(line.tax_percent)
    gross, net = value_of(line, currency), net_of(line, currency)
    exclusive = mode is TaxMode.EXCLUSIVE
    value, original = (net, line.original_net) if exclusive else (gross, line.original)
    before_discount = max(original.minor(currency, "unitOriginalPrice") * quantity, value)
    if value < 0 or gross < net:
        raise Rejected(ExceptionCode.SNAPSHOT_NOT_FOOTING, f"{VENDOR} order line {line.id} has a negative value or tax")
    tax = LineTax(code=rate, rate=rate, amount=gross - net if exclusive or stated else None)
    return ours.OrderLine(
        line_id=str(line.id),
        sku=line.sku,
        quantity=quantity,
        gross_of_discount=before_discount,
        line_discount=before_discount - value,
        taxes=() if mode is TaxMode.NONE else (tax,),
    )


def _bundle(line: OrderLine, parts: list[ours.OrderLine]) -> ours.OrderLine:
    """The bundle with the value of its parts, each of which weighs what it was sold for."""
    quantity = line.quantity - line.cancelled
    if any(part.quantity % quantity for part in parts):
        problem = f"{VENDOR} order line {line.id}: no whole units of a part in each of {quantity} bundles"
        raise Rejected(ExceptionCode.BUNDLE_RECIPE_MISSING, problem)
    return ours.OrderLine(
        line_id=str(line.id),
        sku=line.sku,
        quantity=quantity,
        gross_of_discount=sum(part.gross_of_discount for part in parts),
        line_discount=sum(part.line_discount for part in parts),
        taxes=_merged([tax for part in parts for tax in part.taxes]),
        components=tuple(
            Component(
                sku=part.sku,
                quantity_per_bundle=part.quantity // quantity,
                weight=part.base,
                order_line_id=part.line_id,
            )
            for part in parts
        ),
    )


def _merged(taxes: list[LineTax]) -> tuple[LineTax, ...]:
    """One entry a code; amounts add up where they are stated."""
    merged: dict[str, LineTax] = {}
    for tax in taxes:
        before = merged.get(tax.code)
        amount = None if tax.amount is None else tax.amount + ((before and before.amount) or 0)
        merged[tax.code] = tax.model_copy(update={"amount": amount})
    return tuple(merged.values())


def _charge(code: str, amount: int) -> tuple[Charge, ...]:
    return (Charge(code=code, amount=amount),) if amount else ()


def _with_charge_tax(draft: OrderSnapshot, added: int) -> OrderSnapshot:
    """Tax on top of shipping and handling: what the order's tax leaves, where it is that of one of its rates. Any other
    rest stays unexplained, and the order does not foot."""
    goods = sum(tax.amount or 0 for line in draft.lines for tax in line.taxes)
    for rate in {tax.rate_fraction for line in draft.lines for tax in line.taxes}:
        shipping, fees = _taxed(draft.shipping, rate), _taxed(draft.fees, rate)
        if goods + sum(charge.tax for charge in (*shipping, *fees)) == added:
            return draft.model_copy(update={"shipping": shipping, "fees": fees})
    return draft


def _taxed(charges: tuple[Charge, ...], rate: Fraction) -> tuple[Charge, ...]:
    taxes = [charge.amount * rate / 100 for charge in charges]
    return tuple(
        charge.model_copy(update={"tax": round_half_away(tax.numerator, tax.denominator)})
        for charge, tax in zip(charges, taxes, strict=True)
    )
