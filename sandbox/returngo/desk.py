"""Where changes of an RMA come together: it is stamped, becomes readable, and what the world is told goes out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sandbox.kit.journal import Journal
from sandbox.returngo.model import Json, Rma
from sandbox.returngo.store import Store


@dataclass(frozen=True)
class Told:
    """One webhook event: its name and what it names beside the RMA."""

    name: str
    shipment: str = ""
    transaction: str = ""


Emit = Callable[[Told, Json], None]
"""Takes an event and the JSON of its RMA. It must not block: it is called under the store's lock."""


class Desk:
    """What every kind of action needs. Call `changed` last, under the store's lock."""

    def __init__(self, store: Store, journal: Journal, clock: Callable[[], datetime], emit: Emit) -> None:
        self.store = store
        self.journal = journal
        self.clock = clock
        self._emit = emit

    def changed(self, rma: Rma, told: Iterable[Told] = ()) -> None:
        """Stamp `lastUpdated`, make the RMA readable, and emit the events."""
        rma.updated_at = self.clock()
        self.store.publish(rma)
        json = self.store.read(rma.id)
        for event in told:
            self._emit(event, json)
