"""One root error; each subclass carries its facts and says what was wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


class FramewatchError(Exception):
    """The root of everything Framewatch raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a configuration, said so that a person can mend it.

    `line` is 1-based, None where the value came from no file. `key` is the dotted path, empty for the whole file.
    """

    file: str
    line: int | None
    key: str
    got: str
    wanted: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {f'{self.key}: ' if self.key else ''}got {self.got}, wanted {self.wanted}"


class ConfigError(FramewatchError, ValueError):
    """A configuration that cannot run; `problems` holds every one of them, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


SourceReason = Literal[
    "unreachable",
    "unauthorised",
    "not found",
    "no video stream",
    "unsupported codec",
    "device busy",
    "ended",
    "broken stream",
    "timed out",
]


class SourceError(FramewatchError, OSError):
    """A stream that cannot be opened or read, with a reason that a person can act on.

    `url` must already be without credentials: it goes into logs, the API and the page.
    """

    def __init__(self, reason: SourceReason, url: str, detail: str = "") -> None:
        self.reason = reason
        self.url = url
        self.detail = detail
        super().__init__(f"{url}: {reason}" + (f" ({detail})" if detail else ""))

    def __str__(self) -> str:
        return str(self.args[0])


class ModelError(FramewatchError, RuntimeError):
    """A model that cannot be found, loaded or run."""


class PluginError(FramewatchError, LookupError):
    """A plugin that does not exist, cannot be imported, or does not keep its contract."""

    def __str__(self) -> str:
        return str(self.args[0])


class MissingExtraError(FramewatchError, ImportError):
    """An optional dependency is not installed; names the extra that brings it."""

    def __init__(self, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(f"{package} is not installed; install it with: pip install 'framewatch[{extra}]'")


class DeliveryError(FramewatchError, RuntimeError):
    """An alert, or video, that did not arrive.

    `permanent` means that trying again cannot help; `retry_after_s` is how long the receiver asked to be left alone.
    """

    def __init__(self, message: str, *, permanent: bool = False, retry_after_s: float | None = None) -> None:
        self.permanent = permanent
        self.retry_after_s = retry_after_s
        super().__init__(message)


class UnavailableError(FramewatchError, RuntimeError):
    """Something that is down for now: says what, and for how long it is worth waiting."""

    def __init__(self, message: str, *, retry_after_s: float = 2.0) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)
