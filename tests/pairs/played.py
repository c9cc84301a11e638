"""Runs the demo on one pair of systems, as a person would, and reads its report."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_LIMIT = 400

Json = dict[str, Any]


def play(pairing: str, folder: Path) -> tuple[int, Json, str]:
    """Exit code, report and output of ``backhaul demo --pairing … --exit --report …``."""
    report = folder / f"{pairing}.json"
    command = [sys.executable, "-m", "starter", "demo", "--pairing", pairing, "--exit", "--report", str(report)]
    environment = {**os.environ, "TMPDIR": str(folder)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_LIMIT, check=False
    )
    assert report.exists(), f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.returncode, json.loads(report.read_text(encoding="utf-8")), done.stdout


def rows(report: Json) -> dict[str, Json]:
    """What was played, by scenario."""
    return {row["scenario"]: row for row in report["returns"]}


def left_out(report: Json) -> dict[str, str]:
    """Scenario → why it was not played."""
    return {row["scenario"]: row["why"] for row in report["not_played"]}
