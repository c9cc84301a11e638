"""Every step crosses this edge: vendor trouble becomes a Temporal error, an outage one exception of the connection."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from temporalio import activity

from activities.outcomes import (
    AwaitsWindow,
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


@dataclass(frozen=True)
class Edge:
    """What every step needs besides its counterpart. `clock` gives aware UTC."""

    store: Store
    clock: Callable[[], datetime]

    @asynccontextmanager
    async def crossing(self, ref: ReturnRef | None, connection: Connection, system: str) -> AsyncIterator[None]:
        """Run one step against `system`, the platform or ERP of the connection. No `ref`: a step of no one return."""
        began = self.clock()
        try:
            yield
        except AwaitsWindow as waiting:
            raise queued_failure(waiting) from waiting
        except Stop as stop:
            raise final_failure(stop.problem) from stop
        except Rejected as rejection:
            raise final_failure(problem_from(rejection)) from rejection
        except VendorTrouble as trouble:
            await self._watch_outage(ref, connection, system, trouble, began)
            raise passing_failure(trouble) from trouble
        except DBAPIError:
            raise  # our own database: transient, tried again
        except Exception as error:  # noqa: BLE001 - a bug must park the step, not spin it for ever
            raise_unforeseen(error)
        await self._clear_outage(connection, system)

    async def _watch_outage(
        self, ref: ReturnRef | None, connection: Connection, system: str, trouble: VendorTrouble, began: datetime
    ) -> None:
        """After its limit an outage is one exception of the connection, naming who saw it first (D3, R15).

        An answer to what was asked before an outage ended does not open it again.
        """
        now = self.clock()
        lasted = now - activity.info().scheduled_time
        if isinstance(trouble, CredentialsRefused) or lasted >= connection.policy.outage_limit:
            async with self.store.begin() as unit:
                if await unit.exceptions.cleared_for_connection(connection.name, _DOWN, system, since=began):
                    return
                seen_by = f"by return {ref} in" if ref else "in"
                reason = f"{system}: {trouble} (first seen {seen_by} {activity.info().activity_type})"
                await unit.exceptions.open_for_connection(connection.name, _DOWN, reason, now, system=system)

    async def _clear_outage(self, connection: Connection, system: str) -> None:
        """Looked up without a lock first: every step of every return comes here."""
        async with self.store.reading() as unit:
            if not await unit.exceptions.open_of_connection(connection.name, _DOWN, system):
                return
        async with self.store.begin() as unit:
            await unit.exceptions.clear_connection(connection.name, _DOWN, self.clock(), system=system)


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
