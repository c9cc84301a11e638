"""Sign-in with a local account, and sign-out."""

import re
from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from console.forms import Form, form_of
from console.pages import page
from console.parts import ConsoleParts, parts_of
from console.session import (
    digest,
    keep_visit,
    maybe_visitor,
    new_token,
    sign_in,
    sign_out,
    visit_csrf,
    visit_of,
    visitor_of,
)

router = APIRouter()

#: So many failed tries are free; then each takes twice as long to wait for as the one before.
FREE_TRIES = 5
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=15)
#: One slash, then none and no backslash or space: browsers would read those as another host.
_INSIDE = re.compile(r"/([^/\\\x00-\x20][^\\\x00-\x20]*)?")
_WRONG = "The name or the password is wrong."


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    """The form."""
    if maybe_visitor(request) is not None:
        return RedirectResponse(local_path(request.query_params.get("next", "")), 303)
    return answer(request, Form(), request.query_params.get("next", ""))


@router.post("/sign-in")
async def sign_in_by_password(request: Request) -> Response:
    """Check name and password; too many wrong ones in a row for a name have to wait, whoever sends them."""
    form, parts = form_of(request), parts_of(request)
    name, password, target = form.text("name").lower(), form.secret("password"), form.text("next", longest=2_000)
    key = digest(f"name {name}")
    if wait := await _try(parts, key):
        minutes = max(1, round(wait.total_seconds() / 60))
        form.wrong("name", f"Too many tries. Wait {minutes} min and try again.")
        return answer(request, form, target, status=429)
    async with parts.store.reading() as unit:
        kept = await unit.accounts.password_hash(name)
    right, fresh = await parts.passwords.check(password, kept)
    if not right:
        if kept:  # anything else typed there may be a password, and stays out of the audit
            async with parts.store.begin() as unit:
                await unit.audit.add(name, "sign-in.refused", f"account/{name}", {}, parts.clock())
        form.wrong("name", _WRONG)
        return answer(request, form, target, status=422)
    async with parts.store.begin() as unit:
        await unit.accounts.forget_failures(key)
        if fresh:
            await unit.accounts.improve_hash(name, fresh)
    response = RedirectResponse(local_path(target), 303)
    await sign_in(request, response, name)
    return response


@router.post("/sign-out")
async def sign_out_here(request: Request) -> Response:
    """End this browser's session."""
    parts, visitor = parts_of(request), visitor_of(request)
    async with parts.store.begin() as unit:
        await unit.sessions.end(visitor.key)
        await unit.audit.add(visitor.account, "sign-out", f"account/{visitor.account}", {}, parts.clock())
    response = RedirectResponse("/sign-in", 303)
    sign_out(request, response)
    return response


def answer(request: Request, form: Form, target: str, status: int = 200) -> Response:
    """The page with a mark for the browser, without which its form would be refused."""
    visit = visit_of(request) or new_token()
    provider = parts_of(request).provider is not None
    context: dict[str, object] = {"form": form, "next": target, "provider": provider, "csrf_token": visit_csrf(visit)}
    response = page(request, "sign-in.html", status=status, **context)
    keep_visit(request, response, visit)
    return response


def local_path(target: str) -> str:
    """Where to go after the sign-in: a page of the console, whatever the address says."""
    return target if _INSIDE.fullmatch(target) and not target.startswith("/sign-") else "/"


async def _try(parts: ConsoleParts, key: str) -> timedelta:
    """Count the try before it is made, so that many at once count as well. How long to wait first; zero: not at all."""
    now, none = parts.clock(), timedelta(0)
    async with parts.store.begin() as unit:
        known = await unit.accounts.failures(key)
        if known is not None and known[0] >= FREE_TRIES:
            doubled = min(known[0] - FREE_TRIES, 10)
            left: timedelta = known[1] + min(_FIRST_WAIT * 2**doubled, _LONGEST_WAIT) - now
            if left > none:
                return left
        await unit.accounts.failed(key, now)
    return none
