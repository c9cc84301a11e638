"""Renews what docs/vendors.md takes from the code: ``python -m tests.vendors_table``.

Between ``<!-- assumptions: prima -->`` and the next ``<!-- end -->`` stand the ASSUMED marks of the vendor's contract,
likewise its capabilities and its settings. A test keeps them true; all other text of the page is written by hand.
"""

import ast
import inspect
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from adapters.registry import ERPS, PLATFORMS, ErpAdapter, PlatformAdapter
from domain.documents import CHARGE_PURPOSES

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "vendors.md"

VENDORS: Mapping[str, PlatformAdapter[Any] | ErpAdapter[Any]] = {**PLATFORMS, **ERPS}
_MARK = re.compile(r"ASSUMED(?:\([A-Za-z0-9]+\))?")
_BLOCK = re.compile(r"<!-- (\w+): (\w+) -->\n.*?<!-- end -->", re.DOTALL)
_SPACES = re.compile(r"\s+")
_BULLET = re.compile(r"^- ", re.MULTILINE)

#: What a capability means, for somebody who sets up a connection.
WORDS = {
    "inspects": "inspections by its own users",
    "signs_webhooks": "signed webhooks",
    "instant_refunds": "instant refunds",
    "exchanges": "exchanges",
    "keep_items": "items that the customer keeps",
    "lists_spans": "listings of a span of days",
    "standalone_rma": "RMAs for orders that are closed or archived",
    "stock_adjustments": "stock adjustments",
    "applies_credit_to_invoice": "credits applied to their invoice",
    "exchange_orders": "replacement orders",
}
#: What is neither an ability nor a lack of one.
NOTES = {
    "batch": "Takes documents in files at its windows: `timing` of the connection must name them.",
    "credit_needs_receipt": "Credits only what was received there.",
}
#: Settings that many vendors have, where their own text does not say more.
COMMON = {
    "base_url": "address, without a closing slash",
    "timeout_seconds": "how long one call may take",
    "max_in_flight": "calls at the same time, in one process",
    "requests_per_second": "our own pace, in one process",
    "max_answer_bytes": "a longer answer is not read",
    "requests_per_ten_seconds": "our own pace, in one process",
    "mutations_per_hour": "our own pace, in one process",
    "store_id": "id of the store in every address",
    "signature_tolerance_seconds": "how old a signed webhook may be",
    "callbacks_url": "host of the callback trigger",
    "start_url": "host of the start API",
    "core_url": "host of the core API",
    "division": "division of the company that this connection is",
    "sku_separator": "between the parts of our SKUs",
    "drop": "where files lie: a directory, or SFTP with host, user and host key",
}


def render(page: str) -> str:
    """The page with every block as the code says it. KeyError for a vendor that is not in the registry."""
    return _BLOCK.sub(lambda found: _block(found[1], found[2]), page)


def blocks(page: str) -> list[tuple[str, str]]:
    """Kind and vendor of every block of the page."""
    return [(found[1], found[2]) for found in _BLOCK.finditer(page)]


def _block(kind: str, vendor: str) -> str:
    lines = "\n".join(KINDS[kind](vendor))
    return f"<!-- {kind}: {vendor} -->\n{lines}\n<!-- end -->"


def capabilities(vendor: str) -> Iterator[str]:
    """A line for what it can, one for what it cannot, and what else must be known."""
    able = VENDORS[vendor].capabilities
    flags = {name: value for name, value in able.model_dump().items() if isinstance(value, bool)}
    for word, wanted in (("Has", True), ("Has not", False)):
        if named := [WORDS[name] for name, value in flags.items() if name not in NOTES and value is wanted]:
            yield f"- {word}: {', '.join(named)}."
    yield from (f"- {text}" for name, text in NOTES.items() if flags.get(name))
    charges: frozenset[str] = getattr(able, "charges", frozenset(CHARGE_PURPOSES))
    if lacking := [purpose for purpose in CHARGE_PURPOSES if purpose not in charges]:
        yield f"- A credit cannot carry: {', '.join(lacking)}."


def settings(vendor: str) -> Iterator[str]:
    """The settings as a table; a secret is named by the variable that holds it."""
    row = VENDORS[vendor]
    model: type[BaseModel] = row.settings
    texts = _texts_of(model)
    yield "| setting | default | meaning |"
    yield "| --- | --- | --- |"
    for name, field in model.model_fields.items():
        key = f"`{name}_env`" if name in row.secrets else f"`{name}`"
        yield f"| {key} | {_default(field.default)} | {_cell(_meaning(name, texts, name in row.secrets))} |"


def _meaning(name: str, texts: Mapping[str, str], secret: bool) -> str:
    text = texts.get(name, COMMON.get(name, ""))
    if not secret:
        return text
    said = re.sub(r"[;,]?\s*from the environment", "", text).strip("; ")
    return "; ".join(part for part in ("**secret**: the variable that holds it", said) if part)


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return "needed"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return ", ".join(f"`{one}`" for one in sorted(value)) or "none"
    return f"`{value}`" if str(value) else "empty"


def _texts_of(model: type[BaseModel]) -> dict[str, str]:
    """Field → what the class's docstring says of it, in lines that begin with ``name:`` or ``name, name:``."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in inspect.cleandoc(model.__doc__ or "").splitlines():
        head, colon, text = line.strip().partition(": ")
        parts = re.split(r"[;,]\s*", head)
        if colon and not line.startswith(" ") and all(part in model.model_fields for part in parts):
            names = parts
            found |= dict.fromkeys(names, text)
        elif line.startswith(" "):
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
        else:
            names = []
    return {name: text for head, said in found.items() for name, text in _apart(head, said, model)}


def _apart(name: str, text: str, model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Two fields in one line: ``sender: our name; time_zone: of every date``."""
    said, *others = re.split(rf"[;.] (?=(?:{'|'.join(model.model_fields)}): )", text)
    yield name, said
    for other in others:
        field, _, meaning = other.partition(": ")
        yield field, meaning


def assumptions(vendor: str) -> Iterator[str]:
    """Every mark of the contract: line, what it stands at, what it says."""
    path = ROOT / "adapters" / vendor / "contract.py"
    marks = list(marks_in(path.read_text(encoding="utf-8")))
    yield f"{len(marks)} assumptions, all in `adapters/{vendor}/contract.py`:"
    yield ""
    yield "| line | at | assumed |"
    yield "| --- | --- | --- |"
    for line, name, text in marks:
        yield f"| {line} | {f'`{name}`' if name else ''} | {_cell(text)} |"


def marks_in(source: str) -> Iterator[tuple[int, str, str]]:
    """Line, name and text of each mark: of a list that a mark announces every item, else the sentence around it."""
    names = _names(source)
    for start, text in sorted(_texts(source)):
        name = names.get(start) or names.get(start + text.count("\n") + 1, "")
        for offset, paragraph in _paragraphs(text):
            for at, said in _said(paragraph, sentences=start > 1):
                yield start + offset + at, name, said


def _texts(source: str) -> Iterator[tuple[int, str]]:
    """First line and text of each comment, lines of one block together, and of each string that stands alone."""
    block: list[tuple[int, str]] = []
    together = False
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        alone = token.line.strip() == token.string
        if block and not (alone and together and token.start[0] == block[-1][0] + 1):
            yield block[0][0], "\n".join(text for _, text in block)
            block = []
        together = alone
        block.append((token.start[0], token.string.lstrip("#: -").rstrip(" -")))
    if block:
        yield block[0][0], "\n".join(text for _, text in block)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, inspect.cleandoc(node.value.value)


def _names(source: str) -> dict[int, str]:
    """Line → what is named there: a class for its docstring, else the variable at it, before it or after it."""
    found: dict[int, str] = {}
    for body in (node.body for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Module | ast.ClassDef)):
        before = ""
        for node in body:
            name = _name(node)
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                found.setdefault(line, name or before)
            if isinstance(node, ast.ClassDef) and isinstance(node.body[0], ast.Expr):
                found[node.body[0].lineno] = node.name
            before = name
    return found


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign):
        return ", ".join(ast.unparse(target).strip("()") for target in node.targets)
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.target)
    return node.name if isinstance(node, ast.ClassDef | ast.FunctionDef) else ""


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Offset in lines and text. A list belongs to the paragraph that ends with a colon before it."""
    offset, kept = 0, ""
    for part in re.split(r"(\n\s*\n)", text):
        if kept and not kept.rstrip().endswith(":") and part.strip():
            yield offset - kept.count("\n"), kept
            kept = ""
        kept += part
        offset += part.count("\n")
    if kept:
        yield offset - kept.count("\n"), kept


def _said(paragraph: str, sentences: bool) -> Iterator[tuple[int, str]]:
    """Offset in lines and text of what one paragraph assumes. The text of the module only announces lists."""
    head, *items = _BULLET.split(paragraph)
    if items and _MARK.search(head):
        line = head.count("\n")
        for item in items:
            yield line, item
            line += item.count("\n")
        return
    if not sentences or not _MARK.search(paragraph):
        return
    if re.match(_MARK.pattern + r"\.\s", paragraph):  # a mark that is a sentence is about all that follows
        yield 0, paragraph
        return
    for sentence in re.finditer(r"(?:[^.]|\.(?!\s+[A-Z]|\s*$))+\.?", paragraph):
        if _MARK.search(sentence.group()):
            text = sentence.group()
            blank = len(text) - len(text.lstrip())
            yield paragraph[: sentence.start() + blank].count("\n"), text


def _cell(text: str) -> str:
    return _SPACES.sub(" ", text).strip().replace("|", "\\|").replace("``", "`")


KINDS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "capabilities": capabilities,
    "settings": settings,
    "assumptions": assumptions,
}

if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
