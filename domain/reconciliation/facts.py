"""What is known of one return when both sides are compared. Amounts are exact; times are aware UTC."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from domain.exceptions import ExceptionCode, Track
from domain.model import Value
from domain.money import Money
from domain.returns import RefundState


class Agreed(Value):
    """How long a side may lag behind the other before it counts as a difference.

    credit: a paid refund without its note; refund: a note without its refund; stock: credited units not restocked
    """

    credit: timedelta
    refund: timedelta
    stock: timedelta


class RefundFact(Value):
    """One refund of the platform.

    amount: None when its text cannot be held in its currency
    paid_at: since when it is known to be paid, which may be long after `at`
    listed: the platform names it in this run; expected: it should, if it is still there
    credit_key, decision: what our record says became of it
    accepted: differences to its credit that finance decided about; None: whatever the difference is
    """

    refund_id: str
    state: RefundState
    amount: Money | None
    amount_text: str
    at: datetime
    paid_at: datetime | None = None
    listed: bool
    expected: bool = True
    credit_key: str = ""
    decision: str = ""
    accepted: Sequence[Money | None] = ()

    @property
    def paid(self) -> bool:
        """Whether money moved, as far as can be told now."""
        return self.state is RefundState.PAID and (self.listed or not self.expected)

    @property
    def paid_since(self) -> datetime:
        """When the agreed time for its note began."""
        return self.paid_at or self.at

    def may_differ_by(self, difference: Money | None) -> bool:
        """Whether finance decided that its credit may differ by this; None: the two cannot be compared."""
        if self.accepted:
            return None in self.accepted or difference in self.accepted
        return bool(self.decision)


class NoteFact(Value):
    """One credit note.

    total: the ERP's, where it lists the note; ours: we made it, or a person told us that it is the one (R76)
    in_erp: our record says that the ERP has it; listed: the ERP says so; expected: the ERP should list it
    rounding: its signed rounding line
    steps, cap: largest difference to its refund that counts as rounding, by its parts and in all (money.md 6.8)
    waits_until: the window that it waits for
    """

    number: str
    key: str = ""
    total: Money
    at: datetime
    ours: bool = True
    in_erp: bool = True
    listed: bool = True
    expected: bool = True
    reversed: bool = False
    refund_id: str = ""
    rounding: int = 0
    steps: int = 0
    cap: int = 0
    waits_until: datetime | None = None

    @property
    def name(self) -> str:
        """How people find it."""
        return self.number or self.key

    @property
    def live(self) -> bool:
        """Whether it counts in the ERP, as far as can be told now."""
        return not self.reversed and (self.listed or (self.in_erp and not self.expected))

    @property
    def lost(self) -> bool:
        """Whether our record has it in the ERP, and the ERP does not."""
        return self.ours and self.in_erp and self.expected and (self.reversed or not self.listed)


class LineUnits(Value):
    """Units of one line of a return by its documents.

    credited: units on live notes of ours; restocked: accepted units that the ERP took; booking: documents on their way
    accepted: units that the warehouse accepted
    without_stock: reason → units that are rightly credited without coming into stock
    without_credit: reason → units that are rightly in stock without a credit
    """

    sku: str
    credited: int = 0
    restocked: int = 0
    booking: int = 0
    accepted: int = 0
    without_stock: Mapping[str, int] = {}
    without_credit: Mapping[str, int] = {}

    @property
    def unstocked(self) -> int:
        """Units that were credited and did not come into stock."""
        return max(self.credited - self.restocked - self.booking, 0)

    @property
    def uncredited(self) -> int:
        """Units that are in stock and were not credited."""
        return max(self.restocked - self.credited, 0)


class StockFact(Value):
    """Units of one return, line by line: what explains a unit of one line explains none of another.

    final: nothing more is expected of the return; at: the latest of its documents
    """

    lines: Sequence[LineUnits] = ()
    final: bool = False
    at: datetime


class OpenMatter(Value):
    """An exception of the return that somebody has to decide already. `refund`: the one that it is about, if any."""

    exception_id: str
    code: ExceptionCode
    track: Track | None = None
    refund: str = ""


class CaseFact(Value):
    """One return with both sides of its money.

    units_left: announced units that nothing was credited or exchanged for
    ended: a person has ended the finance track: nothing more is expected of it
    """

    return_id: str
    order_number: str
    refunds: Sequence[RefundFact] = ()
    notes: Sequence[NoteFact] = ()
    stock: StockFact | None = None
    units_left: int = 0
    ended: bool = False
    open: Sequence[OpenMatter] = ()


class LooseRefund(Value):
    """A refund that the platform lists and no return case has.

    platform_return: the platform's id of its return, where the listing tells; order_number: empty when nobody knows
    credit: number of a note of somebody else over the same amount for the same order
    """

    refund_id: str
    state: RefundState
    amount: Money | None
    amount_text: str
    at: datetime
    platform_return: str = ""
    order_number: str = ""
    credit: str = ""


class LooseCredit(Value):
    """A note that the ERP lists and none of our returns has.

    connection: the other one that made it, or that tells of it
    repeats: number of a note of ours for the same order over the same amount, where no refund waits for its note
    return_id: the return that has that note
    """

    number: str
    order_number: str
    total: Money
    at: datetime
    reversed: bool = False
    connection: str = ""
    repeats: str = ""
    return_id: str = ""


class PayoutFact(Value):
    """One line of a payout report of a payment gateway. `amount` is what the customer got, always positive."""

    line: str
    refund_id: str
    order_number: str
    amount: Money
    paid_at: datetime


class PayoutCounterpart(Value):
    """What we know about a payout line's refund.

    refund: amount of the refund with its id, None when there is none; return_id: the case that has it
    unusable: there is one, and its amount cannot be held in its currency
    order_has_case: whether the order of the line has any return case
    earlier: lines that paid the same refund before this one
    """

    refund: Money | None = None
    unusable: bool = False
    return_id: str = ""
    order_has_case: bool = False
    earlier: int = 0


class DepotUnits(Value):
    """Units of one depot, SKU and disposition on one day (R82): what was inspected, and what the ERP took."""

    day: date
    depot: str
    sku: str
    disposition: str
    inspected: int = 0
    posted: int = 0

    @property
    def difference(self) -> int:
        """Units inspected and not in the ERP's stock; negative: more was posted than inspected."""
        return self.inspected - self.posted
