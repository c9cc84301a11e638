"""Between return rows and return values."""

from typing import Any

from domain.progress import Stage
from domain.returns import PlatformPhase, PlatformReturn, ReturnKind, ReturnLine, ReturnRef
from store.records import RefundRecord, ReturnRecord
from store.tables import RefundRow, ReturnLineRow, ReturnRow

_HEADER = {
    "order_number",
    "kind",
    "instant",
    "phase",
    "platform_status",
    "currency",
    "fee_text",
    "shipping_text",
    "bonus_text",
    "exchanges",
    "due_text",
    "paid_text",
    "tracking_number",
}


def header_row(ref: ReturnRef, platform_return: PlatformReturn) -> dict[str, Any]:
    """The header's columns that come from the platform."""
    return {
        **ref.model_dump(),
        **platform_return.model_dump(include=_HEADER),
        "expires_at": platform_return.expires_at,
        "platform_updated_at": platform_return.updated_at,
    }


def line_rows(ref: ReturnRef, platform_return: PlatformReturn) -> list[dict[str, Any]]:
    """One row per line, numbered in the platform's order."""
    return [
        {**ref.model_dump(), **line.model_dump(), "position": position, "removed": False}
        for position, line in enumerate(platform_return.lines)
    ]


def refund_rows(ref: ReturnRef, platform_return: PlatformReturn) -> list[dict[str, Any]]:
    """One row per refund, without what is ours on it."""
    return [{**ref.model_dump(), **refund.model_dump()} for refund in platform_return.refunds]


def to_record(row: ReturnRow) -> ReturnRecord:
    """The header's value."""
    columns = row.model_dump(include=set(ReturnRecord.model_fields))
    return ReturnRecord.model_validate(
        {
            **columns,
            "ref": ReturnRef(connection=row.connection, return_id=row.return_id),
            "kind": ReturnKind(row.kind),
            "phase": PlatformPhase(row.phase),
            "stage": Stage(row.stage),
        }
    )


def to_line(row: ReturnLineRow) -> ReturnLine:
    """The line's value."""
    return ReturnLine.model_validate(row.model_dump(include=set(ReturnLine.model_fields)))


def to_refund(row: RefundRow) -> RefundRecord:
    """The refund's value, with what is ours on it."""
    return RefundRecord.model_validate(row.model_dump(include=set(RefundRecord.model_fields)))
