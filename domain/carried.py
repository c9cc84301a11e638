"""What a replacement is worth: the value that its returned units carried over (money.md 6.7, N13).

The ERP's own replacement order says zero. Who returns the replacement gets what was really paid for it.
"""

from collections.abc import Sequence

from pydantic import Field

from domain.footing import SnapshotNotFooting
from domain.model import Value
from domain.money import largest_remainder
from domain.order import LineTax, OrderLine, OrderSnapshot, TaxMode


class CarriedTax(Value):
    """Tax of one code within, or on top of, the carried value. `rate` is percent as decimal text."""

    code: str
    rate: str = Field(pattern=r"^\d+(\.\d+)?$")
    amount: int = Field(ge=0)


class CarriedOrder(Value):
    """What all units of a replacement are worth, in minor units of its order's currency.

    primary: carried value of the returned units, plus what was paid and less what was credited; in the tax mode
    tax_mode: of the original order; None: the replacement order states the same one
    """

    sku: str
    quantity: int = Field(ge=1)
    primary: int = Field(ge=0)
    taxes: tuple[CarriedTax, ...] = ()
    tax_mode: TaxMode | None = None


def carry_over(snapshot: OrderSnapshot, carried: CarriedOrder) -> OrderSnapshot:
    """The replacement order with the carried value instead of its own amounts: the basis of its returns.

    All that is not money stays. Lines of another SKU are worth nothing, charges and discounts are gone, and the
    total is what the customer really paid. Captured money is unknown: it was captured for the original order.
    Raises SnapshotNotFooting when the order does not have the units that the value is for.
    """
    mode = carried.tax_mode or snapshot.tax_mode
    units = [line.quantity if line.sku == carried.sku else 0 for line in snapshot.lines]
    if sum(units) != carried.quantity:
        raise SnapshotNotFooting(
            f"order {snapshot.order_number} has {sum(units)} unit(s) of {carried.sku},"
            f" but its exchange carried value for {carried.quantity}"
        )
    primaries = largest_remainder(carried.primary, units)
    # Tax follows the money, so that it stays within it on every line; on a free replacement it follows the units.
    taxes = [largest_remainder(tax.amount, primaries if carried.primary else units) for tax in carried.taxes]
    lines = [
        _worth(line, primaries[i], carried.taxes, [share[i] for share in taxes])
        for i, line in enumerate(snapshot.lines)
    ]
    on_top = sum(tax.amount for tax in carried.taxes) if mode is TaxMode.EXCLUSIVE else 0
    money = {"discounts": (), "order_taxes": (), "shipping": (), "fees": (), "rounding_line": 0, "captured": None}
    return snapshot.model_copy(
        update={**money, "tax_mode": mode, "lines": tuple(lines), "total": carried.primary + on_top}
    )


def _worth(line: OrderLine, primary: int, taxes: Sequence[CarriedTax], amounts: Sequence[int]) -> OrderLine:
    """The line with this value and, parallel to the carried taxes, these tax amounts."""
    stated = tuple(
        LineTax(code=tax.code, rate=tax.rate, amount=amount) for tax, amount in zip(taxes, amounts, strict=True)
    )
    return line.model_copy(update={"gross_of_discount": primary, "line_discount": 0, "taxes": stated})
