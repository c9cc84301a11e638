"""How a mutation refuses: HTTP 200 with userErrors."""

from typing import Any


class Refused(Exception):
    """One userError. `path` leads to the input that is wrong."""

    def __init__(self, message: str, *path: str) -> None:
        super().__init__(message)
        self.message = message
        self.path = list(path)


class NotFound(Refused):
    """The object is not there, or is not shown to this integration."""


ONE_FIELD = "Exactly one input field should be provided"


def only(given: dict[str, Any], *path: str) -> tuple[str, Any]:
    """The one field of a one-of input that is set. Null and false are not set. Raises Refused."""
    fields = [(name, value) for name, value in given.items() if value is not None and value is not False]
    if len(fields) != 1:
        raise Refused(ONE_FIELD, *path)
    return fields[0]
