"""Reads a TOML file. What its words mean is checked elsewhere."""

import tomllib
from pathlib import Path

from runtime.problems import ConfigurationError

_MAX_BYTES = 1_048_576


def load_toml(path: Path) -> dict[str, object]:
    """The file as a dictionary. Raises ConfigurationError: missing, unreadable, too large, bad syntax."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise _error(path, f"it is larger than {_MAX_BYTES} bytes")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _error(path, "there is no such file; name another one with --config or BACKHAUL_CONFIG") from None
    except UnicodeDecodeError as error:
        raise _error(path, f"it is not UTF-8 text (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        raise _error(path, f"it is not valid TOML: {error}") from None
    except OSError as error:
        raise _error(path, f"it cannot be read: {error.strerror}") from None


def _error(path: Path, problem: str) -> ConfigurationError:
    return ConfigurationError(f"Cannot use the configuration file {path}", [problem])
