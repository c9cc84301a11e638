"""What goes wrong with files and documents on purpose.

| kind        | effect                                                                                |
| ----------- | ------------------------------------------------------------------------------------- |
| refuse      | a document whose EXTREF holds `part` is refused with `code` (default E211)            |
| refuse_file | a file is refused whole with `code` (default E101); nothing of it is processed        |
| stall       | a file is not picked up in this window                                                |
| lose_ack    | the file is processed and its acknowledgement is not written (`reissue_acks` does)    |
| cut_ack     | half of the acknowledgement stands under its final name                               |

`part` must occur in the EXTREF, or in the file's name or text; empty fits all.
"""

import threading
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["refuse", "refuse_file", "stall", "lose_ack", "cut_ack"]
DEFAULT_CODES = {"refuse": "E211", "refuse_file": "E101"}


class Switch(BaseModel):
    """One thing that goes wrong `times` times; None is until it is cleared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    part: str = ""
    code: str = Field(default="", pattern=r"^(E\d{3})?$")
    times: int | None = Field(default=1, ge=1)


@dataclass
class _Armed:
    switch: Switch
    left: int | None


class Switches:
    """Those still on. Thread safe."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()

    def add(self, switch: Switch) -> None:
        with self._lock:
            self._armed.append(_Armed(switch, switch.times))

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def left(self) -> list[tuple[Switch, int | None]]:
        """Every switch with how often it will still work; None is for ever."""
        with self._lock:
            return [(armed.switch, armed.left) for armed in self._armed]

    def draw(self, kind: Kind, text: str) -> str | None:
        """The code of the first switch of this kind that fits, used up once; None when all is well."""
        with self._lock:
            for armed in self._armed:
                if armed.left != 0 and armed.switch.kind == kind and armed.switch.part in text:
                    armed.left = None if armed.left is None else armed.left - 1
                    return armed.switch.code or DEFAULT_CODES.get(kind, "")
        return None
