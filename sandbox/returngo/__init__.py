"""ReturnGO, emulated over real HTTP from its wire contract. It imports nothing of the product.

Quirks that it has on purpose, because live replies have them:

- one item is one unit; units of a line share `shopLineItemId`
- booleans as 0/1: always in the RMA and its shipments, in every third item (`returnedItemId` divisible by 3) throughout
- absent values are null in items with an even id and missing in those with an odd one
- before any inspection `itemValidationStatusResponse` is there with false/false, in odd items without `returnedItemId`
- a transaction's `id` is text in the RMA and a number in `GET /transactions`; every other webhook's `rmaId` is a number
- times end with `+00:00` and have whole seconds, and filters refuse a zone; amounts are JSON numbers
- `next_cursor` is null on the last page and missing on an empty one
- the quota of the day answers 429 without `Retry-After`, the limit per second with it
- webhooks are unsigned, and neither validation nor the further fate of a transaction emits any
- everything that is not allowed now is a 400; the status an RMA, shipment or transaction has already is a 200

Journal, one entry per applied effect, each with `return_id` (the rmaId as text), amounts as decimal text:

| op | data |
| --- | --- |
| `return_created`, `return_edited` | `items` of item_id, external_id, sku, quantity (1); `order` when created |
| `status_changed` | `was`, `status` |
| `return_cancelled` | beside `status_changed` |
| `item_decided` | item_id, external_id, sku, quantity, `status` accepted or rejected, `restockable`, `location` |
| `item_kept` | item_id, external_id, sku, quantity: the customer keeps it |
| `shipment_changed` | shipment_id, status |
| `comment_added` | nothing more |
| `exchange_order_added` | `order`, `type` |
| `refund_paid`, `refund_failed` | `refund_id` (the transaction), amount, currency |
| `difference_paid`, `difference_failed` | `payment_id` (the transaction), amount, currency |
| `webhook_delivered`, `…_refused`, `…_unanswered`, `…_given_up` | event_id, event; `status_code` or `error` |
"""

from sandbox.kit.wanted import CustomerSpec, DeliveryPolicy, ExchangeSpec, ItemEdit, ItemSpec, ReturnSpec
from sandbox.returngo.model import Verdict
from sandbox.returngo.sandbox import ReturnGoSandbox

__all__ = [
    "CustomerSpec",
    "DeliveryPolicy",
    "ExchangeSpec",
    "ItemEdit",
    "ItemSpec",
    "ReturnGoSandbox",
    "ReturnSpec",
    "Verdict",
]
