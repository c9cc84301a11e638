"""The console as a process: settings to parts, and served until it is told to stop."""

import contextlib
from collections.abc import Callable, Mapping

import httpx
import structlog

from console.app import create_console
from console.parts import ConsoleParts, Provider
from desk.receiving import Warehouse
from domain.accounts import AccountRole
from domain.connection import Connection
from runtime.client import configured_namespace
from runtime.problems import ConfigurationError
from runtime.settings import Settings
from runtime.shutdown import stop_on_signals
from runtime.telemetry import install_temporal_runtime
from starter.configuration import configured_connections
from starter.process import opened_store, temporal_link
from starter.serving import listen, serve_until
from store import Store

log = structlog.get_logger("starter.console")


async def serve_console(settings: Settings, listening: Callable[[str], None]) -> None:
    """Run the console until SIGTERM or SIGINT. `listening` hears the address for people.

    Raises ConfigurationError, OSError when the address is taken, SQLAlchemyError when the database is down.
    """
    connections = {ready.name: ready.connection for ready in configured_connections(settings.config)}
    provider = provider_of(settings)
    install_temporal_runtime()
    async with opened_store(settings) as store, httpx.AsyncClient(timeout=10) as http:
        await store.migrate()
        async with store.reading() as unit:
            accounts = await unit.accounts.count()
        listener = listen(settings.console_host, settings.console_port)
        with contextlib.closing(listener), stop_on_signals() as stop:
            url = url_of(settings, listener.getsockname()[1])
            app = create_console(console_parts(settings, store, connections, provider, http, url))
            # requests are no spans: their addresses hold what people search for
            listening(url)
            log.info("console is ready", url=url, accounts=accounts)
            if not accounts and provider is None:
                log.warning("nobody can sign in yet: run backhaul account add NAME --role admin")
            await serve_until(app, listener, stop, settings.shutdown_seconds)
            log.info("console has stopped")


def console_parts(
    settings: Settings,
    store: Store,
    connections: Mapping[str, Connection],
    provider: Provider | None,
    http: httpx.AsyncClient,
    url: str,
) -> ConsoleParts:
    """What the console works with. Raises ConfigurationError for Temporal's own variables."""
    return ConsoleParts(
        store=store,
        link=temporal_link(settings),
        warehouse=Warehouse(store, connections.__getitem__),
        connections=connections,
        console_url=url,
        temporal_ui_url=settings.temporal_ui_url,
        temporal_namespace=configured_namespace(),
        zone=settings.zone,
        provider=provider,
        metrics_token=settings.metrics_token,
        http=http,
    )


def url_of(settings: Settings, port: int) -> str:
    """Where people find the console: as it is set, else on this machine at the port that was taken."""
    return settings.console_url if "console_url" in settings.model_fields_set else f"http://127.0.0.1:{port}"


def provider_of(settings: Settings) -> Provider | None:
    """The OpenID Connect provider; None when none is set. Raises ConfigurationError with every problem."""
    if not settings.oidc_issuer:
        return None
    problems = [
        f"BACKHAUL_{name.upper()} is missing; the provider of BACKHAUL_OIDC_ISSUER needs it."
        for name, value in (
            ("oidc_client_id", settings.oidc_client_id),
            ("oidc_client_secret", settings.oidc_client_secret.get_secret_value()),
            ("oidc_roles", settings.oidc_roles),
        )
        if not value
    ]
    roles = _roles(settings.oidc_roles, problems)
    if problems:
        raise ConfigurationError("Nobody could sign in by OpenID Connect", problems)
    return Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        roles_claim=settings.oidc_roles_claim,
        roles=roles,
    )


def _roles(text: str, problems: list[str]) -> dict[str, AccountRole]:
    """``group=role,group=role``; a group may have any signs but a comma, also ``=``."""
    found: dict[str, AccountRole] = {}
    for part in (one.strip() for one in text.split(",") if one.strip()):
        group, equals, role = part.rpartition("=")
        if not equals or not group or role not in list(AccountRole):
            allowed = ", ".join(AccountRole)
            problems.append(f"BACKHAUL_OIDC_ROLES: {part!r} is not group=role with a role of {allowed}.")
        else:
            found[group] = AccountRole(role)
    return found
