"""What the store gives back and takes in about exchanges and exposure. Amounts are minor units."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from domain.exchange import ExchangeState, ExchangeUnits
from domain.exchange_value import ExchangeValue
from domain.model import Value
from domain.returns import ReturnRef

#: In place of a credit: the customer keeps a replacement whose goods were not accepted.
NO_CREDIT = ""


class ExchangePlan(Value):
    """A replacement that we are about to order. `key` is its business key and its number in the ERP.

    units: returned units that it stands for, `slots` of the order's `slot_line_id`; quantity: new units of `sku`
    exchange_id: the wish that it was made for; empty once the customer wished something else
    carried: value of the returned units; price: of the replacement; both in the order's tax mode
    """

    key: str = Field(min_length=1, max_length=60)
    ref: ReturnRef
    number: int = Field(ge=1)
    exchange_id: str
    line_id: str
    units: int = Field(ge=1)
    sku: str
    quantity: int = Field(ge=1)
    carried: int = 0
    price: int = 0
    currency: str
    slot_line_id: str = ""
    slots: list[int] = []

    @property
    def value(self) -> ExchangeValue:
        """Carried value and price, and what follows from them."""
        return ExchangeValue(carried=self.carried, price=self.price)


class ExchangeRecord(ExchangePlan):
    """A planned replacement and how far it got.

    credit_key: the credit that settled its difference; `NO_CREDIT` when nothing is owed any more
    """

    state: ExchangeState
    order_number: str
    credit_key: str | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def begun(self) -> ExchangeUnits:
        """The same for the questions of `domain.exchange`."""
        return ExchangeUnits.model_validate(self.model_dump(include=set(ExchangeUnits.model_fields)))

    @property
    def owes_difference(self) -> bool:
        """Whether it is cheaper than what came back, and no credit has settled that yet."""
        return self.state is ExchangeState.ORDERED and self.credit_key is None and self.value.credit > 0


class ExposureKind(StrEnum):
    """What is out."""

    REFUND = "refund"
    EXCHANGE = "exchange"


class ExposureState(StrEnum):
    """Whether the goods are still missing."""

    OPEN = "open"
    CLEARED = "cleared"  # the goods came and were accepted
    DECIDED = "decided"  # a person decided what becomes of it
    VOIDED = "voided"  # its credit or replacement is gone, so nothing is out


class OpenExposure(Value):
    """Value of one unit that went out before its goods were accepted. `reference`: key of the credit or replacement.

    `cover_until`: until when the platform covers the loss; None when it does not say.
    """

    ref: ReturnRef
    slot_line_id: str
    slot_no: int = Field(ge=1)
    line_id: str
    amount: int
    currency: str
    kind: ExposureKind
    reference: str = Field(min_length=1)
    cover_until: datetime | None = None


class ExposureRecord(OpenExposure):
    """One row of the exposure register."""

    since: datetime
    state: ExposureState
    ended_at: datetime | None = None
    note: str = ""
