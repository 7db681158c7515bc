from pathlib import Path

import pytest

from pipeline.core.errors import ModelError
from pipeline.models import signature
from pipeline.models.signature import Signature
from tests.models import networks


@pytest.mark.parametrize("installed", [{"openvino"}, {"onnxruntime"}])
def test_what_a_file_says_whoever_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: set[str]
) -> None:
    monkeypatch.setattr(signature, "find_spec", lambda name: name if name in installed else None)
    read = Signature.of(networks.mean_colour(tmp_path / "a.onnx", (32, 64), names={0: "red"}))
    assert read.inputs == {"pixels": (1, 3, 32, 64)}
    assert read.outputs == {"scores": (1, 3)}
    assert read.properties == {"names": "{0: 'red'}", "task": "classify"}
    assert str(read) == "scores 1x3"


@pytest.mark.parametrize("installed", [{"openvino"}, {"onnxruntime"}])
def test_what_is_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: set[str]) -> None:
    monkeypatch.setattr(signature, "find_spec", lambda name: name if name in installed else None)
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match="not an ONNX model that can be read"):
        Signature.of(tmp_path / "broken.onnx")
