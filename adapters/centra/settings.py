"""What a connection must say about its Centra."""

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from adapters.centra import contract
from adapters.kit.settings import BaseUrl
from domain.model import Value


class CentraSettings(Value):
    """`erp_settings` of a connection with Centra. `token` and `order_api_key` come from the environment.

    base_url: host of the GraphQL API, without ``/graphql``
    order_api_url: address of the Order API plugin, without ``/order``
    exchange_numbers_from, exchange_numbers: the first number, and how many, that the retailer keeps free for exchange
        orders; the number of an exchange follows from our key
    exchange_warehouses: warehouses whose stock a replacement may be promised from
    market_id, pricelist_id: for exchanges of orders that do not show their own
    refund_pays_out: Centra pays the refund too; off, because the returns platform does
    credit_target: where the credit memo is made (R120). ``return``: Centra's completed return is it. ``connected_erp``:
        the ERP behind Centra makes it from the completed return, under the number ``CENTRA-RETURN-…``; then Centra must
        not pay out, because that ERP books the refund
    """

    base_url: BaseUrl
    token: SecretStr = Field(min_length=1)
    order_api_url: BaseUrl
    order_api_key: SecretStr = Field(min_length=1)
    exchange_numbers_from: int = Field(default=900_000_000, ge=1, le=2_000_000_000)
    exchange_numbers: int = Field(default=100_000_000, ge=1000, le=100_000_000)
    exchange_warehouses: frozenset[int] = Field(min_length=1)
    market_id: int | None = None
    pricelist_id: int | None = None
    refund_pays_out: bool = False
    credit_target: Literal["return", "connected_erp"] = "return"
    timeout_seconds: int = Field(default=30, ge=1, le=300)
    max_in_flight: int = Field(default=4, ge=1, le=10)
    requests_per_ten_seconds: int = Field(default=contract.REQUESTS_PER_TEN_SECONDS, ge=1)
    mutations_per_hour: int = Field(default=contract.MUTATIONS_PER_HOUR, ge=2)

    @model_validator(mode="after")
    def _one_books_the_refund(self) -> "CentraSettings":
        if self.refund_pays_out and self.credit_target == "connected_erp":
            raise ValueError("refund_pays_out must be false when credit_target is connected_erp")
        return self


def is_warehouse(depot: str) -> bool:
    """Whether a depot is written as the id of a warehouse."""
    return depot.isascii() and depot.isdecimal()


def depot_problems(_: Mapping[str, object], depots: Iterable[str]) -> list[str]:
    """A sentence for each mapped depot that cannot be the id of a warehouse."""
    wrong = [depot for depot in sorted(set(depots)) if not is_warehouse(depot)]
    return [f"depot {depot!r} is no id of a {contract.VENDOR} warehouse, which is a number." for depot in wrong]
