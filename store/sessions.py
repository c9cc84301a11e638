"""Who is signed in to the console. The browser holds a random token; here is only its digest."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, delete, select, update

from domain.accounts import AccountRole, AccountSource
from store.account_records import Notice, SessionRecord, SignInFlow
from store.scope import Scope
from store.tables_accounts import AccountRow, SessionRow, SignInFlowRow

#: A session ends after so long, whatever happens in it.
LONGEST = timedelta(hours=12)
#: A session that nobody uses ends after so long.
IDLE = timedelta(hours=1)
#: Use is noted no more often, so that looking at pages does not keep writing.
_NOTE_EVERY = timedelta(minutes=1)
#: More notices than that never wait for one page.
_MOST_NOTICES = 5


class Sessions:
    """Sessions and sign-ins under way, of one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def open(self, key: str, account: str, csrf: str, now: datetime) -> None:
        """Sign a browser in. What has ended of all sessions is cleared away."""
        await self._scope.change(delete(SessionRow).where(col(SessionRow.expires_at) <= now))
        await self._scope.change(delete(SessionRow).where(col(SessionRow.seen_at) <= now - IDLE))
        row = {"key": key, "account": account, "csrf": csrf, "notices": []}
        times = {"created_at": now, "seen_at": now, "expires_at": now + LONGEST}
        await self._scope.insert_new(SessionRow, row | times)
        await self._scope.change(update(AccountRow).where(col(AccountRow.name) == account).values(signed_in_at=now))

    async def get(self, key: str, now: datetime) -> SessionRecord | None:
        """The session, unless it ended, was idle for too long, or its account is disabled."""
        row = await self._scope.first(select(SessionRow).where(SessionRow.key == key))
        if row is None or now >= row.expires_at or now >= row.seen_at + IDLE:
            return None
        account = await self._scope.first(select(AccountRow).where(AccountRow.name == row.account))
        if account is None or account.disabled:
            return None
        return SessionRecord(
            **row.model_dump(exclude={"notices"}),
            roles=frozenset(AccountRole(role) for role in account.roles),
            source=AccountSource(account.source),
            notices=[Notice(**notice) for notice in row.notices],
        )

    async def used(self, key: str, now: datetime) -> None:
        """The session is in use."""
        await self._scope.change(update(SessionRow).where(col(SessionRow.key) == key).values(seen_at=now))

    async def tell(self, key: str, notice: Notice) -> None:
        """Have the next page of this session show a notice; the same one again, after a second tap, is one."""
        row = await self._scope.first(select(SessionRow).where(SessionRow.key == key))
        if row is not None and notice.model_dump() not in row.notices:
            await self._keep(key, [*row.notices, notice.model_dump()][-_MOST_NOTICES:])

    async def told(self, key: str) -> None:
        """The notices were shown."""
        await self._keep(key, [])

    async def end(self, key: str) -> None:
        """Sign one browser out."""
        await self._scope.change(delete(SessionRow).where(col(SessionRow.key) == key))

    async def end_all(self, account: str) -> int:
        """Sign all browsers of an account out; how many there were."""
        return await self._scope.change(delete(SessionRow).where(col(SessionRow.account) == account))

    async def begin_flow(self, key: str, flow: SignInFlow, now: datetime) -> None:
        """Remember a sign-in that goes on at the provider. Those that never came back are cleared away."""
        await self._scope.change(delete(SignInFlowRow).where(col(SignInFlowRow.expires_at) <= now))
        await self._scope.insert_new(SignInFlowRow, {"key": key, **flow.model_dump()})

    async def take_flow(self, key: str, now: datetime) -> SignInFlow | None:
        """The sign-in under way, once; None when there is none, or when it took too long."""
        row = await self._scope.first(select(SignInFlowRow).where(SignInFlowRow.key == key))
        taken = await self._scope.change(delete(SignInFlowRow).where(col(SignInFlowRow.key) == key))
        if row is None or not taken or now >= row.expires_at:
            return None
        return SignInFlow(**row.model_dump(exclude={"key"}))

    async def _keep(self, key: str, notices: Sequence[dict[str, str]]) -> None:
        await self._scope.change(update(SessionRow).where(col(SessionRow.key) == key).values(notices=list(notices)))


def unnoted(session: SessionRecord, now: datetime) -> bool:
    """Whether the use of now should be noted by `Sessions.used`."""
    return now >= session.seen_at + _NOTE_EVERY
