"""A worker that dies as workers do: a process of its own, killed without a word."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from runtime.devserver import DevServer
from tests.world import API_KEY, World

_ROOT = Path(__file__).parents[2]
_READY = "worker is ready"
_LIVE = ("BACKHAUL_", "TEMPORAL_")


class MortalWorker:
    """The worker process of a world. `die` kills it, `live` starts the next one and waits until it serves."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._environment = environment
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self.deaths = 0

    async def live(self) -> None:
        """Start one, and wait until it takes work."""
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "worker", cwd=_ROOT, env=self._environment, stdout=log, stderr=log
            )
        async with asyncio.timeout(60):
            while _READY not in (said := self._log.read_text(encoding="utf-8")):
                assert self._process.returncode is None, said
                await asyncio.sleep(0.05)

    async def die(self) -> None:
        """Kill it in the middle of whatever it does."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None
            self.deaths += 1


@asynccontextmanager
async def mortal_worker(server: DevServer, world: World, folder: Path) -> AsyncIterator[MortalWorker]:
    """A worker for this world, alive when the block begins; none is left when it ends."""
    config = folder / "backhaul.toml"
    config.write_text(
        "\n".join(f"{name} = {_inline(value)}" for name, value in world.configuration.items()), encoding="utf-8"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_LIVE)}
    own = {
        "BACKHAUL_CONFIG": str(config),
        "BACKHAUL_DATABASE_URL": f"sqlite:///{folder / 'world.db'}",
        "TEMPORAL_ADDRESS": server.address,
        "TEMPORAL_NAMESPACE": world.client.namespace,
        "TEMPORAL_CONFIG_FILE": str(folder / "no-profiles.toml"),
        "REVENI_KEY": API_KEY,
    }
    worker = MortalWorker({**kept, **own}, folder / "worker.log")
    try:
        await worker.live()
        yield worker
    finally:
        await worker.die()


def _inline(value: object) -> str:
    """A value as TOML writes it in one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(name)} = {_inline(one)}" for name, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_inline, value)) + "]"
        case _:
            return json.dumps(value)
