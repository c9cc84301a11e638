"""Orders, shipments and returns as the schema's types. See goods_views for how graphql-core reads them."""

from decimal import Decimal

from sandbox.centra.goods_views import GoodsViews, Node, moment, text
from sandbox.centra.model import ZERO, Order, OrderLine, Return, ReturnLine, Shipment, ShipmentLine, gross
from sandbox.centra.values import shipment_discount, shipment_goods
from sandbox.kit.money import payable

CURRENCIES = ("GBP", "EUR", "USD", "SEK", "DKK", "NOK", "JPY", "KWD")
COUNTRIES = {"GB": "United Kingdom", "DE": "Germany", "US": "United States", "SE": "Sweden", "JP": "Japan"}


def money(amount: Decimal, currency: str) -> Node:
    """A MonetaryValue."""
    number = CURRENCIES.index(currency) + 1 if currency in CURRENCIES else len(CURRENCIES) + 1
    return {
        "value": amount,
        "currency": {"id": number, "code": currency},
        "conversionRate": Decimal(1),
        "formattedValue": f"{payable(amount, currency)} {currency}",
    }


class Views(GoodsViews):
    """Orders, shipments and returns, beside the goods."""

    def order(self, row: Order) -> Node:
        """A DirectToConsumerOrder."""
        return {
            "__typename": "DirectToConsumerOrder",
            "id": row.id,
            "number": row.number,
            "status": row.status,
            "isOnHold": row.on_hold,
            "isLocked": False,
            "isInternal": row.internal,
            "store": {"id": 1, "type": "DIRECT_TO_CONSUMER"},
            "market": {"id": 1, "name": "Main"},
            "pricelist": {"id": 1, "name": row.currency},
            "createdAt": lambda _info, format=None: moment(row.created),  # noqa: A006 - the API's name
            "orderDate": lambda _info, format=None: moment(row.created),  # noqa: A006
            "internalComment": text(row.internal_comment),
            "externalId": None,
            "grandTotal": lambda _info, includingTax=True: money(
                row.total if includingTax else row.total - row.tax, row.currency
            ),
            "totals": _totals(row, row.shipping, row.handling, row.discount, row.tax),
            "discountsApplied": [
                {"value": money(amount, row.currency), "date": moment(row.created)} for amount in row.discounts
            ],
            "paymentMethod": None,
            "lines": lambda _info, includeFullyCancelled=False: [self.line(row, line) for line in row.lines],
            "shippingAddress": _address(row),
            "billingAddress": _address(row),
            "shipments": lambda _info: [self.shipment(row, parcel) for parcel in row.shipments],
            "customer": {
                "id": row.customer,
                "email": row.email,
                "firstName": row.address.get("firstName"),
                "lastName": row.address.get("lastName"),
            },
        }

    def line(self, order: Order, row: OrderLine) -> Node:
        """An OrderLine. Prices are with tax unless asked for without."""
        currency, count = order.currency, row.quantity
        listed = row.price * count

        def worth(includingTax: bool) -> Decimal:
            return gross(order, row) if includingTax else gross(order, row) - row.tax

        def original(includingTax: bool) -> Decimal:
            return listed * worth(includingTax) / row.value if row.value else listed

        percent = (100 * (listed - row.value) / listed).quantize(Decimal("0.01")) if listed else ZERO
        size = self.size(self.world.items[row.sku])
        return {
            "id": row.id,
            "product": size["productVariant"]["product"],
            "productVariant": size["productVariant"],
            "productSize": size,
            "brand": None,
            "quantity": count,
            "cancelledQuantity": 0,
            "returnedQuantity": lambda _info: self.world.returned(order, row, self.lag),
            "unitPrice": lambda _info, includingTax=True: money(
                payable(worth(includingTax) / (count or 1), currency), currency
            ),
            "unitOriginalPrice": lambda _info, includingTax=True: money(
                payable(original(includingTax) / (count or 1), currency), currency
            ),
            "lineValue": lambda _info, includingTax=True: money(worth(includingTax), currency),
            "taxPercent": row.tax_rate,
            "discountPercent": percent,
            "hasAnyDiscount": row.value < listed,
            "comment": text(row.comment),
            "isBundle": row.is_bundle,
            "isPartOfBundle": row.bundle or None,
            "bundle": lambda _info: [self.line(order, part) for part in order.lines if part.bundle == row.id],
        }

    def shipment(self, order: Order, row: Shipment) -> Node:
        """A Shipment. Its totals are what returns may take of the order's charges and discounts."""
        first = order.shipments[0].id == row.id
        tax = payable(order.tax * shipment_goods(order, row) / order.goods, order.currency) if order.goods else ZERO
        shipping, handling = (order.shipping, order.handling) if first else (ZERO, ZERO)
        return {
            "id": row.id,
            "number": row.number,
            "isShipped": True,
            "isPaid": True,
            "isCaptured": True,
            "returnTrackingNumber": None,
            "totals": _totals(order, shipping, handling, shipment_discount(order, row), tax),
            "lines": [self.shipment_line(order, line) for line in row.lines],
            "order": lambda _info: self.order(order),
        }

    def shipment_line(self, order: Order, row: ShipmentLine) -> Node:
        """A ShipmentLine, of an order line that may have been edited since."""
        line = order.line(row.order_line)
        assert line is not None, "lines are never taken off an order"

        def worth(includingTax: bool) -> Decimal:
            whole = gross(order, line) if includingTax else gross(order, line) - line.tax
            return payable(whole * row.quantity / line.quantity, order.currency)

        return {
            "id": row.id,
            "quantity": row.quantity,
            "lineValue": lambda _info, includingTax=True: money(worth(includingTax), order.currency),
            "orderLine": lambda _info: self.line(order, line),
        }

    def returned(self, row: Return) -> Node:
        """A Return."""
        order = self.world.orders[row.order]
        parcel = next(parcel for parcel in order.shipments if parcel.id == row.shipment)
        status, currency = "COMPLETED" if row.completed else "PENDING", row.currency
        refunds = [
            {
                "id": row.id,
                "createdAt": moment(row.created),
                "status": "SUCCESS",
                "entryType": "REFUND",
                "value": money(row.total, currency),
                "paymentMethod": None,
            }
        ]
        inside, added = (row.tax, ZERO) if order.vat_inclusive else (ZERO, row.tax)
        amounts = {
            "shipping": row.shipping,
            "handling": row.handling,
            "returnCost": row.cost,
            "discounts": row.voucher,
            "taxIncluded": inside,
            "taxAdded": added,
        }
        return {
            "id": row.id,
            "externalId": text(self.world.external_id(row, self.lag)),
            "status": status,
            "returnStatus": status,
            "createdAt": moment(row.created),
            "returnedToStock": row.policy != "remove",
            "store": {"id": 1, "type": "DIRECT_TO_CONSUMER"},
            "shipment": lambda _info: self.shipment(order, parcel),
            "order": lambda _info: self.order(order),
            "grandTotal": lambda _info, includingTax=True: money(
                row.total if includingTax else row.total - row.tax, currency
            ),
            "totals": {name: money(amount, currency) for name, amount in amounts.items()},
            "lines": [self.return_line(order, parcel, line) for line in row.lines],
            "comment": text(row.comment),
            "refundPaymentHistory": refunds if row.refunded else [],
        }

    def return_line(self, order: Order, parcel: Shipment, row: ReturnLine) -> Node:
        """A ReturnLine."""
        shipped = next(line for line in parcel.lines if line.id == row.shipment_line)
        view = self.shipment_line(order, shipped)
        return {
            "id": row.id,
            "quantity": len(row.units),
            "shipmentLine": view,
            "orderLine": view["orderLine"],
            "lineValue": lambda _info, includingTax=True: money(
                row.value if includingTax else row.value - row.tax, order.currency
            ),
        }


def _totals(order: Order, shipping: Decimal, handling: Decimal, discounts: Decimal, tax: Decimal) -> Node:
    inside, added = (tax, ZERO) if order.vat_inclusive else (ZERO, tax)
    amounts = {
        "shipping": shipping,
        "handling": handling,
        "taxAdded": added,
        "taxDeducted": ZERO,
        "taxIncluded": inside,
        "shippingTaxIncluded": ZERO,
        "discounts": discounts,
    }
    totals: Node = {name: money(amount, order.currency) for name, amount in amounts.items()}
    return totals | {"quantity": sum(line.quantity for line in order.lines)}


def _address(order: Order) -> Node:
    code = order.address.get("country", "")
    country = {"id": 1, "name": COUNTRIES.get(code, code), "code": code} if code else None
    return {**order.address, "country": country, "email": order.email}
