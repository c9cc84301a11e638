"""What is started at times, by Temporal Schedules: sweeps and reconciliations of every connection (R78, R89)."""

import zlib
from collections.abc import Sequence
from datetime import timedelta

import structlog
from temporalio.client import Client, ScheduleCalendarSpec, ScheduleIntervalSpec, ScheduleRange, ScheduleSpec
from temporalio.service import RPCError, RPCStatusCode

from desk.sweeping import sweep_id, sweep_of
from domain.connection import Connection
from domain.messages import RECONCILE_WORKFLOW, RETURNS_QUEUE, SWEEP_WORKFLOW, ReconcileOrder
from runtime.schedules import KeptSchedules, WantedSchedule, keep_schedules

#: Beginnings of the ids of our schedules; what has one and is not wanted belongs to a connection that is gone.
_RECONCILE = "reconcile/"
_FAMILIES = (sweep_id(""), _RECONCILE)
#: How late they may be started after an outage of Temporal: the next sweep looks as far back, and is soon.
_LATE_SWEEP, _LATE_RECONCILIATION = timedelta(minutes=1), timedelta(hours=12)

log = structlog.get_logger("desk.rhythm")


def rhythm(connections: Sequence[Connection]) -> list[WantedSchedule]:
    """What is to be started at times for these connections."""
    return [of(connection) for connection in connections for of in (_sweeps, _reconciliations)]


async def keep_rhythm(client: Client, connections: Sequence[Connection]) -> KeptSchedules:
    """Have everything started in its rhythm; what belonged to connections that are gone is removed.

    A Temporal server without schedules is told in the log: then nothing is swept or reconciled by itself.
    """
    try:
        kept = await keep_schedules(client, rhythm(connections), families=_FAMILIES)
    except RPCError as error:
        if error.status is not RPCStatusCode.UNIMPLEMENTED:
            raise
        log.warning("this Temporal server has no schedules: nothing is swept or reconciled by itself")
        return KeptSchedules()
    log.info("schedules are kept", made=kept.made, changed=kept.changed, removed=kept.removed)
    return kept


def _sweeps(connection: Connection) -> WantedSchedule:
    """Each connection at its own moment, so that they do not all come at once."""
    every = connection.limits.sweep_every
    seconds = max(int(every.total_seconds()), 1)
    offset = timedelta(seconds=zlib.crc32(connection.name.encode()) % seconds)
    return WantedSchedule(
        id=sweep_id(connection.name),
        workflow=SWEEP_WORKFLOW,
        argument=sweep_of(connection),
        task_queue=RETURNS_QUEUE,
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every, offset=offset)]),
        catch_up=_LATE_SWEEP,
        summary=f"Sweep of {connection.name}",
    )


def _reconciliations(connection: Connection) -> WantedSchedule:
    """Every day at the agreed time, UTC."""
    hour, minute = (int(part) for part in connection.limits.reconcile_at.split(":"))
    daily = ScheduleCalendarSpec(hour=[ScheduleRange(hour)], minute=[ScheduleRange(minute)])
    return WantedSchedule(
        id=f"{_RECONCILE}{connection.name}",
        workflow=RECONCILE_WORKFLOW,
        argument=ReconcileOrder(connection=connection.name, days=connection.limits.reconcile_days),
        task_queue=RETURNS_QUEUE,
        spec=ScheduleSpec(calendars=[daily]),
        catch_up=_LATE_RECONCILIATION,
        summary=f"Reconciliation of {connection.name}",
    )
