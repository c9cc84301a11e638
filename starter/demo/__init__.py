"""``backhaul demo``: a set of returns, played on real parts: Temporal, vendors, worker and bridge as processes.

Nothing here imports the sandboxes, the workflows or the worker: they run beside it, and are talked to by HTTP.
"""

import asyncio
from pathlib import Path

from starter.demo.show import run_demo

__all__ = ["run", "run_demo"]


def run(*, exit_at_end: bool, report: Path | None, pairing: str = "") -> int:
    """Play the demo; its exit code. See `run_demo`."""
    return asyncio.run(run_demo(exit_when_done=exit_at_end, report=report, pairing=pairing))
