"""Sound of RTSP cameras stays with its pictures, whatever the camera tells of its clocks."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from pipeline.core.packet import Packet, SoundPacket, StreamInfo
from sources.rtsp import Rtsp
from tests.sources.decoding import decoded
from tests.sources.rtsp_camera import RtspCamera
from tests.system.flashes import brightness, flashes, rises, tones

PLAYED_S = 4.2
CAMERAS = {
    "without reports": {"reports_after_s": None},
    "pictures later, without reports": {"reports_after_s": None, "pictures_from_s": 1.0},
    "pictures later, with reports": {"reports_after_s": 1.5, "pictures_from_s": 1.0},
    "reports at once": {"reports_after_s": 0.0, "pictures_from_s": 1.0},
    "clocks that are an hour apart": {"reports_after_s": 1.5, "sound_clock_s": 3600.0},
}


@dataclass
class Played:
    info: StreamInfo
    packets: list[Packet]
    sound: list[SoundPacket]

    def last_flash_and_tone(self) -> tuple[float, float]:
        """Some seconds after it began."""
        assert self.info.sound
        assert len(self.packets) > 75
        pictures = decoded(self.info, self.packets)
        white = rises(((picture.pts or 0) / 90_000, brightness(picture)) for picture in pictures)
        return white[-1], tones(self.sound, self.info.sound)[-1]


def played(camera: RtspCamera) -> Played:
    heard, packets = list[SoundPacket](), list[Packet]()
    with camera:
        source = Rtsp(Rtsp.Options.model_validate({"path": camera.url}))
        source.listen(heard.append)
        info = source.open()
        until = time.monotonic() + PLAYED_S
        for packet in source.packets():
            packets.append(packet)
            if time.monotonic() > until:
                break
        source.close()
    return Played(info, packets, heard)


@pytest.fixture(scope="module")
def all_played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    """At the same time: it is that of the clip."""
    clip = flashes(tmp_path_factory.mktemp("clip") / "clip.mov", "pcm_alaw", rate=8000)
    cameras = [RtspCamera(clip, **given) for given in CAMERAS.values()]  # type: ignore[arg-type]
    with ThreadPoolExecutor(len(cameras)) as pool:
        return dict(zip(CAMERAS, pool.map(played, cameras), strict=True))


@pytest.mark.parametrize("name", CAMERAS)
def test_sound_is_with_its_pictures(all_played: dict[str, Played], name: str) -> None:
    flash, tone = all_played[name].last_flash_and_tone()
    assert tone == pytest.approx(flash, abs=0.06)
