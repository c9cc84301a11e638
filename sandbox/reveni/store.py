"""The rows of one store: orders, returns, and the versions of each return that lagging reads still see."""

import threading
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sandbox.kit.past import Table
from sandbox.kit.wanted import ReturnSpec
from sandbox.reveni.errors import not_found
from sandbox.reveni.model import Json, Order, Return
from sandbox.reveni.opening import open_order
from sandbox.reveni.wire import return_json


def new_id() -> str:
    """32 lowercase hex characters, like every identifier of Reveni."""
    return uuid4().hex


@dataclass(frozen=True)
class Subscription:
    """A registered webhook."""

    id: str
    url: str
    event_types: tuple[str, ...]


class Store:
    """Reads are thread safe. Whoever changes a return holds `lock` from its first look to `publish`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._returns: dict[str, Return] = {}
        self._orders: dict[str, Order] = {}
        self._published: Table[str, Json] = Table()
        self.subscriptions: dict[str, Subscription] = {}

    def order_of(self, spec: ReturnSpec, now: datetime) -> Order:
        """The order with that external id, made on first use: returns of one order share it."""
        known = next((o for o in self._orders.values() if o.external_id == spec.order_external_id), None)
        order = known or open_order(spec, new_id, now)
        self._orders[order.id] = order
        return order

    def order(self, order_id: str) -> Order:
        """An order by Reveni's id. 404 when unknown."""
        if order_id not in self._orders:
            raise not_found()
        return self._orders[order_id]

    def orders(self) -> list[Order]:
        """All orders, oldest first."""
        return list(self._orders.values())

    def get(self, return_id: str) -> Return:
        """The return itself. 404 when unknown."""
        if return_id not in self._returns:
            raise not_found()
        return self._returns[return_id]

    def publish(self, ret: Return) -> Json:
        """Make the present state of a return readable, and return its JSON."""
        self._returns[ret.id] = ret
        json = return_json(ret)
        self._published.put(ret.id, json)
        return json

    def read(self, return_id: str, lag: float = 0.0) -> Json:
        """The return's JSON as of `lag` seconds ago. 404 when it was not there."""
        with self.lock:
            json = self._published.get(return_id, lag)
        if json is None:
            raise not_found()
        return json

    def read_all(self, lag: float = 0.0) -> list[Json]:
        """All returns' JSON as of `lag` seconds ago, in order of creation."""
        with self.lock:
            return self._published.values(lag)
