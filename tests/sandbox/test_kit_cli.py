"""`python -m sandbox`: a vendor as a process of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from sandbox.kit.journal import read_journal
from tests.sandbox.prima_wire import HEADERS, envelope, inner, new_return

ROOT = Path(__file__).parents[2]


def test_prima_runs_until_it_is_told_to_stop(tmp_path: Path) -> None:
    journal = tmp_path / "prima.jsonl"
    command = [sys.executable, "-m", "sandbox", "prima", "--journal", str(journal)]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            body = envelope(inner("NewReturn", new_return()))
            answer = httpx.post(f"{url}/wsadevtest/wsadevtest", content=body, headers=HEADERS, trust_env=False)
            assert answer.status_code == 200
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    assert [entry["op"] for entry in read_journal(journal)] == ["NewReturn"]
