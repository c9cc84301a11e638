"""The base of every value that crosses a wall."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value. Unknown fields are refused: a misspelt key must not be lost in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(BaseModel):
    """One payload of a run, signal, update, query or activity.

    Unknown fields are ignored, so that an older worker can read what a newer one wrote
    (temporal-notes 1: models grow only by optional fields with constant defaults).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
