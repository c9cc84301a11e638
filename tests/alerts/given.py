"""What the tests of alerts start from: exceptions, a site's routes, and an announcer whose clock stands still."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from desk.alert_pace import AlertPace
from desk.alerts import Announcer
from domain.alert_routes import AlertRoutes
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.limits import Limits
from domain.money import Money
from domain.ports import CallQuota
from domain.resolution import Resolution, Role
from runtime.notify import AppriseNotifier, Notifier
from store import Store
from store.alert_records import AlertRecord
from store.records import OpenException

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CONSOLE = "https://backhaul.example"


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


def stopped(
    return_id: str,
    code: ExceptionCode = ExceptionCode.SKU_NOT_IN_MASTER,
    at: datetime = NOW,
    *,
    track: Track | None = Track.RMA,
    reason: str = "the ERP does not know SKU P1001-BLK",
    connection: str = "uk",
    amount: Money | None = None,
    number: int = 1,
    **figures: str,
) -> OpenException:
    return OpenException(
        id=f"{connection}/{return_id}/{code}/{number}",
        connection=connection,
        return_id=return_id,
        code=code,
        track=track,
        step="open_rma",
        reason=reason,
        payload=dict(figures),
        amount=amount,
        now=at,
    )


async def opened(store: Store, *items: OpenException) -> None:
    async with store.begin() as unit:
        for item in items:
            await unit.exceptions.open(item)


async def resolved(store: Store, item: OpenException, at: datetime) -> None:
    decision = Resolution(exception_id=item.id, version=1, kind=ResolutionKind.RETRY, role=Role.ADMIN, actor="ann")
    async with store.begin() as unit:
        await unit.exceptions.resolve(item.id, 1, decision, at)


def routes(**channels: str | tuple[str, ...]) -> AlertRoutes:
    """``finance="json://…"``; ``escalation_1`` stands for ``escalation.1``."""
    found = {
        name.replace("_", "."): tuple(SecretStr(url) for url in ([value] if isinstance(value, str) else value))
        for name, value in channels.items()
    }
    return AlertRoutes(channels=found)


def announcer(
    store: Store,
    clock: Clock,
    site: AlertRoutes | None = None,
    *,
    limits: Mapping[str, Limits] | None = None,
    notifier: Notifier | None = None,
    quotas: tuple[CallQuota, ...] = (),
    pace: AlertPace | None = None,
) -> Announcer:
    return Announcer(
        store,
        notifier or AppriseNotifier(seconds=5),
        limits or {"uk": Limits()},
        site or routes(),
        clock=clock,
        console_url=CONSOLE,
        quotas=quotas,
        pace=pace,
    )


async def made(store: Store) -> list[AlertRecord]:
    """Every alert, the first one first."""
    async with store.reading() as unit:
        return (await unit.alerts.recent(500))[::-1]
