"""A small real HTTP server that behaves as cameras and file servers do."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

import av
import numpy as np

JPEGS_A_SECOND = 10


class Camera(BaseHTTPRequestHandler):
    """/mjpeg, /status/<code>, /page, /silence, and every clip by its name."""

    clips: Mapping[str, Path]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        what, _, rest = self.path.removeprefix("/").partition("/")
        answers = {"mjpeg": self._mjpeg, "page": self._page, "silence": self._silence}
        try:
            if what == "status":
                self.send_error(int(rest))
            elif what in answers:
                answers[what]()
            else:
                self._clip(unquote(what))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _silence(self) -> None:
        time.sleep(4)

    def _page(self) -> None:
        self._send("text/html", b"<html><body>a camera's start page</body></html>" * 200)

    def _clip(self, name: str) -> None:
        clip = self.clips.get(name)
        if clip is None:
            self.send_error(404)
        else:
            self._send("video/mp4", clip.read_bytes(), length_known=clip.suffix == ".mp4")

    def _mjpeg(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for index in range(20):
            jpeg = _jpeg(shade=60 + index * 5)
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            self.wfile.write(head.encode() + jpeg + b"\r\n")
            time.sleep(1 / JPEGS_A_SECOND)

    def _send(self, kind: str, body: bytes, *, length_known: bool = True) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        if length_known:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def http_camera(clips: Mapping[str, Path]) -> Iterator[str]:
    """Serves at the address it gives until the block ends."""
    handler = type("CameraWithClips", (Camera,), {"clips": clips})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _jpeg(shade: int) -> bytes:
    image = np.full((120, 160, 3), shade, np.uint8)
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = 160, 120
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = Fraction(1, JPEGS_A_SECOND)
    picture = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuvj420p")
    return b"".join(bytes(packet) for packet in [*encoder.encode(picture), *encoder.encode(None)])
