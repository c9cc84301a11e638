"""What a connection must say about its Prima."""

from typing import Literal

from pydantic import Field

from adapters.kit.settings import BaseUrl
from domain.model import Value


class PrimaSettings(Value):
    """`erp_settings` of a connection with Prima. No credentials: Prima has none, the network guards it.

    url: the instance URL without the closing ``/wsdl``, e.g. ``http://erp.example:8080/wsalive/wsalive``
    company: company id; when given, every call goes to ``comwsomhandler``
    return_depot: depot on the header of every RMA, where the goods are expected
    sku_separator: between product and matrix codes in our SKUs: ``P1001-BLK-080``
    shipping_charges: charge codes of orders that are outbound shipping; every other charge is a fee
    exchange_order_type: order type of replacement orders, which keeps them out of sales figures (R57)
    exchange_payment_method: payment method on them
    exchange_charge: charge code under which a dearer replacement shows what the customer paid on top
    finance_document: how credits are posted (R116); Prima's credit note is the only kind known
    """

    url: BaseUrl
    company: str | None = Field(default=None, min_length=1)
    return_depot: str = Field(min_length=1)
    sku_separator: str = Field(default="-", min_length=1, max_length=1)
    shipping_charges: frozenset[str] = frozenset()
    exchange_order_type: str = Field(default="EX", min_length=1)
    exchange_payment_method: str = Field(default="EXC", min_length=1)
    exchange_charge: str = Field(default="EXCH", min_length=1)
    finance_document: Literal["credit_note"] = "credit_note"
    timeout_seconds: int = Field(default=60, ge=1, le=600)
    max_in_flight: int = Field(default=1, ge=1, le=2)
    max_answer_bytes: int = Field(default=8 * 1024 * 1024, ge=1024)
