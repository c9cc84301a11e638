"""An emulated Patchworks with a NetSuite-like ERP and a commerce platform behind its flow, written from the contract.

Doors: `POST /api/v1/{company}/{callback_id}[/{ve}]` (callback), `POST /api/v1/flows/{flow_id}/start/raw` (Start),
`GET /api/v1/flow-runs` (Core). Names of operations for fault plans are the envelope's; `flow_runs` is the Core list.
A fault `unavailable` with status 200 becomes an error element: ERP_UNAVAILABLE, with `seconds` 1 ERP_TIMEOUT, with 2
RATE_LIMITED. Further trouble is turned on by `PatchworksSandbox.turn` (sandbox.patchworks.switches).

Quirks that it enforces: the signature is a password in the header `patchworks-signature` or the query; the API key is
the whole `Authorization`; without JSON in both `Content-Type` and `Accept` the reply is not JSON; replies are arrays;
bodies stay within 8 MB; a run's status tells nothing about the ERP, and its row is flat or under `attributes`; keys
(external ids) are compared without regard to case, one per kind of document; line numbers of an order have gaps after
kits; only fulfilled units of an order that is not closed can be authorised, an item receipt needs an exact location and
takes components, never kits; a credit memo is made from the authorization, or it moves stock (N14); a memo without an
open invoice stays unapplied; customer and address of an exchange are copied, never sent.

Journal, one entry per applied effect; `key` is the idempotency key, locations are the ERP's own codes:

- return_authorization(number, key, external_id, order, standalone, lines[{line, order_line, sku, quantity}])
- return_authorization_cancelled(number, by_hand)
- item_receipt(number, key, ra, order, location, lines[{line, sku, quantity, location}])
- credit_memo(number, key, ra, from_ra, order, day, currency, total, applied, unapplied, invoice,
  lines[{line, sku, quantity, amount, tax}], charges[{code, amount}], stock[{sku, location, quantity}], by_hand);
  `stock` is what a memo that was not made from an authorization moved, and empty otherwise
- credit_memo_voided(number, key); credit_applied(number, invoice, amount, unapplied)
- inventory_adjustment(number, key, location, sign, lines[{sku, quantity, location, sign}], reason); the head has the
  first line's location and sign, quantities are positive
- inventory_transfer(number, key, from, to, lines[{sku, quantity, from, to}]); the head has the first line's
- sales_order(order, key, original_order, ra, order_type, status, currency, total, due, lines[{sku, quantity, price}],
  delivery_matches); sales_order_cancelled(order, key)
- order_despatched(order, order_type, lines[{sku, quantity, location}]); order_edited(order, changed)
- commerce_told(what, key, status)
- event_delivered | event_refused(event_id, event, status_code), event_unanswered(event_id, event, error),
  event_given_up(event_id, event)
"""

from sandbox.patchworks.app import PatchworksSandbox
from sandbox.patchworks.state import PatchworksWorld

__all__ = ["PatchworksSandbox", "PatchworksWorld"]
