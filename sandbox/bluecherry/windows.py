"""Windows: the only time at which files are processed, and during which the read API is closed."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sandbox.bluecherry.documents import process
from sandbox.bluecherry.drop import Drop
from sandbox.bluecherry.layout import FINANCIAL, OPERATIONAL, Batch, batch_in, class_of, read_file
from sandbox.bluecherry.refusal import BadFile
from sandbox.bluecherry.state import Desk
from sandbox.bluecherry.switches import Switches

CLASSES = (OPERATIONAL, FINANCIAL)
_BAD = {
    "E101": "UNREADABLE RECORD",
    "E102": "TRAILER MISMATCH",
    "E103": "BATCH NUMBER ALREADY USED",
    "E104": "UNKNOWN DIVISION",
}


@dataclass(frozen=True)
class Processed:
    """What became of one file. `status` is A, P or R; `refused` the code of a whole-file refusal."""

    file: str
    batch: str
    status: str
    documents: int
    accepted: int
    refused: str = ""


@dataclass(frozen=True)
class _Ack:
    due: datetime
    file: str
    text: str


class Windows:
    """Opens, works and closes. One window at a time works; the read API is closed while any is open."""

    def __init__(self, desk: Desk, drop: Drop, switches: Switches, ack_delay: timedelta) -> None:
        self._desk = desk
        self._drop = drop
        self._switches = switches
        self._ack_delay = ack_delay
        self._working = threading.Lock()
        self._open = 0
        self._late: list[_Ack] = []
        self._withheld: list[_Ack] = []

    @property
    def is_open(self) -> bool:
        """Whether the read API is closed."""
        return self._open > 0

    def open(self) -> None:
        """The read API closes."""
        with self._desk.world.lock:
            self._open += 1

    def close(self) -> None:
        """The read API opens, and shows what was processed."""
        with self._desk.world.lock:
            if self._open == 0:
                raise ValueError("no window is open")
            self._open -= 1
            self._desk.world.publish(self._desk.clock())

    def run(self, record_class: str) -> list[Processed]:
        """A whole window, now: open, work, close."""
        self.open()
        try:
            return self.work(record_class)
        finally:
            self.close()

    def work(self, record_class: str) -> list[Processed]:
        """Process the files of one class that lie there, in name order. ValueError for another class."""
        if record_class not in CLASSES:
            raise ValueError(f"class of records is operational or financial, not {record_class}")
        self.deliver_acks()
        with self._working:
            opened = self._desk.clock()
            files = [(file, file.read_bytes()) for file in self._drop.waiting()]
            mine = [(file, text) for file, text in files if class_of(text) in (record_class, None)]
            return [self._file(*row, record_class, opened) for row in mine if not self._stalled(*row)]

    def deliver_acks(self) -> float | None:
        """Write the acknowledgements that are due; seconds until the next one is."""
        with self._desk.world.lock:
            now = self._desk.clock()
            for ack in [ack for ack in self._late if ack.due <= now]:
                self._late.remove(ack)
                self._drop.acknowledge(ack.file, ack.text)
            return min(((ack.due - now).total_seconds() for ack in self._late), default=None)

    def reissue_acks(self) -> list[str]:
        """Somebody at the ERP writes lost, cut and late acknowledgements again, whole; names of their files."""
        with self._desk.world.lock:
            acks = self._late + self._withheld  # a cut one first, its whole text over it
            self._withheld, self._late = [], []
            for ack in acks:
                self._drop.acknowledge(ack.file, ack.text)
        return [ack.file for ack in acks]

    def _stalled(self, file: Path, content: bytes) -> bool:
        return self._switches.draw("stall", _text(file, content)) is not None

    def _file(self, file: Path, content: bytes, record_class: str, opened: datetime) -> Processed:
        with self._desk.world.lock:
            try:
                batch = self._read(file, content)
            except BadFile as bad:
                lines = [["HDR", batch_in(file.name), "R", "", bad.code, bad.text.replace("|", " ")]]
                done = Processed(file.name, batch_in(file.name), "R", 0, 0, bad.code)
            else:
                desk = replace(self._desk, batch=_facts(batch, record_class, opened))
                lines = [process(desk, document, self._switches) for document in batch.documents]
                accepted = sum(line[2] != "R" for line in lines)
                status = "A" if accepted == len(lines) else "P"
                done = Processed(file.name, batch.number, status, len(lines), accepted)
            self._journal(done, record_class, opened)
            (self._drop.reject if done.refused else self._drop.archive)(file)
            self._acknowledge(done, lines, _text(file, content))
        return done

    def _read(self, file: Path, content: bytes) -> Batch:
        """The batch, its number used up whatever becomes of it."""
        world = self._desk.world
        if code := self._switches.draw("refuse_file", _text(file, content)):
            world.batches.add(batch_in(file.name))
            raise BadFile(code, _BAD.get(code, "REFUSED"))
        try:
            batch = read_file(file.name, content)
            if batch.division != world.division:
                raise BadFile("E104", _BAD["E104"])
            if batch.number in world.batches:
                raise BadFile("E103", _BAD["E103"])
        finally:
            world.batches.add(batch_in(file.name))
        return batch

    def _acknowledge(self, done: Processed, lines: list[list[str]], text: str) -> None:
        now = self._desk.clock()
        head = ["AHD", done.batch, self._desk.world.division, f"{now:%Y%m%d%H%M%S}"]
        rows = [[*head, done.status, str(done.documents), str(done.accepted)]]
        rows += [["ACK", *line] for line in lines]
        rows += [["ATR", done.batch, str(len(lines))]]
        ack = _Ack(now + self._ack_delay, done.file, "".join("|".join(row) + "\n" for row in rows))
        if self._switches.draw("lose_ack", text) is not None:
            self._withheld.append(ack)
        elif self._switches.draw("cut_ack", text) is not None:
            self._withheld.append(ack)
            self._late.append(replace(ack, text=ack.text[: len(ack.text) // 2]))
        else:
            self._late.append(ack)
        self.deliver_acks()

    def _journal(self, done: Processed, record_class: str, opened: datetime) -> None:
        self._desk.journal.append(
            "batch",
            batch=done.batch,
            division=self._desk.world.division,
            record_class=record_class,
            status=done.status,
            window=opened.isoformat(),
            documents=done.documents,
            accepted=done.accepted,
            refused=done.refused,
        )


class Calendar:
    """Opens windows by itself at multiples of `every` since the epoch, as its `tick` is called.

    Operational records at each, financial ones at every `financial_each`-th. A window lasts `length` in all.
    """

    def __init__(
        self,
        windows: Windows,
        clock: Callable[[], datetime],
        every: timedelta,
        length: timedelta,
        financial_each: int,
    ) -> None:
        if length >= every or financial_each < 1:
            raise ValueError("a window must end before the next one, and financial_each is 1 or more")
        self._windows = windows
        self._clock = clock
        self._every = every.total_seconds()
        self._length = length.total_seconds()
        self._financial_each = financial_each
        self._last = self._number()
        self._closes: float | None = None

    def tick(self) -> float:
        """Do what is due; seconds until more is."""
        if self._closes is not None:
            return self._close_when_over()
        number = self._number()
        if number > self._last:
            self._last = number
            self._windows.open()
            self._closes = self._clock().timestamp() + self._length
            for record_class in CLASSES if number % self._financial_each == 0 else (OPERATIONAL,):
                self._windows.work(record_class)
            return self._close_when_over()
        return (number + 1) * self._every - self._clock().timestamp()

    def finish(self) -> None:
        """Close a window that is open."""
        if self._closes is not None:
            self._closes = None
            self._windows.close()

    def _close_when_over(self) -> float:
        assert self._closes is not None
        left = self._closes - self._clock().timestamp()
        if left <= 0:
            self.finish()
            return 0.0
        return left

    def _number(self) -> int:
        """Of the latest opening time that is past."""
        return int(self._clock().timestamp() // self._every)


def _facts(batch: Batch, record_class: str, opened: datetime) -> tuple[tuple[str, str], ...]:
    """What every journal entry of the batch says beside its own."""
    return (("batch", batch.number), ("record_class", record_class), ("window", opened.isoformat()))


def _text(file: Path, content: bytes) -> str:
    return f"{file.name}\n{content.decode('utf-8', 'replace')}"
