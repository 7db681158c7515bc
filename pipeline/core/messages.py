"""What crosses the border between the planes: typed, self-contained, msgpack on the wire."""

from typing import Any, Literal

import msgspec

from pipeline.core.context import Mark
from pipeline.core.event import Event
from pipeline.core.near_miss import NearMiss
from pipeline.core.objects import TrackedObject
from pipeline.core.packet import Packet, StreamInfo
from pipeline.core.refusal import Refusal

View = Literal["burned", "clean", "jpeg", "jpeg_annotated"]
"""Pictures that the analysis plane makes on request: H.264 with boxes or without, JPEG without or with boxes."""


class Configure(msgspec.Struct, tag=True, frozen=True):
    """The first message down: the analysis plan as plain data."""

    plan: dict[str, Any]


class ChangeCamera(msgspec.Struct, tag=True, frozen=True):
    """A camera of the plan as it is from now on, or one more; None: it is none any more. Answered by one Changed.

    `models` are those of the whole plan: names that are new can be used, what is loaded already stays as it is.
    """

    camera: str
    plan: dict[str, Any] | None
    models: dict[str, Any] = {}


class StreamOpened(msgspec.Struct, tag=True, frozen=True):
    camera: str
    info: StreamInfo


class StreamLost(msgspec.Struct, tag=True, frozen=True):
    camera: str
    ended: bool = False
    """True when it will not come back: what is decoded of it is finished and that is all."""


class PacketIn(msgspec.Struct, tag=True, frozen=True):
    camera: str
    packet: Packet


class WantView(msgspec.Struct, tag=True, frozen=True):
    """Somebody looks at a view, or nobody does any more."""

    camera: str
    view: View
    wanted: bool


class WantStill(msgspec.Struct, tag=True, frozen=True):
    """Asks for the latest picture as JPEG; answered by one Still with the same `request`."""

    camera: str
    request: int
    annotated: bool = False
    height: int | None = None


CameraMessage = ChangeCamera | StreamOpened | StreamLost | PacketIn | WantView | WantStill
Down = Configure | CameraMessage


class Ready(msgspec.Struct, tag=True, frozen=True):
    """Models are loaded; `models` says for each what runs it (`openvino CPU 640x384`)."""

    models: dict[str, str]


class Changed(msgspec.Struct, tag=True, frozen=True):
    """A camera is as ChangeCamera said and takes packets; or, with an `error`, it is not analysed."""

    camera: str
    error: str = ""


class FrameResult(msgspec.Struct, tag=True, frozen=True):
    """What one analysed frame holds; `latency_s` is from capture to the end of the stages.

    `looked` is False where no model looked at it, as nothing could have changed: objects are as they were. Of a still
    camera without objects only one a second is told. `misses` is what rules nearly told of an object, where that is
    new; `refused` are detections that nearly counted.
    """

    camera: str
    seq: int
    pts_90k: int
    captured_at: float
    latency_s: float
    objects: list[TrackedObject]
    marks: list[Mark]
    looked: bool = True
    moving: bool = False
    """Whether something moves, or nobody looks for that."""
    misses: dict[str, list[NearMiss]] = {}
    refused: list[Refusal] = []


class EventOut(msgspec.Struct, tag=True, frozen=True):
    """An event that a stage or rule emitted."""

    event: Event


class Snapshot(msgspec.Struct, tag=True, frozen=True):
    """The best picture of an object so far (JPEG, with its box); replaces the one before."""

    camera: str
    object_id: str
    captured_at: float
    score: float
    jpeg: bytes


class ViewInfo(msgspec.Struct, tag=True, frozen=True):
    """A burned view begins: comes before its first packet."""

    camera: str
    view: View
    info: StreamInfo


class ViewPacket(msgspec.Struct, tag=True, frozen=True):
    camera: str
    view: View
    packet: Packet


class ViewJpeg(msgspec.Struct, tag=True, frozen=True):
    camera: str
    view: View
    pts_90k: int
    jpeg: bytes


class Still(msgspec.Struct, tag=True, frozen=True):
    request: int
    jpeg: bytes | None
    error: str = ""


class CameraHealth(msgspec.Struct, frozen=True):
    """Counters since the process began; `cost_ms` is the mean for each stage of late."""

    decoded: int
    analysed: int
    looked: int
    """Of those analysed: where a model looked; the gate let the others pass."""
    dropped: dict[str, int]
    """By place: `packets` (before the decoder), `frames` (before the stages), `failed` (a stage failed), or the
    name of a stage that leaves out what it has no room for."""
    latency_p50_s: float | None
    latency_p95_s: float | None
    cost_ms: dict[str, float]
    disabled: dict[str, str]
    """Stages that are switched off after repeated failure, and why."""
    last_error: str = ""
    decoder: str = "software"
    """What decodes: `cuda`, `qsv` or `software`, with the reason where something else was asked for."""
    skipped: int = 0
    """Packets that never reached the decoder because nothing happened (`decode: keyframes`)."""
    fps: float = 0.0
    """Frames analysed a second of late."""
    quiet: bool = False
    """Whether key frames alone are decoded right now."""


class Health(msgspec.Struct, tag=True, frozen=True):
    """Sent every second: also the sign of life. `models` is Ready's, as it has become with new sizes of input."""

    cameras: dict[str, CameraHealth]
    models: dict[str, str] = {}


class Failed(msgspec.Struct, tag=True, frozen=True):
    """The plane cannot work at all (a model that is not there): says why before it ends."""

    error: str


class Finished(msgspec.Struct, tag=True, frozen=True):
    """All frames of a camera whose stream ended have been through the stages."""

    camera: str


Up = (
    Ready
    | Changed
    | FrameResult
    | EventOut
    | Snapshot
    | ViewInfo
    | ViewPacket
    | ViewJpeg
    | Still
    | Health
    | Failed
    | Finished
)
