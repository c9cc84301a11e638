"""The text of files: records with ``|`` between fields, one a line (contract C and D). No meaning, no codes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.bluecherry.contract import FIELDS, FORMAT, HEADERS, VERSION

#: The contract names ``|``, CR and LF; no other control character helps anybody either.
_BLANKS = str.maketrans(dict.fromkeys(["|", *map(chr, range(32))], " "))
#: The end of a whole acknowledgement.
_TRAILER = re.compile(rb"\nATR\|\d+\|\d+\r?\n?\Z")
_WHOLE = re.compile(r"-?[0-9]{1,15}")
#: Records whose QTY counts for the hash total.
_COUNTED = frozenset({"RAD", "RCV", "ADJ", "CMD", "SOD"})


class Unreadable(ValueError):
    """A file that is not what the contract says. The text never quotes it."""


@dataclass(frozen=True)
class Record:
    """One line. `values` by the names of `contract.FIELDS`; they may be personal and stay out of reprs."""

    kind: str
    values: Mapping[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        return self.values[name]


Document = Sequence[Record]
"""A header record and its lines: accepted or refused as a whole."""


@dataclass(frozen=True)
class Envelope:
    """What header and trailer of a data file say of it. `created`: 14 digits."""

    number: int
    division: str
    created: str
    sender: str


@dataclass(frozen=True)
class DataFile:
    """A data file that adds up."""

    envelope: Envelope
    documents: list[list[Record]]


@dataclass(frozen=True)
class AckFile:
    """A whole acknowledgement; its lines are not judged."""

    number: int
    division: str
    time: str
    status: str
    documents: int
    accepted: int
    lines: list[Record]


def record(kind: str, **values: str) -> Record:
    """A record; fields that are not named are empty."""
    unknown = values.keys() - set(FIELDS[kind])
    if unknown:
        raise ValueError(f"{kind} has no {', '.join(sorted(unknown))}")
    return Record(kind, {name: values.get(name, "").translate(_BLANKS) for name in FIELDS[kind]})


def write(envelope: Envelope, documents: Sequence[Document]) -> bytes:
    """A data file, from header to trailer."""
    rows = [row for document in documents for row in document]
    number = f"{envelope.number:06d}"
    header = {"BATCH": number, "DIVISION": envelope.division, "CREATED": envelope.created, "SENDER": envelope.sender}
    trailer = {
        "BATCH": number,
        "RECORDS": str(len(rows) + 2),
        "DOCUMENTS": str(len(documents)),
        "HASHTOTAL": str(_hash_total(rows)),
    }
    everything = [record("HDR", FORMAT=FORMAT, VERSION=VERSION, **header), *rows, record("TRL", **trailer)]
    return "".join(f"{'|'.join((row.kind, *row.values.values()))}\n" for row in everything).encode(errors="replace")


def read(data: bytes) -> DataFile:
    """A data file. Unreadable when it is cut off or does not add up."""
    header, *rows, trailer = _framed(data, "HDR", "TRL")
    if (header["FORMAT"], header["VERSION"]) != (FORMAT, VERSION):
        raise Unreadable("another format or version")
    documents: list[list[Record]] = []
    for row in rows:
        if row.kind in HEADERS:
            documents.append([row])
        elif documents and "EXTREF" in row.values and row["EXTREF"] == documents[-1][0]["EXTREF"]:
            documents[-1].append(row)
        else:
            raise Unreadable(f"a {row.kind} record without its header")
    counted = (len(rows) + 2, len(documents), _hash_total(rows))
    stated = tuple(_whole(trailer, name) for name in ("RECORDS", "DOCUMENTS", "HASHTOTAL"))
    if counted != stated or trailer["BATCH"] != header["BATCH"]:
        raise Unreadable("header, records and trailer do not add up")
    envelope = Envelope(_whole(header, "BATCH"), header["DIVISION"], header["CREATED"], header["SENDER"])
    return DataFile(envelope, documents)


def read_ack(data: bytes) -> AckFile | None:
    """An acknowledgement; None when it is cut off or its counts do not agree. Unreadable when it is none at all."""
    if not _TRAILER.search(data):
        return None
    header, *lines, trailer = _framed(data, "AHD", "ATR")
    if any(line.kind != "ACK" for line in lines):
        raise Unreadable("a record in the acknowledgement that is no ACK")
    if _whole(trailer, "COUNT") != len(lines):
        return None
    if trailer["BATCH"] != header["BATCH"]:
        raise Unreadable("header and trailer name different batches")
    number, documents, accepted = (_whole(header, name) for name in ("BATCH", "READ", "ACCEPTED"))
    return AckFile(number, header["DIVISION"], header["TIME"], header["STATUS"], documents, accepted, lines)


def _framed(data: bytes, first: str, last: str) -> list[Record]:
    """All records, the first and the last of these kinds. Lines end with LF or CR LF."""
    try:
        lines = data.decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError:
        raise Unreadable("no UTF-8") from None
    rows = [_parse(line.removesuffix("\r")) for line in lines]
    if len(rows) < 2 or rows[0].kind != first or rows[-1].kind != last:
        raise Unreadable(f"no file from {first} to {last}")
    return rows


def _parse(line: str) -> Record:
    kind, *values = line.split("|")
    names = FIELDS.get(kind)
    if names is None or len(names) != len(values):
        raise Unreadable(f"a {kind} record with {len(values)} fields" if names else "a record of no known kind")
    return Record(kind, dict(zip(names, values, strict=True)))


def _hash_total(rows: Sequence[Record]) -> int:
    return sum(abs(_whole(row, "QTY")) for row in rows if row.kind in _COUNTED)


def _whole(row: Record, name: str) -> int:
    if not _WHOLE.fullmatch(row[name]):
        raise Unreadable(f"{row.kind} {name} is no whole number")
    return int(row[name])
