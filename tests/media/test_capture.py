"""Capture against a source that does what the script says, and keeps the contract."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event
from threading import enumerate as threads
from typing import Any

import msgspec
import pytest

from pipeline.core.clock import ManualClock, SystemClock
from pipeline.core.contracts import Source
from pipeline.core.errors import SourceError, SourceReason
from pipeline.core.metrics import Metrics
from pipeline.core.packet import Packet, SoundInfo, SoundPacket, StreamInfo
from pipeline.core.status import InputStatus
from pipeline.media.capture import Capture
from pipeline.media.hub import Hub
from tests.media.streams import INFO, Recording

URL = "rtsp://10.0.0.5/main"
SILENCE = "silence"
"""In a script: nothing comes until the source is closed."""
Step = int | str | Exception
"""A packet of that number (0.1 s after the one before), silence, or how it breaks."""


@dataclass
class ScriptedSource:
    """Opens or fails, yields what its script says, and waits in silence until it is closed."""

    clock: ManualClock
    script: list[Step]
    refuses: Exception | None = None
    realtime: bool = True
    keeps: bool = False
    on_silence: Callable[[], None] = lambda: None
    closed: Event = field(default_factory=Event)

    def open(self) -> StreamInfo:
        if self.refuses:
            raise self.refuses
        return INFO

    def packets(self) -> Iterator[Packet]:
        for step in self.script:
            if isinstance(step, Exception):
                raise step
            if isinstance(step, str):
                self.on_silence()
                assert self.closed.wait(30)
                return
            self.clock.advance(0.1)
            yield Packet(b"x" * 100, step * 9000, step * 9000, step % 10 == 0, self.clock.time())

    def close(self) -> None:
        self.closed.set()


def failing(reason: SourceReason, detail: str = "") -> SourceError:
    return SourceError(reason, URL, detail)


class Bench:
    """A capture, the sources it will get one after the other, and everything it says."""

    def __init__(self, *attempts: list[Step] | Exception, realtime: bool = True) -> None:
        self.clock = ManualClock(1000.0)
        self.metrics = Metrics()
        self.heard = Recording()
        self.changes: list[InputStatus] = []
        self.hub = Hub()
        self.hub.subscribe(self.heard)
        self.sources = [
            ScriptedSource(self.clock, [], attempt)
            if isinstance(attempt, Exception)
            else ScriptedSource(self.clock, attempt, realtime=realtime)
            for attempt in attempts
        ]
        self._left = iter(self.sources)
        self.capture = Capture(
            "lobby",
            "main",
            URL,
            ["detect", "live"],
            self._make_source,
            self.hub,
            self.clock,
            self.metrics,
            on_change=self.changes.append,
            may_rest=lambda: self.hub.is_patient,
        )

    def _make_source(self) -> Source:
        return next(self._left)

    def metric(self, name: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, {"camera": "lobby", "input": "main"})

    @property
    def states(self) -> list[str]:
        return [change.state for change in self.changes]


def test_before_it_runs_it_is_connecting() -> None:
    assert Bench().capture.status() == InputStatus(URL, ["detect", "live"], "connecting")


def test_what_is_known_of_a_stream_is_in_the_status() -> None:
    seen = list[InputStatus]()
    bench = Bench([*range(30), SILENCE])

    def look_and_leave() -> None:
        seen.append(bench.capture.status())
        bench.capture.stop()

    bench.sources[0].on_silence = look_and_leave
    bench.capture.run()
    (status,) = seen
    assert (status.state, status.reason, status.retry_in_s) == ("online", "", None)
    assert (status.codec, status.width, status.height, status.fps_nominal) == ("h264", 1280, 720, 25.0)
    assert status.fps_in == pytest.approx(10.0)
    assert bench.capture.status().state == "offline"


def test_it_fails_twice_then_yields_breaks_and_comes_back() -> None:
    bench = Bench(failing("unreachable"), failing("unreachable"), [0, 1, failing("broken stream")], [500, 501])
    assert bench.capture.run_once() == 0.0
    second_wait = bench.capture.run_once()
    assert second_wait and 0.8 <= second_wait <= 1.0
    assert bench.capture.run_once() is not None
    bench.clock.advance(5.0)
    assert bench.capture.run_once() is None
    assert bench.states == ["offline", "online", "offline", "online", "ended"]
    assert bench.heard.heard == ["opened 1280", 0, 1, "lost", "opened 1280", 52, 53, "lost"]
    assert all(source.closed.is_set() for source in bench.sources)


def test_pts_and_times_go_on_over_a_reconnect() -> None:
    bench = Bench([7, 8, failing("broken stream")], [500, 501])
    bench.capture.run_once()
    bench.clock.advance(9.9)
    bench.capture.run_once()
    packets = bench.heard.packets
    assert [packet.pts_90k for packet in packets] == [0, 9000, 909_000, 918_000]
    assert [packet.captured_at for packet in packets] == pytest.approx([1000.1, 1000.2, 1010.2, 1010.3])


def test_a_stream_that_held_is_tried_again_at_once_when_it_breaks() -> None:
    bench = Bench(
        *[failing("unreachable")] * 3, [*range(60), failing("broken stream")], [*range(10), failing("broken stream")]
    )
    waits = [bench.capture.run_once() for _ in range(5)]
    assert waits[3] == 0.0
    assert waits[4] != 0.0


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(
            failing("unreachable"), "unreachable: is it on, and are address and port right?", id="says what to look at"
        ),
        pytest.param(
            failing("unauthorised", "401"), "unauthorised (401): check user and password", id="and what was said"
        ),
        pytest.param(
            RuntimeError("rtsp://user:hunter2@10.0.0.5"),
            "broken stream (RuntimeError): what it sends cannot be read",
            id="an error that nobody foresaw",
        ),
    ],
)
def test_why_it_is_offline(error: Exception, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(error)
    bench.capture.run_once()
    status = bench.capture.status()
    assert (status.state, status.reason) == ("offline", reason)
    assert bench.metric("framewatch_input_online") == 0
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    ("keeps", "patient", "least_s", "most_s"),
    [
        pytest.param(True, True, 0.3, 5, id="nobody waits, and nothing gets lost"),
        pytest.param(True, False, 0, 0.2, id="somebody waits"),
        pytest.param(False, True, 0, 0.2, id="what is not read at once is lost"),
    ],
)
def test_what_nobody_waits_for_is_read_in_gulps(
    keeps: bool, patient: bool, least_s: float, most_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.media.capture.REST_S", 0.03)
    bench = Bench([*range(10)])
    bench.sources[0].keeps, bench.heard.patient = keeps, patient
    began = time.monotonic()
    bench.capture.run_once()
    assert least_s <= time.monotonic() - began <= most_s
    assert bench.heard.heard == ["opened 1280", *range(10), "lost"]


def test_a_wrong_password_is_not_tried_every_second() -> None:
    wait_s = Bench(failing("unauthorised")).capture.run_once()
    assert wait_s and wait_s > 30


def test_it_says_when_it_tries_again() -> None:
    bench = Bench(failing("unreachable"), failing("unreachable"))
    bench.capture.run_once()
    wait_s = bench.capture.run_once()
    assert wait_s is not None
    bench.clock.advance(wait_s / 2)
    assert bench.capture.status().retry_in_s == pytest.approx(wait_s / 2)
    bench.clock.advance(60)
    assert bench.capture.status().retry_in_s == 0.0


def test_it_logs_a_reason_once_in_an_outage_however_often_it_tries(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    bench = Bench(*[failing("unreachable")] * 5, failing("not found"), failing("unreachable"), [0])
    for _ in bench.sources:
        bench.capture.run_once()
    assert [record.getMessage() for record in caplog.records] == [
        f"camera lobby (main) at {URL}: unreachable: is it on, and are address and port right?",
        f"camera lobby (main) at {URL}: not found: check the path",
        "camera lobby (main): online, h264 1280x720",
        "camera lobby (main): ended",
    ]
    assert bench.states == ["offline", "offline", "offline", "online", "ended"]


def test_metrics_count_what_came() -> None:
    bench = Bench([0, 1, 2, failing("broken stream")], failing("unreachable"), [0])
    for _ in bench.sources:
        bench.capture.run_once()
    assert bench.metric("framewatch_packets_total") == 4
    assert bench.metric("framewatch_received_bytes_total") == 400
    assert bench.metric("framewatch_reconnects_total") == 1
    assert bench.metric("framewatch_input_online") == 0


def test_a_file_that_ended_is_not_opened_again() -> None:
    ended_when_lost = list[bool]()
    bench = Bench([0, 1, 2], realtime=False)

    class Listener(Recording):
        def stream_lost(self) -> None:
            ended_when_lost.append(bench.capture.ended)

    bench.hub.subscribe(Listener())
    bench.capture.run()
    assert (ended_when_lost, bench.capture.status().state) == ([True], "ended")
    assert bench.heard.heard == ["opened 1280", 0, 1, 2, "lost"]


def test_silence_counts_as_timed_out() -> None:
    bench = Bench([0, SILENCE])

    def wait_in_vain() -> None:
        bench.clock.advance(9.9)
        bench.capture.close_if_stalled()
        assert not bench.sources[0].closed.is_set()
        bench.clock.advance(0.2)
        bench.capture.close_if_stalled()

    bench.sources[0].on_silence = wait_in_vain
    bench.capture.run_once()
    assert bench.capture.status().reason == "timed out (no packet for 10 s): check the network and the camera"
    assert not bench.capture.ended


def test_a_consumer_that_waits_is_not_taken_for_silence() -> None:
    bench = Bench([0, 1], realtime=False)

    class Waiting(Recording):
        def packet(self, packet: Packet) -> None:
            bench.clock.advance(60)
            bench.capture.close_if_stalled()

    bench.hub.subscribe(Waiting())
    bench.capture.run_once()
    assert bench.capture.ended


@dataclass
class SoundingSource(ScriptedSource):
    """After each picture a unit of sound comes, and one that belongs elsewhere."""

    info: StreamInfo = INFO
    heard: Callable[[SoundPacket], None] | None = None

    def listen(self, heard: Callable[[SoundPacket], None]) -> None:
        self.heard = heard

    def open(self) -> StreamInfo:
        return self.info

    def packets(self) -> Iterator[Packet]:
        for packet in super().packets():
            yield packet
            if self.heard:
                self.heard(SoundPacket(b"unit", packet.pts_90k + 4500))
                self.heard(SoundPacket(b"stray", packet.pts_90k + 10 * 90_000))


SOUND = SoundInfo(b"\x14\x08", 16_000, 1)


def sounding(*infos: StreamInfo, hears: bool = True) -> tuple[Bench, list[SoundPacket]]:
    script: list[Step] = [0, 1, 2, failing("broken stream")]
    bench, heard = Bench(*([script] * len(infos))), list[SoundPacket]()
    sources = iter(
        [SoundingSource(bench.clock, each.script, info=info) for each, info in zip(bench.sources, infos, strict=True)]
    )
    bench.capture = Capture(
        "lobby",
        "main",
        URL,
        ["record"],
        lambda: next(sources),
        bench.hub,
        bench.clock,
        bench.metrics,
        hear=heard.append if hears else None,
    )
    for _ in infos:
        bench.capture.run_once()
        bench.clock.advance(7.3)
    return bench, heard


def test_sound_has_the_times_of_its_pictures_over_a_reconnect() -> None:
    info = msgspec.structs.replace(INFO, audio="aac", sound=SOUND)
    bench, heard = sounding(info, info)
    assert [unit.pts_90k for unit in heard] == [packet.pts_90k + 4500 for packet in bench.heard.packets]
    assert heard[3].pts_90k > heard[2].pts_90k + 7 * 90_000
    lost = bench.metrics.registry.get_sample_value("framewatch_dropped", {"camera": "lobby", "place": "sound"})
    assert lost == 6, "what is of another time is left out and counted"


def test_no_source_is_asked_for_sound_that_nobody_wants() -> None:
    bench, heard = sounding(msgspec.structs.replace(INFO, audio="aac"), hears=False)
    assert (heard, len(bench.heard.packets)) == ([], 3)
    assert bench.changes == [] and bench.capture.status().audio == "aac"


def test_that_there_is_no_sound_is_said_once_for_each_reason(caplog: pytest.LogCaptureFixture) -> None:
    sounding(INFO, INFO, msgspec.structs.replace(INFO, audio="g729"))
    said = [record.getMessage() for record in caplog.records if "sound" in record.getMessage()]
    assert said == [
        "camera lobby (main): no sound comes with it that can be decoded, so it is recorded without any",
        "camera lobby (main): its sound (g729) cannot be had, so it is recorded without any",
    ]


class Endless:
    """Connects, or yields, or is refused, until it is closed."""

    realtime = True

    def __init__(self, kind: str, busy: Event) -> None:
        self.kind, self.busy, self.closed = kind, busy, Event()

    def open(self) -> StreamInfo:
        if self.kind == "connecting":
            self.busy.set()
            assert self.closed.wait(30)
        if self.kind in ("connecting", "backing off"):
            self.busy.set()
            raise failing("unauthorised")
        return INFO

    def packets(self) -> Iterator[Packet]:
        number = 0
        while not self.closed.is_set():
            yield Packet(b"", number, number, True, 0.0)
            number += 1
            self.busy.set()
            self.closed.wait(0.01)

    def close(self) -> None:
        self.closed.set()


@pytest.mark.parametrize("kind", ["connecting", "backing off", "reading"])
def test_stop_ends_its_threads_whatever_it_does(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    busy = Event()
    capture = Capture("c", kind, URL, [], lambda: Endless(kind, busy), Recording(), SystemClock(), Metrics())
    capture.start()
    assert busy.wait(10)
    capture.stop()
    capture.stop()
    assert [thread for thread in threads() if f"camera c ({kind})" in thread.name] == []
    assert "did not end" not in caplog.text


def test_the_watchdog_ends_a_silent_source_by_itself() -> None:
    changed = Event()

    def note(status: InputStatus) -> None:
        if status.reason.startswith("timed out"):
            changed.set()

    def make() -> Any:
        return ScriptedSource(ManualClock(), [0, SILENCE])

    capture = Capture("c", "silent", URL, [], make, Recording(), SystemClock(), Metrics(), on_change=note, stall_s=0.2)
    capture.start()
    assert changed.wait(20)
    capture.stop()


class FailingClose(ScriptedSource):
    def close(self) -> None:
        super().close()
        raise OSError("this source cannot even be closed")


def test_a_source_that_cannot_be_closed_ends_neither_the_watchdog_nor_who_stops_it() -> None:
    silent = Event()
    made: list[FailingClose] = []

    def make() -> Any:
        made.append(FailingClose(ManualClock(), [0, SILENCE], on_silence=silent.set if made else lambda: None))
        return made[-1]

    capture = Capture("c", "stuck", URL, [], make, Recording(), SystemClock(), Metrics(), stall_s=0.2)
    capture.start()
    assert silent.wait(20), "the watchdog ended the first one, so a second one was opened"
    capture.stop()
    assert [thread for thread in threads() if "camera c (stuck)" in thread.name] == []


def test_a_file_ends_even_where_it_cannot_be_closed() -> None:
    bench = Bench([0, 1])
    bench.sources[0] = FailingClose(bench.clock, [0, 1], realtime=False)
    bench._left = iter(bench.sources)
    bench.capture.run()
    assert bench.states == ["online", "ended"]
