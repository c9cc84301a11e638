"""Sweeps of a connection: how one is started, by its schedule or by a person."""

import asyncio
from datetime import datetime

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from desk.handles import RPC_LIMIT, failure
from domain.connection import Connection
from domain.messages import RETURNS_QUEUE, SWEEP_WORKFLOW, SweepOutcome, SweepStart, erp_queue, platform_queue


def sweep_id(connection: str) -> str:
    """Id of a connection's schedule; its runs carry their time behind it."""
    return f"sweep/{connection}"


def sweep_of(connection: Connection, since: datetime | None = None) -> SweepStart:
    """A sweep of this connection. `since`: look back to there; None: as far as configured."""
    return SweepStart(
        connection=connection.name,
        erp_queue=erp_queue(connection.books),
        platform_queue=platform_queue(connection.name),
        since=since,
    )


async def sweep_now(
    client: Client, connection: Connection, since: datetime | None = None, wait: float = 60
) -> SweepOutcome | None:
    """Sweep a connection now, beside its schedule; None when that takes longer than `wait` seconds: it goes on.

    One that a person has started before is joined. Raises TemporalUnreachableError.
    """
    try:
        handle = await client.start_workflow(
            SWEEP_WORKFLOW,
            sweep_of(connection, since),
            id=f"{sweep_id(connection.name)}/now",
            task_queue=RETURNS_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            result_type=SweepOutcome,
            static_summary=f"Sweep of {connection.name}, asked for by a person",
            rpc_timeout=RPC_LIMIT,
        )
        async with asyncio.timeout(wait):
            outcome: SweepOutcome = await handle.result()
    except TimeoutError:
        return None
    except RPCError as error:
        raise failure(error) from error
    return outcome
