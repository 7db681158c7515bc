"""Many quiet cameras and a busy one: what a quiet camera costs, what is missed on it, what the busy one loses.

    python -m benchmarks.quiet --json quiet.json             # analysed on second streams, 640x360 at 10 fps
    python -m benchmarks.quiet --keyframes                   # 720p25 alone, `decode: keyframes`

The cameras are real RTSP streams of still scenes with sensor noise; through some of them people walk at known times.
The RTSP server runs on the same machine: what it costs is printed and is in no other figure.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks import contest
from benchmarks.held import most_held
from benchmarks.ours import Ours, framewatch
from benchmarks.report import Figures, show
from benchmarks.walkers import FIRST, GOP_S, LENGTH_S, SECOND, Form, Walk, clip
from pipeline.app.process import offline
from pipeline.models import weights as known_weights
from tests.system.rtsp import RtspServer, missing

_FPS = 5.0
_KEPT, _EACH = 0.95, 0.015
"""The bars: of the busy camera's rate, and of a core for each quiet one."""
_BUSY = [Walk(begins, 7.5, person) for person, begins in enumerate(range(0, LENGTH_S, 8))]
_WALKED = [[Walk(6.3, 5), Walk(20.8, 8, 1), Walk(34.5, 3)], [Walk(4.7, 2.5, 1), Walk(15.1, 6), Walk(28.2, 9, 1)]]
_LATE_S = 1.5
"""How far an event may begin outside of its walk: the server says when it begins to play to about a second."""
_SETTLE_S = 30.0
"""The backgrounds are learnt, the rates are steady."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the cameras are: the busy one first, then quiet ones; `walked` of those have walks when asked for."""

    cameras: int
    walked: int
    keyframes: bool
    first_streams: bool

    @property
    def form(self) -> Form:
        """Of what is analysed."""
        return FIRST if self.keyframes else SECOND

    def walks(self, camera: int) -> list[Walk]:
        return _BUSY if camera == 0 else _WALKED[camera % len(_WALKED)] if camera <= self.walked else []

    def files(self) -> dict[str, Path]:
        """`still1` and `walked1` are the same camera without and with its walks; `first…` are the large pictures."""
        mounts: dict[str, Path] = {}
        for camera in range(self.cameras):
            for kind, walks in (("still", self.walks(camera) if camera == 0 else []), ("walked", self.walks(camera))):
                mounts[f"{kind}{camera}"] = clip(walks, self.form)
                if self.first_streams and not self.keyframes:
                    mounts[f"first-{kind}{camera}"] = clip(walks, FIRST)
        return mounts

    def configuration(self, server: RtspServer, kind: str, cameras: int) -> str:
        head = f"detect: {{fps: {_FPS:g}}}\nobjects: {{track: [person]}}\n"
        head += "decode: keyframes\n" if self.keyframes else ""
        return head + "cameras:\n" + "".join(self._camera(server, kind, camera) for camera in range(cameras))

    def _camera(self, server: RtspServer, kind: str, camera: int) -> str:
        detect = f'{{path: "{server.url(f"{kind}{camera}")}"'
        if self.first_streams and not self.keyframes:
            first = f'{{path: "{server.url(f"first-{kind}{camera}")}", roles: [record, live]}}'
            return f"  camera{camera}:\n    inputs:\n      - {detect}, roles: [detect]}}\n      - {first}\n"
        return f"  camera{camera}:\n    inputs: [{detect}}}]\n"


def main(
    cameras: Annotated[int, typer.Option(min=2)] = 50,
    walked: Annotated[int, typer.Option(help="Through how many of the quiet ones people walk.")] = 6,
    keyframes: Annotated[bool, typer.Option(help="720p25 with decode: keyframes, without second streams.")] = False,
    first_streams: Annotated[bool, typer.Option(help="Receive the large pictures as well, for live view.")] = True,
    seconds: Annotated[float, typer.Option(min=1, help="How long rates and costs are measured.")] = 40,
    rounds: Annotated[int, typer.Option(min=1, help="How often each walk is shown.")] = 2,
    held: Annotated[int, typer.Option(help="Try ultralytics with up to so many cameras; 0: not at all.")] = 16,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write the figures here as well.")] = None,
) -> None:
    """Measure quiet cameras beside a busy one."""
    if lacking := missing():
        typer.echo(lacking)
        return
    scene = Scene(cameras, min(walked, cameras - 1), keyframes, first_streams)
    with tempfile.TemporaryDirectory() as name, RtspServer(scene.files()) as server:
        folder = Path(name)
        told: dict[str, float | str | None] = {}
        told |= costs(folder, server, scene, seconds)
        told |= recall(folder, server, scene, rounds)
        if held:
            told |= peers(folder, server, scene, held)
    kind = "720p25, decode: keyframes" if keyframes else "second streams of 640x360 at 10 fps"
    show(f"{cameras} cameras, one busy: {kind}; detect.fps {_FPS:g}", told, json_path)


def costs(folder: Path, server: RtspServer, scene: Scene, seconds: float) -> Figures:
    """The busy camera alone, then among the quiet ones, through which nobody walks."""
    alone, _ = _busy(folder, server, scene, 1, seconds)
    among, server_cores = _busy(folder, server, scene, scene.cameras, seconds)
    each = (among.cores - alone.cores) / (scene.cameras - 1)
    kept = among.per_second / alone.per_second
    return {
        "busy camera, images a second alone": alone.per_second,
        "busy camera, images a second among all": among.per_second,
        "busy camera keeps, % (bar 95)": 100 * kept,
        "cores used, busy camera alone": f"{alone.cores:.3f}",
        "cores used, all cameras": f"{among.cores:.3f}",
        "a quiet camera, % of a core (bar 1.5)": f"{100 * each:.2f}",
        "RTSP server, cores (in no other figure)": f"{server_cores:.2f}",
        "bars": "met" if kept >= _KEPT and each <= _EACH else "missed",
    }


class _BusyCamera:
    """Framewatch as the busy camera sees it."""

    def __init__(self, ours: Ours) -> None:
        self._ours = ours

    def frames(self) -> float:
        return self._ours.frames(camera="camera0")

    def pids(self) -> Sequence[int]:
        return self._ours.pids()


def _busy(folder: Path, server: RtspServer, scene: Scene, cameras: int, seconds: float) -> tuple[contest.Score, float]:
    """And the processor time that the RTSP server takes meanwhile, in cores."""
    assert server.pid is not None
    with framewatch(folder, scene.configuration(server, "still", cameras), cameras) as ours:
        time.sleep(_SETTLE_S)
        used_s = contest.cpu_seconds([server.pid])
        score = contest.score(_BusyCamera(ours), seconds)
        return score, (contest.cpu_seconds([server.pid]) - used_s) / seconds


def recall(folder: Path, server: RtspServer, scene: Scene, rounds: int) -> Figures:
    """Every walk against what is found when every frame is looked at."""
    config = scene.configuration(server, "walked", scene.cameras)
    with framewatch(folder, config, scene.cameras) as ours:
        time.sleep(_SETTLE_S)
        shown = {camera: _times(server.began[f"walked{camera}"], rounds) for camera in range(1, scene.walked + 1)}
        over = max(times[-1] for times in shown.values()) + LENGTH_S + GOP_S + 2 * _LATE_S
        time.sleep(max(0.0, over - time.time()))
        found = {camera: _events(ours, camera, times[0]) for camera, times in shown.items()}
    wanted = expected(folder, scene)
    least_s = 2 * GOP_S if scene.keyframes else 0.0
    asked = [
        (walk.lasts_s, any(_fits(event, begins + walk.begins_s, walk.lasts_s) for event in found[camera]))
        for camera, times in shown.items()
        for walk in wanted[camera]
        for begins in times
    ]
    counted = [was_found for lasts_s, was_found in asked if lasts_s >= least_s]
    short = [was_found for lasts_s, was_found in asked if lasts_s < least_s]
    matched = [
        any(_fits(event, begins + walk.begins_s, walk.lasts_s) for begins in shown[camera] for walk in wanted[camera])
        for camera, events in found.items()
        for event in events
        if event["started_at"] < shown[camera][-1] + LENGTH_S
    ]
    return {
        "walks shown": f"{len(counted)}" + (f" of two GOPs or more, {len(short)} shorter" if short else ""),
        "walks found": f"{sum(counted)}" + (f", {sum(short)} of the shorter" if short else ""),
        "recall against every frame (bar 1.0)": f"{sum(counted) / len(counted):.3f}" if counted else "nothing to find",
        "events where nobody walks": float(len(matched) - sum(matched)),
    }


def _times(began: float, rounds: int) -> list[float]:
    """When the next whole rounds of a mount begin that has played since `began`."""
    first = began + (int((time.time() - began) // LENGTH_S) + 1) * LENGTH_S
    return [first + number * LENGTH_S for number in range(rounds)]


def _events(ours: Ours, camera: int, after: float) -> list[dict[str, Any]]:
    query: dict[str, str | int | float] = {"camera": f"camera{camera}", "type": "object", "limit": 500}
    answer = ours.system.api.get("/api/v1/events", params={**query, "after": after - _LATE_S})
    answer.raise_for_status()
    events: list[dict[str, Any]] = answer.json()["events"]
    return events


def _fits(event: Mapping[str, Any], begins: float, lasts_s: float) -> bool:
    return bool(begins - _LATE_S <= event["started_at"] <= begins + lasts_s + _LATE_S)


def expected(folder: Path, scene: Scene) -> dict[int, list[Walk]]:
    """The walks of each camera that are found when every frame goes through the network."""
    config = folder / "every-frame.yaml"
    config.write_text(
        "pipeline: [detect, track, rules]\nobjects: {track: [person]}\n"
        f"detect: {{fps: {_FPS:g}}}\ncameras: {{clip: {{inputs: [{{path: demo}}]}}}}\n"
    )
    known: dict[Path, list[float]] = {}
    wanted: dict[int, list[Walk]] = {}
    for camera in range(1, scene.walked + 1):
        path = clip(scene.walks(camera), scene.form)
        if path not in known:
            known[path] = [
                result.frame.pts_90k / 90_000
                for result in offline(path, config, "clip")
                if any(thing.confirmed and thing.measured for thing in result.objects)
            ]
        wanted[camera] = [
            walk
            for walk in scene.walks(camera)
            if any(walk.begins_s <= seen <= walk.begins_s + walk.lasts_s for seen in known[path])
        ]
    return wanted


def peers(folder: Path, server: RtspServer, scene: Scene, most: int) -> Figures:
    """How many of these cameras ultralytics keeps at the rate that was asked for."""
    urls = [server.url(f"still{camera}") for camera in range(min(most, scene.cameras))]
    count, rate = most_held(
        folder, urls, known_weights.resolve(known_weights.DEFAULT), fps=_FPS, vid_stride=round(scene.form.fps / _FPS)
    )
    most_said = f"{count}" if count < len(urls) else f"{count} or more"
    return {f"ultralytics track holds, cameras at {_FPS:g} fps": f"{most_said} ({rate:.1f} images a second)"}


if __name__ == "__main__":
    typer.run(main)
