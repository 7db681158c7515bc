"""The files that a command writes: never over what it reads, never half."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.core.errors import FramewatchError


class OutputError(FramewatchError, ValueError):
    """A place that cannot be written to; said before any work is done."""


def check_outputs(outputs: Sequence[Path], inputs: Sequence[Path]) -> None:
    """Raises OutputError where an output is a folder, an input (whatever link leads there) or another output."""
    for at, path in enumerate(outputs):
        if path.is_dir():
            raise OutputError(f"{path}: got a folder, wanted a file to write")
        if path.exists() and any(given.exists() and path.samefile(given) for given in inputs):
            raise OutputError(f"{path}: got a file that is read, wanted another one to write")
        if path.resolve() in [earlier.resolve() for earlier in outputs[:at]]:
            raise OutputError(f"{path}: got the same file twice, wanted one for each")


class Whole:
    """A file that is written beside its place and moved there when all went well.

    A link leads to the file that is replaced; a device or a pipe is written as it is. Raises OSError.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        as_it_is = path is None or (path.exists() and not path.is_file())
        self._place = None if path is None or as_it_is else path.resolve()
        self._partial = self._place and self._place.with_name(f".{self._place.stem}.partial{self._place.suffix}")

    def __enter__(self) -> Path | None:
        if self._partial:
            try:
                self._partial.parent.mkdir(parents=True, exist_ok=True)
                self._partial.touch()
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(self._path)) from error
        return self._partial or self._path

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._partial and self._place:
            if kind is None:
                self._partial.replace(self._place)
            else:
                self._partial.unlink(missing_ok=True)
