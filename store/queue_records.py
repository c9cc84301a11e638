"""What the store gives back about the queue as a whole, and how it may be narrowed."""

from datetime import datetime, timedelta

from pydantic import Field

from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode, Owner
from domain.model import Value
from domain.money import Money
from domain.returns import ReturnRef
from store.records import ExceptionRecord, ExceptionState


class QueueFilter(Value):
    """Which exceptions are meant: those that fit all that is given.

    cause: id of a root cause; level: escalated at least so often
    min_age: opened at least so long ago
    proposed: whether a first person has decided, and a second one is waited for
    ids: those with these ids
    any_id: id of the exception itself, or of its return by whatever id people have in hand (order, RMA, parcel …)
    """

    state: ExceptionState | None = ExceptionState.OPEN
    owner: Owner | None = None
    code: ExceptionCode | None = None
    connection: str | None = None
    cause: str | None = None
    level: int | None = Field(default=None, ge=0)
    min_age: timedelta | None = None
    proposed: bool | None = None
    ids: tuple[str, ...] | None = None
    any_id: str = ""


class CauseRow(Value):
    """The exceptions of one root cause in numbers. `sums`: one per currency; `sample`: one of them."""

    cause: str
    count: int
    oldest_at: datetime
    sums: list[Money]
    sample: ExceptionRecord


class OwnerRow(Value):
    """The open exceptions of one owner in numbers. `proposed`: those that wait for a second person."""

    owner: Owner
    count: int
    escalated: int
    proposed: int
    oldest_at: datetime
    sums: list[Money]


class ErpNumber(Value):
    """A document of a return that the ERP has, or had."""

    kind: DocumentKind
    number: str


class RefundText(Value):
    """A refund's amount as the platform wrote it."""

    refund_id: str
    amount_text: str
    currency: str


class Surroundings(Value):
    """What stands around an exception: its return and that one's documents. Empty where nothing was saved.

    units: announced units of the return; refunds: what the platform paid or is to pay, as it wrote it
    """

    ref: ReturnRef
    order_number: str = ""
    tracking_number: str = ""
    rma_number: str = ""
    numbers: list[ErpNumber] = []
    units: int = 0
    refunds: list[RefundText] = []
