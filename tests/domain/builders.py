"""Orders for the tests of this folder. Amounts are minor units."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from domain.order import Charge, LineTax, OrderDiscount, OrderLine, OrderSnapshot, TaxMode


def line(line_id: str, quantity: int, gross: int, rate: str = "", **more: Any) -> OrderLine:
    """A line with at most one tax code ``VAT<rate>``; SKU is ``SKU-<line id>`` unless told otherwise."""
    taxes = (LineTax(code=f"VAT{rate}", rate=rate),) if rate else ()
    fields: dict[str, Any] = {"sku": f"SKU-{line_id}", "taxes": taxes} | more
    return OrderLine(line_id=line_id, quantity=quantity, gross_of_discount=gross, **fields)


def order(
    lines: Sequence[OrderLine],
    total: int,
    *discounts: int,
    mode: TaxMode = TaxMode.INCLUSIVE,
    currency: str = "GBP",
    shipping: int = 0,
    **more: Any,
) -> OrderSnapshot:
    """An order whose total is stated by the test, so that footing is tested too."""
    fields: dict[str, Any] = {
        "discounts": tuple(OrderDiscount(amount=amount) for amount in discounts),
        "shipping": (Charge(code="POST", amount=shipping),) if shipping else (),
    }
    return OrderSnapshot(
        order_number="1001",
        currency=currency,
        tax_mode=mode,
        ordered_on=date(2026, 3, 1),
        lines=tuple(lines),
        total=total,
        **(fields | more),
    )


def v5(shipping: int = 0, **more: Any) -> OrderSnapshot:
    """The order of vector V5: 3 x 19.99 and 1 x 45.00 with 20 % VAT inside, 10.00 order discount."""
    lines = [line("A", 3, 5997, "20"), line("B", 1, 4500, "20")]
    return order(lines, 9497 + shipping, 1000, shipping=shipping, **more)
