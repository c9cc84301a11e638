"""Refusals of the bridge: one form, clear words, nothing of what was sent."""

from collections.abc import Mapping

from starlette.responses import JSONResponse


class Refusal(Exception):
    """Ends a request. `error` is a word for programs, `message` a sentence for people."""

    def __init__(self, status: int, error: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message
        self.headers = dict(headers or {})


def refusal_answer(refusal: Refusal) -> JSONResponse:
    """The refusal as JSON: ``{"error": "body_too_large", "message": "…"}``."""
    content = {"error": refusal.error, "message": refusal.message}
    return JSONResponse(content, status_code=refusal.status, headers=refusal.headers)


def unavailable(error: str, message: str, retry_after: int) -> Refusal:
    """503 with the seconds after which it is worth trying again."""
    return Refusal(503, error, message, {"Retry-After": str(retry_after)})
