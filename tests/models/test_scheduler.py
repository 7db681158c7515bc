import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition, current_thread

import pytest

from pipeline.core.clock import ManualClock
from pipeline.core.errors import ModelError
from pipeline.models.scheduler import PER_CAMERA, Scheduler

DEADLINE_S = 20


class Steps:
    """A backend that ends a batch when the test says so; answers with its work in capitals."""

    def __init__(self, *, max_batch: int = 1, in_flight: int = 1) -> None:
        self.max_batch = max_batch
        self.in_flight = in_flight
        self.started: list[str] = []
        self.threads: set[str] = set()
        self.restarts = 0
        self.closed = False
        self.clock = ManualClock()
        self.hang_s = 0.0
        self._ended: set[str] = set()
        self._changed = Condition()
        self._running = 0
        self.most_running = 0

    def start(self, works: Sequence[str]) -> str:
        self.threads.add(current_thread().name)
        if "broken" in works:
            raise ValueError("cannot start")
        with self._changed:
            self.started.append(" ".join(works))
            self._running += 1
            self.most_running = max(self.most_running, self._running)
            self._changed.notify_all()
        return " ".join(works)

    def finished(self, started: str, wait_s: float) -> bool:
        with self._changed:
            self.clock.advance(self.hang_s)
            return self._changed.wait_for(lambda: started in self._ended, wait_s)

    def results(self, started: str) -> list[str]:
        self._running -= 1
        if started == "poison":
            raise RuntimeError("device lost")
        return started.upper().split()

    def restart(self) -> None:
        self.restarts += 1
        self._running = 0

    def close(self) -> None:
        self.closed = True

    def end(self, *batches: str) -> None:
        with self._changed:
            self._ended.update(batches)
            self._changed.notify_all()

    async def until_started(self, count: int) -> list[str]:
        def wait() -> bool:
            with self._changed:
                return self._changed.wait_for(lambda: len(self.started) >= count, DEADLINE_S)

        assert await asyncio.to_thread(wait), f"only {self.started}"
        return self.started


@contextmanager
def scheduler(backend: Steps) -> Iterator[Scheduler[str, str]]:
    made = Scheduler[str, str](backend, name="m", timeout_s=10, clock=backend.clock)
    try:
        yield made
    finally:
        made.close()
        assert backend.closed or backend.hang_s


async def ask(to: Scheduler[str, str], camera: str, work: str, kind: str | None = None) -> "asyncio.Task[str]":
    """A camera that waits for an answer; it is in line when this returns."""
    task = asyncio.create_task(to.submit(camera, work, kind))
    await asyncio.sleep(0)
    return task


async def answer(task: Awaitable[str]) -> str:
    return await asyncio.wait_for(task, DEADLINE_S)


async def test_answers_go_to_whom_they_belong() -> None:
    backend = Steps(in_flight=2)
    backend.end("x", "y", "z")
    with scheduler(backend) as model:
        tasks = [await ask(model, camera, work) for camera, work in (("a", "x"), ("b", "y"), ("c", "z"))]
        assert [await answer(task) for task in tasks] == ["X", "Y", "Z"]
    assert backend.threads == {"model-m"}


async def test_no_more_batches_run_than_the_backend_likes() -> None:
    backend = Steps(in_flight=2)
    with scheduler(backend) as model:
        tasks = [await ask(model, camera, camera) for camera in "abcd"]
        await backend.until_started(2)
        backend.end("a", "b", "c", "d")
        assert [await answer(task) for task in tasks] == list("ABCD")
    assert backend.most_running == 2


async def test_a_greedy_camera_does_not_hold_up_the_others() -> None:
    backend = Steps()
    with scheduler(backend) as model:
        tasks = [await ask(model, "a", "a1")]
        await backend.until_started(1)
        tasks += [await ask(model, *one) for one in (("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1"))]
        backend.end("a1", "b1", "c1", "a2", "a3")
        for task in tasks:
            await answer(task)
    assert backend.started == ["a1", "b1", "c1", "a2", "a3"]


async def test_what_came_in_meanwhile_is_one_batch_of_all_cameras() -> None:
    backend = Steps(max_batch=8)
    with scheduler(backend) as model:
        tasks = [await ask(model, "a", "a1")]
        await backend.until_started(1)
        tasks += [await ask(model, camera, f"{camera}2") for camera in "abc"]
        backend.end("a1", "b2 c2 a2")
        assert [await answer(task) for task in tasks] == ["A1", "A2", "B2", "C2"]
    assert backend.started == ["a1", "b2 c2 a2"]


async def test_sizes_are_not_mixed_in_a_batch() -> None:
    backend = Steps(max_batch=8)
    with scheduler(backend) as model:
        tasks = [await ask(model, "z", "z")]
        await backend.until_started(1)
        tasks += [await ask(model, *one) for one in (("a", "a", "wide"), ("b", "b", "tall"), ("c", "c", "wide"))]
        backend.end("z", "a c", "b")
        for task in tasks:
            await answer(task)
    assert backend.started == ["z", "a c", "b"]


async def test_a_picture_too_many_of_a_camera_is_refused_not_kept() -> None:
    backend = Steps()
    with scheduler(backend) as model:
        running = await ask(model, "a", "a1")
        await backend.until_started(1)
        names = [f"a{number}" for number in range(2, PER_CAMERA + 2)]
        waiting = [await ask(model, "a", name) for name in names]
        with pytest.raises(ModelError, match="32 frames of a are waiting already"):
            await model.submit("a", "another")
        backend.end("a1", *names)
        assert [await answer(task) for task in (running, *waiting)] == ["A1", *map(str.upper, names)]


async def test_a_cancelled_wait_is_taken_back_and_makes_room() -> None:
    backend = Steps()
    with scheduler(backend) as model:
        running = await ask(model, "a", "a1")
        await backend.until_started(1)
        waiting = [await ask(model, "a", "a2"), await ask(model, "a", "a3")]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        later = await ask(model, "a", "a4")
        backend.end("a1", "a4")
        assert [await answer(running), await answer(later)] == ["A1", "A4"]
    assert backend.started == ["a1", "a4"]


async def test_cancelling_what_runs_stalls_nobody() -> None:
    backend = Steps()
    with scheduler(backend) as model:
        running = await ask(model, "a", "a1")
        await backend.until_started(1)
        running.cancel()
        other = await ask(model, "b", "b1")
        backend.end("a1", "b1")
        assert await answer(other) == "B1"


@pytest.mark.parametrize(
    ("work", "said"),
    [
        pytest.param("broken", "model 'm' failed: cannot start", id="starting"),
        pytest.param("poison", "model 'm' failed: device lost", id="inference"),
    ],
)
async def test_a_failure_is_an_error_for_that_frame_only(work: str, said: str) -> None:
    backend = Steps()
    backend.end("poison", "fine")
    with scheduler(backend) as model:
        bad, good = await ask(model, "a", work), await ask(model, "b", "fine")
        with pytest.raises(ModelError, match=said) as failure:
            await answer(bad)
        assert isinstance(failure.value.__cause__, ValueError | RuntimeError)
        assert await answer(good) == "FINE"
    assert backend.restarts == 0


async def test_an_inference_that_never_ends_fails_and_the_model_is_made_anew() -> None:
    backend = Steps(in_flight=2)
    with scheduler(backend) as model:
        hanging = [await ask(model, "a", "a1"), await ask(model, "b", "b1")]
        await backend.until_started(2)
        backend.hang_s = 6
        for task in hanging:
            with pytest.raises(ModelError, match="did not answer within 10 s"):
                await answer(task)
        backend.hang_s = 0
        backend.end("a2")
        assert await answer(await ask(model, "a", "a2")) == "A2"
    assert backend.restarts == 1


async def test_a_model_that_hangs_again_and_again_is_given_up() -> None:
    backend = Steps()
    backend.hang_s = 11
    with scheduler(backend) as model:
        said = []
        for number in range(5):
            with pytest.raises(ModelError) as failure:
                await answer(await ask(model, "a", f"a{number}"))
            said.append(str(failure.value))
    assert said[:4] == ["model 'm' did not answer within 10 s"] * 4
    assert said[4] == "model 'm' failed: it hung 4 times and is not started again"
    assert backend.restarts == 3


async def test_closing_ends_every_wait() -> None:
    backend = Steps()
    model = Scheduler[str, str](backend, name="m", clock=backend.clock)
    tasks = [await ask(model, camera, camera) for camera in "abc"]
    await backend.until_started(1)
    await asyncio.to_thread(model.close)
    for task in tasks:
        with pytest.raises(ModelError, match="model 'm' was closed"):
            await answer(task)
    with pytest.raises(ModelError, match="is closed"):
        await model.submit("a", "a")
    model.close()
    assert backend.closed


def test_answers_find_their_own_loop() -> None:
    """Cameras may live on different event loops; one that has ended holds up nobody."""
    backend = Steps()
    with scheduler(backend) as model:

        async def leave_early() -> None:
            task = await ask(model, "a", "a1")
            await backend.until_started(1)
            task.cancel()

        asyncio.run(leave_early())
        backend.end("a1", "b1")
        assert asyncio.run(_one(lambda: model.submit("b", "b1"))) == "B1"


async def _one(make: Callable[[], Awaitable[str]]) -> str:
    return await answer(make())


async def test_cameras_are_served_by_priority() -> None:
    backend = Steps()
    with scheduler(backend) as model:
        tasks = [await ask(model, "z", "z")]
        await backend.until_started(1)
        for number in "123":
            for camera, priority in (("a", 1.0), ("b", 2.0)):
                work = f"{camera}{number}"
                tasks.append(asyncio.create_task(model.submit(camera, work, priority=priority)))
                await asyncio.sleep(0)
        backend.end("z", "a1", "b1", "b2", "a2", "b3", "a3")
        for task in tasks:
            await answer(task)
    assert backend.started == ["z", "a1", "b1", "b2", "a2", "b3", "a3"]
