import pytest

from pipeline.models.progress import progress_bar


def test_a_file_that_is_no_terminal_is_spared_the_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("yolov8n.pt from somewhere") as report:
        report(1, None)
        report(5, 10)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_sees_how_far_it_is(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with progress_bar("yolov8n.pt from somewhere") as report:
        report(5_000_000, 10_000_000)
    said = capsys.readouterr().err
    assert "yolov8n.pt from somewhere" in said
    assert "5.0/10.0 MB" in said
