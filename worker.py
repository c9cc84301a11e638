"""The worker process: settings → adapters → activities → Temporal workers. The one place that wires them."""

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import cast

import httpx
import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import Worker

from activities.desk import DeskActivities
from activities.edge import Edge, Link
from activities.erp import ErpActivities
from activities.heartbeat import Heartbeats
from activities.parcel_delivery import ParcelDelivery
from activities.parcel_steps import ParcelActivities, ParcelDesk
from activities.platform import PlatformActivities
from activities.reconcile_store import ReconcileStore
from activities.reconciling import ReconcileErp, ReconcilePlatform
from activities.sweep_stuck import StuckSweep
from activities.sweeping import ErpProbe, PlatformSweep
from activities.window_signatures import WindowStart
from activities.windows import WindowActivities
from adapters.assembly import ReadyConnection, load_connections
from adapters.shadow import ShadowErp, ShadowPlatform, rehearsed
from desk.rhythm import keep_rhythm
from domain.batches import RecordClass
from domain.configuration import ConfigurationError as BadConnections
from domain.messages import RETURNS_QUEUE, SHADOW_NAMESPACE, WINDOW_WORKFLOW, erp_queue, platform_queue
from domain.ports import BatchErp, CallCounter
from domain.returns import ReturnRef
from runtime.client import BackhaulPlugin, TemporalUnreachableError, configured_namespace, connect
from runtime.logs import configure_logs
from runtime.problems import ConfigurationError
from runtime.serving import serving
from runtime.settings import Settings, load_settings
from runtime.shutdown import stop_on_signals
from runtime.telemetry import install_temporal_runtime, tracing
from runtime.toml import load_toml
from store.database import Store
from store.quota import StoredCalls
from workflows.exchange_workflow import ExchangeWorkflow
from workflows.parcel_workflow import ParcelWorkflow
from workflows.reconcile_workflow import ReconcileWorkflow
from workflows.return_workflow import ReturnWorkflow
from workflows.sweep_workflow import SweepWorkflow
from workflows.window_workflow import WindowWorkflow

#: Packages that the workflow sandbox takes as they are: pure values and signatures.
PASSTHROUGH = ("domain", "activities")
#: Vendors' own timeouts are shorter; this one only keeps a dead socket from living for ever.
HTTP_TIMEOUT = httpx.Timeout(60)

#: The Temporal SDK's own threads need this moment, or the interpreter sometimes aborts at exit.
EXIT_PAUSE = 0.2

log = structlog.get_logger("worker")


def utc_now() -> datetime:
    """The clock of this process."""
    return datetime.now(UTC)


def build_links(
    ready: Sequence[ReadyConnection], http: httpx.AsyncClient, counter: CallCounter | None = None
) -> list[Link]:
    """Every connection with its ports; connections that share an ERP's books share one port and its limits."""
    erps = {one.connection.books: one.erp(http, counter) for one in reversed(ready)}
    return [
        Link(connection=one.connection, platform=one.platform(http, counter), erp=erps[one.connection.books])
        for one in ready
    ]


def with_posting_off(links: Sequence[Link]) -> list[Link]:
    """The same connections for a rehearsal: everything is read, nothing is written (N9)."""
    erps = {link.connection.books: ShadowErp(link.erp) for link in links}
    return [
        Link(
            connection=rehearsed(link.connection),
            platform=ShadowPlatform(link.platform),
            erp=erps[link.connection.books],
        )
        for link in links
    ]


def batch_windows(links: Sequence[Link]) -> list[WindowStart]:
    """The windows that documents of these connections wait for in files (D7)."""
    books = sorted({link.connection.books for link in links if link.erp.capabilities.batch})
    return [WindowStart(books=name, record_class=one) for name in books for one in RecordClass]


async def watch_windows(client: Client, links: Sequence[Link]) -> None:
    """Have every window of a batch ERP watched by its workflow, which then lives for ever."""
    for start in batch_windows(links):
        await client.start_workflow(
            WINDOW_WORKFLOW,
            start,
            id=start.workflow_id,
            task_queue=RETURNS_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"Windows of {start.books} for {start.record_class} documents",
        )


def build_workers(client: Client, edge: Edge, links: Sequence[Link], grace: timedelta) -> list[Worker]:
    """One worker for the flow, one per platform connection, one per ERP, each with its own limits (D11)."""
    books = sorted({link.connection.books for link in links})
    return [
        _flow_worker(client, edge, links, grace),
        *(_platform_worker(client, edge, link, grace) for link in links),
        *(_erp_worker(client, edge, name, links, grace) for name in books),
    ]


def _flow_worker(client: Client, edge: Edge, links: Sequence[Link], grace: timedelta) -> Worker:
    """All workflows, and the steps that need only the store."""
    desk, parcels = DeskActivities(edge), ParcelDesk(edge)
    by_name = {link.connection.name: link for link in links}
    stuck, reconcile = StuckSweep(edge, by_name), ReconcileStore(edge, by_name)
    return Worker(
        client,
        task_queue=RETURNS_QUEUE,
        workflows=[
            ReturnWorkflow,
            ExchangeWorkflow,
            ParcelWorkflow,
            WindowWorkflow,
            SweepWorkflow,
            ReconcileWorkflow,
        ],
        activities=[
            desk.open_exception,
            desk.close_exception,
            desk.record_end,
            desk.decide_share,
            desk.move_deadline,
            parcels.note_parcel,
            stuck.sweep_stuck,
            stuck.fail_sweep,
            reconcile.begin_run,
            reconcile.gather,
            reconcile.match_returns,
            reconcile.match_rest,
            reconcile.end_run,
            reconcile.fail_run,
        ],
        interceptors=[Heartbeats()],
        graceful_shutdown_timeout=grace,
    )


def _platform_worker(client: Client, edge: Edge, link: Link, grace: timedelta) -> Worker:
    platform, delivery = PlatformActivities(edge, link), ParcelDelivery(edge, link)
    sweep, refunds = PlatformSweep(edge, link), ReconcilePlatform(edge, link)
    return Worker(
        client,
        task_queue=platform_queue(link.connection.name),
        activities=[
            platform.read_return,
            platform.report_inspection,
            platform.remind,
            delivery.deliver_parcel,
            sweep.sweep_platform,
            refunds.pull_refunds,
            refunds.look_up_orders,
        ],
        interceptors=[Heartbeats()],
        graceful_shutdown_timeout=grace,
    )


def _erp_worker(client: Client, edge: Edge, books: str, links: Sequence[Link], grace: timedelta) -> Worker:
    sharing = {link.connection.name: link for link in links if link.connection.books == books}
    policies = [link.connection.policy for link in sharing.values()]
    erp, parcels = ErpActivities(edge, sharing), ParcelActivities(edge, sharing)
    port = next(iter(sharing.values())).erp
    windows = WindowActivities(edge, sharing, cast(BatchErp, port)) if port.capabilities.batch else None
    return Worker(
        client,
        task_queue=erp_queue(books),
        activities=[
            erp.open_rma,
            erp.check_rma,
            erp.withdraw_rma,
            erp.book_goods,
            erp.hold_goods,
            erp.take_surplus,
            erp.credit_refund,
            erp.place_replacement,
            erp.withdraw_replacement,
            parcels.place_parcel,
            parcels.take_back_parcel,
            parcels.hold_parcel,
            parcels.book_regrade,
            ErpProbe(edge, sharing).probe_erp,
            ReconcileErp(edge, sharing).pull_credits,
            *((windows.plan_window, windows.hand_over, windows.collect, windows.note_failure) if windows else ()),
        ],
        max_concurrent_activities=min(policy.concurrency for policy in policies),
        max_task_queue_activities_per_second=min(policy.rate_per_second for policy in policies),
        interceptors=[Heartbeats()],
        graceful_shutdown_timeout=grace,
    )


def keep_apart(shadow: str, namespace: str) -> None:
    """Raise ConfigurationError when live returns would be rehearsed, or rehearsed ones posted."""
    if bool(shadow) == (namespace == SHADOW_NAMESPACE):
        return
    problem = f"namespace {namespace} is for rehearsals alone, which backhaul shadow starts"
    if shadow:
        problem = (
            f"BACKHAUL_SHADOW is set, but namespace {namespace} is not {SHADOW_NAMESPACE}; backhaul shadow sets both"
        )
    raise ConfigurationError("The worker must not start", [problem])


async def run_worker(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; work in flight gets its grace, the rest is taken over by another worker."""
    keep_apart(settings.shadow, configured_namespace())
    ready = load_connections(load_toml(settings.config), os.environ)
    if settings.shadow:
        ready = [one for one in ready if one.name == settings.shadow]
    install_temporal_runtime(settings.metrics_address)
    plugin = BackhaulPlugin(keys=settings.keys, passthrough=PASSTHROUGH)
    store = Store(settings.database_url)
    counting = Store(settings.shadow_calls_url) if settings.shadow_calls_url else store
    async with AsyncExitStack() as stack:
        stop = stack.enter_context(stop_on_signals())
        stack.push_async_callback(store.close)
        stack.push_async_callback(counting.close)
        await store.migrate()
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=HTTP_TIMEOUT))
        client = await connect(plugin, limit=settings.connect_seconds)
        links = build_links(ready, http, StoredCalls(counting, urgent=not settings.shadow))
        if settings.shadow:
            links = with_posting_off(links)
        grace = timedelta(seconds=settings.shutdown_seconds)
        await watch_windows(client, links)
        if not settings.shadow:
            await keep_rhythm(client, [link.connection for link in links])
        workers = build_workers(client, Edge(store=store, clock=utc_now), links, grace)
        await stack.enter_async_context(serving(workers, grace))
        log.info("worker is ready", connections=[link.connection.name for link in links])
        await stop.wait()
        log.info("worker is stopping")
    await asyncio.sleep(EXIT_PAUSE)


def _log_fields(workflow_id: str) -> dict[str, str]:
    """Connection and return id of a workflow, for every log line of it."""
    parts = workflow_id.split("/")
    if len(parts) == 3 and parts[0] == "parcel":
        return {"connection": parts[1]}  # it came without its return
    if len(parts) < 3 or parts[0] not in ("return", "exchange", "parcel", "regrade"):
        return {}
    ref = ReturnRef(connection=parts[1], return_id=parts[2])
    return {"connection": ref.connection, "return_id": ref.return_id}


def main() -> int:
    """Entry point of ``python -m worker``; exit code 1 for configuration, 4 when Temporal does not answer."""
    try:
        settings = load_settings()
        configure_logs(form=settings.log_format, level=settings.log_level, fields_of=_log_fields)
        with tracing("backhaul-worker"):
            asyncio.run(run_worker(settings))
    except (ConfigurationError, BadConnections) as error:
        sys.stderr.write(f"backhaul worker: {error}\n")
        return 1
    except TemporalUnreachableError as error:
        sys.stderr.write(f"backhaul worker: {error}\n")
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
