"""A thread that does what is due, until it is told to stop."""

import threading
from collections.abc import Callable

LONGEST_WAIT_SECONDS = 0.1


class Background:
    """Calls `tick`, which answers the seconds until more is due. A clock that is moved by hand is noticed soon."""

    def __init__(self, tick: Callable[[], float]) -> None:
        self._tick = tick
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-bluecherry", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; returns when it has ended."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        wait = 0.0
        while not self._stopping.wait(min(max(wait, 0.0), LONGEST_WAIT_SECONDS)):
            wait = self._tick()
