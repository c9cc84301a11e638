"""Reads forms within limits, and turns fields into values with a clear word about each that is wrong."""

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from console.trouble import Trouble

READ_SECONDS = 10.0
_MOST_FIELDS = 3_000
_LONGEST_TEXT = 500
_WHOLE = re.compile(r"[0-9]{1,9}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass
class Form:
    """Fields of one form. What is wrong is gathered in `problems`: field → sentence; the page names them all."""

    data: FormData = field(default_factory=FormData)
    problems: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, label: str = "", *, longest: int = _LONGEST_TEXT, needed: bool = False) -> str:
        """A field without space around it; empty when it was not sent."""
        value = self.data.get(name, "")
        text = _CONTROL.sub("", value).strip() if isinstance(value, str) else ""
        if len(text) > longest:
            self.wrong(name, f"{label or name} has at most {longest} characters.")
            return ""
        if needed and not text:
            self.wrong(name, f"{label or name} is missing.")
        return text

    def secret(self, name: str) -> str:
        """A field exactly as it was typed."""
        value = self.data.get(name, "")
        return value if isinstance(value, str) else ""

    def number(self, name: str, label: str, *, low: int = 0, high: int = 10_000) -> int:
        """A whole number; `low` when the field is empty or wrong."""
        text = self.text(name, label)
        if not text:
            return low
        if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
            self.wrong(name, f"{label} is not a whole number from {low} to {high}.")
            return low
        return int(text)

    def day(self, name: str, label: str, *, needed: bool = False) -> date | None:
        """A date as browsers send it, ``2026-03-01``."""
        text = self.text(name, label, needed=needed)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.wrong(name, f"{label} is not a date such as 2026-03-01.")
            return None

    def one_of(self, name: str, label: str, allowed: tuple[str, ...] | list[str], *, needed: bool = True) -> str:
        """One of the offered values; empty when it is none of them."""
        text = self.text(name, label)
        if (text or needed) and text not in allowed:
            self.wrong(name, f"{label}: choose one of the list.")
            return ""
        return text

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.text(name) != ""

    def many(self, name: str) -> list[str]:
        """All values of a field that may be sent more than once."""
        return [value for value in self.data.getlist(name) if isinstance(value, str)]

    def file(self, name: str) -> UploadFile | None:
        """An uploaded file; None when none was chosen."""
        value = self.data.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    def wrong(self, name: str, sentence: str) -> None:
        """Note a problem; the first one of a field stays."""
        self.problems.setdefault(name, sentence)


def form_of(request: Request) -> Form:
    """The form of this request, read before the page was asked."""
    return cast(Form, request.state.form)


async def read_form(request: Request, cap: int, files: int) -> Form:
    """The form, at most `cap` bytes. Raises Trouble: 415, 413, 408, 400."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > cap:
        raise _too_large(cap)
    stream = _capped(request, cap)
    try:
        async with asyncio.timeout(READ_SECONDS):
            if kind == "application/x-www-form-urlencoded":
                parser = FormParser(request.headers, stream, max_fields=_MOST_FIELDS, max_part_size=cap)
                return Form(await parser.parse())
            if kind == "multipart/form-data" and files:
                multi = MultiPartParser(
                    request.headers, stream, max_files=files, max_fields=_MOST_FIELDS, max_part_size=cap
                )
                return Form(await multi.parse())
    except TimeoutError:
        raise Trouble(408, "The form did not arrive in time.", "Send it again.") from None
    except (MultiPartException, ClientDisconnect, UnicodeDecodeError):
        raise Trouble(400, "The form did not arrive whole.", "Go back and send it again.") from None
    raise Trouble(415, "This is not a form of the console.", "Send the form from its page.")


async def _capped(request: Request, cap: int) -> AsyncGenerator[bytes, None]:
    read = 0
    async for chunk in request.stream():
        read += len(chunk)
        if read > cap:
            raise _too_large(cap)
        yield chunk


def _too_large(cap: int) -> Trouble:
    return Trouble(413, f"The form is larger than {cap // 1024} KiB.", "Nothing of it was kept. Send less at once.")
