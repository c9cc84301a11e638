"""The demo: what it counts, what it reports, how it judges; and one run of all of it."""

import json
import os
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from temporalio.api.history.v1 import HistoryEvent

from domain.exceptions import ExceptionCode
from starter.demo.actions import children, count_actions
from starter.demo.board import Board, summary
from starter.demo.part import Part
from starter.demo.report import Books, Budgets, Report
from starter.demo.scenarios import ALL, EVEN, OTHERS
from starter.demo.surroundings import Surroundings
from starter.demo.trouble import PartFailed, WaitFailed
from starter.demo.watch import Watch
from store import Store
from tests.starter.demo_rows import ID, PAGE, ROW, SWAPPED

ROOT = Path(__file__).parents[2]


def event(number: int, kind: str, **attributes: Any) -> HistoryEvent:
    name = f"{kind}EventAttributes"
    snake = "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in kind).lstrip("_")
    words = {"eventId": str(number), "eventType": f"EVENT_TYPE_{snake.upper()}", name: attributes}
    return ParseDict(words, HistoryEvent())


HISTORY = [
    event(1, "workflowExecutionStarted"),
    event(2, "workflowExecutionSignaled"),
    event(3, "workflowTaskScheduled"),
    event(4, "activityTaskScheduled", activityId="read-return"),
    event(5, "activityTaskStarted", scheduledEventId="4", attempt=3),
    event(6, "activityTaskCompleted", scheduledEventId="4"),
    event(7, "timerStarted", timerId="1"),
    event(8, "workflowExecutionSignaled"),
    event(9, "workflowExecutionUpdateAccepted"),
    event(10, "upsertWorkflowSearchAttributes"),
    event(11, "activityTaskScheduled", activityId="open-rma"),
    event(12, "timerCanceled", timerId="1"),
]


def test_actions_are_counted_as_temporal_bills_them() -> None:
    """Start 1, three attempts 3, timer 1, second signal 1, update 1, upsert 1, an activity not begun yet 1."""
    assert count_actions(HISTORY) == 9
    assert count_actions(HISTORY[:3]) == 1


def test_an_exchange_costs_its_return_two_actions_and_its_own_start_is_none() -> None:
    parent = {"workflowId": "return/uk/r1"}
    child = [event(1, "workflowExecutionStarted", parentWorkflowExecution=parent), HISTORY[3], HISTORY[4]]
    begun = event(13, "startChildWorkflowExecutionInitiated", workflowId="exchange/uk/r1/1")
    assert children(HISTORY) == []
    assert children([*HISTORY, begun]) == ["exchange/uk/r1/1"]
    assert count_actions([*HISTORY, begun]) == 9 + 2
    assert count_actions(child) == 3


def test_budgets_tell_what_is_over() -> None:
    assert Budgets(actions=10, actions_by_history=10, events=60, history_bytes=32768).problems() == []
    over = Budgets(actions=12, actions_by_history=11, events=61, history_bytes=32769)
    assert over.problems() == [
        "11 actions, at most 10 are allowed",
        "61 history events, at most 60 are allowed",
        "32769 bytes of history, at most 32768 are allowed",
        "the server counted 12 actions, its history shows 11",
    ]
    assert Budgets(exchange_actions=14).exchange_problems() == []
    assert Budgets(exchange_actions=15).exchange_problems() == ["15 actions, at most 14 are allowed"]


def test_the_report_is_json_of_the_agreed_shape(tmp_path: Path) -> None:
    file = tmp_path / "demo.json"
    books = Books(returns={ID: PAGE}, violations=("return x: credited twice",))
    Report(ok=False, seconds=1.5, budgets=Budgets(), returns=(ROW,), books=books).write(file)
    written = json.loads(file.read_text(encoding="utf-8"))
    wanted = "id connection scenario status order rma stock credit_notes refunds exceptions actions events seconds"
    assert written["returns"][0].keys() >= set(wanted.split())
    assert written["returns"][0]["stock"] == [{"sku": "A", "depot": "01", "quantity": 2, "document": "G1"}]
    assert written["returns"][0]["credit_notes"] == [{"number": "CN1", "total": "20.00", "currency": "GBP"}]
    assert written["books"]["violations"] == ["return x: credited twice"]
    assert written["books"]["returns"][ID]["credited"] == {"GBP": "20.00"}


def test_the_summary_names_failures_and_violations() -> None:
    from rich.console import Console

    console = Console(record=True, width=170, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    failed = ROW.model_copy(update={"problems": ("waited 60 s for stage CLOSED",)})
    books = Books(returns={ID: PAGE}, violations=("return x: credited twice",))
    budgets = Budgets(actions=8, events=43, exchange_actions=11)
    report = Report(ok=False, seconds=1.5, budgets=budgets, returns=(SWAPPED, failed), books=books)
    summary(console, report, {"Temporal UI": "http://127.0.0.1:1/"})
    console.file.close()
    text = console.export_text()
    assert "FAILED plain on uk: waited 60 s for stage CLOSED" in text
    assert "VIOLATION return x: credited twice" in text
    assert "1 of 2 scenarios as expected" in text
    assert "8 Temporal actions (at most 10), 43 history events" in text
    assert "Even exchange: 11 Temporal actions (at most 14)" in text
    assert "B +6.50" in text
    assert "30.00 cleared" in text
    assert "Temporal UI: http://127.0.0.1:1/" in text


def test_news_are_plain_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.console import Console

    board = Board(Console(width=100))
    with board.live():
        for _ in range(2):
            board.change("plain", "VALIDATING", "the RMA in the ERP", 0.5)
        board.change("plain", "CLOSED", "", 1.0, "ended as CLOSED")
    lines = [line.split("] ")[1] for line in capsys.readouterr().out.splitlines()]
    assert lines == ["plain: VALIDATING", "plain: ended as CLOSED"]


def test_every_kind_of_return_of_the_issue_is_played() -> None:
    names = [scenario.name for scenario in ALL]
    assert len(set(names)) == len(names) >= 44


def test_every_exchange_instant_refund_and_arrival_is_played() -> None:
    """What happens is told by how a return ends: the journals are compared with it."""
    played = [scenario.expected for scenario in (EVEN, *OTHERS)]
    totals = {(Decimal(new.total), new.cancelled) for expected in played for new in expected.replacements}
    assert {(Decimal(0), False), (Decimal("6.50"), False), (Decimal(0), True)} <= totals
    assert {state for expected in played for state in expected.exposure} == {"cleared", "decided"}
    assert {code for expected in played for code in expected.exceptions} >= {
        ExceptionCode.EXCHANGE_OOS,
        ExceptionCode.EXCHANGE_EXPOSURE,
        ExceptionCode.REFUND_EXCEEDS_ACCEPTED,
        ExceptionCode.OVER_RECEIPT,
        ExceptionCode.UNEXPECTED_SKU,
        ExceptionCode.UNMATCHED_RECEIPT,
        ExceptionCode.DAMAGED_DECISION,
        ExceptionCode.LOST_PARCEL,
        ExceptionCode.INSPECTION_AFTER_CANCEL,
    }


def test_settings_of_the_caller_do_not_reach_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", "production")
    monkeypatch.setenv("BACKHAUL_DATABASE_URL", "postgresql://production")
    surroundings = Surroundings(tmp_path)
    told = surroundings.complete("127.0.0.1:1", "http://127.0.0.1:2", tmp_path / "connections.toml")
    assert "TEMPORAL_API_KEY" not in told
    assert told["BACKHAUL_DATABASE_URL"] == f"sqlite:///{tmp_path / 'backhaul.db'}"
    assert told["BACKHAUL_CONFIG"] == str(tmp_path / "connections.toml")
    assert surroundings.secret not in repr(surroundings)


def part(tmp_path: Path, script: str) -> Part:
    return Part("part", [sys.executable, "-c", script], dict(os.environ), tmp_path, announces=True)


async def test_a_part_that_does_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(PartFailed, match=r"ended while it started.*no such table"):
        await part(tmp_path, "raise SystemExit('no such table')").start()


async def test_a_part_is_ended_and_may_crash(tmp_path: Path) -> None:
    running = part(tmp_path, "import time; print('http://127.0.0.1:1', flush=True); time.sleep(60)")
    async with running:
        assert running.url == "http://127.0.0.1:1"
        first = running.pid
        await running.crash()
        with pytest.raises(PartFailed, match="part is not running any more"):
            running.check()
        await running.start()
        assert running.pid != first
        second = running.pid
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


async def test_a_wait_has_a_limit_and_says_what_for(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    await store.migrate()
    watch = Watch(store, alive=lambda: None)
    async with watch.looking():
        with pytest.raises(WaitFailed, match=r"waited 0\.1 s for the moon"):
            await watch.until(lambda: None, "the moon", limit=0.1)
        assert await watch.until(lambda: 42, "nothing") == 42
    await store.close()


async def test_a_wait_ends_with_the_system(tmp_path: Path) -> None:
    def dead() -> None:
        raise PartFailed("bridge is not running any more")

    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    watch = Watch(store, alive=dead)
    async with watch.looking():
        with pytest.raises(PartFailed, match="bridge is not running"):
            await watch.until(lambda: None, "anything", limit=10)
    await store.close()


def demo(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "starter", "demo", *arguments]


def test_the_demo_leaves_nothing_behind_when_it_is_stopped(tmp_path: Path) -> None:
    """SIGTERM while its processes start."""
    command, environment = demo("--exit"), {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        until = time.monotonic() + 40
        while not list(tmp_path.glob("backhaul-demo-*/worker.log")) and time.monotonic() < until:
            time.sleep(0.05)
        assert processes_that_know(tmp_path)
        process.terminate()
        assert process.wait(40) == 130
    assert processes_that_know(tmp_path) == []
    assert list(tmp_path.glob("backhaul-demo-*")) == []


def processes_that_know(folder: Path) -> list[str]:
    """Processes with this folder in their arguments or environment, where the system tells."""
    if not Path("/proc/self/environ").exists():
        pytest.skip("no /proc here")
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue  # it ended meanwhile, or is not ours
        if str(folder).encode() in told:
            found.append(process.name)
    return found
