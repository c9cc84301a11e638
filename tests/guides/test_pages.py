"""The pages as people and programs read them: links lead somewhere, words are plain, the folder is current."""

import posixpath
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from domain.connection import Connection
from domain.exceptions import ExceptionCode
from guides.blocks import Code, Page, Ref, Section, Table, refs_in
from guides.glossary import TERMS
from guides.pages import find_page, runbook
from guides.render import differences, markdown, render, write
from tests.guides.conftest import ROOT
from tests.guides.reading import sentences, texts

_LINK = re.compile(r"\]\(([^)]+)\)")
#: Words that people who run the business need not know. Operations may read some of them.
_JARGON = """idempoten payload endpoint asynchron mutex stacktrace regex nullable schema refactor deserial middleware
    boolean daemon cron workflow backend frontend thread""".split()
_FOR_OPERATIONS = ("temporal-ui", "operations", "alerts/", "connections/", "runbooks/CON", "runbooks/EVENT")
_IDS = re.compile(r"\b(?:R\d{1,3}|N\d{1,2}|E\d{1,2}|U\d{1,2}|D\d{1,2})\b")
_LONGEST = 36


def test_R101_docs_guides_is_what_the_example_configuration_gives(connections: list[Connection]) -> None:
    outdated = differences(ROOT / "docs" / "guides", connections)
    hint = "write them again: .venv/bin/backhaul --config backhaul.example.toml guides --out docs/guides"
    assert outdated == [], hint


def test_every_link_between_pages_leads_to_a_page(written: dict[str, str], pages: dict[str, Page]) -> None:
    for page in pages.values():
        assert {ref.page for ref in refs_in(page) if ref.page} <= pages.keys(), page.path
    for path, text in written.items():
        for target in _LINK.findall(text):
            assert posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) in written, f"{path}: {target}"


def test_every_page_is_reached_from_the_first_one(pages: dict[str, Page]) -> None:
    seen, todo = {"index"}, ["index"]
    while todo:
        for ref in refs_in(pages[todo.pop()]):
            if ref.page and ref.page not in seen:
                seen.add(ref.page)
                todo.append(ref.page)
    assert pages.keys() - seen == set()


def test_R101_the_pages_are_in_plain_words(pages: dict[str, Page]) -> None:
    found = [
        f"{path}: {word} in {text[:60]!r}"
        for path, page in pages.items()
        if not path.startswith(_FOR_OPERATIONS)
        for text in texts(page)
        for word in _JARGON
        if word in text.lower()
    ]
    assert found == []


def test_R101_sentences_are_short(pages: dict[str, Page]) -> None:
    long = {
        sentence
        for page in pages.values()
        for text in texts(page)
        for sentence in sentences(text)
        if len(sentence.split()) > _LONGEST and sentence.count(",") < 6  # a list of things is no long sentence
    }
    assert long == set()


def test_R101_ids_of_our_requirements_mean_nothing_to_a_reader(pages: dict[str, Page]) -> None:
    assert [f"{path}: {text}" for path, page in pages.items() for text in texts(page) if _IDS.search(text)] == []


def test_R101_tables_have_a_cell_for_every_column(written: dict[str, str]) -> None:
    for path, text in written.items():
        width = 0
        for line in text.splitlines():
            if not line.startswith("|"):
                width = 0
                continue
            cells = len(re.findall(r"(?<!\\)\|", line))
            width = width or cells
            assert cells == width, f"{path}: {line[:80]}"


def test_R101_the_glossary_has_each_word_once() -> None:
    words = [word for word, _ in TERMS]
    assert len(set(words)) == len(words)
    assert {"Return", "RMA", "Inspection", "Disposition", "Refund", "Credit note", "Exchange", "Slot"} <= set(words)


def test_what_a_configuration_may_hold_stays_text() -> None:
    odd = "a|b <script>*x*\n`y`"
    table = Table(columns=("<h>",), rows=(((odd,),), ((Code(code=odd),),)))
    page = Page(path="a/b", title="<t>", intro="i", sections=(Section(title="s", table=table),))
    text = markdown(page)
    assert "\\<script\\>\\*x\\*" in text
    assert "a\\|b" in text
    assert "<script>" not in text.replace("`` a\\|b <script>*x* `y` ``", "")


def test_links_are_relative_and_screens_are_named_by_their_address() -> None:
    page = Page(
        path="runbooks/X",
        title="t",
        intro=(Ref(text="Guide", page="finance"), " ", Ref(text="Exceptions", screen="/exceptions?owner=cx")),
        sections=(),
    )
    assert "[Guide](../finance.md) **Exceptions** (`/exceptions?owner=cx`)" in markdown(page)
    linked = markdown(page, "https://returns.example/")
    assert "[Exceptions](https://returns.example/exceptions?owner=cx)" in linked


@pytest.mark.parametrize("path", ["../secrets", "/etc/passwd", "a/b/c", "a.md", ""])
def test_a_page_cannot_lie_outside_the_folder(path: str) -> None:
    with pytest.raises(ValidationError):
        Page(path=path, title="t", intro="i", sections=())


def test_a_page_is_found_by_its_path(connections: list[Connection]) -> None:
    found = find_page("runbooks/LOST_PARCEL", connections)
    assert found == runbook(ExceptionCode.LOST_PARCEL, connections)
    assert find_page("runbooks/NO_SUCH_CODE", connections) is None


def test_writing_twice_is_the_same_and_what_is_no_page_any_more_goes(
    tmp_path: Path, connections: list[Connection]
) -> None:
    site = connections[:1]
    write(tmp_path, site)
    old = tmp_path / "runbooks" / "FORMER_CODE.md"
    old.write_text((tmp_path / "finance.md").read_text(encoding="utf-8"), encoding="utf-8")
    own = tmp_path / "our-own-notes.md"
    own.write_text("kept", encoding="utf-8")
    assert differences(tmp_path, site) == ["runbooks/FORMER_CODE.md"]
    write(tmp_path, site)
    assert not old.exists()
    assert own.exists(), "a file that we did not write is not ours to remove"


def test_a_folder_that_is_not_current_is_named_page_by_page(tmp_path: Path, connections: list[Connection]) -> None:
    write(tmp_path, connections[:1])
    (tmp_path / "cx.md").write_text("edited by hand", encoding="utf-8")
    (tmp_path / "glossary.md").unlink()
    assert differences(tmp_path, connections[:1]) == ["cx.md", "glossary.md"]


def test_the_same_configuration_gives_the_same_text(connections: list[Connection], written: dict[str, str]) -> None:
    assert render(list(connections)) == written
