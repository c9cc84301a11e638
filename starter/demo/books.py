"""The independent reading of the journals: another program, which shares no code with what it checks."""

import asyncio
import sys

from pydantic import ValidationError

from starter.demo.report import Books
from starter.demo.system import System
from starter.demo.trouble import DemoError

_SECONDS = 30.0


async def read_books(system: System) -> Books:
    """Run ``python -m sandbox audit`` over the vendors' journals. Raises DemoError when it cannot read them."""
    command = [sys.executable, "-m", "sandbox", "audit", "--prima", str(system.journal("prima"))]
    for connection in system.stores:
        command += ["--reveni", str(system.journal(connection))]
    process = await asyncio.create_subprocess_exec(
        *command,
        env=system.surroundings.plain(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            out, trouble = await process.communicate()
    except TimeoutError:
        raise DemoError(f"the reading of the journals took more than {_SECONDS:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        return Books.model_validate_json(out)
    except ValidationError:
        words = trouble.decode(errors="replace").strip()
        raise DemoError(f"the journals cannot be read: {words or out[:300]!r}") from None
