"""An emulated CGS BlueCherry ERP, written from the vendor contract alone: files in, acknowledgements and reads out.

Its quirks, all enforced:

- a file is processed in a window of its class, in name order, and refused whole (E101–E104) or document by document;
  a batch number counts as used once a file with it was picked up, whatever became of it
- EXTREF is unique per record type for ever: resent, an accepted document is `D` with its first number; a refused one
  may come again. Each RCV and ADJ record is a document, so two of them with one EXTREF are one document and a `D`
- `.tmp` files are never looked at; a file of both classes, with a wrong name or an unknown field is E101
- the read API is 503 while a window is open, and shows the state after the last one, whatever happened since
- goods before money: a memo for more than was received is E208; amounts that do not foot are E212 (our own code: the
  contract has none), as are missing delivery data of an order
- an archived order takes no RA (E203), a standalone RA no order line; an RA on a prepack names its components (E205)
- grade D goes into no warehouse; only grade A can be sold; each warehouse gives adjustments its own grade
- a receipt or memo dated in a closed period, or a void while today is closed, is E210

Journal, `division` in all, `batch`, `record_class` and `window` in what came by file, `by_hand` in what did not; `key`
is the business key in an EXTREF of ours (else empty), `extref` the EXTREF itself:

| op              | data                                                                                       |
| --------------- | ------------------------------------------------------------------------------------------ |
| RAH             | ra, key, extref, order, standalone, lines[line, order_line, sku, quantity]                 |
| RAX             | ra, key, extref                                                                            |
| RCV             | number, key, extref, ra, warehouse, lines[line, sku, quantity, grade]                      |
| ADJ             | number, key, extref, warehouse, lines[sku, signed quantity], reason, doc_ref               |
| CMH             | number, key, extref, ra, order, invoice, total, freight, fees, currency,                   |
|                 | lines[line (of the RA), sku, quantity, price, tax]                                         |
| CMV             | number (of the memo), reversal, key, extref                                                |
| SOH             | order, key, extref, original_order, ra, order_type, status, warehouse, currency, total,    |
|                 | freight, lines[sku, quantity, price], delivery_matches                                     |
| SOX             | order, key, extref                                                                         |
| orderDespatched | order, order_type, warehouse, lines[sku, quantity]                                         |
| orderEdited     | order, changed                                                                             |
| batch           | batch, record_class, status, window, documents, accepted, refused (code); after its own    |
"""

from sandbox.bluecherry.app import BlueCherrySandbox
from sandbox.bluecherry.windows import Processed

__all__ = ["BlueCherrySandbox", "Processed"]
