"""Prima on the suite's stage."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sandbox.prima import PrimaSandbox, PrimaWorld
from tests.conformance.erp_stage import NOW, Cannot, ErpStage, Props


class ForgetfulWorld(PrimaWorld):
    """Does not notice that a key was used before."""

    def refuse_known_key(self, message: str, tpguid: str) -> None:
        pass


class PrimaStage(ErpStage):
    """No secrets: Prima has none, the network guards it. No pace of our own: two calls at once are its limit.

    It takes the same key twice, so that our own search is all there is against a second document (N2); that it says DUP
    where it does not is tested in tests/adapters/prima.
    """

    cannot: ClassVar[Mapping[Cannot, str]] = {
        Cannot.DISCOUNT_ORDERS: "OrderDetail has discounts of lines only (adapters/prima/contract.py)",
    }

    def __init__(self, props: Props) -> None:
        self.sandbox: PrimaSandbox = PrimaSandbox(ForgetfulWorld(), props.journal, props.faults, today=NOW.date)

    def settings(self, url: str) -> dict[str, Any]:
        return {
            "url": url + self.sandbox.path,
            "return_depot": "QT",
            "shipping_charges": ["RM24"],
            "timeout_seconds": 5,
            "max_in_flight": 2,
        }

    def drop_from_returns(self, sku: str, dropped: bool) -> None:
        self.sandbox.drop_from_returns(sku, dropped)
