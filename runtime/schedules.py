"""Temporal Schedules as they are wanted: made, changed, removed, and otherwise left alone."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleHandle,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
)
from temporalio.service import RPCError, RPCStatusCode

#: In the memo of a schedule: what it was made from. The server spells a schedule in its own way when it is asked.
_MADE_FROM = "made-from"


@dataclass(frozen=True)
class WantedSchedule:
    """A workflow that is to be started at times. Runs never overlap: one that is due while another runs is left out.

    id: of the schedule; a run's workflow id is this and its time
    catch_up: how late a start may come after the server was away; what is older is left out
    """

    id: str
    workflow: str
    argument: BaseModel
    task_queue: str
    spec: ScheduleSpec
    catch_up: timedelta
    summary: str

    @property
    def made_from(self) -> str:
        """Tells one version of it from another."""
        parts = (
            self.workflow,
            self.argument.model_dump_json(),
            self.task_queue,
            self.spec,
            self.catch_up,
            self.summary,
        )
        return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class KeptSchedules:
    """Ids of what was done; those that were right already are in none of them."""

    made: Sequence[str] = ()
    changed: Sequence[str] = ()
    removed: Sequence[str] = ()


async def keep_schedules(client: Client, wanted: Sequence[WantedSchedule], families: Sequence[str]) -> KeptSchedules:
    """Bring the namespace's schedules to what is wanted; several processes may do so at once.

    families: beginnings of ids; a schedule of a family that is not wanted is removed, any other is left alone
    One that was paused stays paused. Raises RPCError, UNIMPLEMENTED by a server that has no schedules.
    """
    made, changed = [], []
    for one in wanted:
        handle = client.get_schedule_handle(one.id)
        known = await _known(handle)
        if known is None:
            made += [one.id] if await _make(client, one, ScheduleState()) else []
        elif known[0] != one.made_from:
            await _remove(handle)  # the memo of a schedule cannot be changed
            changed += [one.id] if await _make(client, one, known[1]) else []
    names = {one.id for one in wanted}
    listed = [entry.id async for entry in await client.list_schedules()]
    removed = [name for name in listed if name.startswith(tuple(families)) and name not in names]
    for name in removed:
        await _remove(client.get_schedule_handle(name))
    return KeptSchedules(made=made, changed=changed, removed=removed)


async def _known(handle: ScheduleHandle) -> tuple[str, ScheduleState] | None:
    """What a schedule was made from, and whether it is paused; None when there is none."""
    try:
        found = await handle.describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return await found.memo_value(_MADE_FROM, default="", type_hint=str), found.schedule.state


async def _make(client: Client, one: WantedSchedule, state: ScheduleState) -> bool:
    """False when another process was quicker."""
    action = ScheduleActionStartWorkflow(
        one.workflow, one.argument, id=one.id, task_queue=one.task_queue, static_summary=one.summary
    )
    policy = SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=one.catch_up)
    kept = ScheduleState(note=state.note, paused=state.paused)
    try:
        await client.create_schedule(
            one.id, Schedule(action=action, spec=one.spec, policy=policy, state=kept), memo={_MADE_FROM: one.made_from}
        )
    except ScheduleAlreadyRunningError:
        return False
    return True


async def _remove(handle: ScheduleHandle) -> None:
    try:
        await handle.delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
