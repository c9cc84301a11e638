"""The four ERPs."""

from pathlib import Path

from starter.demo.goods import Json
from starter.demo.vendors.erp import Document, Erp, Target

_WINDOWS = {"every": "3s", "length": "1s"}


class Prima(Erp):
    """SOAP, at once."""

    vendor = "prima"
    operations = {Document.RMA: "NewReturn", Document.GOODS: "ReturnReceipt", Document.CREDIT: "NewCreditNote"}
    replacements_in = ("MultiNewOrder", "tpguid")

    @classmethod
    def settings(cls, url: str, folder: Path) -> Json:
        """The instance's own path."""
        return {"url": f"{url}/wsadevtest/wsadevtest"}

    async def fail(self, document: Document, target: Target) -> None:
        """When the credit is to be made, somebody has the order's record open instead."""
        if document is not Document.CREDIT:
            await super().fail(document, target)
            return
        operation, key = self.aim(document, target)
        await self.fault(operation, "throttle", key, seconds=1)
        await self.fault(operation, "unavailable", key, status=200)


class Centra(Erp):
    """GraphQL and the Order API, at once."""

    vendor = "centra"
    operations = {Document.RMA: "createReturn", Document.GOODS: "changeStock", Document.CREDIT: "completeReturn"}
    replacements_in = ("newOrder", "key")
    exchange_type = "return"
    credits_above_order = False
    secrets = {
        "BACKHAUL_CENTRA_TOKEN": "sandbox-centra-token",
        "BACKHAUL_CENTRA_ORDER_API_KEY": "sandbox-centra-order-key",
    }

    @classmethod
    def settings(cls, url: str, folder: Path) -> Json:
        """The emulated one keeps no quota."""
        free = {"requests_per_ten_seconds": 10_000, "mutations_per_hour": 10_000}
        return {"base_url": url, "order_api_url": f"{url}/order-api/v1", **free}

    def aim(self, document: Document, target: Target) -> tuple[str, str]:
        """A return is completed by its number alone."""
        operation, mark = super().aim(document, target)
        return operation, f'{{"id":{target.rma}}}' if document is Document.CREDIT else mark


class BlueCherry(Erp):
    """Files at windows, and a read API."""

    vendor = "bluecherry"
    operations = {Document.RMA: "RAH", Document.GOODS: "RCV", Document.CREDIT: "CMH"}
    replacements_in = ("SOH", "key")
    in_files = True
    tax_in_prices = False
    secrets = {"BACKHAUL_BLUECHERRY_API_KEY": "sandbox-bluecherry-key"}

    @classmethod
    def options(cls, folder: Path) -> list[str]:
        """Its windows open every three seconds."""
        return ["--root", str(folder / cls.vendor), "--every", "3", "--length", "0.2"]

    @classmethod
    def settings(cls, url: str, folder: Path) -> Json:
        """Files lie in the run's folder."""
        return {"base_url": f"{url}/bcapi/v1", "drop": {"kind": "directory", "path": str(folder / cls.vendor)}}

    @classmethod
    def timing(cls) -> Json:
        """Each file lies there a second before."""
        windows: Json = dict.fromkeys(("rma", "stock", "credit"), _WINDOWS)
        return {**windows, "hand_over_before": "1s", "acknowledge_within": "3s"}

    async def credit_by_hand(self, rma: str, order: str, price: str, shipping: str = "") -> None:
        """It shows after the next window, which comes at once."""
        await super().credit_by_hand(rma, order, price, shipping)
        await self.ask("POST", "windows/financial")

    async def fail(self, document: Document, target: Target) -> None:
        """The document is locked when its file is read."""
        await self._arm("refuse", document, target, code="E211")

    async def lose_answer(self, document: Document, target: Target) -> None:
        """The file is processed, and no acknowledgement is written."""
        await self._arm("lose_ack", document, target)

    async def hesitate(self, document: Document, target: Target) -> None:
        """It always does: a document waits for its window."""

    async def troubles_left(self, target: Target) -> int:
        """Switches of this return that are still on."""
        left = await self.ask("GET", "switches")
        return sum(switch["left"] or 0 for switch in left if target.mark in switch["part"])

    async def _arm(self, kind: str, document: Document, target: Target, **how: str) -> None:
        await self.ask("POST", "switches", {"kind": kind, "part": f"{target.mark}-{document}", **how})


class Patchworks(Erp):
    """Callback flows, at once."""

    vendor = "patchworks"
    operations = {
        Document.RMA: "create_return",
        Document.GOODS: "receive_return",
        Document.CREDIT: "create_credit_note",
    }
    replacements_in = ("sales_order", "key")
    parts_are_lines = False
    exchange_type = "EXCHANGE"
    secrets = {"BACKHAUL_PATCHWORKS_SIGNATURE": "sandbox-patchworks-signature"}

    @classmethod
    def settings(cls, url: str, folder: Path) -> Json:
        """The emulated one has time for us."""
        return {"callbacks_url": url, "requests_per_second": 100}
