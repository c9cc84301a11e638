"""Reconciliations of a connection: how a person starts one, beside its schedule (R78)."""

import asyncio
from datetime import date, timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from desk.handles import RPC_LIMIT, failure
from domain.messages import RECONCILE_WORKFLOW, RETURNS_QUEUE, ReconcileOrder, ReconcileOutcome


def reconcile_id(order: ReconcileOrder, today: date) -> str:
    """Id of a run that a person starts: the connection and its days."""
    until = order.until or today + timedelta(days=1)
    since = order.since or until - timedelta(days=order.days)
    return f"reconcile/{order.connection}/{since}..{until}"


async def reconcile_now(
    client: Client, order: ReconcileOrder, today: date, wait: float = 600
) -> ReconcileOutcome | None:
    """Compare now; None when that takes longer than `wait` seconds: it goes on.

    One of the same days that goes on already is joined. Raises TemporalUnreachableError.
    """
    try:
        handle = await client.start_workflow(
            RECONCILE_WORKFLOW,
            order,
            id=reconcile_id(order, today),
            task_queue=RETURNS_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            result_type=ReconcileOutcome,
            static_summary=f"Reconciliation of {order.connection}, asked for by a person",
            rpc_timeout=RPC_LIMIT,
        )
        async with asyncio.timeout(wait):
            outcome: ReconcileOutcome = await handle.result()
    except TimeoutError:
        return None
    except RPCError as error:
        raise failure(error) from error
    return outcome
