"""A return as the platform tells it, in our words. Names, addresses and mails stay with the platform (D8)."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from domain.model import Message, Value


class ReturnRef(Message):
    """Which return: the connection and the platform's own id."""

    connection: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    return_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")

    @property
    def workflow_id(self) -> str:
        """The durable workflow of this return."""
        return f"return/{self.connection}/{self.return_id}"

    def exchange_workflow_id(self, number: int) -> str:
        """The durable workflow of its n-th replacement order."""
        return f"exchange/{self.connection}/{self.return_id}/{number}"

    def __str__(self) -> str:
        return f"{self.connection}/{self.return_id}"


class ReturnKind(StrEnum):
    """What the customer asked for."""

    REFUND = "refund"
    EXCHANGE = "exchange"
    MIXED = "mixed"


class PlatformPhase(StrEnum):
    """Where the platform says the return is."""

    DRAFT = "draft"  # the customer has not finished the request
    AUTHORISED = "authorised"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    IN_REVIEW = "in_review"
    ACCEPTED = "accepted"
    PARTLY_ACCEPTED = "partly_accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class RefundState(StrEnum):
    """Where the money is."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"


class ReturnLine(Message):
    """One order line that comes back. `line_id` is stable over reads: `<order line>/<sku>`.

    exchange: some of its units are to be exchanged; `PlatformReturn.exchanges` says which
    keep: the customer keeps the units and gets the money all the same (U31): no goods are expected

    `quantity` is what the customer announced; accepted and rejected are the platform's decisions so far.
    `item_ids` are the platform's own item ids behind this line (platforms without quantities have one per unit).
    """

    line_id: str
    order_line_id: str
    sku: str
    quantity: int = Field(ge=1)
    reason: str = ""
    exchange: bool = False
    keep: bool = False
    accepted: int = 0
    rejected: int = 0
    item_ids: list[str] = []


class GradedUnits(Message):
    """Units of one line that the platform's own users inspected there (design 3.5).

    disposition: the platform's word for what they found, mapped by ``mappings.dispositions``; empty when it has none
    location: the platform's word for the place, mapped by ``mappings.locations``; empty when it names none
    reason: why it is not as it should be, a code or short text; item_ids: the platform's own ids, one per unit or line
    """

    line_id: str
    order_line_id: str
    sku: str
    quantity: int = Field(ge=1)
    disposition: str = ""
    location: str = ""
    reason: str = ""
    graded_at: datetime | None = None
    item_ids: list[str] = []


class ExchangeWish(Message):
    """New units that the customer wants for units of one line. `exchange_id` is stable: ``<line_id>><new sku>``.

    quantity: units that come back for it; replacement_quantity: units that go out
    price_text: catalogue price of one new unit, decimal text in the return's currency
    tax_included: whether that price contains tax; None: as the prices of the order do
    """

    exchange_id: str
    line_id: str
    quantity: int = Field(ge=1)
    sku: str
    replacement_quantity: int = Field(ge=1)
    price_text: str
    tax_included: bool | None = None


class Refund(Message):
    """Money that the platform moved or will move. The amount stays text until it is checked (AMOUNT_PRECISION)."""

    refund_id: str
    state: RefundState
    amount_text: str
    currency: str
    kind: str = ""
    created_at: datetime | None = None


class ListedRefund(Refund):
    """A refund in a platform's listing. `return_id`: whose it is, where the listing tells."""

    return_id: str = ""


class PlatformReturn(Message):
    """The platform's present truth about one return."""

    return_id: str
    order_number: str
    kind: ReturnKind
    instant: bool = False
    phase: PlatformPhase
    platform_status: str
    currency: str
    lines: list[ReturnLine]
    refunds: list[Refund] = []
    exchanges: list[ExchangeWish] = []
    graded: list[GradedUnits] = Field(default=[], description="what the platform's own users inspected, if they do")
    final: bool = Field(default=False, description="the platform has finished with the return (R139)")
    due_text: str = Field(default="0", description="what the customer owes in all for dearer new items, decimal text")
    paid_text: str = Field(default="0", description="what the customer has paid of it, decimal text")
    fee_text: str = Field(default="0", description="return fee that the platform kept back, decimal text")
    shipping_text: str = Field(default="0", description="shipping that the platform refunds, decimal text")
    bonus_text: str = Field(default="0", description="goodwill on top, decimal text")
    tracking_number: str = ""
    expires_at: datetime | None = None
    updated_at: datetime | None = None


class ChangedReturn(Value):
    """A return in a platform's listing. `changed_at`: when it changed last, at least; None when nobody can tell."""

    return_id: str
    changed_at: datetime | None = None


class LineDecision(Message):
    """How many units of a line are decided in all, never the difference: repeating it changes nothing.

    unsellable: how many of the accepted ones cannot be sold again
    """

    line_id: str
    order_line_id: str
    sku: str
    accepted: int = 0
    rejected: int = 0
    reject_reason: str = ""
    unsellable: int = 0


class Delivery(Message):
    """One verified webhook: which return to look at. It carries no business data."""

    delivery_id: str = Field(min_length=1, max_length=100)
    event: str
    return_id: str | None
    occurred_at: datetime | None = None
