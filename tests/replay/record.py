"""Records the histories that `test_replay` replays: ``python -m tests.replay.record [PATH …]``.

Record a path anew only when no return that is open anywhere was started by the code before: open returns have to go
on by today's code, and a history that does not replay says that they would not.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from runtime.client import BackhaulPlugin
from runtime.devserver import DevServer
from tests.replay.files import FOLDER, plugin, write
from tests.replay.paths import ENCRYPTED, PATHS, SHORT
from tests.world import running_world
from worker import PASSTHROUGH

_FAST = {"policy": {"order_lag": "1s", "deadline": "4s", "reminders": ["1s"], "grace": "0s", "rate_per_second": 200}}


SHORT_HISTORIES = ("limit.historyCount.suggestContinueAsNew=30",)


async def record(names: Sequence[str]) -> None:
    """Play the named paths, on real parts, and save their histories."""
    FOLDER.mkdir(exist_ok=True)
    async with DevServer(namespace="record", ui=False) as server:
        readable = BackhaulPlugin(passthrough=PASSTHROUGH)
        await _play(server, readable, {name: name for name in names if name in PATHS})
        if ENCRYPTED in names:
            await _play(server, plugin(), {ENCRYPTED: "plain"})
    if short := {name: name for name in names if name in SHORT}:
        async with DevServer(namespace="short", ui=False, dynamic_config=SHORT_HISTORIES) as server:
            await _play(server, BackhaulPlugin(passthrough=PASSTHROUGH), short)


async def _play(server: DevServer, with_plugin: BackhaulPlugin, files: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        connections = {"uk": {}, "fast": _FAST}
        async with running_world(server, Path(folder), connections, plugin=with_plugin) as world:
            for file, name in files.items():
                played = await {**PATHS, **SHORT}[name](world)
                workflow_id = played if isinstance(played, str) else played.workflow_id
                handle = world.client.get_workflow_handle(workflow_id)
                write(FOLDER / f"{file}.json", await handle.fetch_history())


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1:] or [*PATHS, *SHORT, ENCRYPTED]))
