"""One camera's decoding thread: packets in, frames that are to be analysed out."""

from collections import deque
from collections.abc import Callable
from threading import Thread
from typing import Protocol

from pipeline.analysis.attention import Attention
from pipeline.analysis.decode import Decoder
from pipeline.analysis.decoding import Decoding, FullDecoding
from pipeline.analysis.feed import QUIET_PATIENCE
from pipeline.analysis.gallery import Gallery
from pipeline.analysis.keyframe_look import KeyframeLook
from pipeline.analysis.keyframes import KeyframeDecoding
from pipeline.analysis.plan import CameraPlan
from pipeline.analysis.sampler import Sampler
from pipeline.analysis.trouble import Trouble
from pipeline.core.channels import Closed, PacketQueue
from pipeline.core.clock import Clock
from pipeline.core.frame import Frame
from pipeline.core.messages import CameraMessage, PacketIn, StreamLost, StreamOpened, Up, WantStill, WantView

_MOST_PACKETS = 50
_LONGEST_JOIN_S = 2.0
_ROOM_S = 0.02
"""How long new packets may wait while the stages are waited for."""
_LONGEST_END_S = 10.0
"""What is left of a stream that broke off is worth waiting for the stages so long."""
_QUIET_FPS = 10 / 3
"""Frames a second that are enough to see that nothing moves: nobody gets far in the three tenths between them."""


class Stages(Protocol):
    """Where frames go; called on the decoding thread."""

    def has_room(self, within_s: float) -> bool:
        """Whether a frame that is handed over would cost none before it."""
        ...

    def hand_over(self, frame: Frame) -> None: ...

    def ended(self) -> None:
        """All frames of a stream that is over for good were handed over."""
        ...


class Intake:
    """`receive` is for the plane's receiving thread; the figures are read by any.

    With a plan that is not realtime the thread waits for the stages, and so it does while it catches up with a camera
    that was quiet: those frames are held until there is room, and new packets are taken meanwhile.
    """

    def __init__(
        self,
        plan: CameraPlan,
        stages: Stages,
        attention: Attention,
        gallery: Gallery,
        trouble: Trouble,
        send: Callable[[Up], None],
        clock: Clock,
    ) -> None:
        self.decoder = Decoder(plan.camera.name, hwaccel=plan.decoding.hwaccel, priority=plan.camera.priority)
        self.decoding = _decoding(plan, self.decoder, attention)
        self._camera = plan.camera.name
        self._stages = stages
        self._attention = attention
        self._gallery = gallery
        self._trouble = trouble
        self._send = send
        self._clock = clock
        self._packets = PacketQueue(_MOST_PACKETS, wait=not plan.realtime)
        self._late: deque[Frame] = deque()
        """Frames of one packet that wait for room."""
        self._quiet_fps = min(plan.camera.fps, _QUIET_FPS)
        self._sampler = None if plan.every_frame else Sampler(plan.camera.fps)
        self._thread = Thread(target=self._run, name=f"decode {plan.camera.name}", daemon=True)

    @property
    def dropped(self) -> int:
        """Packets for which there was no room."""
        return self._packets.dropped[self._camera]

    def receive(self, message: CameraMessage) -> None:
        self._packets.put(message)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """What waits is still taken."""
        self._packets.close()

    def join(self) -> None:
        """Gives it a moment to end."""
        if self._thread.is_alive():
            self._thread.join(_LONGEST_JOIN_S)

    def _run(self) -> None:
        while True:
            try:
                self._run_once()
            except Closed:
                return
            except Exception as error:  # without this thread the camera would be dead, and nobody would know
                self._trouble.met("a packet could not be handled", error)

    def _run_once(self) -> None:
        """New packets first: they are only kept, and nobody else waits for them."""
        try:
            message = self._packets.get(0 if self._is_behind else None)
        except TimeoutError:
            self._catch_up()
        else:
            self._handle(message)
            self._packets.patience = {self._camera: self._patience}

    @property
    def _patience(self) -> int:
        """So many packets may come before the next is needed: no thread is woken for one that nobody looks at."""
        if self.decoding.quiet:
            return QUIET_PATIENCE
        if self._sampler is None or not self._attention.is_still:
            return 1
        return min(QUIET_PATIENCE, self._sampler.frames_until_due)

    @property
    def _is_behind(self) -> bool:
        return bool(self._late) or self.decoding.behind

    def _catch_up(self) -> None:
        """One small step: hands over a frame if there is room for it soon, or decodes the next packet."""
        if self._late:
            if self._stages.has_room(_ROOM_S):
                self._stages.hand_over(self._late.popleft())
            return
        for frame in self.decoding.catch_up():
            self._gallery.decoded(frame)
            if self._is_taken(frame):
                self._late.append(frame)

    def _handle(self, message: CameraMessage) -> None:
        match message:
            case PacketIn(packet=packet):
                for frame in self.decoding.packet(packet):
                    self._decoded(frame)
            case StreamOpened(info=info):
                self._late.clear()
                self.decoding.opened(info)
            case StreamLost(ended=ended):
                self._finish()
                if ended:
                    self._stages.ended()
            case WantView():
                self._attention.want(message.view, message.wanted)
                self._gallery.want(message.view, message.wanted)
            case WantStill():
                self._send(self._gallery.still(message))

    def _finish(self) -> None:
        """Everything that came before the stream broke off."""
        until = self._clock.monotonic() + _LONGEST_END_S
        for _ in range(2):  # what comes late may leave something inside the decoder
            for frame in self.decoding.broken_off():
                self._decoded(frame)
            while self._is_behind and self._clock.monotonic() < until:
                self._catch_up()

    def _decoded(self, frame: Frame) -> None:
        self._gallery.decoded(frame)
        if self._is_taken(frame):
            while self._late:
                self._stages.hand_over(self._late.popleft())
            self._stages.hand_over(frame)

    def _is_taken(self, frame: Frame) -> bool:
        """At the asked rate; slower where a look now and then is enough to see that nothing moves."""
        if self._sampler is None:
            return True
        return self._sampler.takes(frame.pts_90k, self._quiet_fps if self._attention.is_still else None)


def _decoding(plan: CameraPlan, decoder: Decoder, attention: Attention) -> Decoding:
    """Where nothing may be lost, or every frame is asked for, every packet is decoded as well as it can be."""
    if plan.every_frame or not plan.realtime:
        return FullDecoding(decoder, None)
    if plan.decoding.decode == "full":
        return FullDecoding(decoder, attention)
    return KeyframeDecoding(decoder, attention, KeyframeLook(plan.stages))
