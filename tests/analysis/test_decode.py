from collections.abc import Callable

import pytest
from msgspec.structs import replace

from pipeline.analysis.decode import Decoder
from pipeline.core.packet import Packet
from tests.analysis.pictures import INFO, START, noisy, packets


def test_every_picture_with_its_time() -> None:
    decoder = Decoder("yard")
    decoder.open(INFO)
    sent = packets(30)
    frames = [frame for packet in sent for frame in decoder.decode(packet)] + list(decoder.flush())
    assert [frame.pts_90k for frame in frames] == [packet.pts_90k for packet in sent]
    assert [frame.captured_at for frame in frames] == [packet.captured_at for packet in sent]
    assert frames[0].captured_at == START
    assert [frame.seq for frame in frames] == list(range(1, 31))
    assert int(frames[10].gray()[90, 160]) - int(frames[0].gray()[90, 160]) == pytest.approx(9, abs=3)


def test_frames_have_the_priority_of_their_camera() -> None:
    decoder = Decoder("yard", priority=2.5)
    decoder.open(INFO)
    frames = [frame for packet in packets(3) for frame in decoder.decode(packet)]
    assert [(frame.priority, frame.crop(0, 0, 10, 10).priority) for frame in frames] == [(2.5, 2.5)] * 3


def test_begins_at_a_key_frame() -> None:
    decoder = Decoder("yard")
    decoder.open(INFO)
    frames = [frame for packet in packets(60, gop=25)[10:] for frame in decoder.decode(packet)]
    assert frames[0].pts_90k == 25 * 3600


def test_waits_for_a_key_frame_after_damage() -> None:
    decoder = Decoder("yard")
    decoder.open(INFO)
    sent = packets(50, gop=25)
    broken = Packet(b"\x00\x00\x00\x01\x65" + b"\xff" * 50, sent[5].pts_90k, sent[5].dts_90k, False, START)
    frames = [frame for packet in [*sent[:5], broken, *sent[6:]] for frame in decoder.decode(packet)]
    assert decoder.decoded == len(frames)
    assert frames[-1].pts_90k == sent[-1].pts_90k


def test_nothing_before_it_is_open() -> None:
    assert not list(Decoder("yard").decode(packets(1)[0]))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _data: b"", id="nothing in it"),
        pytest.param(lambda data: data[: len(data) // 3], id="cut off"),
        pytest.param(lambda data: bytes(255 - byte for byte in data), id="noise"),
        pytest.param(lambda data: b"\x00\x00\x00\x01\x67" + data[5:], id="a parameter set that is none"),
    ],
)
def test_goes_on_after_any_damage(damage: Callable[[bytes], bytes]) -> None:
    decoder = Decoder("yard")
    decoder.open(INFO)
    sent = packets(75, gop=25)
    for at in (3, 25, 26, 30):
        sent[at] = replace(sent[at], data=damage(sent[at].data))
    frames = [frame for packet in sent for frame in decoder.decode(packet)]
    assert [frame.pts_90k for frame in frames][-25:] == [packet.pts_90k for packet in sent[50:]]
    assert all(frame.captured_at >= START for frame in frames)


def test_a_key_frame_alone() -> None:
    decoder = Decoder("yard")
    decoder.open(INFO)
    sent = packets(75, gop=25)
    for at in (0, 25, 50):
        frame = decoder.decode_alone(sent[at])
        assert frame is not None
        assert (frame.pts_90k, frame.captured_at) == (sent[at].pts_90k, sent[at].captured_at)
    assert decoder.decode_alone(sent[51]) is None
    assert not list(decoder.decode(sent[51])), "the next group begins at its key frame"
    assert [frame.pts_90k for packet in sent[50:] for frame in decoder.decode(packet)] == [
        packet.pts_90k for packet in sent[50:]
    ]


def test_rough_pictures_begin_and_end_at_a_key_frame() -> None:
    """Whatever comes before a key frame was decoded as the others that it builds on."""
    sent, exact, decoder = noisy(100, gop=25), Decoder("yard"), Decoder("yard")
    exact.open(INFO)
    decoder.open(INFO)
    differs = []
    for at, packet in enumerate(sent):
        decoder.rough = 10 <= at < 60
        (fine,), (maybe_rough,) = exact.decode(packet), decoder.decode(packet)
        assert fine.pts_90k == maybe_rough.pts_90k
        differs.append(bool((fine.gray() != maybe_rough.gray()).any()))
    assert differs == [25 <= at < 75 for at in range(100)]
