"""A real TURN server (coturn) on loopback."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiortc import RTCIceServer

from tests.system.rtsp import free_port

USER, PASSWORD = "viewer", "open-sesame"
_LONGEST_START_S = 20


@contextmanager
def turn_server(folder: Path) -> Iterator[tuple[RTCIceServer, Path]]:
    """The server, and the file in which it writes what it does."""
    program = shutil.which("turnserver")
    if program is None:
        pytest.skip("no TURN server found; install it with: apt-get install coturn")
    port, log = free_port(), folder / "turn.log"
    command = [
        *(program, "-n", "--lt-cred-mech", "--fingerprint", f"--user={USER}:{PASSWORD}", "--realm=framewatch.test"),
        *("--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", f"--listening-port={port}", "--allow-loopback-peers"),
        *("--no-tls", "--no-dtls", "--no-cli", "--cli-password=none", "--verbose", "--simple-log"),
        *(f"--log-file={log}", f"--pidfile={folder / 'turn.pid'}", f"--userdb={folder / 'turn.db'}"),
    ]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_it_listens(process, log, port)
        yield RTCIceServer([f"turn:127.0.0.1:{port}?transport=udp"], USER, PASSWORD), log
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_it_listens(process: "subprocess.Popen[bytes]", log: Path, port: int) -> None:
    until = time.monotonic() + _LONGEST_START_S
    while not (log.exists() and f"127.0.0.1:{port}" in log.read_text()):
        assert process.poll() is None, f"it ended with {process.returncode}"
        assert time.monotonic() < until, "it does not listen"
        time.sleep(0.05)
