"""Accounts and sessions of the console, on both databases; and pages of returns (R110)."""

from datetime import timedelta

import pytest

from domain.accounts import AccountRole, AccountSource
from domain.progress import Stage
from domain.returns import ReturnRef
from store import Store
from store.account_records import Notice, SignInFlow
from store.errors import AccountTaken, UnknownAccount
from store.return_list import ReturnsAfter
from tests.store.given import NOW, later, platform_return

FINANCE, ADMIN = AccountRole.FINANCE, AccountRole.ADMIN


async def test_R110_an_account_is_made_once_and_changed_under_a_name(store: Store) -> None:
    async with store.begin() as unit:
        await unit.accounts.add("fin-1", [FINANCE], "hash", "boss", NOW)
    with pytest.raises(AccountTaken):
        async with store.begin() as unit:
            await unit.accounts.add("fin-1", [ADMIN], "other", "boss", NOW)
    async with store.begin() as unit:
        await unit.accounts.set_roles("fin-1", [ADMIN, FINANCE], "boss", later())
        for change in (
            unit.accounts.set_disabled("no-1", True, "boss", NOW),
            unit.accounts.set_roles("no", [], "b", NOW),
        ):
            with pytest.raises(UnknownAccount):
                await change
    async with store.reading() as unit:
        account = await unit.accounts.get("fin-1")
        assert account is not None
        assert account.roles == {ADMIN, FINANCE}
        assert (account.source, account.disabled) == (AccountSource.LOCAL, False)
        assert await unit.accounts.password_hash("fin-1") == "hash"
        assert await unit.accounts.password_hash("no-1") == ""
        assert await unit.accounts.count() == 1
        deeds = [(e.actor, e.action, e.detail) for e in await unit.audit.list("account/fin-1")]
    assert deeds == [
        ("boss", "account.roles", {"roles": ["admin", "finance"]}),
        ("boss", "account.added", {"roles": ["finance"]}),
    ]


async def test_R110_a_disabled_account_has_no_password_and_no_session(store: Store) -> None:
    async with store.begin() as unit:
        await unit.accounts.add("fin-1", [FINANCE], "hash", "boss", NOW)
        await unit.sessions.open("key", "fin-1", "csrf", NOW)
    async with store.begin() as unit:
        await unit.accounts.set_disabled("fin-1", True, "boss", NOW)
    async with store.reading() as unit:
        assert await unit.accounts.password_hash("fin-1") == ""
        assert await unit.sessions.get("key", NOW) is None
    async with store.begin() as unit:
        await unit.accounts.set_disabled("fin-1", False, "boss", NOW)
        assert await unit.sessions.get("key", NOW) is None  # it does not come back


async def test_R110_sessions_have_two_ends_and_old_ones_are_cleared_away(store: Store) -> None:
    async with store.begin() as unit:
        await unit.accounts.add("fin-1", [FINANCE], "hash", "boss", NOW)
        await unit.sessions.open("idle", "fin-1", "c", NOW)
        await unit.sessions.open("busy", "fin-1", "c", NOW)
    for minutes in range(50, 12 * 60, 50):
        async with store.begin() as unit:
            assert await unit.sessions.get("busy", later(minutes)) is not None
            await unit.sessions.used("busy", later(minutes))
    async with store.begin() as unit:
        assert await unit.sessions.get("idle", later(60)) is None
        assert await unit.sessions.get("busy", later(12 * 60)) is None
        await unit.sessions.open("new", "fin-1", "c", later(13 * 60))
        assert await unit.sessions.end_all("fin-1") == 1


async def test_a_notice_waits_for_the_next_page_once(store: Store) -> None:
    notice = Notice(kind="good", text="Booked.")
    async with store.begin() as unit:
        await unit.accounts.add("fin-1", [FINANCE], "hash", "boss", NOW)
        await unit.sessions.open("key", "fin-1", "c", NOW)
        await unit.sessions.tell("key", notice)
        await unit.sessions.tell("key", notice)
        await unit.sessions.tell("gone", notice)
    async with store.begin() as unit:
        session = await unit.sessions.get("key", NOW)
        assert session is not None
        assert session.notices == [notice]
        await unit.sessions.told("key")
    async with store.reading() as unit:
        session = await unit.sessions.get("key", NOW)
        assert session is not None
        assert session.notices == []


async def test_R110_failed_tries_are_counted_by_name_and_forgotten_after_a_day(store: Store) -> None:
    async with store.begin() as unit:
        await unit.accounts.failed("a", NOW)
        await unit.accounts.failed("a", later())
        await unit.accounts.failed("b", later(2))
    async with store.begin() as unit:
        assert await unit.accounts.failures("a") == (2, later())
        await unit.accounts.failed("b", later() + timedelta(days=1, seconds=1))
        assert await unit.accounts.failures("a") is None
        await unit.accounts.forget_failures("b")
        assert await unit.accounts.failures("b") is None


async def test_R110_a_sign_in_under_way_is_taken_once_and_in_time(store: Store) -> None:
    flow = SignInFlow(browser="b", nonce="n", verifier="v", next="/", expires_at=later(10))
    async with store.begin() as unit:
        for key in ("first", "second"):
            await unit.sessions.begin_flow(key, flow, NOW)
    async with store.begin() as unit:
        assert await unit.sessions.take_flow("first", later(9)) == flow
        assert await unit.sessions.take_flow("first", later(9)) is None
        assert await unit.sessions.take_flow("second", later(10)) is None


async def test_R110_the_roles_of_a_provider_are_those_of_its_last_word(store: Store) -> None:
    async with store.begin() as unit:
        await unit.accounts.from_provider("oidc:1", [FINANCE], NOW)
        await unit.sessions.open("key", "oidc:1", "c", NOW)
    async with store.begin() as unit:
        await unit.accounts.from_provider("oidc:1", [FINANCE], later())
        assert await unit.sessions.get("key", later()) is not None
        account = await unit.accounts.from_provider("oidc:1", [ADMIN], later(2))
        assert account.roles == {ADMIN}
        assert await unit.sessions.get("key", later(2)) is None
        with pytest.raises(UnknownAccount):
            await unit.accounts.set_password("oidc:1", "hash", "boss", later(3))


async def test_pages_of_returns_follow_each_other_without_gap_or_repeat(store: Store) -> None:
    for number in range(9):
        async with store.begin() as unit:
            ref = ReturnRef(connection=f"c{number % 2}", return_id=f"R{number}")
            changed = later(-(number // 3))  # three of each moment
            await unit.returns.save_platform_return(ref, platform_return(return_id=ref.return_id), changed)
    seen: list[str] = []
    after: ReturnsAfter | None = None
    async with store.reading() as unit:
        while rows := await unit.returns.page(None, (), after, 2):
            seen += [str(row.ref) for row in rows]
            last = rows[-1]
            after = ReturnsAfter(last.updated_at, last.ref.connection, last.ref.return_id)
        one = await unit.returns.page("c1", (Stage.VALIDATING, Stage.CLOSED), None, 10)
        none = await unit.returns.page(None, (Stage.CLOSED,), None, 10)
    assert seen == ["c1/R1", "c0/R2", "c0/R0", "c1/R5", "c1/R3", "c0/R4", "c1/R7", "c0/R8", "c0/R6"]
    assert [str(row.ref) for row in one] == ["c1/R1", "c1/R5", "c1/R3", "c1/R7"]
    assert none == []
