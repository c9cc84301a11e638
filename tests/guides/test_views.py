"""Each saved search finds on a real server exactly what it says, and what people may send is what workflows take."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from domain.exceptions import Owner
from domain.inspection import Inspection
from domain.messages import (
    ATTENTION_ATTRIBUTE,
    CONNECTION_ATTRIBUTE,
    EXCHANGE_WORKFLOW,
    INSPECTION_SIGNAL,
    NO_ATTENTION,
    PARCEL_WORKFLOW,
    POKE_SIGNAL,
    RECONCILE_WORKFLOW,
    RECORD_INSPECTION_UPDATE,
    REPORT_LOST_UPDATE,
    RESOLVE_UPDATE,
    RETURN_ATTRIBUTE,
    RETURN_WORKFLOW,
    SWEEP_WORKFLOW,
    WINDOW_WORKFLOW,
    LooseInspection,
    LostReport,
    Poke,
)
from domain.model import Message
from domain.resolution import Resolution
from guides.temporal_page import CALLS, DATE, RETURN_ID, Call
from guides.views import VIEWS, SavedView
from guides.words import team_title
from runtime.client import BackhaulPlugin
from runtime.devserver import DevServer
from tests.patience import PATIENCE
from tests.running import new_namespace

QUEUE = "views"


class Play(Message):
    """How a stand-in behaves: it waits, ends, fails, or breaks its own workflow task. `child`: an exchange of it."""

    how: str = "wait"
    child: str = ""


async def _play(play: Play) -> None:
    if play.child:
        await workflow.start_child_workflow(EXCHANGE_WORKFLOW, Play(), id=play.child)
    match play.how:
        case "fail":
            raise ApplicationError("as asked")
        case "break":
            raise RuntimeError("as asked")
        case "wait":
            await workflow.wait_condition(lambda: False)


@workflow.defn(name=RETURN_WORKFLOW)
class Return:
    @workflow.run
    async def run(self, play: Play) -> None:
        await _play(play)


@workflow.defn(name=EXCHANGE_WORKFLOW)
class Exchange:
    @workflow.run
    async def run(self, play: Play) -> None:
        await _play(play)


@workflow.defn(name=PARCEL_WORKFLOW)
class Parcel:
    @workflow.run
    async def run(self, play: Play) -> None:
        await _play(play)


@workflow.defn(name=WINDOW_WORKFLOW)
class Window:
    @workflow.run
    async def run(self, play: Play) -> None:
        await _play(play)


@workflow.defn(name=SWEEP_WORKFLOW)
class Sweep:
    @workflow.run
    async def run(self, play: Play) -> None:
        await _play(play)


@workflow.defn(name=RECONCILE_WORKFLOW)
class Reconcile:
    @workflow.run
    async def run(self, play: Play) -> None:
        await _play(play)


OPEN_RETURNS = {f"return/uk/{RETURN_ID}", *(f"return/uk/{owner}" for owner in Owner)}

EXPECTED = {
    "Waits for anybody": {*(f"return/uk/{owner}" for owner in Owner), "parcel/uk/scan-1"},
    **{
        f"Waits for {team_title(owner)}": {f"return/uk/{owner}"}
        | ({"parcel/uk/scan-1"} if owner is Owner.WAREHOUSE else set())
        for owner in Owner
    },
    "Open returns": OPEN_RETURNS,
    "One return": {f"return/uk/{RETURN_ID}", f"parcel/uk/{RETURN_ID}/scan-2"},
    "Exchanges of one return": {f"exchange/uk/{RETURN_ID}/1"},
    "Old open returns": {*OPEN_RETURNS, f"return/de/{RETURN_ID}"},
    "Exchanges under way": {f"exchange/uk/{RETURN_ID}/1"},
    "Parcels without a return": {"parcel/uk/scan-1"},
    "Windows of batch ERPs": {"window/prima-uk/rma"},
    "Sweeps that ended badly": {"sweep/uk/failed"},
    "Reconciliations that ended badly": {"reconcile/uk/failed"},
    "Sweeps and reconciliations now": {"reconcile/uk/now", "sweep/uk/now"},
    "Returns that ended badly": {"return/uk/failed", "return/uk/terminated", "return/uk/timed-out"},
    "Returns stopped by operations": {"return/uk/canceled"},
    "Code that fails": {"regrade/de/R-9/1"},
}


@pytest.fixture(scope="module")
async def client(temporal_server: DevServer) -> AsyncIterator[Client]:
    """A namespace in which every search has something to find, and something to leave out."""
    client = await new_namespace(temporal_server, BackhaulPlugin())
    workflows = [Return, Exchange, Parcel, Window, Sweep, Reconcile]
    async with Worker(client, task_queue=QUEUE, workflows=workflows, workflow_runner=UnsandboxedWorkflowRunner()):
        await asyncio.gather(*(_begin(client, *one) for one in _begun()))
        await client.get_workflow_handle("return/uk/terminated").terminate()
        await client.get_workflow_handle("return/uk/canceled").cancel()
        yield client


def _begun() -> list[tuple[str, str, Play, str]]:
    """Type, id, behaviour, owner whose decision it waits for."""
    none, wait = NO_ATTENTION, Play()
    return [
        (RETURN_WORKFLOW, f"return/uk/{RETURN_ID}", Play(child=f"exchange/uk/{RETURN_ID}/1"), none),
        *((RETURN_WORKFLOW, f"return/uk/{owner}", wait, owner.value) for owner in Owner),
        (RETURN_WORKFLOW, f"return/de/{RETURN_ID}", wait, none),
        (RETURN_WORKFLOW, "return/uk/closed", Play(how="end"), none),
        (RETURN_WORKFLOW, "return/uk/failed", Play(how="fail"), none),
        (RETURN_WORKFLOW, "return/uk/terminated", wait, Owner.CX.value),
        (RETURN_WORKFLOW, "return/uk/timed-out", wait, none),
        (RETURN_WORKFLOW, "return/uk/canceled", wait, none),
        (PARCEL_WORKFLOW, "parcel/uk/scan-1", wait, Owner.WAREHOUSE.value),
        (PARCEL_WORKFLOW, f"parcel/uk/{RETURN_ID}/scan-2", Play(how="end"), none),
        (PARCEL_WORKFLOW, "regrade/uk/R-3/1", wait, none),
        (PARCEL_WORKFLOW, "regrade/de/R-9/1", Play(how="break"), none),
        (WINDOW_WORKFLOW, "window/prima-uk/rma", wait, ""),
        (SWEEP_WORKFLOW, "sweep/uk/failed", Play(how="fail"), ""),
        (SWEEP_WORKFLOW, "sweep/uk/good", Play(how="end"), ""),
        (SWEEP_WORKFLOW, "sweep/uk/now", wait, ""),
        (RECONCILE_WORKFLOW, "reconcile/uk/failed", Play(how="fail"), ""),
        (RECONCILE_WORKFLOW, "reconcile/uk/now", wait, ""),
    ]


async def _begin(client: Client, kind: str, name: str, play: Play, attention: str) -> None:
    """Start one, with the attributes that its real workflow has: those of a return and of a parcel."""
    _, connection, *rest = name.split("/")
    values = {CONNECTION_ATTRIBUTE: connection, RETURN_ATTRIBUTE: rest[0], ATTENTION_ATTRIBUTE: attention}
    pairs = [SearchAttributePair(SearchAttributeKey.for_keyword(key), value) for key, value in values.items()]
    await client.start_workflow(
        kind,
        play,
        id=name,
        task_queue=QUEUE,
        search_attributes=TypedSearchAttributes(pairs if attention else []),
        execution_timeout=timedelta(seconds=1) if name.endswith("timed-out") else None,
    )


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_every_saved_search_finds_what_it_says_and_nothing_else(client: Client, view: SavedView) -> None:
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
    query = view.filled("uk", RETURN_ID, tomorrow)
    found: set[str] = set()
    async with asyncio.timeout(PATIENCE):
        while found != EXPECTED[view.name]:
            await asyncio.sleep(0.1)
            found = {one.id async for one in client.list_workflows(query)}
            if not found <= EXPECTED[view.name] and "Running" not in query:
                break  # what has ended stays ended: waiting does not help
    assert found == EXPECTED[view.name]


async def test_a_return_that_began_today_is_no_old_one(client: Client) -> None:
    view = next(one for one in VIEWS if one.name == "Old open returns")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert [one.id async for one in client.list_workflows(view.filled("uk", RETURN_ID, today))] == []


def test_names_of_searches_can_be_typed_into_the_ui() -> None:
    names = [view.name for view in VIEWS]
    assert len({name.lower() for name in names}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9 _.-]+", name) for name in names)
    assert EXPECTED.keys() == set(names)


MODELS: dict[str, type[Message]] = {
    POKE_SIGNAL: Poke,
    RECORD_INSPECTION_UPDATE: Inspection,
    INSPECTION_SIGNAL: LooseInspection,
    REPORT_LOST_UPDATE: LostReport,
    RESOLVE_UPDATE: Resolution,
}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_what_people_may_send_from_the_ui_is_what_the_return_takes(call: Call) -> None:
    MODELS[call.name].model_validate_json(call.data)


def test_every_signal_and_update_for_people_is_described() -> None:
    assert {call.name for call in CALLS} == MODELS.keys()


def test_the_example_of_a_day_is_one() -> None:
    assert datetime.strptime(DATE, "%Y-%m-%d").replace(tzinfo=UTC).year == 2026
