"""Pictures made because somebody looks: one shared H.264 encode, or JPEGs, for each camera and view."""

from collections.abc import Callable
from threading import Thread

import av

from pipeline.analysis.motion_model import moved
from pipeline.analysis.paint import paint
from pipeline.analysis.picture import jpeg, scaled_bgr
from pipeline.analysis.plan import ViewPlan
from pipeline.analysis.sampler import Sampler
from pipeline.analysis.trouble import Trouble
from pipeline.core.channels import Closed, Mailbox
from pipeline.core.costs import measured
from pipeline.core.encoder import Encoder
from pipeline.core.frame import Frame, Image
from pipeline.core.messages import FrameResult, Up, View, ViewInfo, ViewJpeg, ViewPacket

Send = Callable[[Up], None]

_LONGEST_ENCODE_S = 1.0


class VideoView:
    """The `burned` or `clean` view of one camera: a thread that paints and encodes the newest frame.

    `offer` is for the decoding thread and never waits; a frame that comes while one is being encoded
    replaces the one that waits.
    """

    def __init__(self, camera: str, view: View, plan: ViewPlan, send: Send, trouble: Trouble) -> None:
        self.camera = camera
        self.view = view
        self._plan = plan
        self._send = send
        self._trouble = trouble
        self._sampler = Sampler(plan.fps)
        self._waiting: Mailbox[tuple[Frame, FrameResult | None]] = Mailbox(1)
        self._encoder: Encoder | None = None
        self._thread = Thread(target=self._run, name=f"{view} {camera}", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        return self._waiting.dropped

    def offer(self, frame: Frame, latest: FrameResult | None) -> None:
        if self._sampler.takes(frame.pts_90k):
            self._waiting.put((frame, latest))

    def close(self) -> None:
        """Afterwards nothing more is sent, so that the same view can begin anew."""
        self._waiting.close(discard=True)
        self._thread.join(_LONGEST_ENCODE_S)

    def _run(self) -> None:
        while True:
            try:
                self._encode(*self._waiting.get())
            except Closed:
                return
            except Exception as error:
                self._encoder = None  # the next picture begins a stream of its own
                self._trouble.met(f"a picture of the {self.view} view is missing", error)

    def _encode(self, frame: Frame, latest: FrameResult | None) -> None:
        with measured(self.camera, "draw"):
            image = scaled_bgr(frame, self._plan.height)
            if self.view == "burned" and latest is not None:
                burn(image, frame, latest)
        with measured(self.camera, "encode"):
            picture = av.VideoFrame.from_ndarray(image, format="bgr24")
            packets = self._encoder_for(image).encode(picture, frame.pts_90k, frame.captured_at)
        for packet in packets:
            self._send(ViewPacket(self.camera, self.view, packet))

    def _encoder_for(self, image: Image) -> Encoder:
        """A new one when the camera has changed its size."""
        height, width = image.shape[:2]
        if self._encoder is None or (self._encoder.info.width, self._encoder.info.height) != (width, height):
            plan = self._plan
            self._encoder = Encoder(width, height, plan.fps, most_kbps=plan.bitrate, hwaccel=plan.hwaccel)
            self._send(ViewInfo(self.camera, self.view, self._encoder.info))
        return self._encoder


def burn(image: Image, frame: Frame, latest: FrameResult) -> None:
    """Paints what is known onto a frame that may be younger than the knowledge."""
    late_s = frame.captured_at - latest.captured_at
    paint(image, [moved(thing, late_s) for thing in latest.objects if thing.confirmed], latest.marks)


class JpegView:
    """The `jpeg` or `jpeg_annotated` view: one JPEG for each analysed frame."""

    def __init__(self, camera: str, view: View, plan: ViewPlan, send: Send) -> None:
        self.camera = camera
        self.view = view
        self._plan = plan
        self._send = send

    def analysed(self, frame: Frame, result: FrameResult) -> None:
        image = still(frame, result if self.view == "jpeg_annotated" else None, self._plan.height)
        self._send(ViewJpeg(self.camera, self.view, frame.pts_90k, image))


def still(frame: Frame, result: FrameResult | None, height: int | None) -> bytes:
    """A JPEG of `frame`, with what `result` knows painted on it."""
    image = scaled_bgr(frame, height)
    if result is not None:
        burn(image, frame, result)
    return jpeg(image)
