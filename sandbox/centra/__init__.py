"""An emulated Centra, written from the vendor contract alone.

GraphQL at `POST /graphql`, Order API v1 under `/order-api/v1`. Items marked ASSUMED stand in the contract as such, or
fill a gap of it.

Warehouses, and their names (a seed may use either; the journal has the ids as text):

| id | name | what for                | orders take stock from it |
| -- | ---- | ----------------------- | ------------------------- |
| 1  | 01   | sellable                | yes                       |
| 2  | 02   | sellable                | yes                       |
| 11 | DM   | damaged                 | no                        |
| 12 | QT   | quarantine              | no                        |
| 13 | HC   | held for the customer   | no                        |

Quirks:

- An external id is a way to look up, no guard: the next return with it takes it over in silence, and the first one is
  then found only by its id. `changeStock` has no guard at all.
- A refused mutation is HTTP 200 with `userErrors`, and costs quota. A wrong token is HTTP 401, a missing permission
  HTTP 200; both with category `authorization`. A wrong key of the Order API is HTTP 401, all else there HTTP 200.
- 429 carries `Retry-After` as a moment in seconds of the epoch. The Order API is not limited.
- Archived orders come only to those who ask for `status: [ARCHIVED]`. Returns on their shipments work (ASSUMED).
- Values are with tax unless asked for without (`includingTax: false`), whatever the order's prices are.
- A return comes to the value of its lines − voucher share + shipping + handling − return cost. Order discounts are not
  in the lines, and have no tax of their own. Shipping and handling are on an order's first shipment, discounts on all
  in proportion; `Shipment.totals` tells (ASSUMED).
- Units of a line are worth what `values` says: rounded running totals, so that a line's units add up to it (ASSUMED).
- `OrderLine.id` counts from 1 in each order, as line numbers do elsewhere. Shipment lines have ids of their own.
- A bundle is a line without value (`isBundle`) and a line per part (`isPartOfBundle`: the bundle's line), its price
  split over them by units. Only parts are shipped and returned (ASSUMED: one of the Order API's four plugin modes).
- `accept_partly(order)` and `drop_from_returns(sku)`: createReturn answers success and leaves units out (N17).
- The Order API takes `payment` for what was collected elsewhere; `createOnly` prepares an order, which is no order yet.

Journal, one entry per applied effect. `key` is ours: the external id of a return, the first word of a stock change's
description or of an order's `internalComment`. `undoes` names the operation whose effect under this key is gone.

- `createReturn`: return_id, key, order, shipment, external_id, policy, into (warehouse → SKU → units, when the return
  itself moves stock), lines [{line, shipment_line, order_line, sku, quantity, value}]
- `deleteReturn`: return_id, key, order, lines, out_from (as `into`), was_completed, undoes, by_hand
- `completeReturn`: return_id, key, order, total, currency, lines, voucher, shipping, handling, return_cost, by_hand
- `uncompleteReturn`: return_id, key, order, undoes; `refundReturn`: return_id, key, order, total, currency
- `changeStock`: id, key, into, out_from (a warehouse or empty), lines [{sku, quantity}]
- `newOrder`: order, key, original_order, created_from {type, id}, order_type (`internal`, else the type of what it was
  created from, else empty), currency, total, payment (what `payment` says was collected; the total when it
  says nothing: it is handled elsewhere), shipping, lines [{sku, quantity, price}], delivery_matches
- `cancelOrder`, `confirmOrder`: order; `orderDespatched`: order, order_type, lines; `orderEdited`: order, changed
"""

from sandbox.centra.app import CentraSandbox
from sandbox.centra.state import CentraWorld

__all__ = ["CentraSandbox", "CentraWorld"]
