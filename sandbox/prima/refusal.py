"""How Prima says no: `RequestStatus="ERROR"` with a text and, sometimes, a code."""

from typing import Literal

Code = Literal["", "NOTFOUND", "ORDLINE", "SKU", "QTY", "DEPOT", "STATUS", "DUP", "PERIOD", "APPLY", "LOCKED", "SYSTEM"]


class Refused(Exception):
    """The request had no effect. An empty code leaves `RequestErrorCode` out, as Prima may do."""

    def __init__(self, text: str, code: Code = "") -> None:
        super().__init__(text)
        self.text = text
        self.code = code
