"""Bodies of the contract for the tests of what is pure. `load` reads JSON as the adapter does."""

import copy
import json
from decimal import Decimal
from typing import Any

from pydantic import SecretStr

from adapters.returngo.contract import WireReturn
from adapters.returngo.mapping import read_wire, to_return
from adapters.returngo.settings import ReturnGoSettings
from domain.returns import PlatformReturn

RETURN_ID = "10000001"
SHOP = "example.myshopify.com"
KEY = "sandbox-returngo-key"
ACCOUNT = "returngo/0a140376"
"""Named by the first eight digits of ``sha256(KEY)``."""
TOKEN = "sandbox-returngo-token-0123456789abcdef"

PERSONAL = ("A B", "1 Road", "shopper@example.com", "wh@example.com", "GB33BUKB20201555555555", "staff@example.com")

SAMPLE = """
{
  "rmaSummary": {"rmaId": "10000001", "status": "Received", "order_name": "1001",
    "events": [{"eventName": "RMA_CREATED", "eventDate": "2026-02-04T07:02:24+00:00", "triggeredVia": "Return Portal",
                "storeLocationId": "online", "userDetails": null},
               {"eventName": "RMA_APPROVED", "eventDate": "2026-02-04T09:08:02+00:00", "triggeredVia": "Dashboard",
                "storeLocationId": "online", "userDetails": {"userEmailAddress": "staff@example.com"}}]},
  "orderDetails": {"orderId": "7000000000001", "order_name": "1001"},
  "shipments": [{"shipmentId": "9000001", "status": "Shipped", "carrierName": "Carrier", "requestedServiceLevel": null,
    "actualServiceLevel": null, "trackingNumber": "TRK-1", "trackingURL": "https://example.com/t/TRK-1",
    "labelURL": "https://example.com/l/TRK-1",
    "customerAddress": {"name": "A B", "street1": "1 Road", "street2": "", "city": "Town", "state": "WC",
      "zip": "7700", "country": "ZA", "phone": "", "email": "shopper@example.com"},
    "returnAddress": {"name": "Warehouse", "street1": "2 Road", "street2": "", "city": "Town", "state": "GP",
      "zip": "2000", "country": "ZA", "phone": "", "email": "wh@example.com"},
    "isOutbound": false}],
  "items": [
    {"shopLineItemId": "17000000000001", "shopProductId": "10100000000001", "variantId": "51000000000001",
     "returnedItemId": "40000001", "fullName": "Flip flops", "productName": "Flip flops",
     "image": "https://example.com/i.jpg", "sku": "SKU-0001",
     "paidPrice": {"amount": 199, "currency": "ZAR", "shopAmount": 10.95, "shopCurrency": "USD"},
     "paidTax": {"amount": 25.96, "currency": "ZAR", "shopAmount": 1.43, "shopCurrency": "USD"}, "taxIncluded": true,
     "returnReason": "Does not fit", "extendedReason": " > Too small / tight",
     "resolutionName": "Refund to payment method", "resolutionType": "RefundToPaymentMethod",
     "policyRuleName": "Default", "isAutoApprove": 0, "restockingFee": 0, "returnFee": 0, "shipmentFee": 0,
     "shipmentId": "9000001", "returnMethod": {"type": "Ship with any carrier", "name": "Own carrier"},
     "itemValidationStatusResponse": {"isRestockable": false, "isReturned": false, "nonRestockableReason": null,
       "nonReturnedReason": null, "storeLocationId": null, "lastValidationDate": null, "lastValidatedBy": null,
       "thirdPartyName": null, "userDetails": null},
     "exchangeItems": [],
     "followUpQuestions": [{"type": "Text", "name": "Fit", "answer": {"textAnswer": "Too small / tight"}}]},
    {"shopLineItemId": "17000000000002", "shopProductId": "10100000000002", "variantId": "51000000000002",
     "returnedItemId": "40000002", "fullName": "Sandal 38", "productName": "Sandal", "variantName": "38", "image": "",
     "sku": "SKU-0002-38", "barcode": "600000000038",
     "paidPrice": {"amount": 299, "currency": "ZAR", "shopAmount": 16.45, "shopCurrency": "USD"},
     "paidTax": {"amount": 39, "currency": "ZAR", "shopAmount": 2.15, "shopCurrency": "USD"}, "taxIncluded": true,
     "returnReason": "Wrong size", "extendedReason": "", "resolutionName": "Variant exchange",
     "resolutionType": "VariantExchange", "policyRuleName": "Default", "isAutoApprove": 1, "restockingFee": 0,
     "returnFee": 0, "shipmentFee": 0, "shipmentId": "9000001",
     "returnMethod": {"type": "Ship with any carrier", "name": "Own carrier"},
     "itemValidationStatusResponse": {"returnedItemId": "40000002", "isRestockable": true, "isReturned": true,
       "nonRestockableReason": null, "nonReturnedReason": null, "storeLocationId": "online",
       "lastValidationDate": "2026-02-09T10:00:00+00:00", "lastValidatedBy": "API", "thirdPartyName": "WMS",
       "userDetails": null},
     "exchangeItems": [{"productId": "10100000000002", "variantId": "51000000000003", "quantity": 1,
       "sku": "SKU-0002-39", "itemPriceMethod": "PaidPrice", "freeExchangePriceRange": {"min": 0, "max": 0},
       "catalogPrice": {"amount": 299, "currency": "ZAR", "shopAmount": 16.45, "shopCurrency": "USD"},
       "effectivePrice": {"amount": 299, "currency": "ZAR", "shopAmount": 16.45, "shopCurrency": "USD"}}],
     "followUpQuestions": []}
  ],
  "comments": [{"commentType": "system", "triggeredBy": "", "htmlText": "Request SUBMITTED",
    "datetime": "2026-02-04T07:02:26+00:00"}],
  "exchangeOrders": [{"draftOrderId": "1290001", "orderId": "7000000000002", "orderName": "1002", "type": "Exchange"}],
  "exchangeItems": [],
  "cancellationFee": 0,
  "transactions": [{"id": "6000002", "type": "RefundToPaymentMethod", "externalReferenceId": null,
    "externalReferenceType": null,
    "amount": {"amount": 1119.6, "currency": "ZAR", "shopAmount": 61.605, "shopCurrency": "USD"},
    "status": "Requested", "processor": "Shopify",
    "bankAccountDetails": {"iban": "GB33BUKB20201555555555", "firstName": "A", "lastName": "B"},
    "returnItemIds": ["40000001"], "createdAt": "2026-02-10T08:00:00+00:00",
    "lastUpdated": "2026-02-10T08:00:00+00:00"}],
  "createdAt": "2026-02-04T07:02:24+00:00", "lastUpdated": "2026-02-10T08:00:00+00:00", "isOutOfPolicy": 0
}
"""
"""The contract's own return, with another currency for the shop and a bank account, to see that they are kept apart."""


def load(text: str) -> Any:
    """JSON with exact numbers, as `Answer.json` reads it."""
    return json.loads(text, parse_float=Decimal)


def body(**changes: object) -> dict[str, Any]:
    """The contract's return with some top-level fields replaced."""
    return {**load(SAMPLE), **changes}


def patched(*changes: tuple[str, object], raw: dict[str, Any] | None = None) -> dict[str, Any]:
    """The contract's return with nested fields replaced: ``("items.0.sku", "X")``; `...` removes the field."""
    raw = copy.deepcopy(raw) if raw is not None else body()
    for path, value in changes:
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        where: Any = raw
        for step in steps:
            where = where[step]
        if value is ...:
            del where[last]
        else:
            where[last] = value
    return raw


def settings_for(url: str = "https://returngo.test", **changes: Any) -> ReturnGoSettings:
    values: dict[str, object] = {
        "base_url": url,
        "shop_name": SHOP,
        "api_key": SecretStr(KEY),
        "webhook_token": SecretStr(TOKEN),
        "requests_per_second": 1000,
        "timeout_seconds": 5,
    }
    return ReturnGoSettings.model_validate(values | changes)


def mapped(raw: object, **settings: Any) -> PlatformReturn:
    return to_return(read_wire(WireReturn, raw, "return"), settings_for(**settings))


def money(amount: object, currency: str = "ZAR") -> dict[str, object]:
    return {"amount": amount, "currency": currency, "shopAmount": amount, "shopCurrency": currency}


def item(item_id: str, line: str = "1", sku: str = "TS", found: str = "", **more: Any) -> dict[str, Any]:
    """One unit. `found`: "" not inspected, "good", "worn" (came back, cannot be sold) or "gone"."""
    validation = {
        "isReturned": found in ("good", "worn"),
        "isRestockable": found == "good",
        "nonReturnedReason": "empty box" if found == "gone" else None,
        "nonRestockableReason": "stain" if found == "worn" else None,
        "storeLocationId": "LDN-1" if found else None,
        "lastValidationDate": "2026-02-09T10:00:00+00:00" if found else None,
    }
    return {
        "shopLineItemId": line,
        "returnedItemId": item_id,
        "sku": sku,
        "paidPrice": money(30),
        "returnReason": "Does not fit",
        "resolutionType": "RefundToPaymentMethod",
        "policyRuleName": "Default",
        "returnMethod": {"type": "Ship with any carrier"},
        "itemValidationStatusResponse": validation,
        "exchangeItems": [],
    } | more


def wanted(sku: str = "TS-L", price: object = 30, quantity: int = 1) -> dict[str, Any]:
    """What makes an item one that is exchanged."""
    new = {"sku": sku, "quantity": quantity, "effectivePrice": money(price)}
    return {"resolutionType": "VariantExchange", "exchangeItems": [new]}


def rma(*items: dict[str, Any], status: str = "Received", **changes: object) -> dict[str, Any]:
    """A return of these items, with nothing else to say."""
    raw = body(items=list(items), shipments=[], transactions=[], **changes)
    raw["rmaSummary"]["status"] = status
    return raw


def transaction(tx_id: object, kind: str, status: str, amount: object = 10, **more: object) -> dict[str, Any]:
    created = {"createdAt": "2026-02-10T08:00:00+00:00"}
    return {"id": tx_id, "type": kind, "status": status, "amount": money(amount)} | created | more
