"""A program that runs for a while, and is gone then, whatever it does."""

import asyncio
import os
import signal
from asyncio import SubprocessProtocol, SubprocessTransport
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TAIL_BYTES = 2000
_LAST_WORDS_WITHIN_S = 0.2
"""What is still in the pipe when a program ends; somebody that it started may hold the pipe open for ever."""


@dataclass(frozen=True, slots=True)
class Ended:
    """`status` is negative for one that a signal killed; `output` is the end of what it said, both kinds."""

    status: int
    output: str


async def run(
    command: Sequence[str], given: bytes, *, cwd: Path | None, env: Mapping[str, str], timeout_s: float
) -> Ended:
    """With `given` on its standard input. Raises OSError where it cannot be run, TimeoutError where it takes longer.

    It leads a process group of its own, which is killed when it takes too long, or when this is cancelled.
    """
    transport, program = await asyncio.get_running_loop().subprocess_exec(
        _Program, *command, stdin=PIPE, stdout=PIPE, stderr=STDOUT, cwd=cwd, env=dict(env), start_new_session=True
    )
    try:
        _hand_over(transport, given)
        async with asyncio.timeout(timeout_s):
            await program.has_ended.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_WITHIN_S):
                await program.is_silent.wait()
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(transport.get_pid(), signal.SIGKILL)
        await program.has_ended.wait()
        raise
    finally:
        transport.close()
    return Ended(transport.get_returncode() or 0, " ".join(program.tail.decode("utf-8", "replace").split()))


class _Program(SubprocessProtocol):
    def __init__(self) -> None:
        self.has_ended = asyncio.Event()
        self.is_silent = asyncio.Event()
        self.tail = bytearray()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.tail += data
        del self.tail[:-_TAIL_BYTES]

    def pipe_connection_lost(self, fd: int, _error: Exception | None) -> None:
        if fd == 1:
            self.is_silent.set()

    def process_exited(self) -> None:
        self.has_ended.set()


def _hand_over(transport: SubprocessTransport, given: bytes) -> None:
    """One that does not read it has no need of it."""
    pipe = transport.get_pipe_transport(0)
    assert isinstance(pipe, asyncio.WriteTransport)
    pipe.write(given)
    pipe.write_eof()
