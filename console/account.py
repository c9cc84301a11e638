"""One's own account: roles, password, other browsers."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from console import passwords
from console.forms import Form, form_of
from console.pages import go, page
from console.parts import parts_of
from console.session import sign_in, sign_out, visitor_of
from domain.accounts import AccountSource

router = APIRouter()


@router.get("/account")
async def account(request: Request) -> Response:
    """The page."""
    return _page(request, Form())


@router.post("/account/password")
async def change_password(request: Request) -> Response:
    """A new password ends all other sessions of the account."""
    form, parts, visitor = form_of(request), parts_of(request), visitor_of(request)
    async with parts.store.reading() as unit:
        kept = await unit.accounts.password_hash(visitor.account)
    right, _ = await parts.passwords.check(form.secret("old"), kept)
    if not right:
        form.wrong("old", "This is not your present password.")
    new = form.secret("new")
    if problem := passwords.refusal(new):
        form.wrong("new", problem)
    if new != form.secret("again"):
        form.wrong("again", "The two new passwords differ.")
    if form.problems:
        return _page(request, form, status=422)
    hashed = await parts.passwords.hashed(new)
    async with parts.store.begin() as unit:
        await unit.accounts.set_password(visitor.account, hashed, visitor.account, parts.clock())
    response = RedirectResponse("/account", 303)
    await sign_in(request, response, visitor.account)
    return response


@router.post("/account/sign-out")
async def sign_out_everywhere(request: Request) -> Response:
    """End all sessions of the account, also this one."""
    parts, visitor = parts_of(request), visitor_of(request)
    async with parts.store.begin() as unit:
        await unit.sessions.end_all(visitor.account)
        await unit.audit.add(visitor.account, "sign-out.all", f"account/{visitor.account}", {}, parts.clock())
    response = await go(request, "/sign-in")
    sign_out(request, response)
    return response


def _page(request: Request, form: Form, status: int = 200) -> Response:
    local = visitor_of(request).source is AccountSource.LOCAL
    return page(request, "account.html", status=status, form=form, local=local, shortest=passwords.SHORTEST)
