"""Centra on the suite's stage: GraphQL and the Order API."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sandbox.centra import CentraSandbox
from tests.conformance.erp_stage import NOW, Cannot, ErpStage, Pace, Props

TOKEN, ORDER_KEY = "conformance-centra-token", "conformance-centra-order-key"


class CentraStage(ErpStage):
    """One tenant."""

    cannot: ClassVar[Mapping[Cannot, str]] = {
        Cannot.KEEP_CANCELLED: "a return is cancelled, and a credit taken back, by deleting it (vendors/centra.md F)",
        Cannot.REFUSE_LINKED: "shipments of archived orders can be returned (vendors/centra.md, R123)",
        Cannot.KEY_CREDITS: "the completed return is the credit, and keeps the key of the RMA (vendors/centra.md F)",
        Cannot.CLOSE_PERIODS: "Centra is no ledger and has no periods (vendors/centra.md)",
    }
    depots: ClassVar[Mapping[str, str]] = {"01": "1", "DM": "11"}
    secrets: ClassVar[Mapping[str, str]] = {"token": "probe", "order_api_key": "order_replacement"}
    pace: ClassVar[Pace | None] = Pace({"requests_per_ten_seconds": 5}, 5, 10.0)
    pace_of_writes: ClassVar[Pace | None] = Pace({"mutations_per_hour": 11}, 11, 3600.0)

    def __init__(self, props: Props) -> None:
        self.sandbox: CentraSandbox = CentraSandbox(
            journal=props.journal, faults=props.faults, token=TOKEN, order_api_key=ORDER_KEY, clock=lambda: NOW
        )

    def settings(self, url: str) -> dict[str, Any]:
        return {
            "base_url": url,
            "token": TOKEN,
            "order_api_url": url + self.sandbox.order_api_path,
            "order_api_key": ORDER_KEY,
            "exchange_warehouses": [1, 2],
            "requests_per_ten_seconds": 1_000_000,
            "mutations_per_hour": 1_000_000,
            "timeout_seconds": 5,
        }

    def sell_with_discount(self, number: str, lines: list[dict[str, Any]], discount: str, **header: Any) -> None:
        self.sandbox.add_order(number, lines, discounts=[{"amount": discount}], **header)

    def drop_from_returns(self, sku: str, dropped: bool) -> None:
        self.sandbox.drop_from_returns(sku, dropped)
