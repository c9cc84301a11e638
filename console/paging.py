"""Where the next page begins, as a part of an address."""

import base64
import binascii
import json
from collections.abc import Mapping
from urllib.parse import urlencode

from console.trouble import Trouble

_LONGEST = 500


def cursor_text(*parts: str) -> str:
    """The keys of a page's last row as one word."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def cursor_parts(text: str, number: int) -> list[str]:
    """The keys again, so many as the list has. Raises Trouble for what is none of ours."""
    try:
        if len(text) > _LONGEST:
            raise ValueError
        parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(parts, list) or len(parts) != number or not all(isinstance(part, str) for part in parts):
            raise ValueError
    except (ValueError, binascii.Error):
        raise bad_address() from None
    return parts


def cursor_number(text: str) -> int:
    """The one number of a cursor; 0 without one. Raises Trouble."""
    if not text:
        return 0
    [number] = cursor_parts(text, 1)
    if not number.isdecimal():
        raise bad_address()
    return int(number)


def address_of(path: str, chosen: Mapping[str, str], **changed: str) -> str:
    """The address of a list with these filters, some of them changed; empty ones are left out."""
    kept = {name: word for name, word in {**chosen, **changed}.items() if word}
    return f"{path}?{urlencode(kept)}" if kept else path


def bad_address() -> Trouble:
    """400 for an address that somebody changed by hand."""
    return Trouble(400, "This address leads nowhere.", "Begin again from the first page of the list.")
