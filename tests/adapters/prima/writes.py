"""Every write of the port, ready to be run under faults, and what it must leave in the sandbox's journal."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.documents import Posted, Posting
from domain.outcomes import InDoubt, RetryLater
from tests.adapters.prima import shop as desk
from tests.adapters.prima.shop import Shop, number

MOST_ATTEMPTS = 60


@dataclass(frozen=True)
class Write:
    """One write: the message that has the effect, the one it is found by, and how it is prepared and called.

    `number` is the journal's name for the document's number.
    """

    message: str
    detail: str
    number: str
    prepare: Callable[[Shop], Awaitable[str]]
    call: Callable[[Shop, str], Awaitable[Posting]]


async def _nothing(prima: Shop) -> str:
    return ""


async def _rma(prima: Shop) -> str:
    return number(await prima.erp.open_rma(desk.rma()))


async def _note(prima: Shop) -> str:
    return number(await prima.erp.post_credit(desk.credit(await _rma(prima))))


async def _replacement(prima: Shop) -> str:
    return number(await prima.erp.order_replacement(desk.replacement()))


WRITES = [
    Write("NewReturn", "ReturnDetail", "return_number", _nothing, lambda s, _: s.erp.open_rma(desk.rma())),
    Write(
        "CancelReturn",
        "ReturnDetail",
        "return_number",
        _rma,
        lambda s, n: s.erp.cancel_rma(desk.cancel_rma(n)),
    ),
    Write(
        "ReturnReceipt",
        "ReceiptDetail",
        "receipt_number",
        _rma,
        lambda s, n: s.erp.receive_goods(desk.receipt(n)),
    ),
    Write(
        "StockAdjustment",
        "AdjustmentDetail",
        "number",
        _nothing,
        lambda s, _: s.erp.adjust_stock(desk.adjustment()),
    ),
    Write(
        "NewCreditNote",
        "CreditNoteDetail",
        "credit_number",
        _rma,
        lambda s, n: s.erp.post_credit(desk.credit(n)),
    ),
    Write(
        "CancelCreditNote",
        "CreditNoteDetail",
        "reversal_number",
        _note,
        lambda s, n: s.erp.cancel_credit(desk.cancel_credit(n)),
    ),
    Write("DepotTransfer", "TransferDetail", "number", _nothing, lambda s, _: s.erp.transfer_stock(desk.transfer())),
    Write(
        "MultiNewOrder",
        "OrderStatus",
        "order",
        _nothing,
        lambda s, _: s.erp.order_replacement(desk.replacement()),
    ),
    Write(
        "CancelOrder",
        "OrderStatus",
        "order",
        _replacement,
        lambda s, n: s.erp.cancel_replacement(desk.cancel_replacement(n)),
    ),
]


async def until_posted(call: Callable[[], Awaitable[Posting]]) -> tuple[Posted, int]:
    """Repeat like Temporal does, without the waits. The posting, and how many attempts it took."""
    for attempt in range(1, MOST_ATTEMPTS + 1):
        try:
            posting = await call()
        except (InDoubt, RetryLater):
            continue
        assert isinstance(posting, Posted)
        return posting, attempt
    raise AssertionError(f"no posting after {MOST_ATTEMPTS} attempts")
