"""Recorded histories as files: one JSON object each, with the workflow id and the history."""

import json
from pathlib import Path

from temporalio.client import WorkflowHistory

from runtime.client import BackhaulPlugin
from runtime.keys import PayloadKey
from worker import PASSTHROUGH

FOLDER = Path(__file__).parent / "histories"
#: Protects nothing: it is here so that an encrypted history can be replayed.
TEST_KEY = PayloadKey("replay-test", bytes(range(32)))

_OF_ONE_MACHINE = {"identity", "stackTrace", "encodedAttributes", "workerVersion", "buildId", "binaryChecksum"}


def plugin() -> BackhaulPlugin:
    """What a worker has, with the test key."""
    return BackhaulPlugin(keys=(TEST_KEY,), passthrough=PASSTHROUGH)


def write(path: Path, history: WorkflowHistory) -> None:
    """Save a history, without what differs from machine to machine and what replay does not read."""
    content = {"workflow_id": history.workflow_id, **_stripped(json.loads(history.to_json()))}
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")


def read(path: Path) -> WorkflowHistory:
    """A history as `write` saved it."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return WorkflowHistory.from_json(content.pop("workflow_id"), content)


def _stripped(value: dict[str, object]) -> dict[str, object]:
    return {name: _plain(item) for name, item in value.items() if name not in _OF_ONE_MACHINE}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return _stripped(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value
