"""Documents on their way to a batch ERP: handed over in one file, answered in another (D7, R35)."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

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
from domain.model import Message

AnyRequest = (
    RmaRequest
    | CancelRma
    | ReceiptRequest
    | AdjustmentRequest
    | TransferRequest
    | CreditRequest
    | CancelCredit
    | ReplacementOrder
    | CancelReplacement
)


class RecordClass(StrEnum):
    """What documents may wait for windows of their own (R36)."""

    RMA = "rma"  # authorisations, replacement orders, and their cancellations
    STOCK = "stock"
    CREDIT = "credit"


_CLASSES = {
    DocumentKind.RMA: RecordClass.RMA,
    DocumentKind.RMA_CANCELLATION: RecordClass.RMA,
    DocumentKind.EXCHANGE: RecordClass.RMA,
    DocumentKind.EXCHANGE_CANCELLATION: RecordClass.RMA,
    DocumentKind.RECEIPT: RecordClass.STOCK,
    DocumentKind.ADJUSTMENT: RecordClass.STOCK,
    DocumentKind.REMOVAL: RecordClass.STOCK,
    DocumentKind.TRANSFER: RecordClass.STOCK,
    DocumentKind.CREDIT: RecordClass.CREDIT,
    DocumentKind.CREDIT_CANCELLATION: RecordClass.CREDIT,
}


def record_class_of(kind: DocumentKind) -> RecordClass:
    """Which windows documents of a kind wait for."""
    return _CLASSES[kind]


def files_of(erp: str, record_class: RecordClass) -> str:
    """The name under which exceptions know the ERP's files of a class: one class may be in trouble alone."""
    return f"{erp} {record_class} files"


class BatchDocument(Message):
    """One document of a batch. `request` is as the port's write method got it; its `key` is the business key."""

    kind: DocumentKind
    request: AnyRequest


class BatchRef(Message):
    """Which batch. `number` is unique for ever in the ERP's books; a number is never used for two files."""

    number: int = Field(ge=1, le=999_999)
    record_class: RecordClass
    created_at: datetime


class Batch(Message):
    """Documents that go over in one file."""

    ref: BatchRef
    documents: list[BatchDocument] = Field(min_length=1)


class Refusal(Message):
    """Why one document was not taken. `transient`: it may go into the next window as it is."""

    key: str
    code: ExceptionCode
    vendor_code: str = ""
    reason: str
    transient: bool = False


class HandedOver(Message):
    """A file that lies there for the ERP. `refused`: documents that could not be written.

    left_out: keys of documents that it has no room for, or was written without: another file can have them
    found: it lay there already
    """

    file: str
    refused: list[Refusal] = []
    left_out: list[str] = []
    found: bool = False


class Taken(Message):
    """One document that the ERP made. `adopted`: it had been processed earlier; `parts`: further numbers of it."""

    key: str
    number: str
    adopted: bool = False
    total: int | None = None
    parts: list[str] = []


class Acknowledgement(Message):
    """What became of a batch. `file_refused`: why nothing of the file was processed; empty when it was read."""

    acknowledged_at: datetime
    taken: list[Taken] = []
    refused: list[Refusal] = []
    file_refused: str = ""
