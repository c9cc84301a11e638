"""An ERP's task queue keeps the rate of its connection, whatever its adapter keeps by itself (R34, D11)."""

import asyncio
import time
from datetime import timedelta
from typing import cast

import pytest
from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.edge import Edge, Link
from activities.sweep_signatures import ProbeOrder
from domain.connection import Connection
from domain.messages import erp_queue
from domain.ports import ReturnsPlatform
from runtime.client import BackhaulPlugin
from runtime.devserver import DevServer
from store import Store
from tests.conformance.desk import ErpDesk
from tests.desk.reconciled import shop_with
from tests.running import new_namespace
from worker import build_workers, utc_now

#: It needs a server and some seconds: `make verify` runs it.
pytestmark = [pytest.mark.verify, pytest.mark.timeout(120)]

A_SECOND, PROBES = 4, 24
#: The server lets through at once what a second allows, and as many again while it begins to count.
AT_ONCE = 2 * A_SECOND


@workflow.defn(name="Knocks")
class Knocks:
    """Many steps for one ERP, all at once."""

    @workflow.run
    async def run(self, order: ProbeOrder) -> None:
        queue, limit = workflow.info().task_queue.removeprefix("knocks/"), timedelta(minutes=1)
        await asyncio.gather(
            *(
                workflow.execute_activity("probe_erp", order, task_queue=queue, start_to_close_timeout=limit)
                for _ in range(PROBES)
            )
        )


def limited(connection: Connection) -> Connection:
    policy = connection.policy.model_copy(update={"rate_per_second": A_SECOND, "concurrency": 10})
    return connection.model_copy(update={"policy": policy})


async def test_R34_an_erp_is_asked_no_faster_than_its_connection_says(
    erp: ErpDesk, store: Store, temporal_server: DevServer
) -> None:
    connection = limited(shop_with(store).connection)
    link = Link(connection=connection, platform=cast(ReturnsPlatform, None), erp=erp.erp)
    client = await new_namespace(temporal_server, BackhaulPlugin())
    queue = erp_queue(connection.books)
    workers = build_workers(client, Edge(store, utc_now), [link], timedelta())
    [asking] = [one for one in workers if one.task_queue == queue]
    knocking = Worker(
        client, task_queue=f"knocks/{queue}", workflows=[Knocks], workflow_runner=UnsandboxedWorkflowRunner()
    )
    await erp.erp.probe()
    erp.front.reset()
    async with asking, knocking:
        order, began = ProbeOrder(connection=connection.name), time.monotonic()
        await client.execute_workflow("Knocks", order, id=f"knocks-{erp.name}", task_queue=knocking.task_queue)
        took = time.monotonic() - began
    assert len(erp.front.arrived) >= PROBES
    assert took >= (PROBES - AT_ONCE) / A_SECOND
