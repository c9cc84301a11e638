"""What the processes of the demo are told: their connections, and secrets made up on the spot."""

import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import starter
from runtime.toml import load_toml
from starter.demo.connections import Tables, as_toml, laid_over, tables_of
from starter.demo.goods import Json
from starter.demo.pairing import Pairing
from starter.demo.vendors import ERPS, PLATFORMS

ROOT = Path(starter.__file__).parents[1]
EXAMPLE = ROOT / "backhaul.example.toml"

NAMESPACE = "default"
#: ERP calls per second: all returns of the demo come at once, and its ERPs have nobody else to serve.
_ERP_RATE = 20
#: What a return costs is measured here: no sweep falls into it but by a person's wish (backhaul sweep).
_SWEEP_EVERY = "7d"
#: Settings of whoever runs the demo must not lead its processes to other systems.
_FOREIGN = ("BACKHAUL_", "TEMPORAL_")


@dataclass(frozen=True)
class Surroundings:
    """One run's folder and secrets. `password` opens every account of the console."""

    folder: Path
    secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    inspection_token: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)

    @property
    def database_url(self) -> str:
        """The store of this run."""
        return f"sqlite:///{self.folder / 'backhaul.db'}"

    def plain(self) -> dict[str, str]:
        """The environment of a process that knows none of our systems."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        local = "127.0.0.1,localhost"  # a proxy could not reach these
        return kept | {"NO_PROXY": local, "no_proxy": local, "PYTHONPATH": str(ROOT)}

    def complete(self, temporal: str, temporal_ui: str, config: Path) -> dict[str, str]:
        """The environment of worker, bridge and console."""
        vendors = {name: value for erp in ERPS.values() for name, value in erp.secrets.items()}
        vendors |= {n: value for platform in PLATFORMS.values() for n, value in platform.secrets(self.secret).items()}
        return (
            self.plain()
            | vendors
            | {
                "TEMPORAL_ADDRESS": temporal,
                "TEMPORAL_NAMESPACE": NAMESPACE,
                "TEMPORAL_CONFIG_FILE": str(self.folder / "no-profiles.toml"),
                "BACKHAUL_CONFIG": str(config),
                "BACKHAUL_DATABASE_URL": self.database_url,
                "BACKHAUL_BRIDGE_PORT": "0",
                "BACKHAUL_CONSOLE_PORT": "0",
                "BACKHAUL_TEMPORAL_UI_URL": temporal_ui,
                "BACKHAUL_INSPECTION_TOKEN": self.inspection_token,
                "BACKHAUL_SHUTDOWN_SECONDS": "2",
            }
        )

    def configure(self, name: str, pairings: Iterable[Pairing], urls: Mapping[str, str]) -> Path:
        """A configuration file with the connections of the pairings.

        urls: base URL of each ERP by vendor, and of each platform's store by connection
        """
        tables = tables_of(pairings, _example())
        here = {connection: self._here(connection, table, urls) for connection, table in tables.items()}
        path = self.folder / name
        path.write_text(as_toml(here), encoding="utf-8")
        return path

    def _here(self, connection: str, table: Json, urls: Mapping[str, str]) -> Json:
        """A connection with the addresses and the pace of this run."""
        erp, platform = ERPS[table["erp"]], PLATFORMS[table["platform"]]
        ours: Json = {
            erp.vendor: erp.settings(urls[erp.vendor], self.folder),
            platform.vendor: platform.settings(urls[connection], connection),
            "policy": {"rate_per_second": _ERP_RATE},
            "limits": {"sweep_every": _SWEEP_EVERY},
        }
        paced = {**table, "timing": erp.timing()} if erp.in_files else table
        return laid_over(paced, ours)


def _example() -> Tables:
    """The tables of the example file. Raises ConfigurationError."""
    tables = load_toml(EXAMPLE)["connections"]
    assert isinstance(tables, dict), "tests read the example"
    return tables
