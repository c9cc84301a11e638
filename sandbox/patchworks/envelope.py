"""Reads the JSON that a flow is sent. Unknown fields are ignored; what is wrong is a VALIDATION with its path."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from sandbox.patchworks.money import in_step
from sandbox.patchworks.refusal import Refused
from sandbox.patchworks.wire import Json

_PLAIN = re.compile(r"-?\d{1,12}(\.\d+)?")
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Fields:
    """One object of the request and where it stands, such as `return.returnLineItems[0]`."""

    def __init__(self, value: Json, path: str = "") -> None:
        self._value = value
        self._path = path

    def has(self, name: str) -> bool:
        """Whether it is there and not null."""
        return self._value.get(name) is not None

    def text(self, name: str, *, needed: bool = True) -> str:
        """Text, or a whole number written as such; empty when it may be left out."""
        value = self._value.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is None or value == "":
            if needed:
                raise self.wrong(name, "is missing")
            return ""
        if not isinstance(value, str):
            raise self.wrong(name, "must be text")
        return value

    def whole(self, name: str, *, least: int | None = None) -> int:
        """A whole number."""
        value = self._value.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(name, "must be a whole number")
        if least is not None and value < least:
            raise self.wrong(name, f"must be at least {least}")
        return value

    def amount(self, name: str, currency: str) -> Decimal:
        """A JSON number or decimal text, with no more decimals than the currency."""
        value = self._value.get(name)
        if isinstance(value, str) and _PLAIN.fullmatch(value):
            value = Decimal(value)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self.wrong(name, "must be an amount")
        try:
            return in_step(Decimal(value), currency)
        except ValueError as fine:
            raise self.wrong(name, f"has more decimals than {currency}") from fine

    def flag(self, name: str) -> bool:
        """True, false, or left out, which is false."""
        value = self._value.get(name)
        if not isinstance(value, bool | None):
            raise self.wrong(name, "must be true or false")
        return bool(value)

    def day(self, name: str) -> date:
        """A date, or a moment in ISO 8601 with Z, whose date it is."""
        text = self.text(name)
        try:
            if _STAMP.fullmatch(text):
                return datetime.fromisoformat(text).date()
            return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError as wrong:
            raise self.wrong(name, "must be a date in ISO 8601 (UTC, with Z)") from wrong

    def child(self, name: str) -> "Fields":
        """The object under this name."""
        value = self._value.get(name)
        if not isinstance(value, dict):
            raise self.wrong(name, "must be an object")
        return Fields(value, self._at(name))

    def rows(self, name: str, *, needed: bool = True) -> list["Fields"]:
        """The objects of the list under this name; at least one unless it may be left out."""
        value = self._value.get(name)
        if value is None and not needed:
            return []
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self.wrong(name, "must be a list of objects")
        if needed and not value:
            raise self.wrong(name, "is empty")
        return [Fields(row, f"{self._at(name)}[{number}]") for number, row in enumerate(value)]

    def texts(self, name: str) -> list[str]:
        """The texts of the list under this name."""
        value = self._value.get(name)
        if not isinstance(value, list) or not all(isinstance(row, str) for row in value):
            raise self.wrong(name, "must be a list of texts")
        return value

    def wrong(self, name: str, what: str) -> Refused:
        """The refusal that says so."""
        return Refused("VALIDATION", f"{self._at(name)} {what}", field=self._at(name))

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name


class Envelope(Fields):
    """The whole request."""

    @property
    def operation(self) -> str:
        """Its name, or empty text."""
        return self._own("operation")

    @property
    def key(self) -> str:
        """The idempotency key, or empty text."""
        return self._own("idempotencyKey")

    def currency(self) -> str:
        """ISO 4217."""
        code = self.text("currency")
        if not re.fullmatch(r"[A-Z]{3}", code):
            raise self.wrong("currency", "must be three capital letters")
        return code

    def order_id(self) -> str:
        """The order that the operation is about: `orderId`, or that of the return."""
        return self.text("orderId") if self.has("orderId") or not self.has("return") else self.goods().text("orderId")

    def goods(self) -> Fields:
        """The `return` block."""
        return self.child("return")

    def _own(self, name: str) -> str:
        value = self._value.get(name)
        return value if isinstance(value, str) else ""
