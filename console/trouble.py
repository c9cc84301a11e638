"""Ends a request with a page that says what happened and what to do."""


class Trouble(Exception):
    """`title` says what happened, `advice` what to do now. Nothing of what was sent is repeated in them."""

    def __init__(self, status: int, title: str, advice: str) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.advice = advice


def not_found(what: str) -> Trouble:
    """404 for something that an address names."""
    return Trouble(404, f"There is no such {what}.", "Check the address, or search for it at the top of the page.")
