"""Which systems of a connection answer: one exception for a side that has been silent too long (D3, E63)."""

from activities.edge import Edge
from domain.connection import Connection
from domain.exceptions import ExceptionCode
from domain.outcomes import CredentialsRefused, Rejected, VendorTrouble
from store.sweep_records import Side

_CODES = (ExceptionCode.CONNECTION_DOWN, ExceptionCode.CONFIG_INVALID)


def system_of(connection: Connection, side: Side) -> str:
    """The name under which the connection's exceptions know a side; steps use the same ones."""
    names = {
        Side.PLATFORM: connection.platform,
        Side.LISTING: f"{connection.platform} listing",
        Side.ERP: connection.erp,
    }
    return names[side]


async def note_answer(edge: Edge, connection: Connection, *sides: Side) -> None:
    """These sides work: whatever was open about them is over."""
    now = edge.clock()
    async with edge.store.begin() as unit:
        for side in sides:
            system = system_of(connection, side)
            await unit.sweep.answered(connection.name, side, system, now)
            for code in _CODES:
                await unit.exceptions.clear_connection(connection.name, code, now, system=system)


async def note_trouble(edge: Edge, connection: Connection, side: Side, trouble: VendorTrouble) -> str:
    """This side does not work; what to say about it.

    It is raised once: a refusal at once, since waiting mends nothing, and an outage after its limit.
    """
    now, system = edge.clock(), system_of(connection, side)
    text = f"{system}: {trouble}"
    async with edge.store.begin() as unit:
        since = await unit.sweep.failed(connection.name, side, system, str(trouble), now)
        refused = isinstance(trouble, Rejected)
        if refused or isinstance(trouble, CredentialsRefused) or now - since >= connection.policy.outage_limit:
            code = ExceptionCode.CONFIG_INVALID if refused else ExceptionCode.CONNECTION_DOWN
            reason = f"{text} (first seen in the sweep)"
            await unit.exceptions.open_for_connection(connection.name, code, reason, now, system=system)
    return text
