"""What the store refuses, named for what the caller does next.

StoreError
├── UnknownReturn      nothing was saved for this return yet
├── UnknownDocument    no document was planned under this key
├── UnknownExchange    no replacement was planned under this key
├── UnknownAccount     no such account of the console
├── AccountTaken       there is an account of this name already
├── KeyTaken           two returns made the same business key: stop, this is a bug
├── NoFreeSlots        the order line has fewer free units than wanted: park (VALIDATION_QTY)
├── SlotTaken          the unit carries another credit, or belongs to another return: park
├── UnknownException   no such exception
├── StaleVersion       the exception changed since the person looked: show it again
└── NotOpen            somebody decided otherwise before
"""


class StoreError(Exception):
    """Base of everything that the store refuses on purpose."""


class UnknownReturn(StoreError):
    """Nothing was saved for this return yet."""


class UnknownDocument(StoreError):
    """No document was planned under this key."""


class UnknownExchange(StoreError):
    """No replacement was planned under this key."""


class KeyTaken(StoreError):
    """The business key belongs to a document of another return or of another kind."""


class NoFreeSlots(StoreError):
    """A line has fewer free units than wanted. Nothing was reserved."""

    def __init__(self, line_id: str, wanted: int, free: int) -> None:
        super().__init__(f"order line {line_id} has {free} free unit(s), {wanted} wanted")
        self.line_id = line_id
        self.wanted = wanted
        self.free = free


class SlotTaken(StoreError):
    """A unit cannot be credited: it carries another credit, or no claim of this return."""


class UnknownException(StoreError):
    """No exception has this id."""


class StaleVersion(StoreError):
    """The exception changed since the person looked at it."""


class NotOpen(StoreError):
    """The exception was decided, otherwise, before."""


class UnknownAccount(StoreError):
    """No account has this name, or it is not ours to change."""


class AccountTaken(StoreError):
    """There is an account of this name already."""
