"""A month of a large retailer is compared in bounded memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.seed import sample, seed_returns

ROOT = Path(__file__).parents[2]
MOST_MEGABYTES = 500


def compared(folder: Path, count: int) -> dict[str, object]:
    """The figures of one run, made in a process of its own."""
    url = f"sqlite:///{folder / 'large.db'}"
    seed_returns(url, count)
    command = [sys.executable, "-m", "tests.bench.large", url, str(count)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1500, check=False)
    assert done.returncode == 0, done.stderr
    figures: dict[str, object] = json.loads(done.stdout)
    return figures


@pytest.mark.bench
@pytest.mark.timeout(1800)
def test_N6_R78_a_month_of_100_000_returns_stays_under_500_megabytes(tmp_path: Path) -> None:
    count = 100_000
    figures = compared(tmp_path, count)
    credited = [one for one in (sample(n, count) for n in range(count)) if one.credited]
    assert figures["state"] == "done" and figures["unplaced"] == 0
    assert figures["items"] == 2 * len(credited)
    assert figures["differences"] == {"rounding": sum(1 for one in credited if one.rounding)}
    assert int(str(figures["megabytes"])) < MOST_MEGABYTES, figures
