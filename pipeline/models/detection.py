"""What detectors of every type have in common: how they are loaded, shared and asked."""

from collections.abc import Mapping
from concurrent.futures import Future
from threading import RLock

from pipeline.core.detections import Detections
from pipeline.core.errors import ModelError
from pipeline.core.frame import Frame
from pipeline.models.found import Found
from pipeline.models.letterbox import Letterbox
from pipeline.models.served import Served, translated

_MOST_PLACED = 256


class SharedDetector:
    """One for all cameras that name it: `detect` is called on any event loop, the rest on any thread.

    `weights` is what the configuration calls it. A type says in `_find` what its options mean, and in `_letterbox`
    how its network, once that is loaded, takes a frame.
    """

    def __init__(self, weights: str) -> None:
        self._weights = weights
        self._lock = RLock()
        self._served: Served[Found] | None = None
        self._placed: dict[tuple[int, int], Letterbox] = {}

    def load(self) -> None:
        """Makes it ready for a 16:9 camera; seconds. Raises ModelError, MissingExtraError. Idempotent."""
        with self._lock:
            if self._served is None:
                with translated(self._weights, "cannot be loaded"):
                    served = self._find()
                    served.load()
                self._served = served
            self._served.begin(self._letterbox((16, 9)).input_hw)

    @property
    def labels(self) -> Mapping[int, str]:
        raise NotImplementedError

    @property
    def description(self) -> str:
        """What runs where: `yolov8n openvino CPU 640x384`."""
        return self._loaded.description

    async def detect(self, frame: Frame, *, min_score: float) -> Detections:
        letterbox = self._place(frame)
        found = await self._loaded.ask(frame, letterbox, min_score=min_score)
        return found.detections(letterbox, self.labels)

    def ask(self, frame: Frame, *, min_score: float) -> "Future[Found] | None":
        """What `detect` awaits, for a thread without a loop: `told` makes detections of the answer.

        None where the model must be made ready for frames of that size first.
        """
        letterbox = self._place(frame)
        if not self._loaded.is_ready(letterbox.input_hw):
            return None
        return self._loaded.put(frame, letterbox, min_score=min_score)

    def told(self, frame: Frame, found: Found) -> Detections:
        """What an answer to `ask` means for that frame."""
        return found.detections(self._place(frame), self.labels)

    def close(self) -> None:
        """Ends every wait with ModelError; idempotent."""
        if self._served is not None:
            self._served.close()

    def _place(self, frame: Frame) -> Letterbox:
        """Cameras have one size each, regions of pictures many."""
        size = frame.resolution_wh
        if size not in self._placed:
            if len(self._placed) >= _MOST_PLACED:
                self._placed.clear()
            self._placed[size] = self._letterbox(size)
        return self._placed[size]

    def _find(self) -> Served[Found]:
        raise NotImplementedError

    def _letterbox(self, frame_wh: tuple[int, int]) -> Letterbox:
        raise NotImplementedError

    @property
    def _loaded(self) -> Served[Found]:
        if self._served is None:
            raise ModelError(f"model {self._weights!r} is not loaded")
        return self._served
