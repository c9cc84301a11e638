"""Reading credit memos: get_credit_notes, by days and page or by order."""

from sandbox.patchworks.envelope import Envelope
from sandbox.patchworks.model import CreditMemo
from sandbox.patchworks.money import text
from sandbox.patchworks.state import Desk
from sandbox.patchworks.wire import Json

PAGE_SIZE = 50


def get_credit_notes(desk: Desk, asked: Envelope, lag: float) -> Json:
    """Memos dated within both days, or all of one order, oldest first; `nextPage` is null at the end."""
    page = asked.whole("page", least=1) if asked.has("page") else 1
    rows = desk.world.memos.values(lag)
    if asked.has("orderId"):
        rows = [row for row in rows if row.order == asked.text("orderId")]
    else:
        first, last = asked.day("from"), asked.day("to")
        rows = [row for row in rows if first <= row.day <= last]
    start, end = (page - 1) * PAGE_SIZE, page * PAGE_SIZE
    return {
        "creditNotes": [_note(row) for row in rows[start:end]],
        "nextPage": page + 1 if len(rows) > end else None,
    }


def _note(memo: CreditMemo) -> Json:
    money = memo.currency
    return {
        "number": memo.number,
        "externalId": memo.key,
        "orderId": memo.order,
        "returnNumber": memo.ra,
        "total": text(memo.total, money),
        "applied": text(memo.applied, money),
        "unapplied": text(memo.unapplied, money),
        "voided": memo.voided,
        "date": memo.day.isoformat(),
        "currency": money,
    }
