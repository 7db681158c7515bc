"""What the API and the page are told about the running system."""

from collections.abc import AsyncIterator, Mapping
from typing import Literal, Protocol

import msgspec

from pipeline.core.broadcast import Broadcast
from pipeline.core.camera import Camera
from pipeline.core.contracts import PacketStream
from pipeline.core.event import Event
from pipeline.core.footage import RecordingStatus
from pipeline.core.line_count import LineCount
from pipeline.core.messages import FrameResult
from pipeline.core.video_options import PushedView

InputState = Literal["connecting", "online", "offline", "ended"]
AnalysisState = Literal["starting", "running", "restarting", "failed"]
LiveView = Literal["overlay", "native", "small", "burned"]
"""The camera's own packets (or a shared encode where not every browser plays them), its own packets whoever plays
them, those of its small stream, or one shared encode with everything drawn in."""


class InputStatus(msgspec.Struct, frozen=True):
    """One URL of a camera (without credentials)."""

    url: str
    roles: list[str]
    state: InputState
    reason: str = ""
    """Why it is offline, in words that a person can act on."""
    retry_in_s: float | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps_nominal: float | None = None
    fps_in: float = 0.0
    has_b_frames: bool = False
    audio: str | None = None
    """The codec of the sound that comes with it."""


PushState = Literal["waiting", "connecting", "online", "offline"]


class PushStatus(msgspec.Struct, frozen=True):
    """One sink that a camera's video goes to."""

    sink: str
    view: PushedView
    state: PushState
    """`waiting` where there is nothing to send, `offline` where the sink does not take it."""
    reason: str = ""
    retry_in_s: float | None = None
    dropped: int = 0
    """Packets left out because the sink was slow."""


class CameraStatus(msgspec.Struct, frozen=True):
    name: str
    friendly_name: str
    state: InputState
    inputs: list[InputStatus]
    analysis: AnalysisState
    fps_in: float
    fps_analysed: float
    dropped: dict[str, int]
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    live: Literal["overlay", "burned"]
    """The configured view; `overlay` is a shared clean encode where the camera's packets cannot be passed through."""
    live_reason: str = ""
    """Why it is encoded."""
    has_small_stream: bool = False
    """Whether `small` is a stream of its own: the one that is analysed, where it is smaller and browsers play it."""
    has_native_stream: bool = False
    """Whether the camera sends H.265 that browsers which decode it are given as it is."""
    sync: Literal["low_latency", "exact"] = "low_latency"
    """Which of the two the configuration asks for; a viewer may choose otherwise."""
    cost_ms: dict[str, float] = {}
    disabled_stages: dict[str, str] = {}
    last_error: str = ""
    decoder: str = ""
    """What decodes: `cuda`, `qsv` or `software`, with the reason where something else was asked for."""
    fps_decoded: float = 0.0
    decoded: int = 0
    analysed: int = 0
    looked: int = 0
    """Analysed frames that a model looked at."""
    skipped: int = 0
    """Packets that were not decoded because nothing happened (`decode: keyframes`)."""
    quiet: bool = False
    """Whether key frames alone are decoded right now."""
    pushes: list[PushStatus] = []
    """Where its video is sent to, beside the viewers."""
    recording: RecordingStatus = RecordingStatus()


class ModelStatus(msgspec.Struct, frozen=True):
    """One model of the configuration."""

    name: str
    runs: str = ""
    """Weights, backend, device, precision and sizes of input: `yolov8n openvino CPU int8 640x384`; empty while it is
    not loaded."""


class RunningSystem(Protocol):
    """The running system as the web server sees it; safe from the media plane's event loop.

    Methods that take a camera's name raise KeyError where there is none.
    """

    events: Broadcast[Event]
    """Every stored change of an event, in order, on the event loop's thread."""
    gone: Broadcast[str]
    """Cameras whose streams have ended for good, on the event loop's thread; one of the same name may follow."""
    edits: Broadcast[None]
    """Told after somebody marked or deleted events."""

    def cameras(self) -> list[CameraStatus]: ...

    def camera(self, name: str) -> CameraStatus: ...

    def models(self) -> list[ModelStatus]:
        """Every model of the configuration, in its order."""
        ...

    def plan(self, name: str) -> Camera:
        """Zones, lines and labels, for drawing."""
        ...

    def lines(self, name: str) -> Mapping[str, LineCount]:
        """How many have crossed each of its lines, by the line's name."""
        ...

    def stream(self, name: str, view: LiveView) -> PacketStream:
        """What is encoded is made only while somebody is subscribed."""
        ...

    def results(self, name: str, view: LiveView = "overlay") -> Broadcast[FrameResult]:
        """Published on the event loop's thread, with the pts that the view's pictures have."""
        ...

    async def still(self, name: str, *, annotated: bool = False, height: int | None = None) -> bytes:
        """The latest picture as JPEG; raises UnavailableError."""
        ...

    def stills(self, name: str, *, annotated: bool = False) -> AsyncIterator[bytes]:
        """JPEGs at the analysed rate until the iterator is closed; raises UnavailableError."""
        ...

    def not_ready(self) -> list[str]:
        """Why the system is not wholly ready; empty when it is."""
        ...
