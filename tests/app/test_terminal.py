import io
import logging
import threading
import time
from collections.abc import Iterator

import pytest

from pipeline.app.terminal import Terminal


class Pipe(io.StringIO):
    """Standard output that can stand still."""

    def __init__(self) -> None:
        super().__init__()
        self.moves = threading.Event()

    def write(self, text: str) -> int:
        self.moves.wait()
        return super().write(text)


@pytest.fixture
def pipe() -> Pipe:
    return Pipe()


def test_lines_come_out_in_order(pipe: Pipe) -> None:
    pipe.moves.set()
    with Terminal("info", pipe) as terminal:
        for number in range(5):
            terminal.say(f"line {number}")
    assert pipe.getvalue().splitlines() == [f"line {number}" for number in range(5)]


def test_one_that_stands_still_holds_nobody_up_and_the_loss_is_said(pipe: Pipe) -> None:
    with Terminal("info", pipe) as terminal:
        for number in range(2000):
            terminal.say(f"line {number}")
        pipe.moves.set()
        until = time.monotonic() + 10
        while "lost while nobody read" not in pipe.getvalue():
            assert time.monotonic() < until
            time.sleep(0.01)
    said = pipe.getvalue().splitlines()
    assert said[-1] == "line 1999"
    assert len(said) < 600


def test_the_log_goes_to_standard_error(pipe: Pipe, capsys: pytest.CaptureFixture[str]) -> None:
    pipe.moves.set()
    with Terminal("info", pipe):
        logging.getLogger("yard").warning("the camera is away")
        logging.getLogger("aioice").info("chatter")
    assert pipe.getvalue() == ""
    said = capsys.readouterr().err
    assert "the camera is away" in said
    assert "chatter" not in said


@pytest.fixture(autouse=True)
def root_logger_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
