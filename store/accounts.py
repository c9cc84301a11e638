"""Accounts of the console. Whatever takes rights away ends the sessions in the same transaction (R110)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import col, delete, func, select, update

from domain.accounts import AccountRole, AccountSource
from store.account_records import AccountRecord
from store.audit import Audit
from store.errors import AccountTaken, UnknownAccount
from store.scope import Scope
from store.tables_accounts import AccountRow, SessionRow, SignInFailureRow

#: Failed tries are forgotten after a quiet day.
_FORGET_AFTER = timedelta(days=1)

# Inside the class `list` is a method.
Records = list[AccountRecord]


class Accounts:
    """Accounts of one transaction. Changes are audited under the `actor` who makes them."""

    def __init__(self, scope: Scope, audit: Audit) -> None:
        self._scope = scope
        self._audit = audit

    async def add(self, name: str, roles: Iterable[AccountRole], password_hash: str, actor: str, now: datetime) -> None:
        """Add a local account. Raises AccountTaken."""
        row = _row(name, AccountSource.LOCAL, roles, now) | {"password_hash": password_hash}
        if not await self._scope.insert_new(AccountRow, row):
            raise AccountTaken(f"there is an account {name} already")
        await self._note(actor, "account.added", name, now, roles=_words(roles))

    async def get(self, name: str) -> AccountRecord | None:
        """The account, or None."""
        row = await self._scope.first(select(AccountRow).where(AccountRow.name == name))
        return _record(row) if row else None

    async def list(self) -> Records:
        """All accounts by name."""
        rows = await self._scope.rows(select(AccountRow).order_by(col(AccountRow.name)))
        return [_record(row) for row in rows]

    async def count(self) -> int:
        """How many accounts there are."""
        return (await self._scope.first(select(func.count()).select_from(AccountRow))) or 0

    async def password_hash(self, name: str) -> str:
        """What to check a password against; empty: no such account, disabled, or not ours to check."""
        query = select(AccountRow.password_hash).where(AccountRow.name == name, col(AccountRow.disabled).is_(False))
        return await self._scope.first(query) or ""

    async def set_roles(self, name: str, roles: Iterable[AccountRole], actor: str, now: datetime) -> None:
        """Give it these roles and no others. Raises UnknownAccount, as every `set_…` here."""
        await self._set(name, now, roles=_words(roles))
        await self._note(actor, "account.roles", name, now, roles=_words(roles))

    async def set_disabled(self, name: str, disabled: bool, actor: str, now: datetime) -> None:
        """Close or open the account."""
        await self._set(name, now, disabled=disabled)
        await self._note(actor, "account.disabled" if disabled else "account.enabled", name, now)

    async def set_password(self, name: str, password_hash: str, actor: str, now: datetime) -> None:
        """Replace the password of a local account; UnknownAccount for one that a provider checks."""
        account = await self.get(name)
        if account is None or account.source is not AccountSource.LOCAL:
            raise UnknownAccount(f"there is no local account {name}")
        await self._set(name, now, password_hash=password_hash)
        await self._note(actor, "account.password", name, now)

    async def improve_hash(self, name: str, password_hash: str) -> None:
        """Keep the same password under present-day costs. Sessions stay."""
        await self._scope.change(
            update(AccountRow).where(col(AccountRow.name) == name).values(password_hash=password_hash)
        )

    async def from_provider(self, name: str, roles: Iterable[AccountRole], now: datetime) -> AccountRecord:
        """The account of somebody whom the provider knows, made at the first sign-in; its roles are the provider's."""
        row = _row(name, AccountSource.PROVIDER, roles, now)
        if await self._scope.insert_new(AccountRow, row):
            await self._note(name, "account.added", name, now, roles=_words(roles))
        known = await self.get(name)
        assert known is not None
        if known.roles != frozenset(roles):
            await self.set_roles(name, roles, name, now)
        return known.model_copy(update={"roles": frozenset(roles)})

    async def failures(self, key: str) -> tuple[int, datetime] | None:
        """Tries in a row for a name's digest that were not right, and when the last one was."""
        await self._scope.lock(f"sign-in/{key}")
        row = await self._scope.first(select(SignInFailureRow).where(SignInFailureRow.key == key))
        return (row.failures, row.last_at) if row else None

    async def failed(self, key: str, now: datetime) -> None:
        """One more try. Old ones of anybody are forgotten."""
        await self._scope.change(delete(SignInFailureRow).where(col(SignInFailureRow.last_at) < now - _FORGET_AFTER))
        known = await self.failures(key)
        row = {"key": key, "failures": (known[0] if known else 0) + 1, "last_at": now}
        await self._scope.upsert(SignInFailureRow, ("key",), row)

    async def forget_failures(self, key: str) -> None:
        """The password was right."""
        await self._scope.change(delete(SignInFailureRow).where(col(SignInFailureRow.key) == key))

    async def _set(self, name: str, now: datetime, **values: object) -> None:
        changed = await self._scope.change(
            update(AccountRow).where(col(AccountRow.name) == name).values(**{"changed_at": now, **values})
        )
        if not changed:
            raise UnknownAccount(f"there is no account {name}")
        await self._scope.change(delete(SessionRow).where(col(SessionRow.account) == name))

    async def _note(self, actor: str, action: str, name: str, now: datetime, **detail: Iterable[str]) -> None:
        await self._audit.add(actor, action, f"account/{name}", {key: [*words] for key, words in detail.items()}, now)


def _row(name: str, source: AccountSource, roles: Iterable[AccountRole], now: datetime) -> dict[str, object]:
    return {
        "name": name,
        "source": source.value,
        "password_hash": "",
        "roles": _words(roles),
        "disabled": False,
        "created_at": now,
        "changed_at": now,
    }


def _words(roles: Iterable[AccountRole]) -> list[str]:
    return sorted(role.value for role in roles)


def _record(row: AccountRow) -> AccountRecord:
    return AccountRecord.model_validate(row.model_dump(include=set(AccountRecord.model_fields)))
