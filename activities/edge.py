"""Every step crosses this edge: vendor trouble becomes a Temporal error, an outage one exception of the connection."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from temporalio import activity

from activities.outcomes import (
    AwaitsWindow,
    NotYet,
    Stop,
    final_failure,
    passing_failure,
    problem_from,
    queued_failure,
)
from activities.signatures import Problem
from domain.connection import Connection
from domain.exceptions import ExceptionCode
from domain.outcomes import CredentialsRefused, Rejected, VendorTrouble
from domain.ports import Erp, ReturnsPlatform
from domain.returns import ReturnRef
from domain.windows import Timing
from store.database import Store

#: An error that nobody foresaw is tried again this often, then parked for the integration team.
UNFORESEEN_ATTEMPTS = 5
_DOWN = ExceptionCode.CONNECTION_DOWN


@dataclass(frozen=True)
class Link:
    """A connection with its two open ports."""

    connection: Connection
    platform: ReturnsPlatform
    erp: Erp

    @property
    def closed(self) -> Timing | None:
        """When the ERP does not answer: a batch ERP while it works on its files (E64). None: it always should."""
        return self.connection.timing if self.erp.capabilities.batch else None


@dataclass(frozen=True)
class Edge:
    """What every step needs besides its counterpart. `clock` gives aware UTC."""

    store: Store
    clock: Callable[[], datetime]

    def at_erp(self, ref: ReturnRef | None, link: Link) -> AbstractAsyncContextManager[None]:
        """Run one step against the link's ERP. No `ref`: a step of no one return."""
        return self.crossing(ref, link.connection, link.connection.erp, link.closed)

    @asynccontextmanager
    async def crossing(
        self, ref: ReturnRef | None, connection: Connection, system: str, closed: Timing | None = None
    ) -> AsyncIterator[None]:
        """Run one step against `system`, the platform or ERP of the connection. No `ref`: a step of no one return.

        closed: windows in which the system does not answer
        """
        began = self.clock()
        try:
            yield
        except AwaitsWindow as waiting:
            raise queued_failure(waiting) from waiting
        except NotYet as waiting:
            raise passing_failure(waiting) from waiting
        except Stop as stop:
            raise final_failure(stop.problem) from stop
        except Rejected as rejection:
            raise final_failure(problem_from(rejection)) from rejection
        except VendorTrouble as trouble:
            silence = _silence(activity.info().scheduled_time, self.clock(), closed)
            if isinstance(trouble, CredentialsRefused) or silence >= connection.policy.outage_limit:
                await self._raise_outage(ref, connection, system, trouble, began)
            raise passing_failure(trouble) from trouble
        except DBAPIError:
            raise  # our own database: transient, tried again
        except Exception as error:  # noqa: BLE001 - a bug must park the step, not spin it for ever
            raise_unforeseen(error)
        await self._clear_outage(connection, system)

    async def _raise_outage(
        self, ref: ReturnRef | None, connection: Connection, system: str, trouble: VendorTrouble, began: datetime
    ) -> None:
        """After its limit an outage is one exception of the connection, naming who saw it first (D3, R15).

        An answer to what was asked before an outage ended does not open it again.
        """
        async with self.store.begin() as unit:
            if await unit.exceptions.cleared_for_connection(connection.name, _DOWN, system, since=began):
                return
            seen_by = f"by return {ref} in" if ref else "in"
            reason = f"{system}: {trouble} (first seen {seen_by} {activity.info().activity_type})"
            await unit.exceptions.open_for_connection(connection.name, _DOWN, reason, self.clock(), system=system)

    async def _clear_outage(self, connection: Connection, system: str) -> None:
        """Looked up without a lock first: every step of every return comes here."""
        async with self.store.reading() as unit:
            if not await unit.exceptions.open_of_connection(connection.name, _DOWN, system):
                return
        async with self.store.begin() as unit:
            await unit.exceptions.clear_connection(connection.name, _DOWN, self.clock(), system=system)


@asynccontextmanager
async def foreseen() -> AsyncIterator[None]:
    """Around a step that crosses to no other system. Our own database is tried again; a bug ends the step after a few
    tries, so that it can be told to people.
    """
    try:
        yield
    except DBAPIError:
        raise
    except Exception as error:  # noqa: BLE001 - a bug must end the step, not spin it for ever
        raise_unforeseen(error)


def _silence(since: datetime, now: datetime, closed: Timing | None) -> timedelta:
    """How long the system should have answered by now; none at all while it is closed."""
    if closed is None:
        return now - since
    return timedelta() if closed.open_at(now) else closed.between_windows(since, now)


def raise_unforeseen(error: Exception) -> None:
    """Try an unforeseen error again a few times, then park it: a bug must be seen, and must not lose the return.

    Only the error's type is told on, since its text may quote what it choked on.
    """
    activity.logger.exception("unforeseen error in a step")
    info = activity.info()
    if info.attempt < UNFORESEEN_ATTEMPTS:
        raise error
    reason = f"unforeseen {type(error).__name__} in step {info.activity_type}; the worker's log has the details"
    raise final_failure(Problem(code=ExceptionCode.EVENT_INVALID, reason=reason)) from error
