"""`secrets.yaml` beside a configuration: gets the addresses of new cameras that hold a password."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.app.replacing import replace_file
from pipeline.config.concealed import concealed
from pipeline.config.draft import rewritten
from pipeline.config.parse import parse, read
from pipeline.config.problems import Problems
from pipeline.config.secrets import Secrets
from pipeline.core.errors import ConfigError, Problem

_HEAD = "# What `!secret NAME` stands for in the configuration beside this file. Show it to nobody.\n"


@contextmanager
def kept_secrets(folder: Path, name: str, camera: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The camera as it may be written into the configuration; where that fails, the file is as it was.

    A new file is its owner's alone. Blocks; raises ConfigError.
    """
    path = folder / "secrets.yaml"
    before = _text(path) if path.exists() else None
    now = _entries(path, before or "")
    shown, entries = concealed(name, camera, now)
    if not entries:
        yield shown
        return
    _write(path, rewritten(before or _HEAD, now, {**now, **entries}))
    try:
        yield shown
    except BaseException:
        if before is None:
            path.unlink()
        else:
            _write(path, before)
        raise


def _text(path: Path) -> str:
    """With the line ends that it has."""
    problems = Problems()
    read(path, problems)
    problems.check()
    return path.read_bytes().decode("utf-8-sig")


def _entries(path: Path, text: str) -> Mapping[str, Any]:
    problems = Problems()
    entries = parse(text, file=str(path), secrets=_Raw({}), problems=problems)
    problems.check()
    found: Mapping[str, Any] = entries.plain()
    return found


def _write(path: Path, text: str) -> None:
    try:
        replace_file(path, text.encode())
    except OSError as error:
        got = f"a file that cannot be written ({(error.strerror or str(error)).lower()})"
        raise ConfigError([Problem(str(path), None, "", got, "one that may hold the camera's address")]) from error


class _Raw(Secrets):
    """What stands in the file is taken as it is."""

    def filled(self, text: str) -> tuple[str, str]:
        return text, ""
