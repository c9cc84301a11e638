"""What the store gives back about the units of an order and what was credited of it."""

from pydantic import Field

from domain.model import Value
from domain.returns import ReturnRef


class SlotClaim(Value):
    """One unit of an order line that a return has claimed; credited when `credit_key` is set.

    `exchange_key`: the replacement order that the unit stands for; it is not credited then.
    """

    line_id: str
    slot_no: int = Field(ge=1)
    credit_key: str | None = None
    exchange_key: str | None = None
    ref: ReturnRef


class OrderLedger(Value):
    """What all live credits of one order come to so far, in minor units of the order's currency."""

    shipping: int = 0
    rounding: int = 0
    total: int = 0
