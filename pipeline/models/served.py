"""A network that all cameras share: loaded once, made ready size by size, its work scheduled."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Generic, TypeVar

from pipeline.core import costs
from pipeline.core.errors import FramewatchError, ModelError
from pipeline.core.frame import Frame, Image
from pipeline.models.letterbox import Letterbox
from pipeline.models.look import Look
from pipeline.models.network import Answering, Head, Network, Size
from pipeline.models.planes import Planes
from pipeline.models.scheduler import PER_CAMERA, Scheduler

A = TypeVar("A")


class Served(Generic[A]):
    """What every model type has inside. `ask` is called on any event loop, the rest on any thread.

    `weights` is what the configuration calls it, for messages; of each camera `per_camera` looks may wait.
    """

    def __init__(self, weights: str, network: Network, head: Head[A], *, per_camera: int = PER_CAMERA) -> None:
        self._weights = weights
        self._per_camera = per_camera
        self._network = network
        self._head = head
        self._lock = RLock()
        self._ready: dict[Size, Future[None]] = {}
        self._scheduler: Scheduler[Look, A] | None = None
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="model-frames")
        self._preparing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model-prepare")

    def load(self) -> None:
        """Seconds; raises ModelError."""
        with translated(self._weights, "cannot be loaded"):
            self._network.load()

    def begin(self, input_hw: Size) -> None:
        """Makes it ready for the size that most cameras will have, and for work; seconds.

        Raises ModelError. Idempotent.
        """
        self._prepared(input_hw).result()
        with self._lock:
            if self._scheduler is None:
                backend = Answering(self._network, self._head)
                name = Path(self._weights).name
                self._scheduler = Scheduler(backend, name=name, per_camera=self._per_camera)

    @property
    def fixed_hw(self) -> Size | None:
        return self._network.fixed_hw

    @property
    def description(self) -> str:
        """What runs where: `yolov8n openvino CPU 640x384`."""
        sizes = " ".join(f"{width}x{height}" for height, width in list(self._ready))
        return f"{Path(self._weights).stem} {self._network.description} {sizes}"

    async def ask(self, frame: Frame, letterbox: Letterbox, *, min_score: float = 0.0) -> A:
        """The head's answer for one frame; raises ModelError."""
        self._at_work()  # before anything waits
        prepared = self._prepared(letterbox.input_hw)
        if not prepared.done():  # a shape that no camera had so far; the other cameras go on meanwhile
            await asyncio.shield(asyncio.wrap_future(prepared))
        put = partial(self.put, frame, letterbox, min_score=min_score)
        return await asyncio.wrap_future(await asyncio.get_running_loop().run_in_executor(self._threads, put))

    def put(self, frame: Frame, letterbox: Letterbox, *, min_score: float = 0.0) -> "Future[A]":
        """The same for a thread that has a millisecond: scales the frame there, and returns the answer to come."""
        scheduler = self._at_work()
        look = Look(self._content(frame, letterbox), letterbox, min_score)
        return scheduler.put(frame.camera, look, letterbox.input_hw, priority=frame.priority)

    def is_ready(self, input_hw: Size) -> bool:
        """Whether nothing must be made for that size first, which takes seconds."""
        prepared = self._prepared(input_hw)
        return prepared.done() and not prepared.exception()

    def close(self) -> None:
        """Ends every wait with ModelError; idempotent."""
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.close()
        self._threads.shutdown(cancel_futures=True)
        self._preparing.shutdown(cancel_futures=True)

    def _at_work(self) -> Scheduler[Look, A]:
        if self._scheduler is None:
            raise ModelError(f"model {self._weights!r} is not loaded")
        return self._scheduler

    def _content(self, frame: Frame, letterbox: Letterbox) -> Image | Planes:
        memory = self._network.planes_memory
        if memory is not None:
            with costs.measured(frame.camera, "convert"):
                planes = Planes.of(frame.picture, memory)
            if planes is not None:
                return planes
        return frame.rgb(*letterbox.content_wh)

    def _prepared(self, input_hw: Size) -> "Future[None]":
        """Done once the network takes this size. There are few sizes: multiples of the stride, up to `imgsz`."""
        with self._lock:
            known = self._ready.get(input_hw)
            if known is None or (known.done() and known.exception()):
                known = self._ready[input_hw] = self._preparing.submit(self._prepare, input_hw)
            return known

    def _prepare(self, input_hw: Size) -> None:
        with translated(self._weights, f"cannot be made ready for {input_hw[1]}x{input_hw[0]}"):
            self._network.prepare(input_hw)


@contextmanager
def translated(weights: str, what: str) -> Iterator[None]:
    """torch, ultralytics and OpenVINO raise what they like; past here it is ModelError."""
    try:
        yield
    except FramewatchError:
        raise
    except Exception as error:
        raise ModelError(f"weights {weights!r} {what}: {error}") from error
