"""Refusals, in the gateway's words that the contract assumes."""

from collections.abc import Mapping


class Refused(Exception):
    """The call has no effect; `status` and `{"message": ...}` are the answer."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.body = {"message": message}
        self.headers = dict(headers or {})


def bad(message: str) -> Refused:
    """400: the request makes no sense, or not now."""
    return Refused(400, message)


def not_found(what: str) -> Refused:
    """404 in the words of the documentation; `what` has its article."""
    return Refused(404, f"{what} with the given ID could not be found")
