"""A real RTSP server (GStreamer's) as a process that tests start, freeze and kill."""

import os
import select
import signal
import socket
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import IO, Literal, Self

_PYTHON = "/usr/bin/python3"
_SCRIPT = Path(__file__).with_name("rtsp_server.py")
_CHECK = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
_PACKAGES = (
    "gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad"
)


def free_port() -> int:
    """A TCP port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def missing() -> str:
    """Why no server can be started here; empty when it can."""
    try:
        found = subprocess.run([_PYTHON, "-c", _CHECK], capture_output=True, timeout=30).returncode == 0
    except OSError:
        found = False
    return "" if found else f"GStreamer's RTSP server is missing: apt-get install {_PACKAGES}"


class RtspServer:
    """Serves each file of `files` (mount → MP4) without end; the port stays the same over stop and start.

    What is published to a mount of `records` is appended to its file, as Annex B.
    """

    def __init__(
        self,
        files: Mapping[str, Path],
        *,
        port: int | None = None,
        credentials: tuple[str, str] | None = None,
        protocols: Literal["tcp", "udp", "both"] = "both",
        delays: Mapping[str, float] | None = None,
        records: Mapping[str, Path] | None = None,
    ) -> None:
        """`delays` by mount, in seconds: with any, all mounts show the same moment and those are late on their way."""
        self.files = dict(files)
        self.port = port or free_port()
        self.credentials = credentials
        self.protocols = protocols
        self.began: dict[str, float] = {}
        """When each mount last began to play its file from the start; UTC seconds."""
        self.delays = dict(delays or {})
        self.records = dict(records or {})
        self._process: subprocess.Popen[str] | None = None
        self._listener: Thread | None = None

    def url(self, mount: str, *, credentials: tuple[str, str] | None = None) -> str:
        """The mount's address, with the server's own credentials unless others are given."""
        user_password = credentials or self.credentials
        door = f"{':'.join(user_password)}@" if user_password else ""
        return f"rtsp://{door}127.0.0.1:{self.port}/{mount}"

    def start(self, *, timeout_s: float = 30) -> Self:
        """Returns once the port answers."""
        command = [_PYTHON, str(_SCRIPT), "--port", str(self.port), "--protocols", self.protocols]
        if self.credentials:
            command += ["--user", self.credentials[0], "--password", self.credentials[1]]
        command += [part for mount, late_s in self.delays.items() for part in ("--delay", f"{mount}={late_s}")]
        command += [part for mount, path in self.records.items() for part in ("--record", f"{mount}={path}")]
        command += [f"{mount}={path}" for mount, path in self.files.items()]
        # The system's Python must not see the packages of the environment that the tests run in.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        self._wait_until_ready(self._process, timeout_s)
        return self

    def _wait_until_ready(self, process: subprocess.Popen[str], timeout_s: float) -> None:
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], timeout_s)
        if not readable or process.stdout.readline().strip() != "ready":
            self.stop()
            raise RuntimeError("the RTSP server did not start; what it wrote says why")
        socket.create_connection(("127.0.0.1", self.port), timeout_s).close()
        self._listener = Thread(target=self._listen, args=(process.stdout,), daemon=True)
        self._listener.start()

    def _listen(self, lines: IO[str]) -> None:
        for line in lines:
            _, mount, at = line.split()
            self.began[mount] = float(at)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """Kills it, as a camera loses its power; idempotent."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            if self._listener is not None:
                self._listener.join()
            if process.stdout is not None:
                process.stdout.close()

    def freeze(self) -> None:
        """Stops sending without closing a connection, as a cable that is pulled."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
