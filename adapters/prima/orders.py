"""OrderDetail → the order snapshot. Names, addresses and mails of the answer are never looked at."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.prima import kits
from adapters.prima.codec import Record, Unreadable
from adapters.prima.contract import ORDER_STATES
from adapters.prima.settings import PrimaSettings
from adapters.prima.values import amount, day, extended, join_sku, line_rate, whole
from domain.exceptions import ExceptionCode
from domain.money import round_half_away
from domain.order import Charge, Component, Fulfilment, LineTax, OrderLine, OrderSnapshot, OrderStatus, TaxMode
from domain.outcomes import Rejected

_CURRENCY = re.compile(r"[A-Z]{3}")


Recipes = Mapping[str, Mapping[str, int]]
"""Kit SKU → part SKU → units per kit. No entry, or an empty one: not a kit."""


@dataclass(frozen=True)
class Draft:
    """An order but for recipes of kits whose parts are not on it: the item master knows (`sold_skus`)."""

    order: OrderSnapshot
    sold_skus: list[str]

    def snapshot(self, recipes: Recipes) -> OrderSnapshot:
        """The order with its kits. Parts of a recipe weigh by their units: no prices known (money.md 6.6)."""
        lines = tuple(_with_parts(line, recipes.get(line.sku, {})) for line in self.order.lines)
        return self.order.model_copy(update={"lines": lines})


def read(data: Record, settings: PrimaSettings) -> Draft:
    """An OrderDetail answer.

    Rejected: ORDER_LOCKED for an unknown state, AMOUNT_PRECISION, SNAPSHOT_NOT_FOOTING for negative values
    or a kit priced twice, BUNDLE_RECIPE_MISSING, SKU_NOT_IN_MASTER. Unreadable when attributes are missing.
    """
    currency = data.need("Currency")
    if not _CURRENCY.fullmatch(currency):
        raise Unreadable("Data Currency is no currency code")
    mode, lines, charges = _tax_mode(data), _lines(data, currency, settings), _charges(data, currency)
    order = OrderSnapshot(
        order_number=data.need("OrderNumber"),
        currency=currency,
        tax_mode=mode,
        ordered_on=day(data, "OrderDate"),
        status=_status(data),
        erp_status=data.get("OrderStatus"),
        customer_ref=data.get("Customer"),
        invoice_number=data.get("InvoiceNumber"),
        lines=tuple(lines),
        fulfilment={row.need("OrderLine"): _fulfilment(row) for row in _sold(data)},
        shipping=tuple(charge for charge in charges if charge.code in settings.shipping_charges),
        fees=tuple(charge for charge in charges if charge.code not in settings.shipping_charges),
        total=sum(_charged(line, mode) for line in lines) + sum(charge.amount for charge in charges),
    )
    return Draft(order, list(dict.fromkeys(line.sku for line in lines if not line.components)))


def _with_parts(line: OrderLine, parts: Mapping[str, int]) -> OrderLine:
    if line.components or not parts:
        return line
    components = tuple(Component(sku=sku, quantity_per_bundle=n, weight=n) for sku, n in parts.items())
    return line.model_copy(update={"components": components})


def _charges(data: Record, currency: str) -> list[Charge]:
    return [
        Charge(code=row.need("Charge"), amount=amount(row, "ChargeValue", currency))
        for row in data.rows("OrderChargeData")
    ]


def _status(data: Record) -> OrderStatus:
    word = data.get("OrderStatus")
    status = ORDER_STATES.get(word.lower())
    if status is None:
        raise Rejected(ExceptionCode.ORDER_LOCKED, f"Prima order state {word!r} is not known", word)
    locked = data.get("Archived") == "Yes" and status is not OrderStatus.CANCELLED
    return OrderStatus.LOCKED if locked else status


def _tax_mode(data: Record) -> TaxMode:
    modes = {"Yes": TaxMode.INCLUSIVE, "No": TaxMode.EXCLUSIVE}
    if (mode := modes.get(data.need("VatInclusive"))) is None:
        raise Unreadable("Data VatInclusive is neither Yes nor No")
    return mode


def _sold(data: Record) -> list[Record]:
    """Lines of which anything was ordered; Prima keeps lines that were taken off with quantity 0."""
    return [row for row in data.rows("OrderLineData") if whole(row, "Quantity") > 0]


def _lines(data: Record, currency: str, settings: PrimaSettings) -> list[OrderLine]:
    split = kits.read(_sold(data))
    lines = [_line(row, currency, settings) for row in split.plain]
    for kit, parts in split.kits:
        components = tuple(kits.components(kit, parts, settings.sku_separator))
        lines.append(_line(kit, currency, settings).model_copy(update={"components": components}))
    position = {row.get("OrderLine"): place for place, row in enumerate(data.rows("OrderLineData"))}
    return sorted(lines, key=lambda line: position[line.line_id])


def _line(row: Record, currency: str, settings: PrimaSettings) -> OrderLine:
    quantity, percent = whole(row, "Quantity"), line_rate(row)
    gross = extended(row, currency, quantity)
    discount = amount(row, "DiscountValue", currency, default="0")
    vat = amount(row, "VatValue", currency) if row.get("VatValue") else None
    number = row.need("OrderLine")
    if min(gross, discount, gross - discount, vat or 0) < 0:
        raise Rejected(ExceptionCode.SNAPSHOT_NOT_FOOTING, f"Prima order line {number} has a negative value")
    return OrderLine(
        line_id=number,
        sku=join_sku(row, settings.sku_separator),
        quantity=quantity,
        gross_of_discount=gross,
        line_discount=discount,
        taxes=(LineTax(code=percent, rate=percent, amount=vat),),
    )


def _fulfilment(row: Record) -> Fulfilment:
    sent, back = (max(whole(row, n), 0) if row.get(n) else None for n in ("DespatchedQuantity", "ReturnedQuantity"))
    return Fulfilment(despatched=sent, returned=back or 0)


def _charged(line: OrderLine, mode: TaxMode) -> int:
    """What the customer paid for the line; tax that Prima does not state is computed as in money.md 6.4 c."""
    if mode is TaxMode.INCLUSIVE:
        return line.base
    tax = 0
    for part in line.taxes:
        due = line.base * part.rate_fraction / 100
        tax += part.amount if part.amount is not None else round_half_away(due.numerator, due.denominator)
    return line.base + tax
