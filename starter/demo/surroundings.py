"""What the processes of the demo are told: the example's connections, addresses, and secrets made up on the spot."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import starter

ROOT = Path(starter.__file__).parents[1]
EXAMPLE = ROOT / "backhaul.example.toml"

#: Connection of the example file → the variables that name its store.
STORES: Mapping[str, tuple[str, str]] = {
    "uk": ("BACKHAUL_REVENI_URL", "BACKHAUL_REVENI_STORE"),
    "uk-fast": ("BACKHAUL_FAST_REVENI_URL", "BACKHAUL_FAST_REVENI_STORE"),
    "uk-careful": ("BACKHAUL_CAREFUL_REVENI_URL", "BACKHAUL_CAREFUL_REVENI_STORE"),
}
NAMESPACE = "default"
_PRIMA_PATH = "/wsadevtest/wsadevtest"
#: ERP calls per second: all returns of the demo come at once, and its ERP has nobody else to serve.
_ERP_RATE = "20"
#: Settings of whoever runs the demo must not lead its processes to other systems.
_FOREIGN = ("BACKHAUL_", "TEMPORAL_")


@dataclass(frozen=True)
class Surroundings:
    """One run's folder and secrets."""

    folder: Path
    api_key: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    inspection_token: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    @property
    def database_url(self) -> str:
        """The store of this run."""
        return f"sqlite:///{self.folder / 'backhaul.db'}"

    def plain(self) -> dict[str, str]:
        """The environment of a process that knows none of our systems."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        local = "127.0.0.1,localhost"  # a proxy could not reach these
        return kept | {"NO_PROXY": local, "no_proxy": local, "PYTHONPATH": str(ROOT)}

    def complete(self, temporal: str, prima: str, stores: Mapping[str, str]) -> dict[str, str]:
        """The environment of worker and bridge. `stores`: connection → base URL of its Reveni."""
        named = {STORES[connection][0]: url for connection, url in stores.items()}
        named |= {STORES[connection][1]: store_id(connection) for connection in stores}
        return (
            self.plain()
            | named
            | {
                "TEMPORAL_ADDRESS": temporal,
                "TEMPORAL_NAMESPACE": NAMESPACE,
                "TEMPORAL_CONFIG_FILE": str(self.folder / "no-profiles.toml"),
                "BACKHAUL_CONFIG": str(EXAMPLE),
                "BACKHAUL_DATABASE_URL": self.database_url,
                "BACKHAUL_BRIDGE_PORT": "0",
                "BACKHAUL_INSPECTION_TOKEN": self.inspection_token,
                "BACKHAUL_REVENI_API_KEY": self.api_key,
                "BACKHAUL_PRIMA_URL": prima + _PRIMA_PATH,
                "BACKHAUL_ERP_RATE": _ERP_RATE,
                "BACKHAUL_SHUTDOWN_SECONDS": "2",
            }
        )


def store_id(connection: str) -> str:
    """The made-up id of a connection's store at Reveni."""
    return f"demo-{connection}"
