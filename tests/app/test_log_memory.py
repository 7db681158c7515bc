"""The end of the log in memory: bounded, without credentials, whatever level the terminal has."""

import io
import logging
from collections.abc import Iterator

import pytest

from pipeline.app.log_memory import LogMemory
from pipeline.app.terminal import log_to

log = logging.getLogger("framewatch.test")


@pytest.fixture
def memory() -> Iterator[LogMemory]:
    with LogMemory(most_lines=3) as memory:
        yield memory


def messages(memory: LogMemory, lines: int = 100, level: str = "INFO") -> list[str]:
    return [line.message for line in memory.last(lines, level)]


def test_a_line_says_when_how_bad_and_from_where(memory: LogMemory) -> None:
    log.warning("%d of %d", 1, 2)
    (line,) = memory.last(1)
    assert (line.level, line.logger, line.message) == ("WARNING", "framewatch.test", "1 of 2")
    assert line.at > 1_700_000_000


def test_only_the_last_are_kept_and_only_so_many_are_told(memory: LogMemory) -> None:
    for number in range(10):
        log.info("line %d", number)
    assert messages(memory) == ["line 7", "line 8", "line 9"]
    assert messages(memory, lines=1) == ["line 9"]


def test_from_a_level_up(memory: LogMemory) -> None:
    log.debug("nobody asks for this")
    log.info("as usual")
    log.error("oh")
    assert messages(memory) == ["as usual", "oh"]
    assert messages(memory, level="WARNING") == ["oh"]


def test_no_credentials_neither_in_a_message_nor_in_an_error(memory: LogMemory) -> None:
    log.info("opening %s", "rtsp://admin:secret@10.0.0.5/main")
    try:
        raise OSError("http://admin:secret@10.0.0.6/?pwd=secret is away")
    except OSError:
        log.exception("failed")
    assert messages(memory) == ["opening rtsp://10.0.0.5/main", "failed\nOSError: http://10.0.0.6/ is away"]


def test_a_message_that_is_too_long_is_cut(memory: LogMemory) -> None:
    log.info("x" * 100_000)
    assert len(memory.last(1)[0].message) == 2000


@pytest.fixture
def as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("as_it_was")
def test_the_terminal_keeps_its_own_level() -> None:
    terminal = io.StringIO()
    log_to(logging.StreamHandler(terminal), "warning")
    with LogMemory() as memory:
        log.info("for the page")
        log.warning("for both")
    log.info("for nobody")
    assert messages(memory) == ["for the page", "for both"]
    assert terminal.getvalue() == "for both\n"
