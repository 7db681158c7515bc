"""Kills a process that alerts, again and again, and compares what it told with what arrived."""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from pipeline.store.store import EventStore
from tests.sinks.receiver import Receiver
from tests.system.alerting_process import run

Arguments = tuple[str, str, str]
"""The store's address, the folder of pictures, the receiver's address."""


@dataclass
class Outcome:
    """`told` are the ids of events that were acknowledged, in that order."""

    told: list[str]
    missing_events: list[str]
    missing_alerts: list[str]
    keys: dict[str, set[str]] = field(default_factory=dict)
    """By event, the keys that its alert came with."""
    arrivals: int = 0
    out_of_order: list[str] = field(default_factory=list)
    """Events that came before an earlier one of the same object."""

    @property
    def with_several_keys(self) -> list[str]:
        return [event for event, keys in self.keys.items() if len(keys) != 1]


async def alerts_killed(folder: Path, after_s: Sequence[float], away: Sequence[int] = ()) -> Outcome:
    """One kill for each of `after_s`; in the rounds `away` the receiver is down."""
    receiver = Receiver()
    await receiver.start()
    url = f"sqlite:///{folder}/events.db"
    arguments = url, str(folder / "media"), receiver.url
    told: list[str] = []
    for number, seconds in enumerate(after_s):
        if number in away:
            await receiver.stop()
        told += await _until_killed(arguments, seconds)
        if number in away:
            await receiver.start()
    await _until_drained(arguments)
    await receiver.stop()
    return _outcome(url, told, receiver)


async def _until_killed(arguments: Arguments, seconds: float) -> list[str]:
    process, reader = _start(arguments, drain=False)
    told: list[str] = []
    at_work = asyncio.Event()
    loop = asyncio.get_running_loop()

    def read() -> None:
        with suppress(EOFError, OSError):  # it was killed, perhaps in the middle of a word
            while True:
                told.append(reader.recv_bytes().decode())
                loop.call_soon_threadsafe(at_work.set)

    reading = asyncio.create_task(asyncio.to_thread(read))
    await asyncio.wait_for(at_work.wait(), 60)
    await asyncio.sleep(seconds)
    process.kill()
    await reading
    await asyncio.to_thread(process.join)
    assert process.exitcode == -signal.SIGKILL
    return told


async def _until_drained(arguments: Arguments) -> None:
    process, _ = _start(arguments, drain=True)
    await asyncio.to_thread(process.join, 120)
    assert process.exitcode == 0


def _start(arguments: Arguments, *, drain: bool) -> tuple[BaseProcess, Connection]:
    """Forked off a server that has loaded all of it: the kills are what takes time, not the starts."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.system.alerting_process"])
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=run, args=(*arguments, drain, writer), daemon=True)
    process.start()
    writer.close()
    return process, reader


def _outcome(url: str, told: list[str], receiver: Receiver) -> Outcome:
    store = EventStore(url)
    store.start()
    missing = [event for event in told if store.get(event) is None]
    store.close()
    keys: dict[str, set[str]] = {}
    latest: dict[str, str] = {}
    outcome = Outcome(told, missing, [], keys, len(receiver.bodies))
    for body in receiver.bodies:
        event, thing = body["event"]["id"], body["event"]["object_id"]
        if event not in keys and event < latest.get(thing, ""):  # ids sort by time
            outcome.out_of_order.append(event)
        latest[thing] = max(event, latest.get(thing, ""))
        keys.setdefault(event, set()).add(body["id"])
    outcome.missing_alerts = [event for event in told if event not in keys]
    return outcome
