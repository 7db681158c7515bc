"""The configuration's file, as it is now and as it would be taken at the next start."""

import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.app.replacing import replace_file
from pipeline.app.secrets_file import kept_secrets
from pipeline.config import Config, load, loads
from pipeline.config.edit import Areas, areas_in, with_camera
from pipeline.config.parse import MAX_BYTES
from pipeline.core.clock import Clock, SystemClock
from pipeline.core.errors import ConfigError, Problem

_BOM = "\ufeff"
_MOUNTED = "is mounted by itself, so nothing can take its place; mount the folder that it is in"


@dataclass(frozen=True, slots=True)
class WrittenConfig:
    """A file, and what the command line says instead of it."""

    path: Path
    overrides: Mapping[str, Any] = field(default_factory=dict)
    shipped: bool = False
    """It belongs to Framewatch, not to the user."""
    clock: Clock = field(default_factory=SystemClock)

    def problems(self) -> Sequence[Problem]:
        """Reads it again, and may take a while; nothing where it is fine."""
        try:
            load(self.path, overrides=self.overrides)
        except ConfigError as error:
            return error.problems
        return ()

    @property
    def not_writable(self) -> str:
        """Why it cannot be changed; empty where it can."""
        target = self.path.resolve()
        if self.shipped:
            return "this is the demo, whose configuration comes with Framewatch"
        if os.path.ismount(target):
            return f"{self.path} {_MOUNTED}"
        if not os.access(target, os.W_OK):
            return f"{self.path} may not be written by the user that Framewatch runs as"
        if not os.access(target.parent, os.W_OK):
            return f"the folder {target.parent} may not be written by the user that Framewatch runs as"
        return ""

    def change(self, edit: Callable[[str], str]) -> Config:
        """Puts an edited text in the file's place, and returns what it says; blocks.

        The file is read anew, and the result is read as a start would. Raises ConfigError with everything that is wrong
        with it, or says why it cannot be written; the file is as it was then. The text before stays beside it
        (`replacing.copy_of`).
        """
        self._check_writable()
        before = self._text()
        mark = _BOM if before.startswith(_BOM) else ""
        with self._naming_itself():
            after = mark + edit(before.removeprefix(_BOM))
        config = self._loaded(after.removeprefix(_BOM))
        if after != before:
            try:
                replace_file(self.path, after.encode(), copy_at=self.clock)
            except OSError as error:
                why = f"it {_MOUNTED}" if error.errno == errno.EBUSY else (error.strerror or str(error)).lower()
                raise self._refusal(f"a file that cannot be changed ({why})", "one that can be replaced") from error
        return config

    def add_camera(self, name: str, camera: Mapping[str, Any]) -> Config:
        """`change` by one more camera; an address that holds a password goes into `secrets.yaml`."""
        self._check_writable()
        with kept_secrets(self.path.resolve().parent, name, camera) as shown:
            return self.change(lambda text: with_camera(text, name, shown))

    def areas(self, camera: str) -> tuple[Areas, Areas]:
        """Zones and lines of a camera as they are written; blocks. Raises ConfigError."""
        with self._naming_itself():
            return areas_in(self._text().removeprefix(_BOM), camera)

    def _check_writable(self) -> None:
        if why := self.not_writable:
            raise self._refusal(f"a file that cannot be changed ({why})", "one that this user may write")

    def _text(self) -> str:
        """Line ends and all; what is wrong with it is said as at a start."""
        try:
            content = self.path.read_bytes()
            text = content.decode()
        except (OSError, UnicodeDecodeError):
            content, text = b"", ""
        if not text or len(content) > MAX_BYTES:
            load(self.path, overrides=self.overrides)
        return text

    def _loaded(self, text: str) -> Config:
        base = self.path.resolve().parent
        return loads(text.replace("\r\n", "\n"), name=str(self.path), base=base, overrides=self.overrides)

    @contextmanager
    def _naming_itself(self) -> Iterator[None]:
        """Problems of a text are told as those of this file."""
        try:
            yield
        except ConfigError as error:
            raise ConfigError([replace(problem, file=str(self.path)) for problem in error.problems]) from None

    def _refusal(self, got: str, wanted: str) -> ConfigError:
        return ConfigError([Problem(str(self.path), None, "", got, wanted)])
