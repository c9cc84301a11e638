"""The rows of one shop: RMAs, registered webhooks, and the versions of each RMA that lagging reads still see."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from sandbox.kit.past import Table
from sandbox.returngo.errors import bad, not_found
from sandbox.returngo.model import Json, Rma, Shipment, Transaction
from sandbox.returngo.wire import rma_json


@dataclass(frozen=True)
class Subscription:
    """A registered webhook: one event name each."""

    id: str
    url: str
    event: str


class Ids:
    """Numeric identifiers as text, a range of its own for each kind of thing."""

    def __init__(self) -> None:
        self.rma = _from(10_000_001)
        self.item = _from(40_000_001)
        self.shipment = _from(9_000_001)
        self.transaction = _from(6_000_001)
        self.reference = _from(880_000_001)
        self.draft = _from(1_290_001)
        self.webhook = _from(10_001)


class Store:
    """Reads are thread safe. Whoever changes an RMA holds `lock` from its first look to `publish`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.ids = Ids()
        self.subscriptions: dict[str, Subscription] = {}
        self._rmas: dict[str, Rma] = {}
        self._published: Table[str, Json] = Table()

    def get(self, rma_id: str) -> Rma:
        """The RMA itself. 400 for what cannot be an id, 404 when unknown."""
        _check_id(rma_id, "rmaId")
        if rma_id not in self._rmas:
            raise not_found("An RMA")
        return self._rmas[rma_id]

    def shipment(self, shipment_id: str) -> tuple[Rma, Shipment]:
        """A shipment and its RMA; refusals as in `get`."""
        _check_id(shipment_id, "shipmentId")
        for rma in self._rmas.values():
            for shipment in rma.shipments:
                if shipment.id == shipment_id:
                    return rma, shipment
        raise not_found("A shipment")

    def transaction(self, transaction_id: str) -> tuple[Rma, Transaction]:
        """A transaction and its RMA; refusals as in `get`."""
        _check_id(transaction_id, "transactionId")
        for rma in self._rmas.values():
            for transaction in rma.transactions:
                if transaction.id == transaction_id:
                    return rma, transaction
        raise not_found("A transaction")

    def publish(self, rma: Rma) -> None:
        """Make the present state of an RMA readable."""
        self._rmas[rma.id] = rma
        self._published.put(rma.id, rma_json(rma))

    def read(self, rma_id: str, lag: float = 0.0) -> Json:
        """The RMA's JSON as of `lag` seconds ago; refusals as in `get`."""
        _check_id(rma_id, "rmaId")
        with self.lock:
            json = self._published.get(rma_id, lag)
        if json is None:
            raise not_found("An RMA")
        return json

    def read_all(self, lag: float = 0.0) -> list[Json]:
        """All RMAs' JSON as of `lag` seconds ago, in order of creation."""
        with self.lock:
            return self._published.values(lag)


def _from(first: int) -> Callable[[], str]:
    numbers = count(first)
    return lambda: str(next(numbers))


def _check_id(text: str, name: str) -> None:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise bad(f"Invalid {name}")
