"""The command ``backhaul``: what it prints, and the exit code that a script can rely on."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from temporalio.client import Client
from typer.testing import CliRunner, Result

from desk.clock import utc_now
from desk.starting import start_or_poke
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode, Track
from domain.inspection import BookedUnits, InspectedUnits, Inspection
from domain.messages import Poke
from domain.returns import (
    PlatformPhase,
    PlatformReturn,
    Refund,
    RefundState,
    ReturnKind,
    ReturnLine,
    ReturnRef,
)
from runtime.devserver import DevServer
from sandbox.kit.server import serve
from sandbox.prima import PrimaSandbox
from sandbox.reveni import ReveniSandbox
from starter.cli import app
from store import Store
from store.records import DocumentLine, DocumentPlan, DocumentState, ExceptionState, OpenException
from tests.starter.given import API_KEY, ENVIRON, EXAMPLE, connections
from tests.starter.recorder import seen

Backhaul: TypeAlias = Callable[..., Awaitable[Result]]


@pytest.fixture
def backhaul(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store: Store, temporal_server: DevServer, client: Client
) -> Backhaul:
    """Runs the command against the test's database and namespace, with Reveni and Prima alone; no vendor answers."""
    config = tmp_path / "uk.toml"
    config.write_text(EXAMPLE.read_text(encoding="utf-8").partition("# --- uk-outlet")[0], encoding="utf-8")
    environ = {
        "BACKHAUL_DATABASE_URL": f"sqlite:///{tmp_path}/backhaul.db",
        "BACKHAUL_CONFIG": str(config),
        **ENVIRON,
        "BACKHAUL_REVENI_URL": "http://127.0.0.1:1",
        "BACKHAUL_FAST_REVENI_URL": "http://127.0.0.1:1",
        "BACKHAUL_CAREFUL_REVENI_URL": "http://127.0.0.1:1",
        "BACKHAUL_PRIMA_URL": "http://127.0.0.1:1/wsa",
        "TEMPORAL_ADDRESS": temporal_server.address,
        "TEMPORAL_NAMESPACE": client.namespace,
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    async def invoke(*arguments: str) -> Result:
        result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert "Traceback" not in result.output
        return result

    return invoke


async def returned(store: Store) -> ReturnRef:
    """A return of two units: one came back sellable and is credited, one is still to come."""
    ref = ReturnRef(connection="uk", return_id=uuid.uuid4().hex)
    key = f"bh-{ref.return_id}-c-1"
    found = PlatformReturn(
        return_id=ref.return_id,
        order_number=f"O-{ref.return_id[:6]}",
        kind=ReturnKind.REFUND,
        phase=PlatformPhase.IN_TRANSIT,
        platform_status="shipped",
        currency="GBP",
        lines=[
            ReturnLine(line_id="1/P1", order_line_id="1", sku="P1", quantity=2, reason="changed_mind"),
        ],
        refunds=[Refund(refund_id=f"rf-{ref.return_id}", state=RefundState.PAID, amount_text="20.00", currency="GBP")],
        tracking_number=f"T-{ref.return_id[:6]}",
    )
    inspection = Inspection(
        inspection_id="scan-1",
        location="LDN-1",
        units=[InspectedUnits(sku="P1", quantity=1, disposition="SELLABLE")],
    )
    now = utc_now()
    async with store.begin() as unit:
        await unit.returns.save_platform_return(ref, found, now)
        await unit.returns.set_authorised(ref, f"R-{ref.return_id[:6]}", False, "hash", now, now)
        booked = [BookedUnits(line_id="1/P1", sku="P1", quantity=1, disposition="SELLABLE")]
        await unit.inspections.save(ref, inspection, booked, now)
        await unit.documents.plan(
            DocumentPlan(
                key=key,
                ref=ref,
                kind=DocumentKind.CREDIT,
                order_number=found.order_number,
                lines=[DocumentLine(line_id="1/P1", sku="P1", quantity=1)],
                total=2000,
                currency="GBP",
            ),
            now,
        )
        number = f"CN-{ref.return_id[:6]}"
        await unit.documents.mark(key, DocumentState.POSTED, number=number, total=2000, now=now)
        await unit.refunds.set_credit(ref, f"rf-{ref.return_id}", key, now)
        await unit.timeline.add(ref, "rma", now, "system", "rma", f"RMA R-{ref.return_id[:6]} opened")
        await unit.timeline.add(ref, "scan-1", now, "station-7", "inspection", "1 × P1 sellable at LDN-1")
    return ref


async def parked(store: Store, ref: ReturnRef, track: Track | None = Track.FINANCE) -> str:
    """An open exception of the return, at version 1."""
    name = f"ex-{uuid.uuid4().hex[:12]}"
    code = ExceptionCode.EVENT_CONFLICT if track is None else ExceptionCode.REFUND_MISMATCH
    async with store.begin() as unit:
        await unit.exceptions.open(
            OpenException(
                id=name,
                connection=ref.connection,
                return_id=ref.return_id,
                code=code,
                track=track,
                step="credit",
                reason="refund 20.00 GBP, units are worth 25.00 GBP",
                now=utc_now(),
            )
        )
    return name


def data(result: Result) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(result.stdout)
    return content


# --- show


@pytest.mark.parametrize(
    "form",
    ["{id}", "uk/{id}", "return/uk/{id}", "O-{short}", "R-{short}", "T-{short}", "CN-{short}", "rf-{id}"],
)
async def test_R86_R87_any_id_finds_the_return(backhaul: Backhaul, store: Store, form: str) -> None:
    ref = await returned(store)
    result = await backhaul("show", form.format(id=ref.return_id, short=ref.return_id[:6]), "--json")

    assert result.exit_code == 0
    assert [view["return_id"] for view in data(result)["returns"]] == [ref.return_id]


async def test_R87_every_track_says_where_it_is_and_what_it_waits_for(backhaul: Backhaul, store: Store) -> None:
    ref = await returned(store)
    [view] = data(await backhaul("show", ref.return_id, "--json"))["returns"]

    assert view["stage"] == "PARTLY_RECEIVED"
    assert view["waits_for"] == "the warehouse to inspect 1 of 2 unit(s)"
    assert view["since"]
    assert view["until"]
    tracks = {track["track"]: track for track in view["tracks"]}
    assert {name: track["state"] for name, track in tracks.items()} == {
        "platform": "SHIPPED",
        "rma": "CREATED",
        "goods": "PARTLY_RECEIVED",
        "finance": "AWAITING_REFUND",
    }
    assert all(track["since"] for track in tracks.values())
    assert tracks["goods"]["waits_for"] == "the warehouse to inspect 1 of 2 unit(s)"
    assert tracks["goods"]["until"]


async def test_R87_a_parked_track_names_owner_code_and_exception(backhaul: Backhaul, store: Store) -> None:
    ref = await returned(store)
    name = await parked(store, ref)
    [view] = data(await backhaul("show", ref.return_id, "--json"))["returns"]

    [finance] = [track for track in view["tracks"] if track["track"] == "finance"]
    assert finance["state"] == "PARKED"
    assert finance["waits_for"] == f"finance to decide REFUND_MISMATCH ({name})"
    assert [item["id"] for item in view["exceptions"]] == [name]


async def test_R14_the_warehouse_sees_expected_lines_by_rma_tracking_or_order(backhaul: Backhaul, store: Store) -> None:
    ref = await returned(store)
    for form in ("R-", "T-", "O-"):
        [view] = data(await backhaul("show", form + ref.return_id[:6], "--json"))["returns"]
        [line] = view["lines"]
        assert (line["sku"], line["expected"], line["inspected"]) == ("P1", 2, 1)


async def test_R86_the_timeline_has_actor_and_time(backhaul: Backhaul, store: Store) -> None:
    ref = await returned(store)
    [view] = data(await backhaul("show", f"CN-{ref.return_id[:6]}", "--json"))["returns"]

    entries = [(entry["actor"], entry["text"]) for entry in view["timeline"]]
    assert ("station-7", "1 × P1 sellable at LDN-1") in entries
    assert all(entry["at"] for entry in view["timeline"])
    [credit] = view["documents"]
    assert (credit["kind"], credit["number"], credit["total"]) == ("credit", f"CN-{ref.return_id[:6]}", 2000)


async def test_R87_people_read_tables(backhaul: Backhaul, store: Store) -> None:
    ref = await returned(store)
    result = await backhaul("show", ref.return_id)

    assert result.exit_code == 0
    for word in ("PARTLY_RECEIVED", "station-7", "20.00 GBP", "goods", f"CN-{ref.return_id[:6]}"):
        assert word in result.stdout


async def test_an_unknown_id_is_exit_3(backhaul: Backhaul) -> None:
    result = await backhaul("show", "nothing")

    assert result.exit_code == 3
    assert "No return has the id nothing" in result.stderr
    assert result.stdout == ""
    as_json = await backhaul("show", "nothing", "--json")
    assert (as_json.exit_code, data(as_json)["error"]) == (3, "not_found")


# --- inspect


@pytest.fixture
async def open_return(store: Store, client: Client) -> ReturnRef:
    ref = await returned(store)
    await start_or_poke(client, ref, connections()[0].connection, Poke())
    return ref


async def test_inspect_records_a_parcel_once(
    backhaul: Backhaul, open_return: ReturnRef, client: Client, recorder: None
) -> None:
    arguments = [f"R-{open_return.return_id[:6]}", "--location", "LDN-1", "--unit", "P1:1:A", "--id", "scan-2"]
    first = await backhaul("inspect", *arguments, "--json")
    again = await backhaul("inspect", *arguments)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert data(first) == {
        "return_id": str(open_return),
        "inspection_id": "scan-2",
        "confirmed": True,
        "repeated": False,
    }
    assert (await seen(client, open_return.workflow_id)).inspections == ["scan-2"]


async def test_inspect_tells_why_it_was_refused(backhaul: Backhaul, open_return: ReturnRef, recorder: None) -> None:
    result = await backhaul("inspect", str(open_return), "--location", "NOWHERE", "--unit", "P9:1:A")

    assert result.exit_code == 1
    assert "SKU P9 is not on this return" in result.stderr


@pytest.mark.parametrize("unit", ["P1", "P1:1", "P1:one:A", "P1:0:A", "P1:-1:A", ":1:A", "P1:1:A:1:x"])
async def test_inspect_refuses_units_of_another_form(backhaul: Backhaul, open_return: ReturnRef, unit: str) -> None:
    result = await backhaul("inspect", str(open_return), "--location", "LDN-1", "--unit", unit)
    assert result.exit_code == 2
    assert f"--unit {unit!r}" in result.stderr


async def test_inspect_of_nothing_is_exit_3(backhaul: Backhaul) -> None:
    for name in ("nothing", "uk/nothing"):
        result = await backhaul("inspect", name, "--location", "LDN-1", "--unit", "P1:1:A")
        assert result.exit_code == 3


async def test_inspect_without_temporal_is_exit_4(
    backhaul: Backhaul, open_return: ReturnRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("BACKHAUL_CONNECT_SECONDS", "0.2")
    result = await backhaul("inspect", str(open_return), "--location", "LDN-1", "--unit", "P1:1:A")

    assert result.exit_code == 4
    assert "Temporal at 127.0.0.1:1" in result.stderr


# --- exceptions and resolve


async def test_R67_the_queue_shows_every_field_and_filters(backhaul: Backhaul, store: Store) -> None:
    ref = await returned(store)
    name = await parked(store, ref)
    [item] = data(await backhaul("exceptions", "--json"))["exceptions"]

    assert item["id"] == name
    for field in ("code", "title", "owner", "reason", "opened_at", "return_id", "resolutions", "track"):
        assert item[field]
    mine = await backhaul("exceptions", "--owner", "finance", "--connection", "uk", "--state", "open")
    assert name in mine.stdout
    others = await backhaul("exceptions", "--owner", "warehouse", "--json")
    assert data(others)["exceptions"] == []


async def test_R69_resolve_reaches_the_parked_workflow(
    backhaul: Backhaul, store: Store, open_return: ReturnRef, client: Client, recorder: None
) -> None:
    name = await parked(store, open_return)
    result = await backhaul("resolve", name, "accept_platform_amount", "--reason", "agreed", "--actor", "u-7", "--json")

    assert result.exit_code == 0
    assert data(result) == {"exception_id": name, "kind": "ACCEPT_PLATFORM_AMOUNT", "repeated": False}
    [resolution] = (await seen(client, open_return.workflow_id)).resolutions
    assert (resolution.exception_id, resolution.version, resolution.actor) == (name, 1, "u-7")
    assert resolution.reason == "agreed"


async def test_R69_the_same_decision_twice_reaches_it_once(
    backhaul: Backhaul, store: Store, open_return: ReturnRef, client: Client, recorder: None
) -> None:
    name = await parked(store, open_return)
    for _ in range(2):
        assert (await backhaul("resolve", name, "ACCEPT_ORDER_AMOUNT", "--reason", "ours")).exit_code == 0
    assert len((await seen(client, open_return.workflow_id)).resolutions) == 1


async def test_R110_a_role_may_decide_only_what_its_team_owns_and_the_attempt_is_logged(
    backhaul: Backhaul, store: Store
) -> None:
    name = await parked(store, await returned(store))
    result = await backhaul("resolve", name, "ACCEPT_ORDER_AMOUNT", "--reason", "x", "--role", "cx", "--actor", "u-9")

    assert result.exit_code == 1
    assert "belongs to finance" in result.stderr
    async with store.reading() as unit:
        entries = await unit.audit.list(name)
        still = await unit.exceptions.get(name)
    assert ("u-9", "exception.refused") in [(entry.actor, entry.action) for entry in entries]
    assert still is not None
    assert still.state is ExceptionState.OPEN


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["ACCEPT_PLATFORM_AMOUNT"], 2, "needs a reason"),
        (["DONE_BY_HAND"], 2, "document"),
        (["EDIT_AND_RETRY"], 2, "edit"),
        (["EDIT_AND_RETRY", "--set", "location"], 2, "FIELD=VALUE"),
        (["SUBSTITUTE_SKU"], 1, "can be resolved by"),
        (["ACCEPT_ORDER_AMOUNT", "--reason", "x", "--version", "7"], 1, "version 1, not 7"),
        (["ACCEPT_ORDER_AMOUNT", "--reason", "refuse me"], 1, "parked for something else"),
        (["NONSENSE"], 2, "NONSENSE"),
    ],
)
async def test_R69_a_decision_that_does_not_fit_is_refused_with_the_reason(
    backhaul: Backhaul,
    store: Store,
    open_return: ReturnRef,
    recorder: None,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    name = await parked(store, open_return)
    result = await backhaul("resolve", name, *arguments)

    assert result.exit_code == code
    assert words in result.stderr
    async with store.reading() as unit:
        refused = [entry for entry in await unit.audit.list(name) if entry.action == "exception.refused"]
    assert len(refused) == (code == 1), "R110: whoever refused it, the attempt is in the audit"


async def test_R87_a_return_that_could_never_be_read_shows_why(backhaul: Backhaul, store: Store) -> None:
    ref = ReturnRef(connection="uk", return_id=uuid.uuid4().hex)
    name = await parked(store, ref, Track.PLATFORM)
    async with store.reading() as unit:
        item = await unit.exceptions.get(name)
    assert item is not None
    for any_id in (ref.return_id, str(ref)):
        result = await backhaul("show", any_id)
        assert result.exit_code == 3
        assert item.reason in result.stderr


async def test_R69_what_no_workflow_waits_for_is_decided_in_the_store(
    backhaul: Backhaul, store: Store, open_return: ReturnRef, client: Client, recorder: None
) -> None:
    name = await parked(store, open_return, track=None)
    result = await backhaul("resolve", name, "CANCEL_TRACK", "--reason", "compared: the same")

    assert result.exit_code == 0
    async with store.reading() as unit:
        record = await unit.exceptions.get(name)
    assert record is not None
    assert record.state is ExceptionState.RESOLVED
    again = await backhaul("resolve", name, "CANCEL_TRACK", "--reason", "compared: the same", "--json")
    assert data(again)["repeated"] is True
    other = await backhaul("resolve", name, "RETRY")
    assert other.exit_code == 1
    assert "resolved already" in other.stderr


async def test_resolving_an_unknown_exception_is_exit_3(backhaul: Backhaul) -> None:
    assert (await backhaul("resolve", "ex-nothing", "RETRY")).exit_code == 3


# --- check, and trouble that every command may meet


async def test_check_is_exit_0_when_everything_answers(backhaul: Backhaul, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKHAUL_FAST_REVENI_STORE", "store-uk")
    monkeypatch.setenv("BACKHAUL_CAREFUL_REVENI_STORE", "store-uk")
    prima, reveni = PrimaSandbox(), ReveniSandbox(store_id="store-uk", api_key=API_KEY)
    async with reveni, serve(prima.app) as erp, serve(reveni.app) as platform:
        monkeypatch.setenv("BACKHAUL_PRIMA_URL", erp.url + prima.path)
        monkeypatch.setenv("BACKHAUL_REVENI_URL", platform.url)
        monkeypatch.setenv("BACKHAUL_FAST_REVENI_URL", platform.url)
        monkeypatch.setenv("BACKHAUL_CAREFUL_REVENI_URL", platform.url)
        result = await backhaul("check", "--json")

    found = {(probe["system"], probe["target"]): probe["ok"] for probe in data(result)["probes"]}
    assert found == {
        ("database", "sqlite"): True,
        ("temporal", "server"): True,
        ("reveni", "uk"): True,
        ("reveni", "uk-fast"): True,
        ("reveni", "uk-careful"): True,
        ("prima", "prima-uk"): True,
    }
    assert (result.exit_code, data(result)["ok"]) == (0, True)


async def test_check_is_exit_1_and_names_everything_that_is_wrong(
    backhaul: Backhaul, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("BACKHAUL_CONNECT_SECONDS", "0.2")
    monkeypatch.setenv("BACKHAUL_DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")
    result = await backhaul("check", "--json")

    assert result.exit_code == 1
    assert [probe["ok"] for probe in data(result)["probes"]] == [False] * 6
    assert "backhaul migrate" in data(result)["probes"][0]["text"]


async def test_R18_check_lists_every_problem_of_the_configuration(backhaul: Backhaul, tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    text = EXAMPLE.read_text(encoding="utf-8").replace('mixed = "MX"', "").replace('Reversed = "void"', "")
    path.write_text(text, encoding="utf-8")
    result = await backhaul("--config", str(path), "check")

    assert result.exit_code == 1
    assert "broken.toml cannot be used" in result.stdout
    assert "return_types has no target for mixed" in result.stdout
    assert "credit_statuses has no target for Reversed" in result.stdout


async def test_R110_a_namespace_without_our_search_attributes_is_told(
    backhaul: Backhaul, temporal_server: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", temporal_server.namespace)
    result = await backhaul("check", "--json")
    [probe] = [probe for probe in data(result)["probes"] if probe["system"] == "temporal"]
    assert "search attributes BackhaulAttention" in probe["text"]


async def test_bad_settings_are_exit_1_and_all_named(backhaul: Backhaul, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKHAUL_BRIDGE_PORT", "high")
    monkeypatch.setenv("BACKHAUL_DATABASE_URL", "oracle://x")
    result = await backhaul("exceptions")

    assert result.exit_code == 1
    assert "BACKHAUL_BRIDGE_PORT" in result.stderr
    assert "BACKHAUL_DATABASE_URL" in result.stderr


async def test_a_database_that_does_not_answer_is_exit_4(backhaul: Backhaul, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKHAUL_DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    result = await backhaul("exceptions")

    assert result.exit_code == 4
    assert "secret" not in result.output
    assert "database" in result.stderr


async def test_migrate_makes_the_tables_and_their_folder(
    backhaul: Backhaul, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BACKHAUL_DATABASE_URL", f"sqlite:///{tmp_path}/new/folder/backhaul.db")
    assert (await backhaul("migrate")).exit_code == 0
    assert (await backhaul("exceptions")).exit_code == 0


@pytest.mark.parametrize("arguments", [["nonsense"], ["show"], ["inspect", "x"], ["exceptions", "--owner", "me"]])
async def test_wrong_usage_is_exit_2(backhaul: Backhaul, arguments: list[str]) -> None:
    assert (await backhaul(*arguments)).exit_code == 2
