"""Looks at every request before its page does: who asks, whether they may, and whether the form is our own."""

from collections.abc import AsyncIterator

import structlog
from fastapi import Request
from pydantic import JsonValue

from console.access import Access, access_to
from console.forms import Form, read_form
from console.parts import parts_of
from console.session import CSRF_FIELD, csrf_fits, read_session
from console.trouble import Trouble, not_found
from store.account_records import SessionRecord

log = structlog.get_logger("console")

_SAFE = ("GET", "HEAD")


class SignInNeeded(Exception):
    """Nobody is signed in, and the page needs somebody."""


async def guard(request: Request) -> AsyncIterator[None]:
    """Let the request through, or raise SignInNeeded or Trouble. A form is read and checked here, once.

    Its uploaded files are closed when the answer is sent.
    """
    request.state.form = Form()
    try:
        await _check(request)
        yield
    finally:
        await request.state.form.data.close()


async def _check(request: Request) -> None:
    template = str(getattr(request.scope.get("route"), "path", ""))
    access = access_to(request.method, template)
    if access is None:
        raise not_found("page")
    request.state.visitor = visitor = None if _needs_nobody(template) else await read_session(request)
    if access.roles is not None:
        await _check_role(request, access, visitor, template)
    if request.method not in _SAFE:
        _check_origin(request)
        request.state.form = form = await read_form(request, access.body, access.files)
        if not csrf_fits(request, form.secret(CSRF_FIELD)):
            log.warning("form refused", route=template, why="token")
            advice = "Nothing was changed. Load the page again and send the form once more."
            raise Trouble(403, "This form has expired.", advice)


async def _check_role(request: Request, access: Access, visitor: SessionRecord | None, template: str) -> None:
    if visitor is None:
        raise SignInNeeded
    if access.roles is None or visitor.roles & access.roles:
        return
    log.warning("role refused", route=template, account=visitor.account)
    if request.method not in _SAFE:
        parts = parts_of(request)
        detail: dict[str, JsonValue] = {"roles": [*sorted(role.value for role in visitor.roles)]}
        async with parts.store.begin() as unit:
            await unit.audit.add(visitor.account, "refused", f"{request.method} {template}", detail, parts.clock())
    needed = ", ".join(sorted(role.value for role in access.roles))
    advice = f"It needs one of these roles: {needed}. An administrator of Backhaul gives roles."
    raise Trouble(403, "Your account may not do this.", advice)


def _check_origin(request: Request) -> None:
    """Browsers name the page that a form comes from."""
    wanted = parts_of(request).origin
    if request.headers.get("origin", "") != wanted:
        log.warning("form refused", why="origin")
        advice = f"Nothing was changed. Open the console at {wanted} and send the form from there."
        raise Trouble(403, "This form did not come from a page of the console.", advice)


def _needs_nobody(template: str) -> bool:
    """Answers that are the same for all."""
    return template in ("/healthz", "/static/{name}", "/metrics")
