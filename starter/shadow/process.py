"""The worker process of a rehearsal: started with a log of its own, ended with the rehearsal."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

_STOP_SECONDS = 8.0
_LAST_WORDS = 1200


class WorkerProcess:
    """``async with WorkerProcess(environment, folder) as worker``."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment = dict(environment)
        self._log = folder / "worker.log"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def __aenter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "worker",
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches the command alone, which then stops its worker
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
        except BaseException:  # we are cancelled: no process may stay
            process.kill()
            raise

    def last_words(self) -> str:
        """The end of its log, for people."""
        text = self._log.read_text(encoding="utf-8", errors="replace").strip()
        return f"Its log ends with: {text[-_LAST_WORDS:]}" if text else "It said nothing."
