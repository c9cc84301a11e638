"""Folds Reveni's journal into the books: a return's id is in our keys as it is."""

from decimal import Decimal

from sandbox.audit.books import Decision
from sandbox.audit.reading import Fold, Reading, plain_id
from sandbox.kit.journal import Entry


def _refund_paid(reading: Reading, entry: Entry) -> None:
    page = reading.page(plain_id(entry["return_id"]))
    page.refunds[entry["refund_id"]] = (Decimal(entry["amount"]), entry["currency"])


def _refund_failed(reading: Reading, entry: Entry) -> None:
    reading.page(plain_id(entry["return_id"])).refunds.pop(entry["refund_id"], None)


def _item_decided(reading: Reading, entry: Entry) -> None:
    page = reading.page(plain_id(entry["return_id"]))
    page.decisions[entry["item_id"]] = Decision(sku=entry["sku"], quantity=entry["quantity"], status=entry["status"])


def _return_cancelled(reading: Reading, entry: Entry) -> None:
    reading.page(plain_id(entry["return_id"])).cancelled = True


FOLDS: dict[str, Fold] = {
    "refund_paid": _refund_paid,
    "refund_failed": _refund_failed,
    "item_decided": _item_decided,
    "return_cancelled": _return_cancelled,
}
