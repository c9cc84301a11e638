"""A seeded plan of what goes wrong on the wire, per operation and per business object.

| kind           | the request | the caller sees                                                             |
| -------------- | ----------- | --------------------------------------------------------------------------- |
| latency        | applied     | the answer, after `seconds`; the wait comes *before* the effect             |
| throttle       | refused     | 429 with `Retry-After: seconds`                                             |
| unavailable    | refused     | `status`; a vendor may give a status its own words (Prima: 200 = `LOCKED`)  |
| lost_answer    | applied     | `status`, or with status 0 a connection closed without a byte               |
| cut_body       | applied     | the first half of the body, then a closed connection                        |
| malformed_body | applied     | 200 and a body that is not what the vendor's format allows                  |
| stale_read     | read        | the state as of `seconds` ago; writes ignore it, so aim it with `match`     |
"""

import random
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["latency", "throttle", "unavailable", "lost_answer", "cut_body", "malformed_body", "stale_read"]


class Fault(BaseModel):
    """One thing that goes wrong `times` times (None: for ever) on operations that match.

    `match` is an fnmatch pattern on the operation name; `key`, when given, must occur in the request text.
    `probability` is a whole percentage; only hits use up `times`. `seconds` is latency, Retry-After or lag.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    match: str = "*"
    kind: Kind
    times: int | None = Field(default=1, ge=1)
    probability: int = Field(default=100, ge=1, le=100)
    seconds: float = Field(default=0, ge=0, le=3600)
    status: int = Field(default=503, ge=0, le=599)
    key: str | None = None

    def aims_at(self, operation: str, text: str) -> bool:
        return fnmatchcase(operation, self.match) and (self.key is None or self.key in text)


@dataclass
class _Armed:
    fault: Fault
    left: int | None
    dice: random.Random

    def hits(self, operation: str, text: str) -> bool:
        if self.left == 0 or not self.fault.aims_at(operation, text):
            return False
        if self.dice.randint(1, 100) > self.fault.probability:
            return False
        self.left = None if self.left is None else self.left - 1
        return True


class FaultPlan:
    """The faults still to come. Each has its own dice, seeded by `seed` and its position: deterministic."""

    def __init__(self, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        self._seed = seed
        self._added = 0
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Arm one more fault, behind those already there."""
        with self._lock:
            self._armed.append(_Armed(fault, fault.times, random.Random(f"{self._seed}:{self._added}")))
            self._added += 1

    def clear(self) -> None:
        """Forget all faults; the vendor is healthy from the next request on."""
        with self._lock:
            self._armed.clear()

    def left(self) -> list[tuple[Fault, int | None]]:
        """Every fault with how often it will still hit; None is for ever."""
        with self._lock:
            return [(armed.fault, armed.left) for armed in self._armed]

    def draw(self, operation: str, text: str) -> list[Fault]:
        """The faults of this request, used up: every latency that hits, and the first hit of other kinds."""
        drawn: list[Fault] = []
        blocked = False
        with self._lock:
            for armed in self._armed:
                slow = armed.fault.kind == "latency"
                if (slow or not blocked) and armed.hits(operation, text):
                    drawn.append(armed.fault)
                    blocked = blocked or not slow
        return drawn
