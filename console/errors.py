"""Every error is a page that says what to do."""

from urllib.parse import urlencode

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from console.guard import SignInNeeded
from console.pages import page
from console.parts import parts_of
from console.secure import secure_headers
from console.trouble import Trouble, not_found
from desk.link import TemporalUnreachableError

log = structlog.get_logger("console")


def add_error_pages(app: FastAPI) -> None:
    """Have all errors of the application answered."""
    app.add_exception_handler(Trouble, _trouble)
    app.add_exception_handler(SignInNeeded, _sign_in_needed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _bad_address)
    app.add_exception_handler(SQLAlchemyError, _no_store)
    app.add_exception_handler(TemporalUnreachableError, _no_temporal)
    app.add_exception_handler(Exception, _unexpected)


def error_page(request: Request, trouble: Trouble) -> Response:
    """The page of one trouble."""
    return page(request, "error.html", status=trouble.status, title=trouble.title, advice=trouble.advice)


async def _trouble(request: Request, error: Exception) -> Response:
    assert isinstance(error, Trouble)
    return error_page(request, error)


async def _sign_in_needed(request: Request, _: Exception) -> Response:
    """Pages lead to the sign-in and back; a form cannot be kept meanwhile, so its sender is told."""
    if request.method == "GET":
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse("/sign-in?" + urlencode({"next": target}) if target != "/" else "/sign-in", 303)
    advice = "Nothing was changed. Sign in, open the page again and send the form once more."
    return error_page(request, Trouble(401, "You are not signed in any more.", advice))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return error_page(request, not_found("page"))
    advice = "Go back, or start from the first page of the console."
    return error_page(request, Trouble(error.status_code, "The console cannot do that here.", advice))


async def _bad_address(request: Request, _: Exception) -> Response:
    return error_page(request, Trouble(400, "This address is not complete.", "Start from the page that led here."))


async def _no_store(request: Request, error: Exception) -> Response:
    log.error("the database refused", reason=type(error).__name__)
    advice = "Nothing was changed. Try again in a moment; if it stays so, tell whoever runs Backhaul."
    return error_page(request, Trouble(503, "The database does not answer.", advice))


async def _no_temporal(request: Request, _: Exception) -> Response:
    advice = (
        "Go back and send the same form again in a moment: it counts once, however often it is sent. "
        "Looking at returns works all the same."
    )
    return error_page(request, Trouble(503, "Temporal does not answer.", advice))


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("a page failed", route=str(getattr(request.scope.get("route"), "path", "")), reason=type(error).__name__)
    advice = "It is in the log of the console. Try again; if it stays so, tell whoever runs Backhaul."
    answer = error_page(request, Trouble(500, "This page failed.", advice))
    answer.headers.update(secure_headers(parts_of(request).secure))  # it is made outside of what adds them
    return answer
