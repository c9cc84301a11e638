"""Writes the guides as Markdown, one file for each page, and says where a folder differs from what they are now."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from domain.connection import Connection
from guides.blocks import Code, Inline, Page, Ref
from guides.pages import all_pages

_ENDING = ".md"
#: Written into text from catalogues and configurations, these would be read as HTML or as a heading.
_SPECIAL = re.compile(r"([<>*\\])")
_BLANKS = re.compile(r"\s+")


def render(connections: Sequence[Connection], console_url: str = "") -> dict[str, str]:
    """Relative path → Markdown of every page.

    console_url: where people open the console; with it pages of the console are links, else their addresses are named
    """
    return {f"{page.path}{_ENDING}": markdown(page, console_url) for page in all_pages(connections)}


def write(folder: Path, connections: Sequence[Connection], console_url: str = "") -> list[Path]:
    """Write every page below `folder`, and remove pages that are none any more. Raises OSError."""
    pages = render(connections, console_url)
    for path in _stale(folder, pages):
        (folder / path).unlink()
    for path, text in pages.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    return [folder / path for path in pages]


def differences(folder: Path, connections: Sequence[Connection], console_url: str = "") -> list[str]:
    """Paths below `folder` that are missing, out of date, or pages no more; empty when the folder is current."""
    pages = render(connections, console_url)
    outdated = [path for path, text in pages.items() if _text(folder / path) != text]
    return sorted([*outdated, *_stale(folder, pages)])


def markdown(page: Page, console_url: str = "") -> str:
    """One page."""
    said = partial(_said, page, console_url.rstrip("/"))
    drawn = (
        _environment()
        .get_template("page.md.j2")
        .render(page=page, said=said, cell=lambda words: said(words).replace("|", r"\|"))
    )
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" +\n", "\n", drawn)).strip() + "\n"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("guides"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - this is Markdown; `_plain` takes the meaning from what HTML would read
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _said(page: Page, console_url: str, words: str | Sequence[Inline]) -> str:
    inlines = (words,) if isinstance(words, str) else words
    return _BLANKS.sub(" ", "".join(_inline(page, console_url, inline) for inline in inlines)).strip()


def _inline(page: Page, console_url: str, inline: Inline) -> str:
    match inline:
        case Code():
            return _code(inline.code)
        case Ref() if inline.page:
            return f"[{_plain(inline.text)}]({_relative(page, inline.page)})"
        case Ref() if console_url:
            return f"[{_plain(inline.text)}]({console_url}{inline.screen})"
        case Ref():
            return f"**{_plain(inline.text)}** ({_code(inline.screen)})"
        case _:
            return _plain(inline)


def _relative(page: Page, target: str) -> str:
    start = posixpath.dirname(page.path) or "."
    return posixpath.relpath(f"{target}{_ENDING}", start)


def _code(text: str) -> str:
    """As it stands. A backtick in it needs a longer fence."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _stale(folder: Path, pages: Mapping[str, str]) -> list[str]:
    """Pages that an earlier writing left and that are none any more. Other files of the folder are not ours."""
    if not folder.is_dir():
        return []
    found = (file.relative_to(folder).as_posix() for file in folder.rglob(f"*{_ENDING}"))
    return sorted(path for path in found if path not in pages and _is_ours(folder / path))


def _is_ours(file: Path) -> bool:
    return _text(file).startswith("<!-- Written by `backhaul guides`")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
