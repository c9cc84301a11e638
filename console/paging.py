"""Where the next page begins, as a part of an address."""

import base64
import binascii
import json

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


def bad_address() -> Trouble:
    """400 for an address that somebody changed by hand."""
    return Trouble(400, "This address leads nowhere.", "Begin again from the first page of the list.")
