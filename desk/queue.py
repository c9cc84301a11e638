"""The exception queue for people: every item with all that is needed to decide it (R67, R73, N4)."""

from datetime import datetime
from urllib.parse import quote

from desk.decisions_form import Choice, choices_of
from desk.stake import stake_of
from desk.view import ExceptionView, exception_view
from domain.catalogue import CATALOGUE
from domain.exceptions import ExceptionCode, Owner
from domain.hypotheses import BETWEEN
from domain.model import Value
from domain.money import Money
from domain.triage import Refusal, refusal_of
from store import Store, Unit
from store.queue_records import ErpNumber, OwnerRow, QueueFilter, Surroundings
from store.records import ExceptionRecord


class Links(Value):
    """Where to look further. Empty texts where there is nothing, as for trouble of a whole connection.

    documents: what the ERP has of the return; workflow_id: who waits for the decision, or runs the return
    """

    connection: str
    return_id: str
    order_number: str
    rma_number: str
    tracking_number: str
    documents: list[ErpNumber]
    workflow_id: str


class QueueItem(ExceptionView):
    """One exception with everything around it. `reason` is what happened here, `explanation` what the code means.

    amount, units: what is at stake; of the whole return where the exception names neither (`whole_return`)
    level: how often it was escalated; proposal: the first person's decision that waits for a second person
    steps: what to do, in order; runbook: path of the page that says it at length
    choices: the decisions that are allowed, with what each needs
    hypotheses: likely causes of a refund mismatch in plain words, the likeliest first
    refusal: the ERP's own code and message, and what kind of refusal it is
    """

    explanation: str
    age_seconds: int
    whole_return: bool
    escalated_at: datetime | None
    steps: tuple[str, ...]
    runbook: str
    choices: tuple[Choice, ...]
    hypotheses: tuple[str, ...]
    refusal: Refusal | None
    links: Links


class QueuePage(Value):
    """A part of the queue. `next`: what to ask for as `after`; None at the end."""

    items: list[QueueItem]
    next: str | None


class OwnerCounts(Value):
    """The open exceptions of one owner. `proposed` of them wait for a second person; `sums`: one per currency."""

    owner: Owner
    count: int
    escalated: int
    proposed: int
    oldest_seconds: int
    sums: list[Money]


class QueueCounts(Value):
    """The open queue in numbers, owner by owner; those without exceptions are left out."""

    owners: list[OwnerCounts]

    @property
    def count(self) -> int:
        """All open exceptions."""
        return sum(owner.count for owner in self.owners)

    @property
    def escalated(self) -> int:
        """Those that were escalated at least once."""
        return sum(owner.escalated for owner in self.owners)

    def of(self, owner: Owner) -> OwnerCounts | None:
        """The numbers of one owner, or None."""
        return next((one for one in self.owners if one.owner is owner), None)


async def read_queue(
    store: Store, filters: QueueFilter, now: datetime, after: str | None = None, limit: int = 50, newest: bool = False
) -> QueuePage:
    """Up to `limit` items behind `after`, the oldest first: they are the most urgent; or the newest first."""
    async with store.reading() as unit:
        records = await unit.queue.page(filters, now, after, limit + 1, newest)
        items = await _items(unit, records[:limit], now)
    return QueuePage(items=items, next=items[-1].id if len(records) > limit else None)


async def read_item(store: Store, exception_id: str, now: datetime) -> QueueItem | None:
    """One item in whatever state, or None."""
    async with store.reading() as unit:
        record = await unit.exceptions.get(exception_id)
        return (await _items(unit, [record], now))[0] if record else None


async def queue_counts(store: Store, now: datetime) -> QueueCounts:
    """The open queue in numbers."""
    async with store.reading() as unit:
        rows = await unit.queue.owners()
    return QueueCounts(owners=[_counts(row, now) for row in rows])


def temporal_url(base: str, namespace: str, workflow_id: str) -> str:
    """Address of a workflow in the Temporal UI at `base`, as in ``http://localhost:8233``; empty without one."""
    if not base or not workflow_id:
        return ""
    return f"{base.rstrip('/')}/namespaces/{quote(namespace, safe='')}/workflows/{quote(workflow_id, safe='')}"


def runbook_of(code: ExceptionCode) -> str:
    """Path of the page that says what to do about exceptions of this code."""
    return f"runbooks/{code}"


async def _items(unit: Unit, records: list[ExceptionRecord], now: datetime) -> list[QueueItem]:
    around = await unit.queue.surroundings([record.ref for record in records if record.ref])
    return [_item(record, around.get(record.ref) if record.ref else None, now) for record in records]


def _item(record: ExceptionRecord, around: Surroundings | None, now: datetime) -> QueueItem:
    entry, stake = CATALOGUE[record.code], stake_of(record, around)
    shown = {**dict(exception_view(record)), "amount": stake.amount, "units": stake.units}
    return QueueItem(
        **shown,
        explanation=entry.explanation,
        age_seconds=_seconds(record.opened_at, record.resolved_at or now),
        whole_return=stake.whole_return,
        escalated_at=record.escalated_at,
        steps=entry.steps,
        runbook=runbook_of(record.code),
        choices=choices_of(record),
        hypotheses=_hypotheses(record),
        refusal=refusal_of(record.code, record.reason, record.payload),
        links=_links(record, around),
    )


def _links(record: ExceptionRecord, around: Surroundings | None) -> Links:
    return Links(
        connection=record.connection,
        return_id=record.return_id or "",
        order_number=around.order_number if around else "",
        rma_number=around.rma_number if around else "",
        tracking_number=around.tracking_number if around else "",
        documents=around.numbers if around else [],
        workflow_id=record.workflow_id or (record.ref.workflow_id if record.ref else ""),
    )


def _hypotheses(record: ExceptionRecord) -> tuple[str, ...]:
    text = record.payload.get("hypotheses")
    return tuple(text.split(BETWEEN)) if isinstance(text, str) and text else ()


def _counts(row: OwnerRow, now: datetime) -> OwnerCounts:
    own = row.model_dump(exclude={"oldest_at"})
    return OwnerCounts(**own, oldest_seconds=_seconds(row.oldest_at, now))


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, int((until - since).total_seconds()))
