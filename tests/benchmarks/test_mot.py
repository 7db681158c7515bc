"""The tracking benchmark: any MOT folder in, honest figures out."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer import Typer
from typer.testing import CliRunner

from benchmarks.mot import main
from benchmarks.tracking.contestants import TRACKERS, Look, framewatch, theirs
from benchmarks.tracking.crowd import SCENES, crowd
from benchmarks.tracking.scores import scores
from benchmarks.tracking.sequence import Sequence, SequenceError, read, sequences, write

GT9 = "1,1,10,20,30,60,1,1,1\n2,1,12,20,30,60,1,1,0.5\n2,2,300,20,30,60,0,8,1\n"
GT10 = "1,1,10,20,30,60,1,-1,-1,-1\n2,1,12,20,30,60,1,-1,-1,-1\n"
GT6 = "1 1 10 20 30 60\n2 1 12 20 30 60\n"
DET = "1,-1,10,20,30,60,0.9\n2,-1,12,20,30,60,0.4\n"


def folder(place: Path, *, det: str = DET, gt: str = GT9, nested: bool = False, ini: str = "") -> Path:
    for name, text in (("det", det), ("gt", gt)):
        inside = place / name if nested else place
        inside.mkdir(parents=True, exist_ok=True)
        (inside / f"{name}.txt").write_text(text)
    if ini:
        (place / "seqinfo.ini").write_text(f"[Sequence]\n{ini}")
    return place


@pytest.mark.parametrize("nested", [False, True], ids=["det.txt", "det/det.txt"])
@pytest.mark.parametrize(("gt", "classed"), [(GT9, True), (GT10, False), (GT6, False)], ids=["MOT17", "MOT15", "bare"])
def test_a_sequence_is_read(tmp_path: Path, gt: str, classed: bool, nested: bool) -> None:
    sequence = read(folder(tmp_path / "one", gt=gt, nested=nested))
    assert (sequence.name, sequence.fps, sequence.length, sequence.classed) == ("one", 30, 2, classed)
    assert sequence.found[0].tolist() == pytest.approx([1, 10, 20, 40, 80, 0.9])
    assert sequence.truth[0].tolist() == [1, 1, 10, 20, 30, 60, 1, 1, 1]


def test_seqinfo_says_rate_length_and_size_and_the_option_goes_before_it(tmp_path: Path) -> None:
    place = folder(tmp_path / "a", ini="frameRate=14\nseqLength=600\nimWidth=640\nimHeight=480\n")
    sequence = read(place)
    assert (sequence.fps, sequence.length, sequence.resolution_wh) == (14, 600, (640, 480))
    assert read(place, fps=25).fps == 25


def test_without_seqinfo_the_picture_is_as_large_as_the_boxes_reach(tmp_path: Path) -> None:
    assert read(folder(tmp_path / "a")).resolution_wh == (330, 80)


@pytest.mark.parametrize(
    ("scores_given", "wanted"),
    [
        pytest.param([0.0, 0.5, 1.0], [0.0, 0.5, 1.0], id="scores stay"),
        pytest.param([-1.0, 0.0, 1.0], [0.1, 0.55, 1.0], id="margins (DPM)"),
        pytest.param([10.0, 60.0, 110.0], [0.1, 0.55, 1.0], id="sums (ACF)"),
        pytest.param([-1.0, -1.0, -1.0], [1.0, 1.0, 1.0], id="none at all"),
    ],
)
def test_scores_of_other_detectors_become_shares(
    tmp_path: Path, scores_given: list[float], wanted: list[float]
) -> None:
    det = "".join(f"1,-1,{10 * n},20,30,60,{score}\n" for n, score in enumerate(scores_given))
    sequence = read(folder(tmp_path / "a", det=det))
    assert sequence.found[:, 5].tolist() == pytest.approx(wanted)
    assert sequence.rescaled == (wanted != scores_given)


@pytest.mark.parametrize("depth", ["", "train", "MOT17/train"])
def test_sequences_are_found_in_the_folder_and_under_it(tmp_path: Path, depth: str) -> None:
    folder(tmp_path / depth / "b" if depth else tmp_path)
    assert len(sequences(tmp_path / depth.split("/")[0])) == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param({"det": "1,-1,a,b,c,d,e\n"}, "det.txt: wanted rows of numbers", id="no numbers"),
        pytest.param({"det": "1,-1,1,2,3,4\n"}, "det.txt: wanted 7 columns", id="no score"),
        pytest.param({"gt": "0,1,1,2,3,4\n"}, "frames counted from 1", id="counted from 0"),
        pytest.param({"gt": "\n"}, "gt.txt: empty", id="empty"),
        pytest.param({"ini": "frameRate=fast\n"}, "seqinfo.ini: could not convert", id="a rate that is none"),
    ],
)
def test_a_broken_sequence_says_what_is_wrong(tmp_path: Path, given: dict[str, str], message: str) -> None:
    with pytest.raises(SequenceError, match=message):
        read(folder(tmp_path / "a", **given))  # type: ignore[arg-type]


def run(*arguments: str) -> tuple[int, str]:
    app = Typer()
    app.command()(main)
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "either a folder or --synthetic", id="nothing"),
        pytest.param(["nowhere"], "nowhere: not a folder", id="no folder"),
        pytest.param(["."], "no sequence in it", id="no sequence"),
        pytest.param(["--synthetic", "1", "--every", "0"], "--every: wanted numbers", id="no step"),
        pytest.param(["--synthetic", "1", "--tracker", "sort"], "--tracker: wanted bytetrack", id="no tracker"),
    ],
)
def test_what_cannot_be_compared_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(SCENES, "few", replace(SCENES["few"], seconds=0.5))
    for name in set(SCENES) - {"few"}:
        monkeypatch.delitem(SCENES, name)
    code, told = run(*arguments)
    assert code == 2
    assert message in told
    assert len(told.splitlines()) <= 2


def test_an_unknown_class_in_the_truth_is_no_traceback(tmp_path: Path) -> None:
    code, told = run(str(folder(tmp_path / "a", gt="1,1,10,20,30,60,1,77,1\n")), "--every", "1", "--drop", "0")
    assert (code, "77" in told) == (2, True)


@pytest.fixture(scope="module")
def street() -> Sequence:
    return crowd(replace(SCENES["few"], seconds=12), name="few", seed=3)


def test_a_made_up_crowd_is_the_same_again_and_survives_its_file(street: Sequence, tmp_path: Path) -> None:
    again = crowd(replace(SCENES["few"], seconds=12), name="few", seed=3)
    assert np.array_equal(street.found, again.found)
    write(street, tmp_path)
    (from_file,) = sequences(tmp_path)
    assert from_file.found == pytest.approx(street.found, rel=1e-4, abs=1e-3)
    assert (from_file.length, from_file.fps, from_file.classed) == (street.length, street.fps, True)


def test_the_truth_itself_scores_full_marks(street: Sequence) -> None:
    look, truth = Look(every=3), street.truth
    shown = [
        np.column_stack([rows[:, 1:4], rows[:, 2:4] + rows[:, 4:6], np.ones(len(rows))])
        for rows in (truth[truth[:, 0] == frame] for frame in look.frames(street.length))
    ]
    told = scores([(street, shown)], look)
    assert (told["HOTA"], told["IDF1"], told["MOTA"], told["switches"]) == pytest.approx((100, 100, 100, 0))


@pytest.fixture(scope="module")
def streets() -> list[Sequence]:
    """What is good to see, and what is not."""
    return [
        crowd(replace(SCENES[scene], seconds=8), name=f"{scene}-{seed}", seed=seed)
        for scene in ("few", "poor")
        for seed in (1, 3)
    ]


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize("look", [Look(1), Look(2), Look(3, dropped=0.3), Look(6)], ids=str)
def test_ours_is_no_worse(streets: list[Sequence], look: Look, tracker: str) -> None:
    ours = scores([(each, framewatch(tracker, each, look)) for each in streets], look)
    peer = scores([(each, theirs(tracker, each, look)) for each in streets], look)
    for metric in ("HOTA", "IDF1", "MOTA"):
        assert ours[metric] >= peer[metric], metric


def test_both_run_side_by_side_on_a_folder(street: Sequence, tmp_path: Path) -> None:
    write(street, tmp_path)
    out = tmp_path / "figures.json"
    code, _ = run(str(tmp_path), "--tracker", "bytetrack", "--every", "6", "--drop", "0.2", "--json", str(out))
    rows = json.loads(out.read_text())["results"]
    assert code == 0
    assert [(row["look"], row["by"]) for row in rows] == [
        ("every 6th frame", "ultralytics"),
        ("every 6th frame", "framewatch"),
        ("every 6th frame", "framewatch, 5 s unseen"),
        ("every 6th frame, 20% lost", "ultralytics"),
        ("every 6th frame, 20% lost", "framewatch"),
        ("every 6th frame, 20% lost", "framewatch, 5 s unseen"),
    ]
    assert all(0 < row["HOTA"] <= 100 for row in rows)


def test_frames_without_detections_are_looked_at_too(tmp_path: Path) -> None:
    place = folder(tmp_path / "a", ini="seqLength=9\n")
    sequence = read(place)
    assert [len(rows) for rows in theirs("bytetrack", sequence, Look(1))] == [1] + [1] + [0] * 7
    assert len(framewatch("bytetrack", sequence, Look(1))) == 9
