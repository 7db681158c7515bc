"""Decoding on a device that is not there; where one is, the same tests decode on it."""

import logging

import numpy as np
import pytest

from pipeline.analysis import hardware
from pipeline.analysis.decode import Decoder
from pipeline.analysis.hardware import PROCESSOR, Hardware, trouble_with
from pipeline.core.decoding import HwAccel
from pipeline.core.frame import Frame
from tests.analysis.pictures import INFO, noisy, packets


def without(device: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not trouble_with(device), reason=f"{device} is there")


@pytest.mark.parametrize("wanted", ["auto", "cuda", "qsv", "none"])
def test_every_picture_whatever_decodes(wanted: HwAccel) -> None:
    decoder = Decoder("yard", hwaccel=wanted)
    decoder.open(INFO)
    sent = packets(30)
    frames = [frame for packet in sent for frame in decoder.decode(packet)] + list(decoder.flush())
    assert [frame.pts_90k for frame in frames] == [packet.pts_90k for packet in sent]
    assert int(frames[10].gray()[90, 160]) - int(frames[0].gray()[90, 160]) == pytest.approx(9, abs=3)


@pytest.mark.parametrize(
    "device", [pytest.param("cuda", marks=without("cuda")), pytest.param("qsv", marks=without("qsv"))]
)
def test_a_device_that_is_not_there_is_told_once(device: HwAccel, caplog: pytest.LogCaptureFixture) -> None:
    decoder = Decoder("yard", hwaccel=device)
    for _ in range(3):
        decoder.open(INFO)
        assert len([frame for packet in packets(5) for frame in decoder.decode(packet)]) == 5
    (said,) = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert said.startswith(f"yard: decoding on {device} failed: ")
    assert decoder.description.startswith(f"software ({device} failed: ")
    assert not decoder.errors


@without("cuda")
@without("qsv")
def test_auto_says_nothing_where_there_is_no_device(caplog: pytest.LogCaptureFixture) -> None:
    decoder = Decoder("yard", hwaccel="auto")
    decoder.open(INFO)
    assert decoder.description == PROCESSOR
    assert not caplog.records


def test_what_fails_on_one_camera_says_nothing_of_another() -> None:
    yard, door = Hardware("yard", "cuda"), Hardware("door", "cuda")
    yard.give_up("no room")
    assert (yard.device, door.device) == (None, "cuda")
    assert yard.description == "software (cuda failed: no room)"


@pytest.mark.parametrize(
    ("wanted", "asked"), [({"auto"}, ["cuda"]), ({"none", "cuda"}, ["cuda"]), ({"none", "qsv"}, [])]
)
def test_cuda_is_claimed_before_a_model_has_it(
    wanted: set[HwAccel], asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def try_it(device: str) -> str:
        tried.append(device)
        return "not here"

    monkeypatch.setattr(hardware, "trouble_with", try_it)
    hardware.claim(wanted)
    assert tried == asked


@pytest.mark.skipif(bool(trouble_with("cuda")), reason="cuda is not there")
def test_a_decoder_and_a_model_share_the_device() -> None:
    import torch

    hardware.claim({"auto"})
    on_device = torch.ones(8, device="cuda").sum()
    decoder = Decoder("yard", hwaccel="cuda")
    decoder.open(INFO)
    assert len([frame for packet in packets(5) for frame in decoder.decode(packet)] + list(decoder.flush())) == 5
    assert decoder.description == "cuda"
    assert float(on_device) == 8


@pytest.mark.skipif(bool(trouble_with("cuda")), reason="cuda is not there")
def test_a_picture_on_the_device_is_the_one_the_processor_decodes() -> None:
    sent = noisy(3)
    shown = []
    for wanted in ("none", "cuda"):
        decoder = Decoder("yard", hwaccel=wanted)
        decoder.open(INFO)
        shown.append([frame for packet in sent for frame in decoder.decode(packet)] + list(decoder.flush()))
    for here, there in zip(*shown, strict=True):
        for made in (Frame.bgr, Frame.rgb, Frame.gray):
            for size in ((320, 180), (160, 90)):
                assert np.abs(made(here, *size).astype(int) - made(there, *size).astype(int)).mean() < 6
        assert np.abs(here.crop(32, 32, 96, 96).bgr().astype(int) - there.crop(32, 32, 96, 96).bgr()).mean() < 6
