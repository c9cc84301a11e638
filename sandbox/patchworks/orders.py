"""Reading sales orders: get_order."""

from decimal import Decimal

from sandbox.patchworks.envelope import Envelope
from sandbox.patchworks.model import Order, OrderLine
from sandbox.patchworks.money import in_step
from sandbox.patchworks.state import Desk, PatchworksWorld
from sandbox.patchworks.wire import Json


def get_order(desk: Desk, asked: Envelope, lag: float) -> Json:
    """By `orderId`: everything that money, goods and delivery of a return depend on."""
    return {"order": order_json(desk.world, desk.world.order(asked.order_id(), lag), lag)}


def order_json(world: PatchworksWorld, order: Order, lag: float = 0.0) -> Json:
    """The order as the flow gives it; amounts are numbers in the decimals of the currency.

    Components have no weight: the item master of this ERP knows no prices.
    """

    def money(amount: Decimal) -> Decimal:
        return in_step(amount, order.currency)

    return {
        "id": order.number,
        "orderNumber": order.number,
        "status": order.status,
        "archived": order.archived,
        "orderType": order.order_type,
        "currency": order.currency,
        "taxIncluded": order.tax_included,
        "orderDate": order.ordered_on.isoformat(),
        "customer": {
            "id": order.customer,
            "email": order.email,
            "firstName": order.address.first_name,
            "lastName": order.address.last_name,
        },
        "shippingAddress": _address(order),
        "lineItems": [_line(world, order, line, lag) for line in order.lines],
        "discounts": [{"type": "order", "amount": money(amount)} for amount in order.discounts],
        "shippingPrice": money(order.shipping),
        "fees": [{"code": charge.code, "amount": money(charge.amount)} for charge in order.charges],
        "rounding": money(order.rounding),
        "totalPrice": money(order.total),
        "invoices": [
            {"number": row.number, "total": money(row.total), "amountDue": money(row.due)} for row in order.invoices
        ],
    }


def returnable(world: PatchworksWorld, order: Order, line: OrderLine, sku: str, lag: float = 0.0) -> int:
    """Units of `sku` on the line that left, did not come back and are on no live authorisation."""
    taken = sum(
        row.quantity
        for found in world.returns_of(order.number, lag)
        for row in found.lines
        if row.order_line == line.line and row.sku == sku
    )
    return (line.fulfilled - line.returned) * line.units(sku) - taken


def _line(world: PatchworksWorld, order: Order, line: OrderLine, lag: float) -> Json:
    skus = [sku for sku, _ in line.parts] or [line.sku]
    whole = min(returnable(world, order, line, sku, lag) // line.units(sku) for sku in skus)
    return {
        "id": str(line.line),
        "sku": line.sku,
        "quantity": line.quantity,
        "unitPrice": in_step(line.price, order.currency),
        "lineDiscount": in_step(line.discount, order.currency),
        "taxCode": tax_code(line.tax_rate),
        "taxRate": f"{line.tax_rate:.2f}",
        "taxAmount": in_step(line.tax, order.currency),
        "location": line.location,
        "quantityFulfilled": line.fulfilled,
        "quantityReturnable": max(whole, 0),
        "components": [{"sku": sku, "quantity": per_kit, "weight": 0} for sku, per_kit in line.parts],
    }


def tax_code(rate: Decimal) -> str:
    """`Z` zero rated, `S` the usual 20 percent, else the rate itself."""
    return {Decimal(0): "Z", Decimal(20): "S"}.get(rate, f"R{rate.normalize():f}")


def _address(order: Order) -> Json:
    address = order.address
    return {
        "firstName": address.first_name,
        "lastName": address.last_name,
        "address1": address.line1,
        "address2": address.line2,
        "city": address.city,
        "zipCodeOrPostalCode": address.postcode,
        "country": address.country,
    }
