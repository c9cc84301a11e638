"""Work that goes on after an answer: runs of the flow, slow calls, events on their way."""

import threading
import time
from collections.abc import Callable


class Background:
    """A thread a task. Tasks must not raise."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def spawn(self, work: Callable[[], None]) -> None:
        """Start `work`. Never blocks."""
        thread = threading.Thread(target=work, name=self._name, daemon=True)
        with self._lock:
            self._threads = [old for old in self._threads if old.is_alive()]
            self._threads.append(thread)
            thread.start()

    def drain(self, timeout: float = 10.0) -> None:
        """Wait until all that was spawned has ended. Raises TimeoutError. Blocks: not for an event loop."""
        deadline = time.monotonic() + timeout
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
            if thread.is_alive():
                raise TimeoutError(f"{self._name} still at work")
