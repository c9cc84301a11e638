"""What a connection must say about its Reveni store, and the words that its mappings must cover."""

from typing import Literal

from pydantic import Field, SecretStr

from adapters.kit.settings import BaseUrl
from adapters.reveni import contract
from domain.model import Value

PLATFORM_RETURN_TYPES = tuple(contract.KINDS)
"""Every return type that Reveni can send; each needs a target in ``mappings.return_types`` (R18)."""


class ReveniSettings(Value):
    """One store of one merchant.

    api_key: bearer token, and the key of the webhook signature; from the environment
    order_reference: which field of a return's order holds the ERP's order number
    """

    base_url: BaseUrl = contract.PRODUCTION_URL
    store_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    api_key: SecretStr = Field(min_length=1)
    order_reference: Literal["external_id", "number"] = "external_id"
    signature_tolerance_seconds: int = Field(default=contract.SIGNATURE_TOLERANCE_SECONDS, ge=1, le=3600)
    requests_per_second: int = Field(default=contract.REQUESTS_PER_SECOND, ge=1)
    timeout_seconds: int = Field(default=20, ge=1, le=120)

    @property
    def store_url(self) -> str:
        """Base address of every call, without a closing slash."""
        return self.base_url + contract.STORE.format(store_id=self.store_id)
