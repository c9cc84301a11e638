"""What a guide is made of: pages of sections, with words, steps and tables. Markdown and the console both draw it."""

from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, Field

from domain.model import Value


class Code(Value):
    """Something to type, or to find as it stands: a command, a setting, a value of the configuration."""

    code: str


class Ref(Value):
    """A link: to another page of the guides by its path, or to a page of the console by its address."""

    text: str
    page: str = ""
    screen: str = ""


Inline: TypeAlias = str | Code | Ref
#: What `Words` are made from: a text, in which backticks mark code, or parts one after the other.
Given: TypeAlias = Inline | tuple[Inline, ...]


def _inlines(value: object) -> object:
    """Plain text becomes one inline; what stands between backticks in it becomes code."""
    if isinstance(value, str):
        return _split(value)
    if isinstance(value, Code | Ref):
        return (value,)
    if isinstance(value, list | tuple):
        return tuple(part for inline in value for part in (_split(inline) if isinstance(inline, str) else (inline,)))
    return value


def _split(text: str) -> tuple[Inline, ...]:
    parts = text.split("`")
    return tuple(Code(code=part) if number % 2 else part for number, part in enumerate(parts) if part)


Words = Annotated[tuple[Inline, ...], BeforeValidator(_inlines)]


class Table(Value):
    """Rows of cells under their columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]


class Section(Value):
    """A part of a page. `steps` are numbered, `points` are not; what is empty is not drawn."""

    title: str
    paragraphs: tuple[Words, ...] = ()
    steps: tuple[Words, ...] = ()
    points: tuple[Words, ...] = ()
    table: Table | None = None


class Page(Value):
    """One page of the guides. `path` is its file without the ending, such as ``runbooks/REFUND_MISMATCH``."""

    path: str = Field(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)?$")
    title: str
    intro: Words
    sections: tuple[Section, ...]


def refs_in(page: Page) -> list[Ref]:
    """Every link of a page, in its order."""
    found = [*page.intro]
    for section in page.sections:
        for words in (*section.paragraphs, *section.steps, *section.points):
            found += words
        for row in section.table.rows if section.table else ():
            for cell in row:
                found += cell
    return [inline for inline in found if isinstance(inline, Ref)]
