"""The JSON of the contract, with the ways in which live replies differ from the published schema.

Booleans come as 0 and 1 (always those of the RMA, of every third item all), absent values as null or not at all (items
with even and odd id), an item that nobody looked at as neither returned nor restockable. Amounts are decimals here;
jsontext writes them as numbers.
"""

from datetime import UTC, datetime
from decimal import Decimal

from sandbox.kit.money import ZERO
from sandbox.returngo.model import INVOICE, Item, Json, Rma, Shipment, Transaction, Validation

RESOLUTIONS = {
    "RefundToPaymentMethod": "Refund to payment method",
    "RefundToBankAccount": "Refund to bank account",
    "StoreCredit": "Store credit",
}
INSTANT_POLICY = "Instant refund"
"""Name of the policy rule whose refunds are paid at approval."""
_STAFF = {
    "userFirstName": "Sam",
    "userLastName": "Staff",
    "userEmailAddress": "sam.staff@example.com",
    "userRole": "Warehouse",
}


def rma_json(rma: Rma) -> Json:
    """The answer of `GET /rma/{rmaId}`."""
    return {
        "rmaSummary": {
            "rmaId": rma.id,
            "status": rma.status,
            "order_name": rma.order_name,
            "events": list(rma.events),
        },
        "orderDetails": {"orderId": rma.order_id, "order_name": rma.order_name},
        "shipments": [shipment_json(rma, shipment) for shipment in rma.shipments],
        "items": [item_json(rma, item) for item in rma.items],
        "comments": list(rma.comments),
        "exchangeOrders": list(rma.exchange_orders),
        "exchangeItems": [],
        "cancellationFee": ZERO,
        "transactions": [transaction_json(rma, transaction) for transaction in rma.transactions],
        "createdAt": instant(rma.created_at),
        "lastUpdated": instant(rma.updated_at),
        "isOutOfPolicy": 0,
    }


def item_json(rma: Rma, item: Item) -> Json:
    """One unit. The RMA's fee stands on its first one."""
    number = int(item.id)
    return {
        "shopLineItemId": item.line_id,
        "shopProductId": f"{10_100_000_000_000 + number}",
        "variantId": f"{51_000_000_000_000 + number}",
        "returnedItemId": item.id,
        "fullName": item.name,
        "productName": item.name,
        **_absent(item, "variantName", "barcode"),
        "image": "",
        "sku": item.sku,
        "paidPrice": money(item.price, rma.currency),
        "paidTax": money(item.tax, rma.currency),
        "taxIncluded": _flag(item, item.tax_included),
        "returnReason": item.reason,
        "extendedReason": f" > {item.reason_text}" if item.reason_text else "",
        "resolutionName": "Variant exchange" if item.wish else RESOLUTIONS[rma.refund_type],
        "resolutionType": "VariantExchange" if item.wish else rma.refund_type,
        "policyRuleName": INSTANT_POLICY if rma.instant else "Default",
        "isAutoApprove": int(rma.auto_approved),
        "restockingFee": ZERO,
        "returnFee": rma.fees if item is rma.items[0] else ZERO,
        "shipmentFee": ZERO,
        "shipmentId": None if item.kept or not rma.shipments else rma.shipments[-1].id,
        "returnMethod": _KEPT if item.kept else _SHIPPED,
        "itemValidationStatusResponse": _validation_json(item, item.validation),
        "exchangeItems": _wish_json(rma, item),
        "followUpQuestions": [],
    }


_KEPT = {"type": "No shipment required", "name": "Keep it"}
_SHIPPED = {"type": "Ship with any carrier", "name": "Own carrier"}


def _validation_json(item: Item, done: Validation | None) -> Json:
    """Before anybody looked: neither returned nor restockable, and all else null."""
    verdict = done.verdict if done else None
    returned = bool(verdict and verdict.returned)
    restockable = bool(verdict and verdict.returned and verdict.restockable)
    reason = (verdict.reason if verdict else "") or None
    named = {"returnedItemId": item.id} if done or not _odd(item) else {}
    return {
        **named,
        "isRestockable": _flag(item, restockable),
        "isReturned": _flag(item, returned),
        "nonRestockableReason": reason if returned and not restockable else None,
        "nonReturnedReason": None if returned else reason,
        "storeLocationId": (verdict.location if verdict else "") or None,
        "lastValidationDate": instant(done.at) if done else None,
        "lastValidatedBy": done.by if done else None,
        "thirdPartyName": None,
        "userDetails": _STAFF if done and done.by == "Dashboard" else None,
    }


def _wish_json(rma: Rma, item: Item) -> list[Json]:
    """The new units wanted for this one; prices are for each of them."""
    if item.wish is None:
        return []
    number = int(item.id)
    return [
        {
            "productId": f"{10_100_000_000_000 + number}",
            "variantId": item.wish.variant_id or f"{52_000_000_000_000 + number}",
            "quantity": item.wish.quantity,
            "sku": item.wish.sku,
            "itemPriceMethod": "PaidPrice",
            "freeExchangePriceRange": {"min": ZERO, "max": ZERO},
            "catalogPrice": money(item.wish.price, rma.currency),
            "effectivePrice": money(item.wish.price, rma.currency),
        }
    ]


def shipment_json(rma: Rma, shipment: Shipment) -> Json:
    """A parcel, in an RMA and as answered by `PUT /shipment/{shipmentId}`."""
    who = rma.customer
    home = {"name": f"{who.first_name} {who.last_name}", "country": who.country, "email": who.email}
    warehouse = {"name": "Warehouse", "country": "GB", "email": "wh@example.com"}
    return {
        "shipmentId": shipment.id,
        "status": shipment.status,
        "carrierName": shipment.carrier,
        "requestedServiceLevel": None,
        "actualServiceLevel": None,
        "trackingNumber": shipment.tracking_number,
        "trackingURL": shipment.tracking_url,
        "labelURL": shipment.label_url,
        "customerAddress": _ADDRESS | home,
        "returnAddress": _ADDRESS | warehouse,
        "isOutbound": 0,
    }


_ADDRESS = {"street1": "1 Road", "street2": "", "city": "Town", "state": "", "zip": "7700", "phone": ""}


def transaction_json(rma: Rma, transaction: Transaction) -> Json:
    """Money in an RMA: its id is text. `GET /transactions` has a number there."""
    bank = transaction.type == "RefundToBankAccount"
    return {
        "id": transaction.id,
        "type": transaction.type,
        "externalReferenceId": transaction.reference_id,
        "externalReferenceType": transaction.reference_type,
        "amount": money(transaction.amount, rma.currency),
        "status": transaction.status,
        "processor": "Shopify",
        "bankAccountDetails": _bank(rma) if bank else None,
        "returnItemIds": list(transaction.item_ids),
        "createdAt": instant(transaction.created_at),
        "lastUpdated": instant(transaction.updated_at),
    }


def reference_type(transaction_type: str) -> str:
    """What the external reference of money that moved names."""
    return "InvoicePaymentId" if transaction_type == INVOICE else "PlatformRefundId"


def money(amount: Decimal, currency: str) -> Json:
    """An amount; the emulated shop sells in its own currency only."""
    return {"amount": amount, "currency": currency, "shopAmount": amount, "shopCurrency": currency}


def instant(at: datetime) -> str:
    """UTC in whole seconds, `2026-02-04T07:02:24+00:00`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _bank(rma: Rma) -> Json:
    who = rma.customer
    place = {"branchName": "", "branchAddress": "", "comment": ""}
    return {"iban": "GB33BUKB20201555555555", "firstName": who.first_name, "lastName": who.last_name, **place}


def _absent(item: Item, *names: str) -> Json:
    """Values that the shop does not have."""
    return {} if _odd(item) else dict.fromkeys(names)


def _odd(item: Item) -> bool:
    return int(item.id) % 2 == 1


def _flag(item: Item, value: bool) -> bool | int:
    return int(value) if int(item.id) % 3 == 0 else value
