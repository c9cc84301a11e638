"""The drop directories, under one root: a local directory, a mounted share, or what an SFTP server shows."""

from pathlib import Path

DIRECTORIES = ("inbound/archive", "inbound/error", "outbound/ack")


class Drop:
    """Files are looked at by name: `.dat` in `inbound/` and nothing else. Whole acknowledgements only, by rename."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inbound = root / "inbound"
        self.acks = root / "outbound" / "ack"
        for name in DIRECTORIES:
            (root / name).mkdir(parents=True, exist_ok=True)

    def waiting(self) -> list[Path]:
        """Files that could be picked up, in name order."""
        return sorted(path for path in self.inbound.glob("*.dat") if path.is_file())

    def archive(self, file: Path) -> None:
        """It was processed."""
        file.replace(self.inbound / "archive" / file.name)

    def reject(self, file: Path) -> None:
        """It is bad; nothing of it was processed."""
        file.replace(self.inbound / "error" / file.name)

    def acknowledge(self, name: str, text: str) -> None:
        """Written under a temporary name and renamed. `name` is the file's."""
        target = self.acks / f"{Path(name).stem}.ack"
        temporary = target.with_suffix(".tmp")
        temporary.write_bytes(text.encode())
        temporary.replace(target)
