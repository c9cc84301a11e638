"""The result of a comparison: where each item belongs, and what has to be told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from domain.exceptions import ExceptionCode
from domain.model import Value
from domain.money import Money
from domain.reconciliation.classes import DifferenceClass

Side = Literal["refund", "credit"]
#: The figure that only what was found in payout reports has.
PAID_OUT = "paid"


class Placed(Value):
    """One listed refund or note, in its class."""

    side: Side
    item_id: str
    kind: DifferenceClass


class Difference(Value):
    """One difference. Kind and `subject` tell it apart from all others of its connection.

    value: what the platform moved less what the ERP credited; None where no money differs
    units: units that differ; figures: the numbers behind it, as text; at: since when it exists
    code: the exception that it calls for; None for what is only told; covered_by: the exception that is open for it
    """

    kind: DifferenceClass
    subject: str
    text: str
    at: datetime
    value: Money | None = None
    units: int | None = None
    return_id: str = ""
    order_number: str = ""
    refund_id: str = ""
    credit: str = ""
    figures: dict[str, str] = {}
    code: ExceptionCode | None = None
    covered_by: str = ""

    @property
    def decides(self) -> str:
        """The refund whose credit a decision is about. What a gateway paid for a refund says nothing about that."""
        return "" if self.return_id and PAID_OUT in self.figures else self.refund_id


class Matched(Value):
    """What comparing one return, refund, note or payout gave."""

    placed: Sequence[Placed] = ()
    differences: Sequence[Difference] = ()
