"""Does the order add up? Without that no amount may be derived from it (money.md 6.2).

The test is exact. An explicit rounding line of the ERP counts; an unexplained difference is never spread.
"""

from collections.abc import Iterable, Sequence

from domain.money import decimal_text
from domain.order import Charge, OrderLine, OrderSnapshot, TaxMode


class SnapshotNotFooting(ValueError):
    """The order's own figures contradict each other (SNAPSHOT_NOT_FOOTING). The text holds the figures."""


def check_parts(snapshot: OrderSnapshot) -> None:
    """Refuse figures that are impossible on their own, before anything is split over the lines.

    Raises SnapshotNotFooting: repeated ids or tax codes, a line discount above the line, a discount on
    unknown lines, tax on an order that states to have none.
    """
    ids = [line.line_id for line in snapshot.lines]
    _refuse_repeats("order line", ids)
    _refuse_repeats("order tax code", [tax.code for tax in snapshot.order_taxes])
    for line in snapshot.lines:
        _check_line(line, snapshot)
    for discount in snapshot.discounts:
        unknown = [line_id for line_id in discount.scope if line_id not in ids]
        if unknown:
            raise SnapshotNotFooting(f"a discount names lines that the order does not have: {', '.join(unknown)}")


def check_total(snapshot: OrderSnapshot, line_taxes: Sequence[Sequence[int]]) -> None:
    """Footing test. `line_taxes` holds the tax per line and code; it counts when tax is exclusive.

    Where tax was computed from rates this is also the check of 6.4 (c): its sum must be the order's tax.
    Raises SnapshotNotFooting with every part, the sum, the order total and the difference.
    """
    tax = 0
    if snapshot.tax_mode is TaxMode.EXCLUSIVE:
        tax = sum(map(sum, line_taxes)) + sum(charge.tax for charge in (*snapshot.shipping, *snapshot.fees))
    parts = {
        "lines": sum(line.base for line in snapshot.lines),
        "discounts": -sum(discount.amount for discount in snapshot.discounts),
        "tax": tax,
        "shipping": _amounts(snapshot.shipping),
        "fees": _amounts(snapshot.fees),
        "rounding line": snapshot.rounding_line,
    }
    total = sum(parts.values())
    if total != snapshot.total:
        listed = " + ".join(f"{name} {decimal_text(part, snapshot.currency)}" for name, part in parts.items())
        raise SnapshotNotFooting(
            f"{listed} = {decimal_text(total, snapshot.currency)}, but the order total is"
            f" {decimal_text(snapshot.total, snapshot.currency)} {snapshot.currency}:"
            f" {decimal_text(snapshot.total - total, snapshot.currency)} unexplained{_tax_hint(snapshot)}"
        )


def _check_line(line: OrderLine, snapshot: OrderSnapshot) -> None:
    _refuse_repeats(f"tax code on line {line.line_id}", [tax.code for tax in line.taxes])
    _refuse_repeats(f"recipe SKU on line {line.line_id}", [part.sku for part in line.components])
    if line.base < 0:
        raise SnapshotNotFooting(
            f"line {line.line_id}: discount {decimal_text(line.line_discount, snapshot.currency)} is more"
            f" than its price {decimal_text(line.gross_of_discount, snapshot.currency)}"
        )
    if snapshot.tax_mode is TaxMode.NONE and any(tax.amount for tax in line.taxes):
        raise SnapshotNotFooting(f"line {line.line_id} states tax, but the order states to have none")


def _refuse_repeats(what: str, names: Sequence[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise SnapshotNotFooting(f"{what} stated more than once: {', '.join(repeated)}")


def _amounts(charges: Iterable[Charge]) -> int:
    return sum(charge.amount for charge in charges)


def _tax_hint(snapshot: OrderSnapshot) -> str:
    """Say that part of the tax is our own calculation: then the rates are the first suspect."""
    of_order = {tax.code for tax in snapshot.order_taxes}
    computed = any(tax.amount is None and tax.code not in of_order for line in snapshot.lines for tax in line.taxes)
    if snapshot.tax_mode is TaxMode.EXCLUSIVE and computed:
        return " (the order states no tax amounts; tax was computed from its rates)"
    return ""
