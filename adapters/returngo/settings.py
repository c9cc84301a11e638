"""What a connection must say about its ReturnGO shop."""

from typing import Literal

from pydantic import Field, SecretStr, model_validator

from adapters.kit.settings import BaseUrl
from adapters.returngo import contract
from domain.model import Value

OrderReference = Literal["order_name", "order_id"]
Amounts = Literal["presentment", "shop"]


class ReturnGoSettings(Value):
    """One shop. The key belongs to the account and serves all its shops; so do the calls of a day.

    shop_name: the shop's address as the dashboard shows it, e.g. ``example.myshopify.com``
    api_key: from the environment
    webhook_token: last part of the webhook's address, from the environment; nothing else proves a delivery
    order_reference: which field of a return holds the ERP's order number
    amounts: ``shop`` when the ERP runs in the shop's currency, ``presentment`` when in the customer's
    instant_policies: names of the policy rules whose refunds are paid at approval
    daily_calls, urgent_reserve: calls of a day, and how many of them only urgent calls may use
    """

    base_url: BaseUrl = contract.PRODUCTION_URL
    shop_name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$")
    api_key: SecretStr = Field(min_length=1)
    webhook_token: SecretStr = Field(min_length=32)
    order_reference: OrderReference = "order_name"
    amounts: Amounts = "presentment"
    instant_policies: frozenset[str] = frozenset()
    daily_calls: int = Field(default=contract.DAILY_CALLS, ge=1)
    urgent_reserve: int = Field(default=contract.URGENT_RESERVE, ge=0)
    requests_per_second: int = Field(default=contract.REQUESTS_PER_SECOND, ge=1)
    timeout_seconds: int = Field(default=20, ge=1, le=120)

    @model_validator(mode="after")
    def _something_is_left(self) -> "ReturnGoSettings":
        if self.urgent_reserve >= self.daily_calls:
            raise ValueError("urgent_reserve must be smaller than daily_calls")
        return self
