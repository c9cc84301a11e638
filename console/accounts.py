"""Administration: who may sign in, and with which roles (R110)."""

import re

from fastapi import APIRouter, Request
from starlette.responses import Response

from console import passwords
from console.forms import Form, form_of
from console.pages import go, page
from console.parts import parts_of
from console.session import visitor_of
from console.trouble import not_found
from domain.accounts import NAME_PATTERN, AccountRole, AccountSource
from store.account_records import AccountRecord
from store.errors import AccountTaken

router = APIRouter()

_PATH = "/administration/accounts"


@router.get("/administration/accounts")
async def accounts(request: Request) -> Response:
    """All accounts, and the form for another one."""
    return await _show(request, Form())


@router.post("/administration/accounts")
async def add_account(request: Request) -> Response:
    """Add a local account; its password is made up and shown once."""
    parts, form = parts_of(request), form_of(request)
    name = form.text("name", "Name", needed=True, longest=40)
    if name and not re.fullmatch(NAME_PATTERN, name):
        form.wrong("name", "A name has 2 to 40 small letters, digits, dots, dashes or underscores, and is no address.")
    roles = _roles(form)
    if form.problems:
        return await _show(request, form, status=422)
    password = passwords.generated()
    hashed = await parts.passwords.hashed(password)
    try:
        async with parts.store.begin() as unit:
            await unit.accounts.add(name, roles, hashed, visitor_of(request).account, parts.clock())
    except AccountTaken:
        form.wrong("name", f"There is an account {name} already.")
        return await _show(request, form, status=422)
    return await _show(request, Form(), made=name, password=password)


@router.get("/administration/accounts/{name}")
async def one_account(request: Request, name: str) -> Response:
    """One account: roles, open or disabled, a new password."""
    return await _one(request, name, Form())


@router.post("/administration/accounts/{name}")
async def change_account(request: Request, name: str) -> Response:
    """Give it other roles, disable or open it, or make up a new password. Each ends its sessions."""
    parts, form, visitor = parts_of(request), form_of(request), visitor_of(request)
    known = await _account(request, name)
    deed = form.one_of("deed", "What to do", ["roles", "disable", "enable", "password"])
    roles = _roles(form) if deed == "roles" else []
    if name == visitor.account:
        form.wrong("", "Your own account is changed by another administrator.")
    if deed == "password" and known.source is not AccountSource.LOCAL:
        form.wrong("", "The password of this account is the provider's.")
    if form.problems:
        return await _one(request, name, form, status=422)
    password = passwords.generated() if deed == "password" else ""
    hashed = await parts.passwords.hashed(password) if password else ""
    async with parts.store.begin() as unit:
        now, actor = parts.clock(), visitor.account
        match deed:
            case "roles":
                await unit.accounts.set_roles(name, roles, actor, now)
            case "password":
                await unit.accounts.set_password(name, hashed, actor, now)
            case _:
                await unit.accounts.set_disabled(name, deed == "disable", actor, now)
    if password:
        return await _one(request, name, Form(), password=password)
    return await go(request, f"{_PATH}/{name}", "Done. Whoever used this account has to sign in again.")


async def _show(request: Request, form: Form, *, made: str = "", password: str = "", status: int = 200) -> Response:
    async with parts_of(request).store.reading() as unit:
        found = await unit.accounts.list()
    return page(
        request,
        "administration/accounts.html",
        status=status,
        form=form,
        found=found,
        roles=list(AccountRole),
        chosen=set(form.many("role")),
        made=made,
        password=password,
    )


async def _one(request: Request, name: str, form: Form, *, password: str = "", status: int = 200) -> Response:
    account = await _account(request, name)
    chosen = set(form.many("role")) or {role.value for role in account.roles}
    return page(
        request,
        "administration/account.html",
        status=status,
        form=form,
        account=account,
        roles=list(AccountRole),
        chosen=chosen,
        own=name == visitor_of(request).account,
        password=password,
    )


async def _account(request: Request, name: str) -> AccountRecord:
    async with parts_of(request).store.reading() as unit:
        found = await unit.accounts.get(name)
    if found is None:
        raise not_found("account")
    return found


def _roles(form: Form) -> list[AccountRole]:
    """The ticked roles; one at least."""
    sent = form.many("role")
    roles = [role for role in AccountRole if role.value in sent]
    if not roles:
        form.wrong("role", "Tick at least one role.")
    return roles
