"""Why BlueCherry does not do something: one document, or a whole file."""


class Refused(Exception):
    """One document. `code` is E201–E299, `text` what the acknowledgement says."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


class BadFile(Exception):
    """A whole file; nothing of it was processed. `code` is E101–E104."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text
