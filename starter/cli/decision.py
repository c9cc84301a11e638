"""What every command that decides takes: the options of a decision, and the decision made of them."""

import getpass
from typing import Annotated, TypeAlias

import typer
from pydantic import ValidationError

from domain.exceptions import ResolutionKind
from domain.resolution import Resolution, Role
from runtime.problems import sentences
from starter.cli.output import CommandError, Exit
from store.records import ExceptionRecord

Kind: TypeAlias = Annotated[ResolutionKind, typer.Argument(metavar="KIND", case_sensitive=False, help="The decision.")]
OptionalKind: TypeAlias = Annotated[
    ResolutionKind | None, typer.Argument(metavar="[KIND]", case_sensitive=False, help="The decision.")
]
Reason: TypeAlias = Annotated[str, typer.Option("--reason", help="Why; some decisions need it.")]
Edits: TypeAlias = Annotated[list[str] | None, typer.Option("--set", help="FIELD=VALUE, for EDIT_AND_RETRY.")]
RoleName: TypeAlias = Annotated[Role, typer.Option("--role", envvar="BACKHAUL_ROLE", help="Whose hat you wear.")]
ActorName: TypeAlias = Annotated[
    str, typer.Option("--actor", envvar="BACKHAUL_ACTOR", help="User reference for the audit, not a name.")
]


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container whose user has no entry
        return "cli"


#: Who runs the command, as the operating system has it: the actor, unless another one is given.
OS_USER = _os_user()


def edits_of(pairs: list[str]) -> dict[str, str]:
    """``["location=LDN-1"]`` → ``{"location": "LDN-1"}``. Raises CommandError for any other form."""
    wrong = [pair for pair in pairs if not pair.partition("=")[0].strip() or "=" not in pair]
    if wrong:
        raise CommandError(Exit.USAGE, f"--set {wrong[0]!r} is not of the form FIELD=VALUE, e.g. location=LDN-1")
    return {field.strip(): value for field, _, value in (pair.partition("=") for pair in pairs)}


def resolution_of(
    record: ExceptionRecord,
    kind: ResolutionKind,
    role: Role,
    actor: str,
    *,
    version: int | None = None,
    reason: str = "",
    document: str = "",
    edits: dict[str, str] | None = None,
) -> Resolution:
    """The decision on `record`, at its present version unless another is given. Raises CommandError."""
    try:
        return Resolution(
            exception_id=record.id,
            version=version or record.version,
            kind=kind,
            role=role,
            actor=actor,
            reason=reason,
            document=document,
            edits=edits or {},
        )
    except ValidationError as error:
        raise CommandError(Exit.USAGE, "The decision is incomplete:", sentences(error)) from None
