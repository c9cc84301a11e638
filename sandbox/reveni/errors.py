"""Refusals, in the words and bodies of Django REST Framework that the contract assumes."""

from collections.abc import Mapping, Sequence


class Refused(Exception):
    """The call has no effect; `status` and `body` are the answer."""

    def __init__(self, status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = dict(body)
        self.headers = dict(headers or {})


def detail(status: int, message: str, headers: Mapping[str, str] | None = None) -> Refused:
    """A refusal with a `{"detail": "..."}` body."""
    return Refused(status, {"detail": message}, headers)


def invalid(field: str, *messages: str) -> Refused:
    """400 with the messages of one field."""
    return Refused(400, {field: list(messages)})


def invalid_fields(messages: Mapping[str, Sequence[str]]) -> Refused:
    """400 with the messages of several fields."""
    return Refused(400, {field: list(texts) for field, texts in messages.items()})


def conflict(message: str) -> Refused:
    """409: what is asked contradicts what is already so."""
    return detail(409, message)


def not_found() -> Refused:
    """404 as the framework words it."""
    return detail(404, "Not found.")
