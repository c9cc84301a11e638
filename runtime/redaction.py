"""Keeps personal data and secrets out of the logs. The last processor before a line is written."""

import re
from collections.abc import Mapping

from structlog.typing import EventDict, WrappedLogger

MASK = "***"

# A key is masked when its whole name is in _KEYS, or one of its words is in _WORDS: customer_email, api-token
_KEYS = frozenset(
    "name first_name last_name full_name family_name given_name customer_name contact_name recipient_name "
    "user_name username address address1 address2 customer_address shipping_address billing_address "
    "delivery_address street city postcode postal_code zip zip_code house_number date_of_birth birthday "
    "ip client_ip remote_addr body raw_body request_body response_body payload content headers "
    "query query_string database_url dsn".split()
)
_WORDS = frozenset(
    "email emails mail phone telephone mobile fax token tokens secret secrets password passwords passwd "
    "authorization auth apikey credential credentials cookie cookies signature iban bic card".split()
)

_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_QUERY = re.compile(r"(\bhttps?://[^\s?\"'<>]+)\?[^\s\"'<>]*")
_USERINFO = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@\"'<>]+@")
_BEARER = re.compile(r"\b(bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_PYDANTIC_INPUT = re.compile(r"input_value=.*?(?=, input_type=)", re.DOTALL)

_DEPTH = 6


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask values under telling keys, and e-mail addresses, query strings and credentials inside any text."""
    return {key: _mask(key, value, _DEPTH) for key, value in event.items()}


def scrub(text: str) -> str:
    """The text without e-mail addresses, credentials, query strings, and values quoted by pydantic."""
    text = _PYDANTIC_INPUT.sub(f"input_value={MASK}", text)
    text = _USERINFO.sub(rf"\1{MASK}@", text)
    text = _QUERY.sub(rf"\1?{MASK}", text)
    text = _BEARER.sub(rf"\1 {MASK}", text)
    return _EMAIL.sub(f"{MASK}@{MASK}", text)


def _mask(key: object, value: object, depth: int) -> object:
    if value is None or value == "" or isinstance(value, bool):
        return value
    if isinstance(key, str) and _telling(key):
        return MASK
    if isinstance(value, int | float):
        return value
    if depth == 0:
        return MASK
    if isinstance(value, Mapping):
        return {inner: _mask(inner, item, depth - 1) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_mask(None, item, depth - 1) for item in value]
    return scrub(value if isinstance(value, str) else str(value))


def _telling(key: str) -> bool:
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[\s.-]+", "_", key).lower()
    return name in _KEYS or not _WORDS.isdisjoint(name.split("_")) or "api_key" in name
