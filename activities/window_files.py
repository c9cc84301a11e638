"""Documents of a window as a file takes them, and what is said of them afterwards."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from activities.window_signatures import Told
from domain.batches import AnyRequest, BatchDocument, Refusal
from domain.documents import (
    AdjustmentRequest,
    CancelCredit,
    CancelReplacement,
    CancelRma,
    CreditRequest,
    DocumentKind,
    ReceiptRequest,
    ReplacementOrder,
    RmaRequest,
    TransferRequest,
)
from domain.exceptions import ExceptionCode
from store.records import DocumentRecord

#: Documents in one file.
FILE_LIMIT = 500
_READ: Mapping[DocumentKind, Callable[[object], AnyRequest]] = {
    DocumentKind.RMA: RmaRequest.model_validate,
    DocumentKind.RMA_CANCELLATION: CancelRma.model_validate,
    DocumentKind.RECEIPT: ReceiptRequest.model_validate,
    DocumentKind.ADJUSTMENT: AdjustmentRequest.model_validate,
    DocumentKind.REMOVAL: AdjustmentRequest.model_validate,
    DocumentKind.TRANSFER: TransferRequest.model_validate,
    DocumentKind.CREDIT: CreditRequest.model_validate,
    DocumentKind.CREDIT_CANCELLATION: CancelCredit.model_validate,
    DocumentKind.EXCHANGE: ReplacementOrder.model_validate,
    DocumentKind.EXCHANGE_CANCELLATION: CancelReplacement.model_validate,
}


def as_parts(documents: Iterable[DocumentRecord]) -> list[BatchDocument]:
    """As the port's write methods got them."""
    return [BatchDocument(kind=d.kind, request=_READ[d.kind](d.request)) for d in documents]


def in_files(waiting: Sequence[DocumentRecord]) -> Iterator[Sequence[DocumentRecord]]:
    """No more of them together than one file takes."""
    for start in range(0, len(waiting), FILE_LIMIT):
        yield waiting[start : start + FILE_LIMIT]


def tell(documents: Iterable[DocumentRecord]) -> list[Told]:
    """Each waiting workflow with its documents."""
    keys: dict[str, list[str]] = defaultdict(list)
    for document in documents:
        keys[document.waiter].append(document.key)
    return [Told(workflow_id=waiter, keys=found) for waiter, found in keys.items() if waiter]


def to_send_again(key: str, reason: str) -> Refusal:
    """A document that goes into the next window as it is."""
    return Refusal(key=key, code=ExceptionCode.CONNECTION_DOWN, reason=reason, transient=True)
