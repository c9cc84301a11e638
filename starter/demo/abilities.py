"""What the two systems of a connection can do, as words that scenarios ask for."""

from adapters.registry import ERPS, PLATFORMS
from domain.connection import Connection
from starter.demo import vendors

INSPECTS = "goods inspected at the platform"
CREDIT_FIRST = "credit before receipt"
CREDIT_WITHOUT_INVOICE = "credit without an open invoice"
CREDIT_ABOVE_ORDER = "credit above what the order shows"
TAX_IN_PRICES = "prices with tax"
GOODWILL = "credit of goodwill"


def abilities_of(connection: Connection) -> frozenset[str]:
    """By the capabilities of both adapters, and by what the emulated ERP is like."""
    erp, platform = ERPS[connection.erp].capabilities, PLATFORMS[connection.platform].capabilities
    emulated = vendors.ERPS[connection.erp]
    able = {
        INSPECTS: platform.inspects,
        CREDIT_FIRST: not erp.credit_needs_receipt,
        CREDIT_WITHOUT_INVOICE: not erp.applies_credit_to_invoice,
        CREDIT_ABOVE_ORDER: emulated.credits_above_order,
        TAX_IN_PRICES: emulated.tax_in_prices,
        GOODWILL: "goodwill" in erp.charges,
    }
    return frozenset(word for word, can in able.items() if can)
