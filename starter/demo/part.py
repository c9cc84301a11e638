"""One process of the demo: started with a log of its own, ended with the demo."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from starter.demo.trouble import PartFailed

START_SECONDS = 30.0
STOP_SECONDS = 8.0
_LAST_WORDS = 1200


class Part:
    """A process that may be started again after it ended. Use `start` and `stop`, or ``async with``.

    announces: its first line on stdout is its base URL, and it is ready then
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path, announces: bool
    ) -> None:
        self.name = name
        self.url = ""
        self._command = tuple(command)
        self._environment = dict(environment)
        self._folder = folder
        self._announces = announces
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> Path:
        """Where its stderr goes; over all starts."""
        return self._folder / f"{self.name}.log"

    @property
    def pid(self) -> int:
        """Of the running process. Raises PartFailed."""
        self.check()
        assert self._process is not None
        return self._process.pid

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start it; with `announces` wait for its URL. Raises PartFailed."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if self._announces else log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches the demo alone, which stops its parts in order
            )
        if self._announces:
            try:
                self.url = await self._first_line(self._process)
            except BaseException:
                await self.stop()
                raise

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    def check(self) -> None:
        """Raise PartFailed unless it runs."""
        if not self.running:
            raise PartFailed(f"{self.name} is not running any more")

    async def crash(self) -> None:
        """End it without any chance to clean up."""
        self.check()
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """End it: SIGTERM, and later SIGKILL. Fine when it has ended, or never began."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
        except BaseException:  # we are cancelled: no process may stay
            process.kill()
            raise

    def last_words(self) -> str:
        """The end of its log, for people."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return f"Its log ends with: {text[-_LAST_WORDS:].strip()}" if text.strip() else "It said nothing."

    async def _first_line(self, process: asyncio.subprocess.Process) -> str:
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
        except TimeoutError:
            raise PartFailed(f"{self.name} was not ready within {START_SECONDS:g} s. {self.last_words()}") from None
        if not line.strip():
            raise PartFailed(f"{self.name} ended while it started. {self.last_words()}")
        return line.decode().strip()
