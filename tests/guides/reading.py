"""Reads guides like a person does: words, sentences, tables."""

import re
from collections.abc import Iterator

from guides.blocks import Code, Inline, Page, Ref, Section


def said(words: tuple[Inline, ...]) -> str:
    """The words as text. Code and links are what they show."""
    return "".join(
        inline.code if isinstance(inline, Code) else inline.text if isinstance(inline, Ref) else inline
        for inline in words
    )


def prose(words: tuple[Inline, ...]) -> str:
    """The words without code."""
    return said(tuple("…" if isinstance(inline, Code) else inline for inline in words))


def section(page: Page, title: str) -> Section:
    return next(one for one in page.sections if one.title == title)


def rows(page: Page, title: str) -> list[dict[str, str]]:
    """A table, row by row, by its columns."""
    table = section(page, title).table
    assert table is not None, f"{page.path}: {title} has no table"
    return [dict(zip(table.columns, map(said, row), strict=True)) for row in table.rows]


def texts(page: Page) -> Iterator[str]:
    """Every text of a page that is prose."""
    yield prose(page.intro)
    for one in page.sections:
        yield one.title
        for words in (*one.paragraphs, *one.steps, *one.points):
            yield prose(words)
        if one.table is not None:
            yield from one.table.columns
            for row in one.table.rows:
                yield from (prose(cell) for cell in row)


def whole(page: Page) -> str:
    """Everything that a page shows."""
    shown = [said(page.intro)]
    for one in page.sections:
        shown += [one.title, *(said(words) for words in (*one.paragraphs, *one.steps, *one.points))]
        shown += [said(cell) for row in (one.table.rows if one.table else ()) for cell in row]
    return "\n".join(shown)


def sentences(text: str) -> list[str]:
    return [one for one in re.split(r"(?<=[.?!:;])\s+", text) if one]
