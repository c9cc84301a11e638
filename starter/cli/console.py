"""``backhaul console`` and ``backhaul account …``: the pages, and who may sign in to them."""

import re
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from console import passwords
from desk.clock import utc_now
from domain.accounts import NAME_PATTERN, AccountRole
from domain.model import Value
from runtime.settings import Settings
from runtime.telemetry import tracing
from starter.cli.output import CommandError, Exit, emit, table
from starter.cli.run import AsJson, run
from starter.process import opened_store
from store import Unit
from store.account_records import AccountRecord
from store.errors import AccountTaken, UnknownAccount

account = typer.Typer(help="Accounts of the console: who may sign in, and as what.", no_args_is_help=True)

_ACTOR = "cli"
_Name = Annotated[str, typer.Argument(metavar="NAME", help="Login name: a reference such as whs-3, no mail address.")]
_Roles = Annotated[list[AccountRole], typer.Option("--role", help="May be given more than once.")]
_Prompt = Annotated[bool, typer.Option("--prompt", help="Ask for the password instead of making one up.")]


class Made(Value):
    """An account whose password was set. `password` is shown this once; empty when it was typed."""

    name: str
    roles: list[AccountRole]
    password: str


class Accounts(Value):
    """All accounts."""

    accounts: list[AccountRecord]


def console(context: typer.Context) -> None:
    """Run the console until SIGTERM or SIGINT. Its address is the only line on stdout."""
    from starter.console import serve_console

    async def serve(settings: Settings) -> None:
        with tracing("backhaul-console"):
            try:
                await serve_console(settings, _announce)
            except OSError as error:
                where = f"{settings.console_host}:{settings.console_port}"
                fix = "Set BACKHAUL_CONSOLE_HOST and BACKHAUL_CONSOLE_PORT to a free address; port 0 takes any."
                raise CommandError(Exit.REFUSED, f"Cannot listen on {where}: {error.strerror}. {fix}") from None

    run(context, serve, quiet=False)


@account.command()
def add(context: typer.Context, name: _Name, role: _Roles, prompt: _Prompt = False, as_json: AsJson = False) -> None:
    """Add a local account. Its password is made up and shown once, or asked for."""
    if not re.fullmatch(NAME_PATTERN, name):
        raise typer.BadParameter("2 to 40 small letters, digits, dots, dashes or underscores, no mail address")
    password = _password(prompt)

    async def save(unit: Unit) -> None:
        await unit.accounts.add(name, role, passwords.Passwords().hash(password), _ACTOR, utc_now())

    def told() -> None:
        _tell(Made(name=name, roles=role, password="" if prompt else password), as_json)

    _change(context, save, told, as_json)


@account.command(name="list")
def list_accounts(context: typer.Context, as_json: AsJson = False) -> None:
    """Show all accounts."""

    async def show(settings: Settings) -> None:
        async with opened_store(settings) as store, store.reading() as unit:
            found = await unit.accounts.list()
        rows = [
            (
                one.name,
                ", ".join(sorted(one.roles)),
                one.source,
                "disabled" if one.disabled else "open",
                f"{one.signed_in_at:%Y-%m-%d %H:%M}" if one.signed_in_at else "never",
            )
            for one in found
        ]
        columns = ("name", "roles", "source", "state", "last sign-in (UTC)")
        emit(Accounts(accounts=found), as_json, lambda screen: screen.print(table(columns, rows)))

    run(context, show, as_json=as_json)


@account.command()
def roles(context: typer.Context, name: _Name, role: _Roles) -> None:
    """Give an account these roles and no others. It has to sign in again."""
    _change(
        context,
        lambda unit: unit.accounts.set_roles(name, role, _ACTOR, utc_now()),
        _said(f"Account {name} has the roles {', '.join(role)} now."),
    )


@account.command()
def disable(context: typer.Context, name: _Name) -> None:
    """Close an account and end its sessions."""
    _change(
        context,
        lambda unit: unit.accounts.set_disabled(name, True, _ACTOR, utc_now()),
        _said(f"Account {name} is closed."),
    )


@account.command()
def enable(context: typer.Context, name: _Name) -> None:
    """Open an account again."""
    _change(
        context,
        lambda unit: unit.accounts.set_disabled(name, False, _ACTOR, utc_now()),
        _said(f"Account {name} is open."),
    )


@account.command()
def password(context: typer.Context, name: _Name, prompt: _Prompt = False, as_json: AsJson = False) -> None:
    """Give a local account a new password and end its sessions."""
    new = _password(prompt)

    async def save(unit: Unit) -> None:
        await unit.accounts.set_password(name, passwords.Passwords().hash(new), _ACTOR, utc_now())

    def told() -> None:
        _tell(Made(name=name, roles=[], password="" if prompt else new), as_json)

    _change(context, save, told, as_json)


def _change(
    context: typer.Context, change: Callable[[Unit], Awaitable[None]], told: Callable[[], None], as_json: bool = False
) -> None:
    async def save(settings: Settings) -> None:
        try:
            async with opened_store(settings) as store:
                await store.migrate()
                async with store.begin() as unit:
                    await change(unit)
        except UnknownAccount as error:
            raise CommandError(Exit.NOT_FOUND, f"{str(error).capitalize()}.") from None
        except AccountTaken as error:
            raise CommandError(Exit.REFUSED, f"{str(error).capitalize()}.") from None
        told()

    run(context, save, as_json=as_json)


def _password(prompt: bool) -> str:
    if not prompt:
        return passwords.generated()
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if problem := passwords.refusal(typed):
        raise typer.BadParameter(problem)
    return typed


def _tell(made: Made, as_json: bool) -> None:
    shown = f"Account {made.name}. " + (f"Password, shown only now: {made.password}" if made.password else "Done.")
    emit(made, as_json, lambda screen: screen.print(shown, markup=False, soft_wrap=True))


def _said(text: str) -> Callable[[], None]:
    return lambda: _announce(text)


def _announce(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
