"""Between exception rows and exception values."""

from typing import Any

from domain.exceptions import Owner
from domain.grouping import root_cause
from domain.money import Money
from domain.resolution import FIRST_VERSION
from domain.stake import money_at_stake, units_at_stake
from store.records import ExceptionRecord, ExceptionState, OpenException
from store.tables import ExceptionRow


def to_row(item: OpenException, owner: Owner) -> dict[str, Any]:
    """The columns of a newly opened exception, with what its figures say about it."""
    row = item.model_dump(mode="json", exclude={"now", "amount"})
    amount = item.amount or money_at_stake(item.payload)
    money = {"amount": amount.amount, "currency": amount.currency} if amount else {}
    derived = {"cause": root_cause(item).id, "units": units_at_stake(item.payload), "owner": owner}
    return {
        **row,
        **money,
        **derived,
        "state": ExceptionState.OPEN,
        "version": FIRST_VERSION,
        "level": 0,
        "opened_at": item.now,
    }


def to_record(row: ExceptionRow) -> ExceptionRecord:
    """The value of a row."""
    columns = row.model_dump(exclude={"amount", "currency"})
    amount = None
    if row.amount is not None and row.currency is not None:
        amount = Money(amount=row.amount, currency=row.currency)
    return ExceptionRecord.model_validate({**columns, "amount": amount})
