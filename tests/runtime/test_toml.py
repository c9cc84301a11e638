"""A TOML file is read, or refused in words that say where to look."""

import os
from pathlib import Path

import pytest

from runtime.problems import ConfigurationError
from runtime.toml import load_toml


def refusal(path: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_toml(path)
    assert str(path) in str(caught.value)
    return caught.value.problems[0]


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    path.write_text('[[connections]]\nname = "véra"\n', encoding="utf-8")
    assert load_toml(path) == {"connections": [{"name": "véra"}]}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "absent.toml")


def test_a_syntax_error_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    path.write_text('a = 1\nb = "open\n')
    assert "line 2" in refusal(path)


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    path.write_bytes(b'a = "\xe9"')
    assert "UTF-8" in refusal(path)


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 2_000_000)
    assert "larger than" in refusal(path)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path)
