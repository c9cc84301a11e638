"""What tests of single steps begin with, where no workflow and no vendor is needed."""

from datetime import UTC, datetime

from domain.ports import ErpCapabilities
from domain.returns import ReturnRef

NOW = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)
REF = ReturnRef(connection="uk", return_id="R1")
#: An ERP that posts at once, and leaves applying a credit to whoever asks.
AT_ONCE = ErpCapabilities(
    standalone_rma=True,
    batch=False,
    stock_adjustments=True,
    applies_credit_to_invoice=False,
    exchange_orders=True,
)
