"""Starts the workflows of returns, parcels and regrades: each at most once, however often it is asked for."""

from typing import Literal

from temporalio.client import Client
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from desk.handles import RPC_LIMIT, failure
from domain.connection import Connection
from domain.messages import (
    ATTENTION_ATTRIBUTE,
    CONNECTION_ATTRIBUTE,
    NO_ATTENTION,
    PARCEL_WORKFLOW,
    POKE_SIGNAL,
    RETURN_ATTRIBUTE,
    RETURN_WORKFLOW,
    RETURNS_QUEUE,
    Poke,
    ReturnStart,
    erp_queue,
    platform_queue,
)
from domain.parcel import DIGEST_MEMO, ParcelStart
from domain.returns import ReturnRef

#: In the memo of a parcel's workflow: what was sent under its name.


async def start_or_poke(client: Client, ref: ReturnRef, connection: Connection, poke: Poke) -> None:
    """Signal the return's workflow, starting it when it never existed.

    Raises WorkflowAlreadyStartedError when it has ended, RPCError.
    """
    await client.start_workflow(
        RETURN_WORKFLOW,
        ReturnStart(
            ref=ref,
            erp_queue=erp_queue(connection.books),
            platform_queue=platform_queue(connection.name),
        ),
        id=ref.workflow_id,
        task_queue=RETURNS_QUEUE,
        start_signal=POKE_SIGNAL,
        start_signal_args=[poke],
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        search_attributes=_search_attributes(ref),
        static_summary=f"Return {ref.return_id} ({connection.platform} to {connection.erp})",
        static_details=_details(ref, connection),
        rpc_timeout=RPC_LIMIT,
    )


async def start_parcel(client: Client, start: ParcelStart) -> Literal["started", "repeated", "conflict"]:
    """Start a parcel's or a regrade's workflow. The same name with other content is a conflict, and starts nothing.

    Raises TemporalUnreachableError, RPCError.
    """
    what = "Regrade" if start.regrade else "Parcel"
    of = "without its return" if start.blind else f"of return {start.ref.return_id}"
    name = start.workflow_id.rpartition("/")[2]
    try:
        await client.start_workflow(
            PARCEL_WORKFLOW,
            start,
            id=start.workflow_id,
            task_queue=RETURNS_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,  # a repeat must be known as one
            memo={DIGEST_MEMO: start.digest},
            search_attributes=_search_attributes(start.ref),
            static_summary=f"{what} {name} {of}",
            rpc_timeout=RPC_LIMIT,
        )
    except WorkflowAlreadyStartedError:
        return await _repeated(client, start)
    except RPCError as error:
        raise failure(error) from error
    return "started"


async def _repeated(client: Client, start: ParcelStart) -> Literal["repeated", "conflict"]:
    try:
        known = await client.get_workflow_handle(start.workflow_id).describe(rpc_timeout=RPC_LIMIT)
    except RPCError as error:
        raise failure(error) from error
    same = await known.memo_value(DIGEST_MEMO, default="", type_hint=str) == start.digest
    return "repeated" if same else "conflict"


def _search_attributes(ref: ReturnRef) -> TypedSearchAttributes:
    values = {
        CONNECTION_ATTRIBUTE: ref.connection,
        RETURN_ATTRIBUTE: ref.return_id,
        ATTENTION_ATTRIBUTE: NO_ATTENTION,
    }
    return TypedSearchAttributes(
        [SearchAttributePair(SearchAttributeKey.for_keyword(key), value) for key, value in values.items()]
    )


def _details(ref: ReturnRef, connection: Connection) -> str:
    """Markdown for the Temporal UI. No personal data."""
    return (
        f"{connection.platform} to {connection.erp}, books {connection.books}.\n\n"
        f"`backhaul show {ref}` tells lines, documents, refunds, exceptions and the timeline."
    )
