"""Cookies and tokens: how a browser shows who it is, and that a form came from our own page."""

import hashlib
import hmac
import secrets
from typing import cast

from fastapi import Request
from starlette.responses import Response

from console.parts import ConsoleParts, parts_of
from store.account_records import SessionRecord
from store.sessions import LONGEST, unnoted

CSRF_FIELD = "csrf"
_TOKEN_BYTES = 32
_LONGEST_COOKIE = 100


def digest(secret: str) -> str:
    """What the store keeps instead of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_token() -> str:
    """A random token."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def visitor_of(request: Request) -> SessionRecord:
    """Who asks. Only for pages that need a sign-in."""
    visitor = maybe_visitor(request)
    assert visitor is not None
    return visitor


def maybe_visitor(request: Request) -> SessionRecord | None:
    """Who asks; None for strangers, and where the request was not looked at yet."""
    return cast("SessionRecord | None", getattr(request.state, "visitor", None))


async def read_session(request: Request) -> SessionRecord | None:
    """The session of the browser's cookie. Its use is noted; notices that a page now shows are taken off it."""
    parts = parts_of(request)
    token = request.cookies.get(_session_name(parts), "")
    if not token or len(token) > _LONGEST_COOKIE:
        return None
    key, now = digest(token), parts.clock()
    async with parts.store.reading() as unit:
        session = await unit.sessions.get(key, now)
    if session is None:
        return None
    shown = bool(session.notices) and request.method == "GET"
    if shown or unnoted(session, now):
        async with parts.store.begin() as unit:
            await unit.sessions.used(key, now)
            if shown:
                await unit.sessions.told(key)
    return session


async def sign_in(request: Request, response: Response, account: str) -> None:
    """Give the browser a new session; the one that it had is over."""
    parts, token = parts_of(request), new_token()
    old = request.cookies.get(_session_name(parts), "")
    async with parts.store.begin() as unit:
        await unit.sessions.end(digest(old))
        await unit.sessions.open(digest(token), account, new_token(), parts.clock())
        await unit.audit.add(account, "sign-in", f"account/{account}", {}, parts.clock())
    _set(response, parts, _session_name(parts), token, int(LONGEST.total_seconds()))
    _clear(response, parts, _visit_name(parts))


def sign_out(request: Request, response: Response) -> None:
    """Take the cookie from the browser. Ending the session is the caller's."""
    _clear(response, parts_of(request), _session_name(parts_of(request)))


def visit_of(request: Request) -> str:
    """The mark of a browser that is not signed in; empty when it has none yet."""
    visit = request.cookies.get(_visit_name(parts_of(request)), "")
    return visit if len(visit) <= _LONGEST_COOKIE else ""


def keep_visit(request: Request, response: Response, visit: str) -> None:
    """Have the browser keep its mark: the form that it gets is good with this mark only."""
    _set(response, parts_of(request), _visit_name(parts_of(request)), visit, 3600)


def visit_csrf(visit: str) -> str:
    """The token of forms for a browser that is not signed in."""
    return digest(f"form {visit}")


def csrf_fits(request: Request, sent: str) -> bool:
    """Whether the form came from a page that this very browser was given."""
    visitor, visit = maybe_visitor(request), visit_of(request)
    wanted = [visitor.csrf] if visitor else []
    wanted += [visit_csrf(visit)] if visit and not visitor else []
    return any(hmac.compare_digest(sent.encode(), token.encode()) for token in wanted)


def _session_name(parts: ConsoleParts) -> str:
    return "__Host-backhaul" if parts.secure else "backhaul"


def _visit_name(parts: ConsoleParts) -> str:
    return f"{_session_name(parts)}-visit"


def _set(response: Response, parts: ConsoleParts, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", secure=parts.secure, httponly=True, samesite="lax")


def _clear(response: Response, parts: ConsoleParts, name: str) -> None:
    response.delete_cookie(name, path="/", secure=parts.secure, httponly=True, samesite="lax")
