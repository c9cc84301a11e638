"""Folds ReturnGO's journal into the books.

An rmaId is a short number, so our keys cannot carry it: they name a return by a digest of connection and rmaId.
"""

import hashlib
from decimal import Decimal

from sandbox.audit.books import Decision, ReturnBook
from sandbox.audit.reading import Fold, Reading
from sandbox.kit.journal import Entry


def _page(reading: Reading, entry: Entry) -> ReturnBook:
    name = f"{reading.connection}/{entry['return_id']}"
    return reading.page(hashlib.sha256(name.encode()).hexdigest()[:32])


def _refund_paid(reading: Reading, entry: Entry) -> None:
    _page(reading, entry).refunds[entry["refund_id"]] = (Decimal(entry["amount"]), entry["currency"])


def _refund_failed(reading: Reading, entry: Entry) -> None:
    _page(reading, entry).refunds.pop(entry["refund_id"], None)


def _item_decided(reading: Reading, entry: Entry) -> None:
    """Validated again, an item has another decision: the last one counts."""
    decision = Decision(sku=entry["sku"], quantity=entry["quantity"], status=entry["status"])
    _page(reading, entry).decisions[entry["item_id"]] = decision


def _return_cancelled(reading: Reading, entry: Entry) -> None:
    _page(reading, entry).cancelled = True


def _status_changed(reading: Reading, entry: Entry) -> None:
    """A cancelled RMA that is opened again is as good as new."""
    if entry["status"] == "Pending":
        _page(reading, entry).cancelled = False


FOLDS: dict[str, Fold] = {
    "refund_paid": _refund_paid,
    "refund_failed": _refund_failed,
    "item_decided": _item_decided,
    "return_cancelled": _return_cancelled,
    "status_changed": _status_changed,
}
