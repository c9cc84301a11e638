"""The file format: record layouts, and a file's text taken apart. Everything wrong here refuses the whole file."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from sandbox.bluecherry.model import Sku
from sandbox.bluecherry.refusal import BadFile

OPERATIONAL, FINANCIAL = "operational", "financial"
CLASS_OF = dict.fromkeys(("RAH", "RAX", "RCV", "SOH", "SOX", "ADJ"), OPERATIONAL) | dict.fromkeys(
    ("CMH", "CMV"), FINANCIAL
)
DETAILS = {"RAD": "RAH", "CMD": "CMH", "SOD": "SOH"}
MOST_DOCUMENTS = 500
NAME = re.compile(r"BC_([A-Za-z0-9]+)_(\d{14})_(\d{6})\.dat")

_ITEM = "STYLE! COLOR! DIM! SIZE!"
LAYOUTS = {
    "RAH": "EXTREF!ref ORDERNO CUSTNO! RADATE!date CURR!curr RETWHSE! REASON! LINES!count TOTAL!money NOTE",
    "RAD": f"EXTREF!ref LINENO!count ORDLINE:count {_ITEM} UPC QTY!count PRICE!money TAX!money LREASON!",
    "RAX": "EXTREF!ref RANO! CANCELREASON",
    "RCV": "EXTREF!ref RANO! LINENO!count QTY!count WHSE GRADE!grade RCVDATE!date",
    "ADJ": f"EXTREF!ref WHSE! {_ITEM} SIGNEDQTY!signed ADJREASON! DOCREF",
    "CMH": (
        "EXTREF!ref RANO! INVNO CUSTNO! CMDATE!date CURR!curr SUBTOTAL!money TAX!money FREIGHT!money FEES!money "
        "TOTAL!money"
    ),
    "CMD": "EXTREF!ref LINENO!count RALINE!count QTY!count PRICE!money TAX!money",
    "CMV": "EXTREF!ref CMNO! VOIDREASON",
    "SOH": (
        "EXTREF!ref ORDTYPE! CUSTNO! ORDDATE!date CURR!curr WHSE! SHIPVIA LINKRANO LINKRAEXT:ref LINKORDER "
        "NAME ADDR1 ADDR2 CITY STATE ZIP CTRY EMAIL PHONE FREIGHT!money TOTAL!money"
    ),
    "SOD": f"EXTREF!ref LINENO!count {_ITEM} UPC QTY!count PRICE!money LISTPRICE!money",
    "SOX": "EXTREF!ref SONO! CANCELREASON",
}
"""Field names in order; `!` needed, `:` optional; then the kind of its content, text when none is named."""

KINDS = {
    "ref": re.compile(r"[A-Za-z0-9-]{1,40}"),
    "count": re.compile(r"[1-9]\d{0,6}"),
    "signed": re.compile(r"[+-]?[1-9]\d{0,6}"),
    "money": re.compile(r"-?\d{1,12}\.\d{2,3}"),
    "curr": re.compile(r"[A-Z]{3}"),
    "grade": re.compile(r"[ABCD]"),
    "date": re.compile(r"\d{8}"),
    "": re.compile(r".*"),
}
_FIELD = re.compile(r"(\w+?)(?:([!:])(\w*))?")


@dataclass(frozen=True)
class Record:
    """One line; `values` by field name, unused ones empty."""

    type: str
    values: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def whole(self, name: str) -> int:
        """The number; 0 when left out."""
        return int(self.values[name] or 0)

    def day(self, name: str) -> date:
        return _moment(self.values[name], "%Y%m%d").date()

    @property
    def sku(self) -> Sku:
        return Sku(self["STYLE"], self["COLOR"], self["SIZE"], self["DIM"])


@dataclass
class Document:
    """A header with its details; accepted or refused as a whole."""

    head: Record
    details: list[Record] = field(default_factory=list)

    @property
    def type(self) -> str:
        return self.head.type

    @property
    def ext_ref(self) -> str:
        return self.head["EXTREF"]


@dataclass(frozen=True)
class Batch:
    """A whole file that is in order."""

    number: str
    division: str
    documents: list[Document]


def class_of(content: bytes) -> str | None:
    """The class of a file's first document; None when there is none to be seen."""
    types = (line[:3] for line in _lines(content.decode("utf-8", "replace")))
    return next((CLASS_OF[kind] for kind in types if kind in CLASS_OF), None)


def batch_in(name: str) -> str:
    """The batch number in a file's name, `000000` without one."""
    found = NAME.fullmatch(name)
    return found.group(3) if found else "000000"


def read_file(name: str, content: bytes) -> Batch:
    """The batch in a file. Raises BadFile: E101 for what cannot be read, E102 when the trailer says otherwise."""
    try:
        lines = _lines(content.decode("utf-8"))
    except UnicodeDecodeError as wrong:
        raise BadFile("E101", "NOT UTF-8") from wrong
    number, division = _header(name, lines[0])
    documents, records = _documents(lines[1:-1])
    _check_trailer(lines, number, documents, records)
    if not 1 <= len(documents) <= MOST_DOCUMENTS:
        raise BadFile("E101", f"{len(documents)} DOCUMENTS IN ONE FILE")
    if len({CLASS_OF[document.type] for document in documents}) > 1:
        raise BadFile("E101", "OPERATIONAL AND FINANCIAL RECORDS IN ONE FILE")
    for document in documents:
        _check_details(document)
    return Batch(number, division, documents)


def _lines(text: str) -> list[str]:
    """Only CR and LF end a record: texts may hold what else Unicode calls a line break."""
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def _header(name: str, line: str) -> tuple[str, str]:
    fields = line.split("|")
    if len(fields) != 7 or fields[:3] != ["HDR", "BC", "1.0"] or not fields[6]:
        raise BadFile("E101", "UNREADABLE HDR")
    _moment(fields[5], "%Y%m%d%H%M%S")
    named = NAME.fullmatch(name)
    if named is None or (named.group(3), named.group(1)) != (fields[3], fields[4]):
        raise BadFile("E101", "FILE NAME AND HDR DISAGREE")
    return fields[3], fields[4]


def _documents(lines: list[str]) -> tuple[list[Document], list[Record]]:
    """Trailer and header left out."""
    documents: list[Document] = []
    records = [_record(number, line) for number, line in enumerate(lines, 2)]
    for number, record in enumerate(records, 2):
        if record.type in CLASS_OF:
            documents.append(Document(record))
        elif documents and (documents[-1].type, documents[-1].ext_ref) == (DETAILS[record.type], record["EXTREF"]):
            documents[-1].details.append(record)
        else:
            raise BadFile("E101", f"RECORD {number}: {record.type} WITHOUT ITS HEADER")
    return documents, records


def _record(number: int, line: str) -> Record:
    kind, *texts = line.split("|")
    layout = [_FIELD.fullmatch(part) for part in LAYOUTS.get(kind, "").split()]
    if not layout or len(texts) != len(layout):
        raise BadFile("E101", f"RECORD {number}: UNREADABLE {kind[:3]}")
    values = {}
    for shape, text in zip(layout, texts, strict=True):
        assert shape is not None
        name, need, content = shape.groups(default="")
        if not _fits(text, need == "!", content):
            raise BadFile("E101", f"RECORD {number}: {kind} {name}")
        values[name] = text
    return Record(kind, values)


def _fits(text: str, needed: bool, kind: str) -> bool:
    if not text.strip():
        return not needed
    if kind == "date":
        _moment(text, "%Y%m%d")
    return bool(KINDS[kind].fullmatch(text))


def _check_trailer(lines: list[str], number: str, documents: list[Document], records: list[Record]) -> None:
    wanted = ["TRL", number, str(len(lines)), str(len(documents)), str(hash_total(records))]
    if lines[-1].split("|") != wanted:
        raise BadFile("E102", f"TRAILER MISMATCH, COUNTED {'|'.join(wanted)}")


def hash_total(records: list[Record]) -> int:
    """Sum of all quantities, adjustments absolute."""
    names = {"RAD": "QTY", "RCV": "QTY", "CMD": "QTY", "SOD": "QTY", "ADJ": "SIGNEDQTY"}
    return sum(abs(record.whole(names[record.type])) for record in records if record.type in names)


def _check_details(document: Document) -> None:
    """Line numbers are there and not repeated. A credit memo may be over freight and fees alone."""
    if document.type not in DETAILS.values():
        return
    lines = [record["LINENO"] for record in document.details]
    stated = document.head.whole("LINES") if document.type == "RAH" else len(lines)
    missing = not lines and document.type != "CMH"
    if missing or len(set(lines)) < len(lines) or stated != len(lines):
        raise BadFile("E101", f"LINES OF {document.type} {document.ext_ref} ARE MISSING OR REPEATED")


def _moment(text: str, shape: str) -> datetime:
    try:
        return datetime.strptime(text, shape)  # noqa: DTZ007 - dates of the ERP's own zone
    except ValueError as wrong:
        raise BadFile("E101", f"NOT A DATE: {text[:14]}") from wrong
