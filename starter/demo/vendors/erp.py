"""An ERP: what was sold, the item master, its stock, and what goes wrong with it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from domain.keys import Step, business_key
from domain.returns import ReturnRef
from starter.demo.goods import Json, Sold
from starter.demo.vendors.sandbox import Sandbox


class Document(StrEnum):
    """What we make in an ERP."""

    RMA = "r"
    GOODS = "g"
    CREDIT = "c"


def mark_of(ref: ReturnRef) -> str:
    """The part of our keys that is a return's own. The journals' reader files its documents under it."""
    return business_key(ref, Step.RMA, 0).split("-")[1]


@dataclass(frozen=True)
class Target:
    """One return, as requests about it name it: `mark` is the part of our keys that is its own."""

    mark: str
    rma: str = ""


class Erp(Sandbox, ABC):
    """What all of them have in common; `folder` is the run's own.

    operations: document → what the vendor calls its making
    replacements_in: operation of the journal, and the field of its entries that holds our key
    exchange_type: of replacement orders
    in_files: documents are handed over in files, and made at windows
    parts_are_lines: each part of a kit is an order line of its own, behind the kit's
    tax_in_prices: its orders' prices hold their tax
    credits_above_order: a credit may come to more than the order shows
    """

    vendor: ClassVar[str]
    operations: ClassVar[Mapping[Document, str]]
    replacements_in: ClassVar[tuple[str, str]]
    exchange_type: ClassVar[str] = "EX"
    in_files: ClassVar[bool] = False
    parts_are_lines: ClassVar[bool] = True
    tax_in_prices: ClassVar[bool] = True
    credits_above_order: ClassVar[bool] = True
    secrets: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def options(cls, folder: Path) -> list[str]:
        """Further options of its process."""
        return []

    @classmethod
    @abstractmethod
    def settings(cls, url: str, folder: Path) -> Json:
        """What a connection of this run says about it instead."""

    @classmethod
    def timing(cls) -> Json:
        """When it takes documents in this run; empty: at once."""
        return {}

    async def sell(self, number: str, lines: Sequence[Sold], **header: Any) -> None:
        """Add a despatched order. `header`: further fields of an order."""
        order = {"number": number, "lines": [line.seed() for line in lines], **header}
        await self.ask("POST", "seed", {"orders": [order]})

    async def set_active(self, sku: str, active: bool) -> None:
        """Take an item out of the master, or bring it back."""
        await self.ask("POST", "seed", {"active": {sku: active}})

    async def offer(self, sku: str, units: int) -> None:
        """Have an item in the master, and so many more units of it for sale."""
        stock = [{"sku": sku, "quantity": units}] if units else []
        await self.ask("POST", "seed", {"items": [{"sku": sku}], "stock": stock})

    async def replacements(self, mark: str) -> list[str]:
        """Numbers of the replacement orders that were made for a return."""
        operation, key = self.replacements_in
        entries = await self.ask("GET", f"journal?op={operation}")
        return [str(entry["order"]) for entry in entries if mark in entry[key]]

    async def despatch(self, number: str) -> None:
        """The goods of an order leave."""
        await self.ask("POST", f"orders/{number}/despatch")

    async def credit_by_hand(self, rma: str, order: str, price: str, shipping: str = "") -> None:
        """Somebody credits one unit of the RMA's first line at the ERP's own screens. Prices are with tax."""
        lines = [{"return_line": 1, "quantity": 1, "price": price}]
        charges = {"RM24": shipping} if shipping else {}
        await self.ask("POST", "credits", {"return_number": rma, "order": order, "lines": lines, "charges": charges})

    async def fail(self, document: Document, target: Target) -> None:
        """It is busy, and then not there, when the document is to be made."""
        operation, key = self.aim(document, target)
        await self.fault(operation, "throttle", key, seconds=1)
        await self.fault(operation, "unavailable", key, status=503)

    async def lose_answer(self, document: Document, target: Target) -> None:
        """The document is made, and nobody hears of it."""
        operation, key = self.aim(document, target)
        await self.fault(operation, "lost_answer", key, status=0)

    async def hesitate(self, document: Document, target: Target) -> None:
        """Making the document takes a while."""
        operation, key = self.aim(document, target)
        await self.fault(operation, "latency", key, seconds=2)

    async def troubles_left(self, target: Target) -> int:
        """How much of what was armed is still to come."""
        keys = {self.aim(document, target)[1] for document in Document}
        return sum([await self.faults_left(key) for key in keys])

    def aim(self, document: Document, target: Target) -> tuple[str, str]:
        """The operation that makes the document, and what only the request of this return holds."""
        return self.operations[document], target.mark
