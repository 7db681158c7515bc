import inspect
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from pipeline.models.ultra import ultralytics
from pipeline.models.ways import PackageIndex, Release, WayFailed


class Handler(BaseHTTPRequestHandler):
    """A release server of our own: files by name, and two that misbehave."""

    archive: bytes
    ending: Event

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        if name == "silent.pt":
            self.ending.wait(30)
        elif name == "cut.pt":
            self.answer(200, self.archive[:10], length=len(self.archive))
        else:
            files = {"good.pt": self.archive, "page.pt": b"<html>log in first</html>"}
            self.answer(200 if name in files else 404, files.get(name, b""))

    def answer(self, status: int, body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def release(tmp_path: Path) -> Iterator[Release]:
    path = tmp_path / "good.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.pkl", "x" * 1000)
    Handler.archive, Handler.ending = path.read_bytes(), Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Release(f"http://127.0.0.1:{server.server_port}/v1", connect_s=1, silence_s=0.3)
    Handler.ending.set()
    server.shutdown()
    thread.join()
    server.server_close()


def nothing(done: int, total: int | None) -> None: ...


def test_a_release_is_saved_and_the_bar_is_told(release: Release, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    release.fetch("good.pt", tmp_path / "it.pt", lambda done, total: told.append((done, total)))
    assert (tmp_path / "it.pt").read_bytes() == Handler.archive
    assert told[-1] == (len(Handler.archive), len(Handler.archive))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("none.pt", "answered 404 Not Found", id="not there"),
        pytest.param("page.pt", "no PyTorch file", id="a login page instead"),
        pytest.param("silent.pt", "did not answer", id="connects but says nothing"),
        pytest.param("cut.pt", "did not answer", id="breaks off"),
    ],
)
def test_a_release_that_cannot_be_had_says_why(release: Release, tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(WayFailed, match=reason):
        release.fetch(name, tmp_path / "it.pt", nothing)


def test_a_refused_connection_is_a_failed_way(tmp_path: Path) -> None:
    with pytest.raises(WayFailed, match="did not answer"):
        Release("http://127.0.0.1:9", connect_s=1).fetch("good.pt", tmp_path / "it.pt", nothing)


def test_the_release_is_the_one_that_ultralytics_itself_downloads_from() -> None:
    ultralytics()
    from ultralytics.utils.downloads import attempt_download_asset

    tag = inspect.signature(attempt_download_asset).parameters["release"].default
    repository = inspect.signature(attempt_download_asset).parameters["repo"].default
    assert Release().url == f"https://github.com/{repository}/releases/download/{tag}"


def test_the_index_is_asked_only_for_what_it_is_known_to_have() -> None:
    assert PackageIndex().offers("yolov8n.pt")
    assert not PackageIndex().offers("yolo11n.pt")
