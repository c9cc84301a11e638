"""Bodies that no vendor should send: made from nothing, or from what the sandbox really answered."""

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from adapters.kit.answer import Answer, Call
from adapters.kit.status import Meaning
from domain.outcomes import VendorTrouble
from tests.conformance.privacy import CANARY, PERSON, WORDS

DEPTH = 100_000
HUGE = 17 * 1024 * 1024
"""More than any adapter should hold."""

#: Nothing of the answer is left.
STRANGE: dict[str, bytes] = {
    "nothing": b"",
    "blank": b" \r\n\t",
    "null": b"null",
    "zero": b"0",
    "text": f'"{CANARY}"'.encode(),
    "list": b"[]",
    "list of lists": b"[[[]]]",
    "object": b"{}",
    "other object": json.dumps(
        {"detail": {"x": [CANARY]}, "data": CANARY, "errors": CANARY, "error": [CANARY]}
    ).encode(),
    "no encoding": b"\xff\xfe\x00" + CANARY.encode(),
    "zeros": b"\x00" * 64 + CANARY.encode(),
    "login page": f"<!DOCTYPE html><html><body>{CANARY}<input name=password></body></html>".encode(),
    "huge": b'{"a": "' + b"x" * HUGE + b'"}',
    "deep JSON": b"[" * DEPTH,
    "deep objects": b'{"a":' * DEPTH,
    "deep XML": b"<a>" * DEPTH,
    "long number": b'{"a": ' + b"9" * 100_000 + b"}",
    "NaN": b'{"data": NaN, "total": Infinity, "status": -Infinity}',
    "twice": b'{"data": 1, "data": 2}',
    "billion laughs": (
        '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "ha">'
        + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
        + f"]><l>&l9;{CANARY}</l>"
    ).encode(),
    "external entity": (b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'),
}

#: What a value of the answer is replaced by.
PALETTE: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**70, "", " ", "1e9", "1e999999999", "-0.001", "NaN", "Ω", [], {}, [[]], {"id": None}),
)
#: Numbers that Python's JSON does not write, in place of these texts.
RAW = {"@nan@": b"NaN", "@infinity@": b"-Infinity", "@tenth@": b"0.1", "@whole@": b"2.00"}


def _monsters_are_refused() -> bool:
    """Whether what all adapters share refuses them (`test_shared_guards` says so too). Until it does they would hang
    an adapter that wants a whole number there, or end it."""
    answer = Answer(Call("Vendor", "read", write=False), Meaning.OK, 200, {}, b'{"n": 1e999999999}')
    try:
        answer.json()
    except VendorTrouble:
        return True
    return False


GUARDED = _monsters_are_refused()
if GUARDED:
    STRANGE["great exponent"] = b'{"data": 1e999999999, "total": 1e999999999}'
    STRANGE["exponent beyond Decimal"] = b'{"data": 1e9999999999999999999, "total": -1e-9999999999999999999}'
    PALETTE += ("9" * 5_000, "x" * 100_000, "1e9999999999999999999")
    RAW |= {"@exponent@": b"1e999999999", "@small@": b"1e-999999999", "@long@": b"9" * 5_000}
    RAW |= {"@beyond@": b"1e9999999999999999999", "@smallest@": b"1e-9999999999999999999"}

Twist = Callable[[bytes], bytes]
_ATTRIBUTE = re.compile(rb'="[^"<>]*"')


def twisted(body: bytes, dice: random.Random) -> bytes:
    """The answer with one thing in it changed: a value, a missing part, a part too many."""
    try:
        content = json.loads(body)
    except ValueError:
        return _twisted_xml(body, dice)
    changed = json.dumps(_changed(content, dice)).encode()
    for name, raw in RAW.items():
        changed = changed.replace(f'"{name}"'.encode(), raw)
    return changed


def _changed(content: Any, dice: random.Random) -> Any:
    places = list(_places(content))
    if not places:
        return dice.choice(PALETTE)
    parent, name = dice.choice(places)
    match dice.randrange(4):
        case 0:
            del parent[name]
        case 1 if isinstance(parent[name], list):
            parent[name] = parent[name] * 2
        case _:
            parent[name] = dice.choice((*PALETTE, *RAW))
    return content


def _places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Every part of it, as its parent and its name there."""
    names = content.keys() if isinstance(content, dict) else range(len(content)) if isinstance(content, list) else ()
    for name in list(names):
        yield content, name
        yield from _places(content[name])


def _twisted_xml(body: bytes, dice: random.Random) -> bytes:
    """One attribute, or one stretch of text, is another."""
    found = list(_ATTRIBUTE.finditer(body))
    if not found or dice.randrange(5) == 0:
        start = dice.randrange(max(len(body), 1))
        return body[:start] + body[start + dice.randrange(1, 40) :]
    match = dice.choice(found)
    value = dice.choice([text for text in PALETTE if isinstance(text, str)])
    return body[: match.start()] + b'="' + value.encode() + b'"' + body[match.end() :]


#: Parts of answers in which a vendor says in words why it refuses.
_WORDS = re.compile(rb'("(?:message|msg|detail|text|error|title)":\s*")[^"]+(")|(RequestError=")[^"]+(")')


def about_the_customer(body: bytes) -> bytes:
    """The same answer; where the vendor explains itself it now does so by the customer's name and mail."""
    said = f"{WORDS[2]} of {WORDS[4]}, {PERSON['email']}, is not known".encode()
    return _WORDS.sub(lambda found: (found[1] or found[3]) + said + (found[2] or found[4]), body)


def with_doctype(body: bytes) -> bytes:
    """XML that declares entities of its own, outside or inside of what it carries; other bodies as they are."""
    declared = b'<!DOCTYPE x [<!ENTITY e "' + CANARY.encode() + b'">]>'
    if not body.lstrip().startswith(b"<"):
        return body
    head, end, rest = body.partition(b"?>")
    return head + end + declared + rest


def with_inner_doctype(body: bytes) -> bytes:
    """As `with_doctype`, of a document that is carried as text."""
    declared = b'&lt;!DOCTYPE x [&lt;!ENTITY e "' + CANARY.encode() + b'"&gt;]&gt;'
    return body.replace(b"&lt;Response", declared + b"&lt;Response", 1)


def answering(body: bytes, status: int = 200) -> httpx.MockTransport:
    """Whatever is asked, this is the answer."""
    headers = {"content-type": "application/json"}
    return httpx.MockTransport(lambda request: httpx.Response(status, headers=headers, content=body))


class Twisting(httpx.AsyncBaseTransport):
    """Real answers of a sandbox, changed on their way."""

    def __init__(self, twist: Twist) -> None:
        self._inner = httpx.AsyncHTTPTransport()
        self._twist = twist
        self.changed = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        body = await response.aread()
        await response.aclose()
        other = self._twist(body)
        self.changed += other != body
        kind = response.headers.get("content-type", "application/json")
        return httpx.Response(response.status_code, headers={"content-type": kind}, content=other)

    async def aclose(self) -> None:
        await self._inner.aclose()


class Renaming(httpx.AsyncBaseTransport):
    """Asks the sandbox for something else than the adapter asked: the answer is about another document."""

    def __init__(self, *names: tuple[str, str]) -> None:
        self._inner = httpx.AsyncHTTPTransport()
        self._names = names
        self.calls = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url, body = str(request.url), await request.aread()
        for asked, told in self._names:
            self.calls += asked in url or asked.encode() in body
            url, body = url.replace(asked, told), body.replace(asked.encode(), told.encode())
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"content-length"]
        return await self._inner.handle_async_request(httpx.Request(request.method, url, headers=headers, content=body))

    async def aclose(self) -> None:
        await self._inner.aclose()


def packed_bomb() -> bytes:
    """A few kilobytes that unpack to more than any adapter should hold."""
    return gzip.compress(b" " * HUGE)
