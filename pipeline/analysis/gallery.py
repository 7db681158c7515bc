"""The views of one camera that somebody looks at right now."""

from collections.abc import Callable
from threading import Lock

from pipeline.analysis.plan import CameraPlan
from pipeline.analysis.trouble import Trouble
from pipeline.analysis.views import JpegView, VideoView, still
from pipeline.core.channels import Closed
from pipeline.core.frame import Frame
from pipeline.core.messages import FrameResult, Still, Up, View, WantStill


class Gallery:
    """Starts a view when it is wanted and ends it when it is not; nothing is converted for nobody.

    Frames come from the decoding thread, results from the stages' threads.
    """

    def __init__(self, plan: CameraPlan, send: Callable[[Up], None], trouble: Trouble) -> None:
        self._trouble = trouble
        self._camera = plan.camera.name
        self._plan = plan.view
        self._send = send
        self._lock = Lock()
        self._videos: dict[View, VideoView] = {}
        self._jpegs: dict[View, JpegView] = {}
        self._frame: Frame | None = None
        self._result: FrameResult | None = None

    @property
    def dropped(self) -> dict[str, int]:
        """Frames that a view could not take in time, by view."""
        with self._lock:
            return {view: video.dropped for view, video in self._videos.items()}

    def want(self, view: View, wanted: bool) -> None:
        with self._lock:
            if view.startswith("jpeg"):
                self._want_jpegs(view, wanted)
            else:
                self._want_video(view, wanted)

    def _want_jpegs(self, view: View, wanted: bool) -> None:
        if wanted:
            self._jpegs[view] = JpegView(self._camera, view, self._plan, self._send)
        else:
            self._jpegs.pop(view, None)

    def _want_video(self, view: View, wanted: bool) -> None:
        if wanted and view not in self._videos:
            self._videos[view] = VideoView(self._camera, view, self._plan, self._send, self._trouble)
        elif not wanted and view in self._videos:
            self._videos.pop(view).close()

    def decoded(self, frame: Frame) -> None:
        """Every frame, on the decoding thread."""
        self._frame = frame
        with self._lock:
            videos = list(self._videos.values())
        for video in videos:
            try:
                video.offer(frame, self._result)
            except Closed:
                continue

    def analysed(self, frame: Frame, result: FrameResult) -> None:
        """Every frame that went through the stages."""
        self._result = result
        with self._lock:
            jpegs = list(self._jpegs.values())
        for view in jpegs:
            view.analysed(frame, result)

    def still(self, wanted: WantStill) -> Still:
        """The latest picture; with boxes it is the latest frame, its objects moved on to it."""
        if self._frame is None:
            return Still(wanted.request, None, "no picture has been decoded yet")
        return Still(wanted.request, still(self._frame, self._result if wanted.annotated else None, wanted.height))

    def close(self) -> None:
        with self._lock:
            for video in self._videos.values():
                video.close()
