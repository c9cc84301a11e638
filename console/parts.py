"""What the pages work with, put together by whoever serves them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from urllib.parse import quote, urlsplit

import httpx
from fastapi import Request
from pydantic import SecretStr

from console.passwords import Passwords
from desk.clock import Clock, utc_now
from desk.link import TemporalLink
from desk.receiving import Warehouse
from domain.accounts import AccountRole
from domain.connection import Connection
from store import Store


@dataclass(frozen=True)
class Provider:
    """An OpenID Connect provider.

    roles_claim: claim of the identity token that lists groups; roles: group → role, a group that is not here gives none
    """

    issuer: str
    client_id: str
    client_secret: SecretStr
    roles_claim: str
    roles: Mapping[str, AccountRole]


@dataclass(frozen=True)
class ConsoleParts:
    """Shared by all requests.

    console_url: under which address people open the console; forms from any other are refused
    temporal_ui_url: where the Temporal UI is, as people's browsers reach it; empty: no links to it
    zone: times are shown in it
    metrics_token: bearer token of ``/metrics``; None keeps it closed
    wait: seconds that a worker has to confirm an inspection
    http: for the provider; without it nobody signs in there
    """

    store: Store
    link: TemporalLink
    warehouse: Warehouse
    connections: Mapping[str, Connection]
    console_url: str
    temporal_ui_url: str = ""
    temporal_namespace: str = "default"
    zone: tzinfo = UTC
    provider: Provider | None = None
    metrics_token: SecretStr | None = None
    clock: Clock = utc_now
    wait: float = 5.0
    http: httpx.AsyncClient | None = None
    passwords: Passwords = field(default_factory=Passwords)

    @property
    def origin(self) -> str:
        """Scheme, host and port of the console, as browsers write them."""
        parts = urlsplit(self.console_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def secure(self) -> bool:
        """Whether people reach the console by https."""
        return urlsplit(self.console_url).scheme == "https"

    def workflow_url(self, workflow_id: str) -> str:
        """The workflow in the Temporal UI; empty where there is none."""
        if not self.temporal_ui_url or not workflow_id:
            return ""
        space, name = quote(self.temporal_namespace, safe=""), quote(workflow_id, safe="")
        return f"{self.temporal_ui_url.rstrip('/')}/namespaces/{space}/workflows/{name}"


def parts_of(request: Request) -> ConsoleParts:
    """The parts of the console that serves this request."""
    parts = request.app.state.parts
    assert isinstance(parts, ConsoleParts)
    return parts
