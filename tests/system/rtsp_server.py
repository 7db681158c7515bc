"""Serves MP4 files as RTSP cameras that never end; run by the system's own Python, which has GStreamer.

    /usr/bin/python3 rtsp_server.py --port 8554 [--user USER --password PASSWORD] [--delay lobby=0.6] lobby=clip.mp4 …
    /usr/bin/python3 rtsp_server.py --port 8554 --record lobby=received.h264

Prints `ready` once the port is open, and `began MOUNT TIME` (UTC seconds) when a mount begins to play. Each file is
read into memory and sent in a loop, with timestamps that go on.
A mount's sound is sent, too, where its file has any (AAC or G.711); rounds of sound are as long as those of pictures.
Where a delay is given all mounts show the same moment, and those of the delays are so many seconds late on their way,
as streams of one camera are; sender reports say when a picture was taken.
What is published to a mount of `--record` is appended to its file, as Annex B.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

_CODECS = {"video/x-h264": "h264", "video/x-h265": "h265"}
_SOUNDS = {"audio/mpeg": "rtpmp4gpay", "audio/x-alaw": "rtppcmapay", "audio/x-mulaw": "rtppcmupay"}


class Clip:
    """The access units of one file as (bytes, dts, pts − dts) in ns; `length_ns` is until the next round begins."""

    def __init__(self, path: str) -> None:
        samples = _read(path)
        self.sound = [(sample.get_buffer(), sample.get_caps()) for sample in _read_sound(path)]
        self.caps = samples[0].get_caps()
        self.codec = _CODECS[self.caps.get_structure(0).get_name()]
        buffers = [sample.get_buffer() for sample in samples]
        step = min(buffer.duration for buffer in buffers)
        delays = [buffer.pts - step * index for index, buffer in enumerate(buffers)]
        # Some demuxers leave out the first decoding times, so they are counted anew: the clips have a constant rate.
        self.units = [
            (buffer.extract_dup(0, buffer.get_size()), step * index, delay - min(delays))
            for index, (buffer, delay) in enumerate(zip(buffers, delays, strict=True))
        ]
        self.length_ns = step * len(buffers)


def _read(path: str) -> list[Any]:
    """Every sample of the file's first video stream, as Annex B access units."""
    pipeline = Gst.parse_launch(f'filesrc location="{path}" ! qtdemux name=demux appsink name=out sync=false')
    sink = pipeline.get_by_name("out")

    def parse(_demux: Any, pad: Any) -> None:
        codec = _CODECS.get(pad.get_current_caps().get_structure(0).get_name())
        if codec is None or sink.get_static_pad("sink").is_linked():
            return
        parser = Gst.ElementFactory.make(f"{codec}parse")
        parser.set_property("config-interval", -1)
        sink.set_property("caps", Gst.Caps.from_string(f"video/x-{codec},stream-format=byte-stream,alignment=au"))
        pipeline.add(parser)
        pad.link(parser.get_static_pad("sink"))
        parser.link(sink)
        parser.sync_state_with_parent()

    pipeline.get_by_name("demux").connect("pad-added", parse)
    pipeline.set_state(Gst.State.PLAYING)
    samples = list(iter(lambda: sink.emit("try-pull-sample", 5 * Gst.SECOND), None))
    pipeline.set_state(Gst.State.NULL)
    if not samples:
        raise SystemExit(f"{path}: no H.264 or H.265 video")
    return samples


def _read_sound(path: str) -> list[Any]:
    """Every sample of the file's first sound; none where it has none, or another."""
    with open(path, "rb") as file:
        if b"soun" not in file.read():
            return []
    pipeline = Gst.parse_launch(f'filesrc location="{path}" ! qtdemux name=demux appsink name=out sync=false')
    sink = pipeline.get_by_name("out")

    def take(_demux: Any, pad: Any) -> None:
        is_known = pad.get_current_caps().get_structure(0).get_name() in _SOUNDS
        if is_known and not sink.get_static_pad("sink").is_linked():
            pad.link(sink.get_static_pad("sink"))

    pipeline.get_by_name("demux").connect("pad-added", take)
    pipeline.set_state(Gst.State.PLAYING)
    samples = list(iter(lambda: sink.emit("try-pull-sample", 5 * Gst.SECOND), None))
    pipeline.set_state(Gst.State.NULL)
    return samples


class LoopingFactory(GstRtspServer.RTSPMediaFactory):  # type: ignore[misc]
    """Makes one pipeline for all clients of a mount, fed from the clip round after round."""

    def __init__(self, mount: str, clip: Clip, protocols: Any, delay_s: float | None) -> None:
        super().__init__()
        self.mount = mount
        self.clip = clip
        self.delay_s = delay_s
        if delay_s is not None:
            self.connect("media-configure", _report_capture_times)
        self.set_shared(True)
        self.set_protocols(protocols)

    def do_create_element(self, _url: Any) -> Any:
        codec = self.clip.codec
        source, way = "appsrc name=src format=time max-buffers=2", f"{codec}parse"
        if self.delay_s is not None:
            source += " is-live=true"
            late = f"min-threshold-time={round(self.delay_s * Gst.SECOND)} max-size-time=0 max-size-buffers=0"
            way = f"identity sync=true ! {way} ! queue max-size-bytes=0 {late}"
        heard = ""
        if self.clip.sound:
            payloader = _SOUNDS[self.clip.sound[0][1].get_structure(0).get_name()]
            heard = f"appsrc name=sound format=time max-buffers=2 ! {payloader} name=pay1"
        pipeline = Gst.parse_launch(f"( {source} ! {way} ! rtp{codec}pay name=pay0 config-interval=1 {heard} )")
        if heard:
            self._feed_sound(pipeline.get_by_name("sound"))
        source = pipeline.get_by_name("src")
        source.set_property("caps", self.clip.caps)
        rounds = self._rounds(source)
        source.connect("need-data", lambda src, _length: src.emit("push-buffer", next(rounds)))
        return pipeline

    def _feed_sound(self, source: Any) -> None:
        source.set_property("caps", self.clip.sound[0][1])
        rounds = self._rounds_of_sound()
        source.connect("need-data", lambda src, _length: src.emit("push-buffer", next(rounds)))

    def _rounds_of_sound(self) -> Iterator[Any]:
        begin_ns = 0
        while True:
            for unit, _ in self.clip.sound:
                if unit.pts < self.clip.length_ns:
                    sent = Gst.Buffer.new_wrapped(unit.extract_dup(0, unit.get_size()))
                    sent.pts, sent.duration = begin_ns + unit.pts, unit.duration
                    yield sent
            begin_ns += self.clip.length_ns

    def _rounds(self, source: Any) -> Iterator[Any]:
        begin_ns = 0
        print(f"began {self.mount} {time.time()}", flush=True)
        if self.delay_s is not None:  # the clip began when the machine did, for every mount
            now, length = source.get_clock().get_time(), self.clip.length_ns
            begin_ns = now // length * length - source.get_base_time()
        while True:
            for data, dts, delay in self.clip.units:
                if begin_ns + dts < 0:
                    continue
                unit = Gst.Buffer.new_wrapped(data)
                unit.dts = begin_ns + dts
                unit.pts = unit.dts + delay
                yield unit
            begin_ns += self.clip.length_ns


def _report_capture_times(_factory: Any, media: Any) -> None:
    """As cameras do; GStreamer would report when a picture is sent."""

    def added(_pipeline: Any, element: Any) -> None:
        if element.get_factory().get_name() == "rtpbin":
            element.set_property("rtcp-sync-send-time", False)

    media.get_element().get_parent().connect("element-added", added)


def _recorder(path: str) -> Any:
    """Takes what one client publishes at a time."""
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_transport_mode(GstRtspServer.RTSPTransportMode.RECORD)
    units = "video/x-h264,stream-format=byte-stream,alignment=au"
    factory.set_launch(
        f"( rtph264depay name=depay0 ! h264parse config-interval=-1 ! {units} ! "
        f'filesink location="{path}" append=true buffer-mode=unbuffered sync=false async=false )'
    )
    factory.set_latency(0)
    return factory


def _require_password(server: Any, factory: Any, user: str, password: str) -> None:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", required=True)
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--protocols", choices=["tcp", "udp", "both"], default="both")
    parser.add_argument("--delay", action="append", default=[], metavar="MOUNT=SECONDS")
    parser.add_argument("--record", action="append", default=[], metavar="MOUNT=FILE")
    parser.add_argument("mounts", nargs="*", metavar="MOUNT=FILE")
    arguments = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(arguments.port)
    tcp, udp = GstRtsp.RTSPLowerTrans.TCP, GstRtsp.RTSPLowerTrans.UDP
    protocols = {"tcp": tcp, "udp": udp, "both": tcp | udp}[arguments.protocols]
    delays = {name: float(seconds) for name, _, seconds in (one.partition("=") for one in arguments.delay)}
    paths = {mount.partition("=")[2] for mount in arguments.mounts}
    clips = {path: Clip(path) for path in paths}  # many cameras may show the same
    factories: dict[str, Any] = {}
    for mount in arguments.mounts:
        name, _, path = mount.partition("=")
        factories[name] = LoopingFactory(name, clips[path], protocols, delays.get(name, 0.0) if delays else None)
    for mount in arguments.record:
        name, _, path = mount.partition("=")
        factories[name] = _recorder(path)
    for name, factory in factories.items():
        if arguments.user:
            _require_password(server, factory, arguments.user, arguments.password)
        server.get_mount_points().add_factory(f"/{name}", factory)
    if not server.attach(None):
        sys.exit(f"port {arguments.port} is in use")
    print("ready", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
