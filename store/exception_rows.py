"""Between exception rows and exception values."""

from typing import Any

from domain.exceptions import Owner
from domain.money import Money
from store.records import ExceptionRecord, ExceptionState, OpenException
from store.tables import ExceptionRow


def to_row(item: OpenException, owner: Owner) -> dict[str, Any]:
    """The columns of a newly opened exception."""
    row = item.model_dump(mode="json", exclude={"now", "amount"})
    money = {"amount": item.amount.amount, "currency": item.amount.currency} if item.amount else {}
    return {**row, **money, "owner": owner, "state": ExceptionState.OPEN, "version": 1, "opened_at": item.now}


def to_record(row: ExceptionRow) -> ExceptionRecord:
    """The value of a row."""
    columns = row.model_dump(exclude={"amount", "currency"})
    amount = None
    if row.amount is not None and row.currency is not None:
        amount = Money(amount=row.amount, currency=row.currency)
    return ExceptionRecord.model_validate({**columns, "amount": amount})
