"""What each step of a configuration's pipeline costs on this machine."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.analysis.plan import AnalysisPlan
from pipeline.app.footage import Footage, from_each
from pipeline.app.machine import machine
from pipeline.app.plan import camera_plan, model_plans
from pipeline.app.replay import Recording, Replay
from pipeline.config import CameraConfig, Config
from pipeline.core.costs import Cost, Costs, measuring
from pipeline.core.errors import SourceError, UnavailableError
from pipeline.core.messages import WantView

MOST_BYTES = 64_000_000
"""Of one camera's packets; what comes after them is left out."""
_WARM_UP_S = 2.0
_LONGEST_VIEW_S = 10.0
_LEAST_PICTURES = 20
_MOST_ROUNDS = 20

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class StepCost:
    """Milliseconds each time, by the clock and of the processor, and of the processor for each analysed frame.

    The last is None for what is only done while somebody looks at the burned view. Steps run side by side and
    wait for each other: the times by the clock do not add up, those of the processor do.
    """

    step: str
    times: int
    wall_ms: float
    cpu_ms: float
    cpu_ms_per_frame: float | None


@dataclass(frozen=True, slots=True)
class CameraCost:
    """`core_share` is how much of one core this camera takes in real time, without anybody looking at it."""

    camera: str
    resolution: str
    seconds: float
    decoded: int
    analysed: int
    core_share: float
    steps: list[StepCost]
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """All cameras together went through the pipeline in `took_s`, as fast as this machine can."""

    machine: str
    models: dict[str, str]
    took_s: float
    cpu_s: float
    other_cpu_s: float
    """What is in no step: handing packets and results on."""
    cameras: list[CameraCost]
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def analysed_per_s(self) -> float:
        return sum(camera.analysed for camera in self.cameras) / self.took_s

    @property
    def decoded_per_s(self) -> float:
        return sum(camera.decoded for camera in self.cameras) / self.took_s

    @property
    def times_real_time(self) -> float:
        return max(camera.seconds for camera in self.cameras) / self.took_s


def bench(config: Config, cameras: Mapping[str, CameraConfig], *, seconds: float, say: Say) -> Bench:
    """Reads `seconds` of each camera, then plays them through the configured pipeline with nothing lost.

    Cameras that do not answer are left out and named; raises UnavailableError where none does, ModelError.
    """
    say(f"reading {seconds:g} s of {', '.join(cameras)} …")
    recordings, left_out = from_each(cameras, seconds, _record)
    if not recordings:
        raise UnavailableError("no camera gave a picture: " + "; ".join(left_out.values()))
    for reason in left_out.values():
        say(f"left out: {reason}")
    say("loading the models …")
    with measuring() as costs, Replay(_plan(config, {name: cameras[name] for name in recordings})) as replay:
        replay.play({name: recording.until(_WARM_UP_S) for name, recording in recordings.items()})
        costs.clear()
        replay.analysed.clear()
        say("measuring the pipeline …")
        began = _Meter.now()
        replay.play(recordings)
        took = _Meter.now() - began
        analysed = {name: costs.of(name) for name in recordings}
        frames = dict(replay.analysed)
        costs.clear()
        say("measuring the burned view …")
        _play_burned(replay, recordings, costs)
        views = {name: costs.of(name) for name in recordings}
    _give_native(analysed, took.native_s)
    told = [
        _camera_cost(cameras[name], recordings[name], analysed[name], views[name], frames.get(name, 0), replay.errors)
        for name in recordings
    ]
    in_steps = sum(cost.cpu_s for each in analysed.values() for cost in each.values())
    return Bench(machine(), replay.models, took.wall_s, took.cpu_s, max(0.0, took.cpu_s - in_steps), told, left_out)


def _plan(config: Config, cameras: Mapping[str, CameraConfig]) -> AnalysisPlan:
    return AnalysisPlan(
        models=model_plans(config),
        cameras={name: camera_plan(camera, realtime=False) for name, camera in cameras.items()},
    )


def _record(footage: Footage) -> Recording:
    info = footage.open()
    packets, size = [], 0
    for packet in footage.packets():
        packets.append(packet)
        size += len(packet.data)
        if size > MOST_BYTES:
            break
    if not packets:
        raise SourceError("ended", footage.camera.name, "no packet came")
    return Recording(info, packets)


def _play_burned(replay: Replay, recordings: Mapping[str, Recording], costs: Costs) -> None:
    """Again where it is over too soon: a view takes the newest frame, and leaves out what came while it encoded."""
    for name in recordings:
        replay.tell(WantView(name, "burned", True))
    for _ in range(_MOST_ROUNDS):
        replay.play({name: recording.until(_LONGEST_VIEW_S) for name, recording in recordings.items()})
        if all(costs.of(name).get("encode", Cost()).times >= _LEAST_PICTURES for name in recordings):
            break
    for name in recordings:
        replay.tell(WantView(name, "burned", False))


@dataclass(frozen=True, slots=True)
class _Meter:
    """`native_s` is the processor's time in threads that are none of Python's: a model runtime's own."""

    wall_s: float
    cpu_s: float
    native_s: float

    @classmethod
    def now(cls) -> "_Meter":
        cpu_s = time.process_time()
        return cls(time.perf_counter(), cpu_s, cpu_s - _python_cpu_s(cpu_s))

    def __sub__(self, other: "_Meter") -> "_Meter":
        return _Meter(self.wall_s - other.wall_s, self.cpu_s - other.cpu_s, max(0.0, self.native_s - other.native_s))


def _python_cpu_s(process_cpu_s: float) -> float:
    """Where the system cannot tell (not Linux), everything counts as Python's."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return process_cpu_s
    return sum(_thread_cpu_s(thread.ident) for thread in threading.enumerate() if thread.ident is not None)


def _thread_cpu_s(ident: int) -> float:
    try:
        return time.clock_gettime(time.pthread_getcpuclockid(ident))
    except OSError:  # it has ended meanwhile
        return 0.0


def _give_native(analysed: Mapping[str, dict[str, Cost]], native_s: float) -> None:
    """A runtime's own threads work on inferences; they are shared out by the time that those took."""
    infers = [each["infer"] for each in analysed.values() if "infer" in each]
    total_s = sum(cost.wall_s for cost in infers)
    for cost in infers:
        cost.cpu_s += native_s * cost.wall_s / total_s if total_s else 0.0


def _camera_cost(
    camera: CameraConfig,
    recording: Recording,
    analysed: Mapping[str, Cost],
    views: Mapping[str, Cost],
    frames: int,
    errors: Mapping[str, str],
) -> CameraCost:
    steps = {**analysed, **{name: views[name] for name in ("draw", "encode") if name in views}}
    return CameraCost(
        camera=camera.name,
        resolution=f"{recording.info.width}x{recording.info.height}",
        seconds=recording.seconds,
        decoded=analysed["decode"].times if "decode" in analysed else 0,
        analysed=frames,
        core_share=sum(cost.cpu_s for cost in analysed.values()) / recording.seconds,
        steps=[_step_cost(name, steps[name], frames) for name in _in_order(camera, steps)],
        last_error=errors.get(camera.name, ""),
    )


def _in_order(camera: CameraConfig, steps: Mapping[str, Any]) -> list[str]:
    """As a frame meets them; what a model does stands before the stage that asked it."""
    order = ["decode"]
    for stage in camera.stages:
        order += ["convert", "infer", "suppress", stage.name] if stage.type == "detect" else [stage.name]
    order += [name for name in steps if name not in order and name not in ("snapshot", "draw", "encode")]
    return [name for name in [*order, "snapshot", "draw", "encode"] if name in steps]


def _step_cost(name: str, cost: Cost, frames: int) -> StepCost:
    times, is_view = max(1, cost.times), name in ("draw", "encode")
    cpu_ms = cost.cpu_s * 1000
    return StepCost(
        name, cost.times, cost.wall_s * 1000 / times, cpu_ms / times, None if is_view else cpu_ms / max(1, frames)
    )
