"""Returns stay open for weeks: today's code must go on with every history that it may meet (E69, D12)."""

import base64
import re
from pathlib import Path

import pytest
from temporalio.worker import Replayer

from tests.replay.files import FOLDER, plugin, read
from tests.replay.paths import ENCRYPTED, PATHS, SHORT
from tests.world import COAT
from workflows.exchange_workflow import ExchangeWorkflow
from workflows.parcel_workflow import ParcelWorkflow
from workflows.return_workflow import ReturnWorkflow

WORKFLOWS = [ReturnWorkflow, ExchangeWorkflow, ParcelWorkflow]
HISTORIES = sorted(FOLDER.glob("*.json"))


def test_D12_every_main_path_is_recorded() -> None:
    assert {path.stem for path in HISTORIES} == {*PATHS, *SHORT, ENCRYPTED}


@pytest.mark.parametrize("path", HISTORIES, ids=[path.stem for path in HISTORIES])
async def test_E69_D12_a_recorded_history_replays(path: Path) -> None:
    await Replayer(workflows=WORKFLOWS, plugins=[plugin()]).replay_workflow(read(path))


def test_D8_the_encrypted_history_shows_no_payload() -> None:
    sku = COAT.encode()
    assert any(sku in payload for payload in payloads("plain"))
    assert not any(sku in payload for payload in payloads(ENCRYPTED))


def payloads(name: str) -> list[bytes]:
    """What the payloads of a recorded history hold, as anybody can read it."""
    text = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    return [base64.b64decode(data) for data in re.findall(r'"data":"([A-Za-z0-9+/=]+)"', text)]
