"""BlueCherry on the suite's stage: documents in files at windows, a read API."""

from collections.abc import Mapping
from typing import Any, ClassVar

from domain.batches import RecordClass
from sandbox.bluecherry import BlueCherrySandbox
from tests.conformance.erp_stage import NOW, BatchStage, Cannot, Props

WINDOWS = {RecordClass.RMA: "operational", RecordClass.STOCK: "operational", RecordClass.CREDIT: "financial"}
KEY = "conformance-bluecherry-key"


class BlueCherryStage(BatchStage):
    """One division with drop directories. No pace of our own: its reads are few, its task queue has a rate."""

    cannot: ClassVar[Mapping[Cannot, str]] = {
        Cannot.ACCEPT_PARTLY: "a record set is taken whole or refused whole (vendors/bluecherry.md D)",
        Cannot.DISCOUNT_ORDERS: "the read API has discounts of lines only (vendors/bluecherry.md F)",
    }
    depots: ClassVar[Mapping[str, str]] = {"01": "10/01", "DM": "10/DM"}
    secrets: ClassVar[Mapping[str, str]] = {"api_key": "probe"}
    secrets_elsewhere: ClassVar[Mapping[str, str]] = {
        "drop_secret": "a directory has none; SFTP is in tests/adapters/bluecherry/test_drop.py"
    }
    beside: ClassVar[frozenset[str]] = frozenset({"batch"})

    def __init__(self, props: Props) -> None:
        self._folder = props.folder
        self.sandbox: BlueCherrySandbox = BlueCherrySandbox(
            props.folder, props.journal, props.faults, KEY, clock=lambda: NOW
        )

    def settings(self, url: str) -> dict[str, Any]:
        return {
            "base_url": f"{url}/bcapi/v1",
            "api_key": KEY,
            "division": "10",
            "warehouses": {"10": ["01", "02", "DM", "QT", "HC"]},
            "return_warehouse": "QT",
            "exchange_warehouse": "01",
            "drop": {"kind": "directory", "path": str(self._folder)},
            "timeout_seconds": 5,
        }

    def run_window(self, record_class: RecordClass) -> None:
        self.sandbox.process(WINDOWS[record_class])

    def begin_window(self) -> None:
        self.sandbox.open_window()

    def end_window(self) -> None:
        self.sandbox.close_window()

    def lose_answer(self) -> None:
        self.sandbox.switch("lose_ack")

    def cut_answer(self) -> None:
        self.sandbox.switch("cut_ack")

    def write_answers(self) -> None:
        self.sandbox.reissue_acks()

    def refuse_file(self) -> None:
        self.sandbox.switch("refuse_file")

    def refuse_document(self, key: str) -> None:
        self.sandbox.refuse_next(key)

    def stall(self) -> None:
        self.sandbox.switch("stall")
