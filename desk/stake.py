"""What is at stake in an exception: what it says itself, else all of its return (R67)."""

from domain.model import Value
from domain.money import Money
from domain.stake import exact_money, one_sum
from store.queue_records import RefundText, Surroundings
from store.records import ExceptionRecord


class Stake(Value):
    """Money and units at stake; None where nothing is known. `whole_return`: the exception itself names neither."""

    amount: Money | None
    units: int | None
    whole_return: bool


def stake_of(record: ExceptionRecord, around: Surroundings | None) -> Stake:
    """What the exception is about. One that names nothing stops its return: the refunds and units of that."""
    units, amount = record.units, record.amount
    if around is not None:
        units = around.units or None if units is None else units
        amount = refunded(record, around) if amount is None else amount
    return Stake(amount=amount, units=units, whole_return=record.amount is None and record.units is None)


def refunded(record: ExceptionRecord, around: Surroundings) -> Money | None:
    """What `refunds_of` come to; None where that is no single exact amount."""
    return one_sum([exact_money(one.amount_text, one.currency) for one in refunds_of(record, around)])


def refunds_of(record: ExceptionRecord, around: Surroundings) -> list[RefundText]:
    """The refund that the exception names, else all refunds of its return."""
    named = [refund for refund in around.refunds if refund.refund_id == record.payload.get("refund")]
    return named or around.refunds
