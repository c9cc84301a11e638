"""Patchworks, with the NetSuite-like ERP behind its flows, on the suite's stage."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sandbox.patchworks import PatchworksSandbox, PatchworksWorld
from tests.conformance.erp_stage import NOW, Cannot, ErpStage, Pace, Props

SIGNATURE = "conformance-patchworks-signature"


class PatchworksStage(ErpStage):
    """One company's flows."""

    cannot: ClassVar[Mapping[Cannot, str]] = {}
    condition: ClassVar[str] = "restock"
    secrets: ClassVar[Mapping[str, str]] = {"signature": "probe"}
    secrets_elsewhere: ClassVar[Mapping[str, str]] = {
        "api_key": "only for work that is started as a run; tests/adapters/patchworks/test_long_work.py",
        "inbound_token": "of deliveries to us; tests/adapters/patchworks/test_feed.py",
    }
    pace: ClassVar[Pace | None] = Pace({"requests_per_second": 20}, 5, 0.25)
    beside: ClassVar[frozenset[str]] = frozenset({"commerce_told"})

    def __init__(self, props: Props) -> None:
        self.sandbox: PatchworksSandbox = PatchworksSandbox(
            PatchworksWorld(), props.journal, props.faults, signature=SIGNATURE, clock=lambda: NOW
        )

    def settings(self, url: str) -> dict[str, Any]:
        return {
            "callbacks_url": url,
            "start_url": url,
            "core_url": url,
            "company": "acme",
            "callback_id": "cb-1",
            "signature": SIGNATURE,
            "source_platform": "reveni",
            "requests_per_second": 100,
            "timeout_seconds": 5,
        }

    def sell_with_discount(self, number: str, lines: list[dict[str, Any]], discount: str, **header: Any) -> None:
        self.sandbox.add_order(number, lines, discounts=(discount,), **header)

    def drop_from_returns(self, sku: str, dropped: bool) -> None:
        self.sandbox.drop_from_returns(sku, dropped)

    def pay_invoice(self, order_number: str) -> None:
        self.sandbox.pay_invoice(order_number)
