"""Names, inputs and results of the steps of an exchange: the second of its two transactions (R54)."""

from datetime import datetime
from typing import Protocol

from pydantic import Field
from temporalio import activity

from activities.signatures import Decision, Problem, RmaOpened
from activities.window_signatures import AwaitedWindow
from domain.exchange import ExchangeState
from domain.exchange_value import ExchangeValue
from domain.model import Message
from domain.returns import ExchangeWish, ReturnRef


class PlaceReplacement(Message):
    """Order the replacement for returned units of one wish; or carry out a decision not to.

    number: n of the order's business key
    due_text, paid_text: what the platform says of the customer's payment, decimal text
    alone: nothing else of the return is refunded, so a dearer replacement cannot be paid by taking off a refund
    """

    ref: ReturnRef
    rma: RmaOpened
    wish: ExchangeWish
    units: int = Field(ge=1)
    number: int = Field(ge=1)
    alone: bool = False
    due_text: str = "0"
    paid_text: str = "0"
    cover_until: datetime | None = None
    decisions: list[Decision] = []


class ReplacementPlaced(Message):
    """How the exchange stands. `order_number` is empty unless it is ORDERED. Amounts are minor units.

    kept: a person decided that the customer keeps the replacement although its goods are not accepted (E51, E54)
    """

    number: int
    state: ExchangeState
    order_number: str = ""
    sku: str = ""
    carried: int = 0
    price: int = 0
    currency: str = ""
    kept: bool = False

    @property
    def credit(self) -> int:
        """What is credited because the replacement is cheaper."""
        return ExchangeValue(carried=self.carried, price=self.price).credit


class ExchangeStart(Message):
    """Start of an exchange's workflow: one attempt at the second transaction."""

    erp_queue: str
    order: PlaceReplacement


class ExchangeOutcome(Message):
    """Result of an exchange's workflow: how it stands, why it cannot go on without a person, or what it waits for."""

    placed: ReplacementPlaced | None = None
    problem: Problem | None = None
    queued: AwaitedWindow | None = None


class WithdrawReplacement(Message):
    """Cancel a replacement order, or make sure that it is never made. Refused once it is despatched (E51, E54).

    `accepted`: returned units for it that were accepted. Then it is not cancelled: a person decides about the rest.
    `superseded`: the customer changed the request (E61). It stands for no wish any more, and its units are free where
    the RMA `rma` is not for them.
    """

    ref: ReturnRef
    number: int
    reason: str
    accepted: int = 0
    superseded: bool = False
    rma: RmaOpened | None = None
    decisions: list[Decision] = []


class ReplacementSteps(Protocol):
    """Steps on the queue of one ERP."""

    @activity.defn
    async def place_replacement(self, request: PlaceReplacement) -> ReplacementPlaced:
        """The replacement order, or how the exchange was decided."""
        ...

    @activity.defn
    async def withdraw_replacement(self, request: WithdrawReplacement) -> ReplacementPlaced:
        """The replacement order is cancelled, or never was; or it stays, because a person said so."""
        ...
