"""The command ``backhaul`` about decisions that need two people, and about the narrowed queue."""

import getpass
import re
import uuid
from pathlib import Path

import pytest
from temporalio.client import Client

from desk.clock import utc_now
from desk.starting import start_or_poke
from domain.exceptions import ExceptionCode, Track
from domain.messages import Poke
from domain.money import Money
from domain.returns import ReturnRef
from store import Store
from store.records import ExceptionRecord, OpenException
from tests.starter.given import connections
from tests.starter.recorder import seen
from tests.starter.test_cli import Backhaul, backhaul, data, returned

__all__ = ["backhaul"]

CANCEL = ("CANCEL_TRACK", "--reason", "paid twice", "--role", "finance")


@pytest.fixture
async def much(store: Store, client: Client) -> ExceptionRecord:
    """A return of ours is parked on 500.01 pounds."""
    ref = await returned(store)
    await start_or_poke(client, ref, connections()[0].connection, Poke())
    item = OpenException(
        id=f"ex-{uuid.uuid4().hex[:12]}",
        connection=ref.connection,
        return_id=ref.return_id,
        code=ExceptionCode.DUPLICATE_REFUND,
        track=Track.FINANCE,
        step="credit",
        reason="a second refund",
        amount=Money(amount=50001, currency="GBP"),
        now=utc_now(),
    )
    async with store.begin() as unit:
        return await unit.exceptions.open(item)


async def test_R110_one_person_proposes_and_the_queue_shows_it_until_another_one_confirms(
    backhaul: Backhaul, much: ExceptionRecord, client: Client, recorder: None
) -> None:
    first = await backhaul("resolve", much.id, *CANCEL, "--actor", "ann")
    assert first.exit_code == 0
    assert "CANCEL_TRACK is proposed; another person has to confirm it" in first.stdout
    listed = await backhaul("exceptions")
    assert "CANCEL_TRACK by ann" in listed.stdout and "500.01 GBP" in listed.stdout
    [item] = data(await backhaul("exceptions", "--json"))["exceptions"]
    assert (item["proposal"]["actor"], item["proposal"]["reason"], item["version"]) == ("ann", "paid twice", 2)

    own = await backhaul("resolve", much.id, "--confirm", "--actor", "ann")
    assert (own.exit_code, "another person has to confirm it" in own.stderr) == (1, True)
    ref = ReturnRef(connection=much.connection, return_id=item["return_id"])
    assert (await seen(client, ref.workflow_id)).resolutions == []

    second = await backhaul("resolve", much.id, "--confirm", "--actor", "bob", "--role", "finance", "--json")
    assert data(second) == {"exception_id": much.id, "kind": "CANCEL_TRACK", "repeated": False}
    [made] = (await seen(client, ref.workflow_id)).resolutions
    assert (made.actor, made.proposed_by, made.reason, made.version) == ("bob", "ann", "paid twice", 1)


async def test_R110_the_amount_of_the_configuration_counts(
    backhaul: Backhaul, much: ExceptionRecord, tmp_path: Path, recorder: None
) -> None:
    config = tmp_path / "uk.toml"
    config.write_text("[connections.uk.limits]\nsecond_person = 501\n", encoding="utf-8")
    result = await backhaul("resolve", much.id, *CANCEL, "--json")
    assert data(result)["repeated"] is False
    config.write_text("[connections.uk.limits]\nsecond_person = 'much'\n", encoding="utf-8")
    wrong = await backhaul("resolve", much.id, *CANCEL)
    assert (wrong.exit_code, "Connection uk: limits.second_person" in wrong.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--confirm"], 1, "Nothing was proposed"),
        ([], 2, "Give the decision, or --confirm"),
    ],
)
async def test_R110_there_must_be_something_to_confirm(
    backhaul: Backhaul, much: ExceptionRecord, arguments: list[str], code: int, words: str
) -> None:
    result = await backhaul("resolve", much.id, *arguments)
    assert (result.exit_code, words in result.stderr) == (code, True)


async def test_R110_without_an_actor_the_user_of_the_operating_system_is_in_the_audit(
    backhaul: Backhaul, much: ExceptionRecord, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BACKHAUL_ACTOR", raising=False)
    assert (await backhaul("resolve", much.id, *CANCEL)).exit_code == 0
    own = await backhaul("resolve", much.id, "--confirm")
    assert (own.exit_code, f"{getpass.getuser()} has proposed this decision already" in own.stderr) == (1, True)
    async with store.reading() as unit:
        told = [(entry.actor, entry.action) for entry in await unit.audit.list(much.id)]
    user = getpass.getuser()
    assert told == [(user, "exception.refused"), (user, "exception.proposed"), ("system", "exception.opened")]


async def test_R110_the_help_says_that_the_command_line_takes_its_users_word(backhaul: Backhaul) -> None:
    told = " ".join(re.sub(r"[^\w.,:-]+", " ", (await backhaul("resolve", "--help")).stdout).split())
    assert "The command line takes --actor at its word" in told


async def test_R67_R74_the_queue_is_narrowed_by_cause_code_level_age_and_id(
    backhaul: Backhaul, store: Store, much: ExceptionRecord
) -> None:
    async with store.begin() as unit:
        other = await unit.exceptions.open_for_connection(
            "uk", ExceptionCode.CONNECTION_DOWN, "no answer", utc_now(), system="erp"
        )
        await unit.exceptions.escalate(other.id, 1, "the lead of integration", utc_now())

    async def names(*arguments: str) -> list[str]:
        found = data(await backhaul("exceptions", "--json", *arguments))["exceptions"]
        return [item["id"] for item in found]

    assert await names("--code", "DUPLICATE_REFUND") == [much.id]
    assert await names("--cause", other.cause) == [other.id]
    assert await names("--level", "1") == [other.id]
    assert await names("--hours", "1") == []
    assert await names("--id", str(much.return_id)) == [much.id]
    groups = data(await backhaul("exceptions", "--groups", "--code", "CONNECTION_DOWN", "--json"))
    assert [group["wrong"] for group in groups["groups"]] == ["system erp"]
