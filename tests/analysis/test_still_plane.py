"""A plane on which a still camera's frames go through prompt stages on the decoding thread."""

import time
from itertools import groupby, pairwise
from threading import Thread
from typing import Any

from pipeline.core.messages import CameraHealth, Finished, FrameResult, Health, PacketIn, StreamLost, StreamOpened
from tests.analysis.pictures import INFO, encoded, scene
from tests.analysis.plane_fixture import PlaneUnderTest, plan, running

FPS = 25
FASTER = 4
WALK = range(FPS * 9, FPS * 10)


def words(result: FrameResult) -> tuple[str, ...]:
    return tuple(mark.text for mark in result.marks)


def played(*stages: str, options: dict[str, Any] | None = None) -> tuple[list[FrameResult], CameraHealth]:
    """Twelve seconds in which somebody walks by once."""
    with running(plan(*stages, realtime=True, fps=5, options=options)) as plane:
        Thread(target=_play, args=(plane,), daemon=True).start()
        plane.until(Finished)
        health = plane.until(Health, lambda message: bool(message.cameras)).cameras["yard"]
    return plane.all(FrameResult), health


def _play(plane: PlaneUnderTest) -> None:
    packets = encoded(scene(FPS * 12, [WALK]))
    plane.link.send(StreamOpened("yard", INFO))
    began = time.monotonic()
    for at, packet in enumerate(packets):
        time.sleep(max(0.0, began + at / FPS / FASTER - time.monotonic()))
        plane.link.send(PacketIn("yard", packet))
    plane.link.send(StreamLost("yard", ended=True))


def test_a_still_frame_is_done_where_it_was_decoded_and_one_that_moves_is_not() -> None:
    results, health = played("prompt", "gate", "prompt2")
    indices = [result.pts_90k * FPS // 90_000 for result in results]
    assert indices == sorted(set(indices)), "in order, and each once"
    assert health.analysed + health.dropped["frames"] >= 3.3 * 12 - 2, "and as many as are enough for a still picture"
    quiet = [after - before for before, after in pairwise(indices)]
    assert max(quiet) in range(FPS, 2 * FPS), "of which, while nothing is there, one a second is told"
    said = [words for words, _ in groupby(map(words, results))]
    still, noticed, busy = ("decode", "decode"), ("decode", "looked", "stages"), ("stages", "looked", "stages")
    assert said[:4] == [busy, ("stages", "stages"), still, noticed], "the scene is new, then it is learnt, then known"
    assert busy in said[4:], "what moves is looked at from then on as ever"


def test_a_stage_that_is_not_prompt_is_left_to_the_loop() -> None:
    results, _ = played("prompt", "gate", "named")
    assert any(words(result) == ("decode", "named in real time") for result in results)


def test_a_prompt_stage_that_fails_there_fails_as_ever() -> None:
    failing = tuple(range(FPS * 7, FPS * 8))
    results, health = played("prompt", "gate", options={"prompt": {"fails_at": failing}})
    assert health.last_error == "ValueError: on purpose"
    assert any(words(result) == ("decode",) for result in results)
