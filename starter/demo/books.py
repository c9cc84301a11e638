"""The independent reading of the journals: another program, which shares no code with what it checks."""

import asyncio
import json
import sys
from collections.abc import Iterable, Mapping

from pydantic import ValidationError

from domain.connection import Connection
from domain.dispositions import Disposition
from starter.demo.report import Books
from starter.demo.system import System
from starter.demo.trouble import DemoError
from starter.demo.vendors import ERPS

_SECONDS = 30.0
#: Options that name depots, by the disposition whose units lie there.
_DEPOTS = {"--sellable-depot": Disposition.SELLABLE, "--hold-depot": Disposition.RETURN_TO_CUSTOMER}


async def read_books(system: System, explained: Mapping[str, str]) -> Books:
    """Run ``python -m sandbox audit`` over the vendors' journals. Raises DemoError when it cannot read them.

    explained: return id → why accepted goods never came, or money and goods differ
    """
    books = [await _read(system, erp, explained) for erp in system.erps]
    pages = {name: page for one in books for name, page in one.returns.items()}
    several = len(books) > 1
    violations = [
        f"{erp}: {text}" if several else text
        for erp, one in zip(system.erps, books, strict=True)
        for text in one.violations
    ]
    return Books(returns=pages, violations=tuple(violations))


async def _read(system: System, erp: str, explained: Mapping[str, str]) -> Books:
    """The books of one ERP, with the journals of every platform that is connected to it."""
    mine = [connection for connection in system.connections.values() if connection.erp == erp]
    reasons = system.folder / "explained.json"
    reasons.write_text(json.dumps(explained), encoding="utf-8")
    command = [sys.executable, "-m", "sandbox", "audit", "--erp", f"{erp}={system.journal(erp)}"]
    for one in mine:
        command += ["--platform", f"{one.platform}:{one.name}={system.journal(one.name)}"]
    command += ["--exchange-type", ERPS[erp].exchange_type]
    command += ["--explained", str(reasons)]
    for option, disposition in _DEPOTS.items():
        for depot in sorted(_depots(mine, disposition)):
            command += [option, depot]
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


def _depots(connections: Iterable[Connection], disposition: Disposition) -> set[str]:
    tables = [connection.mappings for connection in connections]
    return {
        buckets[table.stock_actions[disposition].bucket] for table in tables for buckets in table.locations.values()
    }
