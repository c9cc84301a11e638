"""Keys of the payload codec, as they stand in the environment."""

import base64
import binascii
import re
from dataclasses import dataclass, field

_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")
_KEY_BYTES = 32
_MAX_KEYS = 20


@dataclass(frozen=True)
class PayloadKey:
    """One AES-256 key. The id travels with each payload and is no secret."""

    id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _KEY_ID.fullmatch(self.id):
            raise ValueError("a key id has 1 to 40 letters, digits, dots, dashes or underscores")
        if len(self.secret) != _KEY_BYTES:
            raise ValueError(f"key {self.id} has {len(self.secret)} bytes; AES-256 needs {_KEY_BYTES}")


def parse_keys(text: str) -> tuple[PayloadKey, ...]:
    """Read ``2026-02:BASE64,2025-11:BASE64``, newest first. Raises ValueError; its text never holds a key."""
    keys = tuple(_parse_key(number, part.strip()) for number, part in enumerate(text.split(","), 1) if part.strip())
    if len(keys) > _MAX_KEYS:
        raise ValueError(f"more than {_MAX_KEYS} keys")
    if len({key.id for key in keys}) < len(keys):
        raise ValueError("two keys have the same id")
    return keys


def _parse_key(number: int, text: str) -> PayloadKey:
    key_id, colon, encoded = text.partition(":")
    if not colon:
        raise ValueError(f"key {number} is not written keyid:base64")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ValueError(f"key {number} ({key_id}) is not valid base64") from None
    return PayloadKey(key_id, secret)
