"""What a connection must say about its Patchworks flows."""

from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from adapters.kit.settings import BaseUrl
from adapters.patchworks import contract
from domain.model import Value

_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")]


class PatchworksSettings(Value):
    """`erp_settings` of a connection with Patchworks.

    company, callback_id: parts of the callback's address; environment: prefix of a virtual environment, empty for none
    signature: value of the header ``patchworks-signature``; from the environment
    api_key, flow_id, virtual_environment_id: for work that is started as a run of its own; the key from the environment
    long_operations: names of operations that are started that way, for example ``get_credit_notes``; none by default
    inbound_token: what the warehouse's connector sends as bearer token; from the environment. None: no events wanted
    source_platform: external ids of returns are ``<source_platform>:<return id>``
    return_location: location on the header of every return order, where goods are expected; empty: the flow decides
    exchange_locations: locations from which replacements go out; empty: all that have available stock
    exchange_order_type: keeps replacement orders out of sales figures (R57)
    exchange_fee: charge code under which a dearer replacement shows what the customer paid on top
    long_wait_seconds: how long one call waits for a run; poll_seconds: how often it looks
    """

    callbacks_url: BaseUrl = contract.CALLBACKS_URL
    company: _Name
    callback_id: _Name
    environment: str = Field(default="", pattern=r"^([A-Za-z0-9][A-Za-z0-9_-]{0,99})?$")
    signature: SecretStr = Field(min_length=1)
    start_url: BaseUrl = contract.START_URL
    core_url: BaseUrl = contract.CORE_URL
    flow_id: str = Field(default="", pattern=r"^[0-9]{0,20}$")
    api_key: SecretStr | None = None
    virtual_environment_id: int | None = Field(default=None, ge=1)
    long_operations: frozenset[str] = frozenset()
    long_wait_seconds: int = Field(default=240, ge=1, le=3600)
    poll_seconds: float = Field(default=5, gt=0, le=60)
    inbound_token: Annotated[SecretStr, Field(min_length=32)] | None = None
    source_platform: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    return_location: str = ""
    exchange_locations: frozenset[str] = frozenset()
    exchange_order_type: str = Field(default="EXCHANGE", min_length=1)
    exchange_fee: str = Field(default="EXCH", min_length=1)
    timeout_seconds: int = Field(default=60, ge=1, le=600)
    requests_per_second: float = Field(default=contract.REQUESTS_PER_SECOND, gt=0, le=100)
    max_in_flight: int = Field(default=contract.MAX_IN_FLIGHT, ge=1, le=contract.MAX_IN_FLIGHT)

    @model_validator(mode="after")
    def _long_work_can_be_started(self) -> Self:
        if unknown := sorted(self.long_operations - contract.LONG_OPERATIONS):
            raise ValueError(f"long_operations names {', '.join(unknown)}; known: {sorted(contract.LONG_OPERATIONS)}")
        if self.long_operations and not (self.api_key and self.flow_id):
            raise ValueError("long_operations need api_key and flow_id")
        return self

    @property
    def callback(self) -> str:
        """Address of the callback trigger."""
        path = contract.CALLBACK.format(company=self.company, callback_id=self.callback_id)
        return self.callbacks_url + path + (f"/{self.environment}" if self.environment else "")
