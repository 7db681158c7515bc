"""The few small Protocols between the rooms. Plugins inherit nothing unless they share code.

Every plugin class owns `Options`, a pydantic model (derive it from `pipeline.core.options.Options`), which
the configuration is checked against before anything is built.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol

from pipeline.core.camera import Camera
from pipeline.core.clock import Clock
from pipeline.core.context import Context
from pipeline.core.detections import Detections
from pipeline.core.event import Alert, Event
from pipeline.core.frame import Frame
from pipeline.core.near_miss import NearMiss
from pipeline.core.objects import TrackedObject
from pipeline.core.packet import Packet, StreamInfo


class Source(Protocol):
    """A stream of packets; built as `Type(options)`, used by one thread (only `close` comes from another).

    `realtime` is False for a source that hands out packets as fast as they are taken (`pace: max`):
    its consumers wait instead of dropping. One with a true attribute `keeps` loses nothing of what is read a little
    later, as a stream over TCP. One that can bring sound has `listen(heard)`: called before `open` where somebody wants
    it, `heard` gets each SoundPacket on the thread that reads `packets`, and StreamInfo says in `sound` what it is.
    """

    realtime: bool

    def open(self) -> StreamInfo:
        """Connects; raises SourceError with a reason that a person can act on. Returns within seconds."""
        ...

    def packets(self) -> Iterator[Packet]:
        """Yields until the stream ends; raises SourceError when it breaks."""
        ...

    def close(self) -> None:
        """Ends `packets` soon; idempotent, safe from any thread and before `open`."""
        ...


class PacketConsumer(Protocol):
    """Somebody at a hub. Called on the publishing thread, must not block (unless the source is not realtime).

    One with a true attribute `patient` does not mind packets that come a fifth of a second late, several at once:
    where nobody minds, an input is read so, for three fifths of what it costs. One that has a method `sound(packet)`
    gets each SoundPacket, too, where the source brings any: beside the pictures of its time, a little before or after.
    """

    def stream_opened(self, info: StreamInfo) -> None: ...

    def packet(self, packet: Packet) -> None: ...

    def stream_lost(self) -> None:
        """The stream broke off; `stream_opened` comes again before the next packet."""
        ...


class PacketStream(Protocol):
    """What a consumer needs of a hub."""

    @property
    def info(self) -> StreamInfo | None:
        """None while the stream is not open."""
        ...

    def subscribe(self, consumer: PacketConsumer, *, replay: bool = False) -> Callable[[], None]:
        """From now on `consumer` is called; the returned function ends that (idempotent, any thread).

        With `replay` it first gets the packets since the last key frame, with no gap to what follows.
        """
        ...


class Detector(Protocol):
    """A model's face to the `detect` stage; shared by all cameras that name it, scheduled by itself.

    One may also have `ask(frame, min_score=…)`, which returns a `concurrent.futures.Future` for what `detect` awaits
    (None: `detect` shall do it), and `told(frame, answer)`, which makes Detections of its answer; for any thread.
    """

    labels: Mapping[int, str]

    async def detect(self, frame: Frame, *, min_score: float) -> Detections:
        """Boxes in pixels of `frame`; raises ModelError when the model failed (never an empty result)."""
        ...


class Classifier(Protocol):
    """A model's face to the `classify` stage; shared and scheduled like a detector."""

    labels: Mapping[int, str]

    async def classify(self, crop: Frame) -> Sequence[float]:
        """A score in 0..1 for each label, in the order of their numbers; raises ModelError."""
        ...


Ability = Literal["detect", "classify"]
"""What a model's class can do: it has a method of this name. Of one that has neither nobody knows."""


@dataclass(frozen=True, slots=True)
class ModelThatCan:
    """Marks an option that names a model: one that cannot do this is told before anything starts."""

    ability: Ability


DetectorName = Annotated[str, ModelThatCan("detect")]
ClassifierName = Annotated[str, ModelThatCan("classify")]


class Models(Protocol):
    """The loaded models, by their names in the configuration."""

    def detector(self, name: str) -> Detector:
        """Loads on the first call, shared afterwards; raises ModelError, also for what is no detector."""
        ...

    def classifier(self, name: str) -> Classifier:
        """Loads on the first call, shared afterwards; raises ModelError, also for what is no classifier."""
        ...


@dataclass(frozen=True, slots=True)
class StageSetup:
    """What a stage may use besides its options.

    `plugin(kind, type)` finds the class of another plugin ("rules", "zone_enter"); raises PluginError. `name` is
    the stage's in the pipeline. Where `realtime` is False nothing may be lost: frames wait for whom they need.
    """

    camera: Camera
    models: Models
    clock: Clock
    plugin: Callable[[str, str], Any]
    name: str = ""
    realtime: bool = True


class Stage(Protocol):
    """A step of the pipeline; built as `Type(options, setup)`, one instance for each camera.

    `process` may be `async`. It is called in capture order and never concurrently with itself. A stage that
    leaves work out when it has too much counts that in an attribute `dropped`, which metrics and API show. One
    that has a method `rest(ctx)` gets each frame by that, on the event loop, while it is off after repeated
    failure: what it said of objects so far need not vanish with it. An `async` one may have `passes(ctx)`, asked on
    any thread and more than once: True for a frame that `process` has nothing to do with, which saves the way there.
    One that only waits for a model may have `ask(ctx)`, which begins on any thread what `process` would and returns
    a `concurrent.futures.Future` of it (None: `process` shall do it), and `take(ctx, answer)` for the rest: without an
    event loop, a frame gets there and back in half the time.
    One with a true attribute `prompt` neither waits, but where it awaits, nor runs strangers' code: the decoding
    thread may do it for a still camera, which would stand still with a stage that hangs.
    """

    def process(self, ctx: Context) -> Awaitable[None] | None: ...


class Rule(Protocol):
    """Objects in, events out; built as `Type(options, camera)`.

    One may have `see(frame, moved, now)` as well, which yields events, too: it is called at most twice a second, before
    `update`. `moved` says whether anything has since the last time, None where nobody looks for it. The picture is
    made when it is asked for (`frame.gray(160, 90)`) and shared: small ones, please.
    One with a true attribute `patient` also gets, as `lost`, objects that vanished a moment ago where they stood: they
    may come back under another id. One with a true attribute `early` gets those that are not `confirmed` yet, too.
    """

    def update(self, objects: Sequence[TrackedObject], now: float) -> Iterable[Event | NearMiss]:
        """`now` is the frame's capture time (UTC seconds); an object that is missing has gone.

        What an object is known by is its `root`, which stays the same where it comes back under another id.
        """
        ...


class AlertSink(Protocol):
    """Where alerts leave; built as `Type(options)`, used on the media plane's event loop."""

    async def send(self, alert: Alert) -> None:
        """Returns once delivered; raises DeliveryError. Retrying is the caller's."""
        ...

    async def close(self) -> None: ...


class StreamSink(Protocol):
    """Where a camera's video leaves; built as `Type(options)` for each connection, used by one thread.

    Its Options derive from VideoOptions, which say whose video it is.

    What is slow belongs here: packets wait for it, and where they become too many the oldest are dropped up to a key
    frame. It must not keep other threads from running.
    """

    def open(self, info: StreamInfo) -> None:
        """Connects; raises DeliveryError with a reason that a person can act on (`permanent`: a wrong password)."""
        ...

    def write(self, packet: Packet) -> None:
        """The first one is a key frame, and each key frame has its parameter sets; raises DeliveryError."""
        ...

    def interrupt(self) -> None:
        """Ends `open` or `write` at once; idempotent, from any thread."""
        ...

    def close(self) -> None:
        """Idempotent, also after `open` failed."""
        ...
