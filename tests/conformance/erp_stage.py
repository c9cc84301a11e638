"""What the suite must know of an ERP: one small class per vendor. The tests themselves know no vendor.

A stage starts the vendor's sandbox, says how a connection with it is configured, and what the vendor cannot do. What
it cannot do is either a capability of the port or a `Cannot`; both are tested for being so, nothing is left out unsaid.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Protocol

from fastapi import FastAPI

from domain.batches import RecordClass
from sandbox.kit.faults import FaultPlan
from sandbox.kit.journal import Journal

#: The time of every sandbox and port of the suite.
NOW = datetime(2026, 3, 20, 9, 8, 5, tzinfo=UTC)


class Cannot(StrEnum):
    """What an ERP may be unable to do beside its capabilities."""

    DISCOUNT_ORDERS = "state a discount of a whole order: its lines bear it"
    ACCEPT_PARTLY = "take a document and leave a line of it out"
    KEEP_CANCELLED = "remember a document that was cancelled: its key is free again"
    REFUSE_LINKED = "refuse a linked authorisation on an archived order: it does not change the order there"
    KEY_CREDITS = "show our key on a credit of a whole authorisation, which that authorisation becomes"
    CLOSE_PERIODS = "close a posting period"


@dataclass(frozen=True)
class Pace:
    """Settings under which `calls` requests need `seconds`."""

    settings: Mapping[str, object]
    calls: int
    seconds: float


@dataclass(frozen=True)
class Props:
    """What a stage builds its sandbox from."""

    journal: Journal
    faults: FaultPlan
    folder: Path


class ErpSandbox(Protocol):
    """What every ERP sandbox has (the seed is a `sandbox.kit.sold.WorldSeed`)."""

    @property
    def app(self) -> FastAPI: ...
    def seed_more(self, body: dict[str, Any]) -> dict[str, Any]: ...
    def despatch(self, order_number: str) -> object: ...
    def cancel_return(self, return_number: str) -> None: ...


class ErpStage(ABC):
    """One ERP.

    cannot: what it cannot do → where that is written down
    depots: `01` (sellable) and `DM` (damaged) of a seed → how the port and the journal call them
    condition: of units that can be sold again, as a connection's stock actions word it
    secrets: secret of the registry row → the port method that fails with it wrong
    secrets_elsewhere: secret that no call here shows → why, and where it is tested
    in_flight: our setting for calls at once → a value to test it with
    pace, pace_of_writes: limits that the adapter keeps by itself, of requests and of effects; None: its task queue does
    beside: journal entries that are no effects of a document
    credits_in_parts: a credit of a part of an RMA is several effects
    """

    cannot: ClassVar[Mapping[Cannot, str]] = {}
    depots: ClassVar[Mapping[str, str]] = {"01": "01", "DM": "DM"}
    condition: ClassVar[str] = "A"
    secrets: ClassVar[Mapping[str, str]] = {}
    secrets_elsewhere: ClassVar[Mapping[str, str]] = {}
    in_flight: ClassVar[Mapping[str, int]] = {"max_in_flight": 2}
    pace: ClassVar[Pace | None] = None
    pace_of_writes: ClassVar[Pace | None] = None
    beside: ClassVar[frozenset[str]] = frozenset()
    sandbox: ErpSandbox

    @abstractmethod
    def __init__(self, props: Props) -> None:
        """Make the sandbox; the suite serves `sandbox.app` and seeds it."""

    @abstractmethod
    def settings(self, url: str) -> dict[str, Any]:
        """`erp_settings` of a connection with the sandbox at this address."""

    def drop_from_returns(self, sku: str, dropped: bool) -> None:
        """The ERP says yes to an authorisation with this SKU, and leaves the line out. Unless Cannot.ACCEPT_PARTLY."""
        raise NotImplementedError

    def sell_with_discount(self, number: str, lines: list[dict[str, Any]], discount: str, **header: Any) -> None:
        """An order with a discount of its own. Unless Cannot.DISCOUNT_ORDERS."""
        raise NotImplementedError

    def pay_invoice(self, order_number: str) -> None:
        """Nothing is due on the order's invoice. For ERPs that apply credits to invoices."""
        raise NotImplementedError


class BatchStage(ErpStage):
    """An ERP that takes documents in files (D7)."""

    @abstractmethod
    def run_window(self, record_class: RecordClass) -> None:
        """A window of this class, from its beginning to its end."""

    @abstractmethod
    def begin_window(self) -> None:
        """A window begins and goes on: whoever asks the ERP is sent away."""

    @abstractmethod
    def end_window(self) -> None:
        """It is over."""

    @abstractmethod
    def lose_answer(self) -> None:
        """The next acknowledgement is not written, before `write_answers`."""

    @abstractmethod
    def cut_answer(self) -> None:
        """Half of the next acknowledgement is written, before `write_answers`."""

    @abstractmethod
    def write_answers(self) -> None:
        """Somebody has lost and cut acknowledgements written again."""

    @abstractmethod
    def refuse_file(self) -> None:
        """The next file is refused as a whole."""

    @abstractmethod
    def refuse_document(self, key: str) -> None:
        """The next document of this return is refused for a passing reason."""

    @abstractmethod
    def stall(self) -> None:
        """The next window leaves the file where it lies."""
