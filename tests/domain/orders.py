"""Random orders for property tests: all tax sources, discounts, rounding lines, bundles, free lines."""

from hypothesis import strategies as st

from domain.order import (
    Charge,
    Component,
    LineTax,
    OrderDiscount,
    OrderLine,
    OrderSnapshot,
    OrderTax,
    TaxMode,
)
from tests.domain import reference
from tests.domain.builders import order

RATES = ("0", "5", "5.5", "9.975", "20", "25")


@st.composite
def lines(draw: st.DrawFn, line_id: str, codes: int) -> OrderLine:
    """A line of 1..6 units, sometimes free, sometimes a bundle, with up to `codes` tax codes."""
    gross = draw(st.one_of(st.just(0), st.integers(0, 300), st.integers(0, 100_000)))
    parts = draw(st.sampled_from([0, 0, 0, 2, 3]))
    components = tuple(
        Component(
            sku=f"{line_id}{part}",
            quantity_per_bundle=draw(st.integers(1, 3)),
            weight=draw(st.integers(0, 5000)),
        )
        for part in range(parts)
    )
    return OrderLine(
        line_id=line_id,
        sku=f"SKU-{line_id}",
        quantity=draw(st.integers(1, 6)),
        gross_of_discount=gross,
        line_discount=draw(st.integers(0, gross)),
        taxes=tuple(LineTax(code=f"T{i}", rate=draw(st.sampled_from(RATES))) for i in range(codes)),
        components=components,
    )


@st.composite
def discounts(draw: st.DrawFn, order_lines: list[OrderLine]) -> tuple[OrderDiscount, ...]:
    """Up to three discounts, each within what is left of the lines of its scope."""
    result: list[OrderDiscount] = []
    for _ in range(draw(st.integers(0, 3))):
        scope = draw(st.sets(st.sampled_from([line.line_id for line in order_lines])))
        so_far = order(order_lines, 0, discounts=tuple(result))
        left = sum(
            value
            for line, value in zip(order_lines, reference.primaries(so_far), strict=True)
            if not scope or line.line_id in scope
        )
        result.append(OrderDiscount(amount=draw(st.integers(0, left)), scope=tuple(sorted(scope))))
    return tuple(result)


@st.composite
def orders(draw: st.DrawFn, max_codes: int = 2) -> OrderSnapshot:
    """An order that adds up, with tax stated per line, per order, or only as a rate."""
    mode = draw(st.sampled_from(TaxMode))
    codes = 0 if mode is TaxMode.NONE else draw(st.integers(0, max_codes))
    order_lines = [draw(lines(line_id, codes)) for line_id in "ABCD"[: draw(st.integers(1, 4))]]
    snapshot = order(
        order_lines,
        0,
        mode=mode,
        currency=draw(st.sampled_from(["EUR", "JPY", "KWD", "CLF"])),
        discounts=draw(discounts(order_lines)),
    )
    goods = sum(reference.primaries(snapshot))
    snapshot = snapshot.model_copy(
        update={
            "rounding_line": draw(st.integers(-min(goods, 3), 3)) if goods else 0,
            "shipping": (Charge(code="POST", amount=draw(st.integers(0, 900)), tax=draw(st.integers(0, 90))),),
            "fees": (Charge(code="GIFT", amount=draw(st.integers(0, 300))),),
        }
    )
    return _with_taxes_and_total(snapshot, draw(st.sampled_from(["line", "order", "rate"])))


def _with_taxes_and_total(snapshot: OrderSnapshot, source: str) -> OrderSnapshot:
    taxes = reference.rate_taxes(snapshot, reference.primaries(snapshot))
    of_codes = [sum(amounts) for amounts in zip(*taxes, strict=True)]
    changes: dict[str, object] = {}
    if source == "line":
        changes["lines"] = tuple(
            line.model_copy(
                update={
                    "taxes": tuple(
                        tax.model_copy(update={"amount": amount})
                        for tax, amount in zip(line.taxes, amounts, strict=True)
                    )
                }
            )
            for line, amounts in zip(snapshot.lines, taxes, strict=True)
        )
    elif source == "order":
        changes["order_taxes"] = tuple(
            OrderTax(code=f"T{i}", rate="", amount=amount) for i, amount in enumerate(of_codes)
        )
    charges = (*snapshot.shipping, *snapshot.fees)
    on_top = sum(of_codes) + sum(charge.tax for charge in charges)
    total = sum(reference.primaries(snapshot)) + sum(charge.amount for charge in charges)
    changes["total"] = total + (on_top if snapshot.tax_mode is TaxMode.EXCLUSIVE else 0)
    return snapshot.model_copy(update=changes)
