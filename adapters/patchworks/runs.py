"""Long work: a flow is started as a run of its own, watched, and its outcome fetched by key (ASSUMED(1), ASSUMED(6)).

The state of a run never proves a posting; it only says when to ask `get_operation`. A run that is not listed is queued,
not lost. Runs that failed, were stopped or came through in part are asked about too: the ERP may have been reached.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import SecretStr

from adapters.kit.answer import Call
from adapters.kit.outside import Outside
from adapters.patchworks import contract
from adapters.patchworks.client import VENDOR, Channel, PatchworksClient, readable, shaped
from adapters.patchworks.contract import Operation
from adapters.patchworks.settings import PatchworksSettings
from adapters.patchworks.shapes import Head, Wire
from adapters.patchworks.wire import Body

W = TypeVar("W", bound=Wire)
_ENDED = (contract.RUN_SUCCESS, contract.RUN_FAILURE, contract.RUN_STOPPED, contract.RUN_PARTIAL)


class LongClient(PatchworksClient):
    """As `PatchworksClient`, but operations of ``long_operations`` are started as runs of their own."""

    def __init__(self, settings: PatchworksSettings, outside: Outside) -> None:
        self._runs = Runs(settings, outside)
        super().__init__(settings, self._runs.channel, outside.clock)

    async def call(self, operation: Operation, key: str, blocks: Body, shape: type[W]) -> W:
        """By the callback, or by a run of its own; what is raised is the same."""
        if operation.name not in self._settings.long_operations:
            return await super().call(operation, key, blocks, shape)
        call = Call(VENDOR, operation.name, operation.write)
        state = await self._runs.finish(call, self.envelope(operation, key, blocks))
        asked, element = await self.outcome(key)
        status = shaped(asked, element, Head).status
        if status == contract.NOT_FOUND or (status == contract.ERROR and state != contract.RUN_SUCCESS):
            # a stored error may be of an earlier attempt when this run did not come to its end
            raise call.lost(f"the run ended in state {state} and left no outcome")
        return readable(call, operation, element, shape)


class Runs:
    """Starts runs of one flow and waits for their end."""

    def __init__(self, settings: PatchworksSettings, outside: Outside) -> None:
        self.channel = Channel(settings, outside)
        self._settings = settings
        self._clock = outside.clock

    async def finish(self, call: Call, envelope: str) -> int:
        """Start a run with this envelope; its state once it has ended. Lost when it takes longer than we wait."""
        since = self._clock() - contract.CLOCKS_APART
        run_id = await self._start(call, envelope)
        give_up = time.monotonic() + self._settings.long_wait_seconds
        while (state := await self._state(run_id, since)) not in _ENDED:
            if time.monotonic() > give_up:
                raise call.lost(f"run {run_id} is still queued or at work; we ask for its outcome later")
            await asyncio.sleep(self._settings.poll_seconds)
        return state

    async def _start(self, call: Call, envelope: str) -> str:
        settings = self._settings
        url = settings.start_url + contract.START_RAW.format(flow_id=settings.flow_id)
        environment = settings.virtual_environment_id
        query = {"virtual_environment_id": str(environment)} if environment else None
        reply = await self.channel.send(call, "POST", url, self._secret, envelope, query)
        if (run_id := _run_id(reply)) is None:
            raise call.lost("the start reply names no run")
        return run_id

    async def _state(self, run_id: str, since: datetime) -> int | None:
        """The run's state; None while it is not listed."""
        call = Call(VENDOR, "flow-runs", write=False)
        query = {
            "filter[flow_id]": self._settings.flow_id,
            "filter[started_after]": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "sort": "-started_at",
            "per_page": str(contract.RUNS_PER_PAGE),
        }
        for page in range(1, contract.MAX_RUN_PAGES + 1):
            url = self._settings.core_url + contract.FLOW_RUNS
            reply = await self.channel.send(call, "GET", url, self._secret, query=query | {"page": str(page)})
            listed = reply.get("data") if isinstance(reply, dict) else None
            if not isinstance(listed, list):
                raise call.lost("the list of runs has no data")
            for run in listed:
                if isinstance(run, dict) and str(run.get("id")) == run_id:
                    return _state(run)
            if len(listed) < contract.RUNS_PER_PAGE:
                break
        return None

    @property
    def _secret(self) -> tuple[str, SecretStr]:
        assert self._settings.api_key is not None, "settings with long_operations have one"
        return "Authorization", self._settings.api_key


def _run_id(reply: object) -> str | None:
    """The id under any of the names of ASSUMED(6)."""
    if not isinstance(reply, dict):
        return None
    data = reply.get("data")
    places: list[Mapping[str, object]] = [reply, data if isinstance(data, dict) else {}]
    found = (place.get(name) for place in places for name in contract.RUN_ID_KEYS)
    return next((str(value) for value in found if isinstance(value, int | str) and str(value)), None)


def _state(run: Mapping[str, object]) -> int | None:
    """The state, flat or under `attributes`, as a number or its text."""
    attributes = run.get("attributes")
    place = attributes if isinstance(attributes, dict) else run
    text = str(place.get("status"))
    return int(text) if text.isascii() and text.isdecimal() else None
