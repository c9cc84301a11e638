"""The commerce platform (the shop) behind the flow: it is told of every document that the ERP made (R136)."""

from sandbox.kit.journal import Journal
from sandbox.kit.past import Table
from sandbox.patchworks.notes import Told

STATUSES = {
    "create_return": "return_approved",
    "cancel_return": "return_cancelled",
    "receive_return": "restocked",
    "adjust_stock": "stock_changed",
    "transfer_stock": "stock_changed",
    "create_credit_note": "refunded",
    "void_credit_note": "refund_voided",
    "create_exchange_order": "exchange_ordered",
    "cancel_exchange_order": "exchange_cancelled",
}
"""Operation → what the shop shows afterwards."""


class Commerce:
    """What one shop was told, by operation and our key. `down`: it answers nobody. The world's lock guards it."""

    def __init__(self, journal: Journal, *, configured: bool = True) -> None:
        self._journal = journal
        self._configured = configured
        self.down = False
        self.told: Table[tuple[str, str], Told] = Table()

    def tell(self, what: str, key: str) -> None:
        """Say it once; the same again changes nothing, and nothing reaches a shop that is down."""
        if self._configured and not self.down and (what, key.lower()) not in self.told:
            news = Told(what, key, STATUSES[what])
            self.told.put((what, key.lower()), news)
            self._journal.append("commerce_told", what=what, key=key, status=news.status)

    def state(self, what: str, key: str) -> dict[str, object]:
        """`commerce` of a reply, as it is now."""
        if not self._configured:
            return {"status": "not_configured"}
        if (what, key.lower()) in self.told:
            return {"status": "told"}
        return {"status": "failed", "message": "the commerce platform does not answer"}
