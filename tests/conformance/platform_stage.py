"""What the suite must know of a returns platform: one small class per vendor. The tests themselves know no vendor."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from fastapi import FastAPI

from sandbox.kit.faults import FaultPlan
from sandbox.kit.journal import Journal
from sandbox.kit.wanted import ReturnSpec
from tests.conformance.erp_stage import Pace


class PlatformCannot(StrEnum):
    """What a platform may be unable to do beside its capabilities."""

    COUNT_CALLS = "limit the calls of a day"
    REVIEW = "say that somebody looks at what arrived"


@dataclass(frozen=True)
class PlatformProps:
    """What a stage builds its sandbox from. `webhook_url` takes every event."""

    journal: Journal
    faults: FaultPlan
    webhook_url: str


@dataclass(frozen=True)
class Sent:
    """A webhook as it comes in: lower-case header names, and what follows the connection's name in the address."""

    headers: Mapping[str, str]
    body: bytes
    token: str = ""


class PlatformSandbox(AbstractAsyncContextManager[Any], Protocol):
    """What every platform sandbox has."""

    @property
    def app(self) -> FastAPI: ...
    def add_return(self, spec: ReturnSpec) -> str: ...
    def ship(self, return_id: str) -> None: ...
    def receive(self, return_id: str) -> None: ...
    def review(self, return_id: str) -> None: ...
    def cancel(self, return_id: str) -> None: ...
    def pay_refund(self, return_id: str, amount: Decimal | None = None, kind: str = "default") -> str: ...
    def fail_refund(self, return_id: str) -> str: ...
    async def drain(self, timeout: float | None = None) -> None: ...


class PlatformStage(ABC):
    """One platform.

    cannot, secrets, secrets_elsewhere, pace: as of `ErpStage`
    quota: settings under which three calls a day may be made, one of them only when it is urgent
    in_flight: the most calls at once, which the adapter keeps by itself; None: only a pace
    note: the journal's name for a note
    """

    cannot: ClassVar[Mapping[PlatformCannot, str]] = {}
    secrets: ClassVar[Mapping[str, str]] = {}
    secrets_elsewhere: ClassVar[Mapping[str, str]] = {}
    pace: ClassVar[Pace]
    quota: ClassVar[Mapping[str, object]] = {}
    in_flight: ClassVar[int | None] = None
    note: ClassVar[str]
    sandbox: PlatformSandbox

    @abstractmethod
    def __init__(self, props: PlatformProps) -> None:
        """Make the sandbox; the suite enters and serves it."""

    @abstractmethod
    def settings(self, url: str) -> dict[str, Any]:
        """`platform_settings` of a connection with the sandbox at this address."""

    @abstractmethod
    def arrived(self, headers: Mapping[str, str], body: bytes) -> Sent:
        """A delivery of the sandbox as our bridge would hand it on."""

    @abstractmethod
    def genuine(self, body: bytes, now: datetime) -> Sent:
        """Any body, sent so that it counts as the platform's own."""

    @abstractmethod
    def forged(self, sent: Sent) -> Sequence[Sent]:
        """The same delivery as somebody else would send it, who does not know the secret."""

    def inspect(self, return_id: str, accepted: int, rejected: int) -> None:
        """The platform's own users grade units of the only line. For platforms whose users do."""
        raise NotImplementedError
