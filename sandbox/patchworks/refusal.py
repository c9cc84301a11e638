"""How a flow says no: one element with `status` `error` and one of the agreed codes."""

from collections.abc import Mapping
from typing import Literal

Code = Literal[
    "VALIDATION",
    "ORDER_NOT_FOUND",
    "DOCUMENT_NOT_FOUND",
    "LOCATION_NOT_FOUND",
    "ITEM_NOT_FOUND",
    "QUANTITY_EXCEEDED",
    "PERIOD_CLOSED",
    "OUT_OF_STOCK",
    "CONFLICT",
    "ERP_UNAVAILABLE",
    "ERP_TIMEOUT",
    "RATE_LIMITED",
]
RETRYABLE = ("ERP_UNAVAILABLE", "ERP_TIMEOUT", "RATE_LIMITED")


class Refused(Exception):
    """The operation had no effect. `details` are facts for programs, never names or addresses of people."""

    def __init__(self, code: Code, message: str, **details: str | list[str]) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details: Mapping[str, str | list[str]] = details

    @property
    def error(self) -> dict[str, object]:
        """The `error` of the reply."""
        return {
            "code": self.code,
            "message": self.message,
            "retryable": self.code in RETRYABLE,
            "details": dict(self.details),
        }
