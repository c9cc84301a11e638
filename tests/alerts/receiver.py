"""A webhook that apprise really posts to, on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any


class Receiver:
    """Keeps the messages of each path. `broken`: paths that answer 500; `slow`: paths that never answer."""

    def __init__(self) -> None:
        self.port = 0
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.broken: set[str] = set()
        self.slow: set[str] = set()
        self.tries: dict[str, int] = {}

    def url(self, path: str, options: str = "") -> str:
        return f"json://127.0.0.1:{self.port}/{path}{options}"

    def bodies(self, path: str | None = None) -> list[str]:
        return [str(message["message"]) for at, message in self.messages if path in (None, at)]

    def titles(self, path: str | None = None) -> list[str]:
        return [str(message["title"]) for at, message in self.messages if path in (None, at)]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ")[1].strip("/")
        _, _, length = head.lower().partition("content-length:")
        body = json.loads(await reader.readexactly(int(length.split()[0])))
        self.tries[path] = self.tries.get(path, 0) + 1
        if path in self.slow:
            with suppress(asyncio.CancelledError):  # the sender gives up, or the test ends
                await reader.read()
        elif path in self.broken:
            writer.write(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        else:
            self.messages.append((path, body))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver
