import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.camera import Camera, ObjectFilter, Objects
from pipeline.core.frame import Frame
from pipeline.core.objects import Box, TrackedObject
from pipeline.stages.track import Track
from tests.stages.scene import START, at, context, setup

Tracker = Literal["bytetrack", "botsort", "ocsort"]
TRACKERS: list[Tracker] = ["bytetrack", "botsort", "ocsort"]


def camera(fps: float = 5.0, threshold: float = 0.5) -> Camera:
    filters = {"person": ObjectFilter(threshold=threshold), "car": ObjectFilter(threshold=threshold)}
    return Camera(name="lobby", fps=fps, objects=Objects(track=("person", "car"), filters=filters))


class Watched:
    """A track stage, fed by hand."""

    def __init__(self, fps: float = 5.0, threshold: float = 0.5, max_disappeared: int = 25, **options: Any) -> None:
        self.camera = camera(fps, threshold).model_copy(update={"max_disappeared": max_disappeared})
        self.stage = Track(Track.Options(**options), setup(self.camera))
        self.ids: list[set[str]] = []

    def frame(self, seconds: float, boxes: list[Box] | None, **more: Any) -> list[TrackedObject]:
        ctx = context(self.camera, seconds, boxes=boxes, **more)
        self.stage.process(ctx)
        self.ids.append({thing.id for thing in ctx.objects})
        return ctx.objects

    def watch(self, seconds: Iterable[float], *paths: Callable[[float], Box]) -> set[str]:
        """Every id that the paths got."""
        for when in seconds:
            self.frame(when, [path(when) for path in paths])
        return set().union(*self.ids)


def steps(fps: float, count: int) -> list[float]:
    return [number / fps for number in range(count)]


def going(
    x: float, y: float, dx: float, dy: float = 0.0, width: float = 0.06, height: float = 0.2
) -> Callable[[float], Box]:
    return lambda seconds: at(x + dx * seconds, y + dy * seconds, width, height)


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize(
    ("fps", "path"),
    [
        pytest.param(25, going(0.1, 0.5, 0.3), id="a walker at 25 a second"),
        pytest.param(5, going(0.1, 0.5, 0.05), id="a walker at 5 a second"),
        pytest.param(5, going(0.05, 0.5, 0.3), id="a runner at 5 a second: a whole width from frame to frame"),
        pytest.param(
            5, going(0.05, 0.5, 0.45, width=0.1, height=0.1), id="a car at 5 a second: nine tenths of a length"
        ),
        pytest.param(2, going(0.1, 0.5, 0.1), id="a walker at 2 a second"),
        pytest.param(5, going(0.5, 0.3, 0.0, 0.1), id="coming nearer"),
    ],
)
def test_an_object_keeps_its_id(fps: float, path: Callable[[float], Box], tracker: Tracker) -> None:
    watched = Watched(fps, tracker=tracker)
    assert len(watched.watch(steps(fps, 9), path)) == 1


@pytest.mark.parametrize("tracker", TRACKERS)
def test_two_that_cross_keep_their_ids(tracker: Tracker) -> None:
    watched = Watched(5, tracker=tracker)
    there, back = going(0.2, 0.5, 0.1), going(0.8, 0.56, -0.1)
    watched.watch(steps(5, 30), there, back)
    last = watched.frame(6.0, [there(6.0), back(6.0)])
    first_seen = {thing.id: thing for thing in last}
    assert len(set().union(*watched.ids)) == 2
    older, _ = sorted(first_seen.values(), key=lambda thing: thing.box[3])
    assert older.box[0] > 0.5, "the one above went to the right"


@pytest.mark.parametrize("tracker", TRACKERS)
def test_dropped_frames_do_not_cost_an_id(tracker: Tracker) -> None:
    kept = [number / 5 for number in range(40) if number not in (5, 6, 7, 15, 16, 17, 18, 30)]
    watched = Watched(5, tracker=tracker)
    assert len(watched.watch(kept, going(0.05, 0.6, 0.11))) == 1


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_any_steady_walk_with_any_drops_is_one_object(data: st.DataObject) -> None:
    across, down = data.draw(st.floats(-0.08, 0.08)), data.draw(st.floats(-0.05, 0.05))
    dropped = data.draw(st.sets(st.integers(3, 20), max_size=8))
    path = going(0.5, 0.6, across, down)
    watched = Watched(5)
    assert len(watched.watch([n / 5 for n in range(22) if n not in dropped], path)) == 1


def test_a_hidden_object_is_predicted_then_lost_and_comes_back_as_itself() -> None:
    watched, path = Watched(5), going(0.1, 0.6, 0.1)
    watched.watch(steps(5, 10), path)
    (before,) = watched.frame(2.0, [path(2.0)])
    (missed,) = watched.frame(2.2, [])
    assert (missed.measured, missed.lost) == (False, False)
    assert missed.box == pytest.approx(path(2.2), abs=0.01)
    for when in (2.4, 2.6):
        (missed,) = watched.frame(when, [])
    assert (missed.measured, missed.lost, missed.velocity) == (False, True, (0, 0, 0, 0))
    (again,) = watched.frame(2.8, [path(2.8)])
    assert (again.id, again.measured, again.lost) == (before.id, True, False)


def test_an_object_is_gone_after_max_disappeared_frames_at_the_nominal_rate() -> None:
    watched, still = Watched(5, max_disappeared=10), at(0.5, 0.5)
    watched.watch(steps(5, 5), lambda _: still)
    present = [bool(watched.frame(0.8 + number / 5, [])) for number in range(1, 14)]
    assert present == [True] * 10 + [False] * 3


def test_at_a_lower_rate_it_is_gone_after_the_same_time() -> None:
    watched, still = Watched(5, max_disappeared=10), at(0.5, 0.5)
    watched.watch(steps(5, 5), lambda _: still)
    present = [bool(watched.frame(0.8 + number, [])) for number in range(1, 5)]
    assert present == [True, True, False, False]


@pytest.mark.parametrize(
    ("path", "gone_after_s"),
    [
        pytest.param(going(0.7, 0.6, 0.2), 1.2, id="out at once: when it was not seen for a second"),
        pytest.param(going(0.945, 0.6, 0.03), 1.2, id="out slowly: when there is nothing left of it"),
        pytest.param(going(0.5, 0.6, 0.1), 2.2, id="hidden in the middle: after max_disappeared"),
        pytest.param(going(0.98, 0.6, 0.0), 2.2, id="at rest on the edge: after max_disappeared"),
    ],
)
def test_what_goes_out_of_the_picture_is_gone_sooner(path: Callable[[float], Box], gone_after_s: float) -> None:
    watched = Watched(5, max_disappeared=10)
    watched.watch(steps(5, 8), path)
    gone = next(n / 5 for n in range(1, 20) if not watched.frame(1.4 + n / 5, []))
    assert gone == pytest.approx(gone_after_s)


def test_frames_that_nobody_looked_at_age_nothing() -> None:
    watched, still = Watched(5, max_disappeared=10), at(0.5, 0.5)
    watched.watch(steps(5, 5), lambda _: still)
    for when in np.arange(1.0, 60.0, 0.2):
        (thing,) = watched.frame(float(when), None)
        assert (thing.measured, thing.lost) == (False, False)
    (thing,) = watched.frame(60.0, [])
    assert not thing.measured
    (thing,) = watched.frame(60.2, [still])
    assert len(set().union(*watched.ids)) == 1


def test_a_frame_that_nobody_looked_at_leaves_detections_none() -> None:
    watched = Watched()
    ctx = context(watched.camera, 0.0)
    watched.stage.process(ctx)
    assert ctx.detections is None
    assert ctx.objects == []


def test_ids_are_unique_over_restarts() -> None:
    first, second = Watched(), Watched()
    boxes = [at(0.2, 0.5), at(0.5, 0.5), at(0.8, 0.5)]
    for watched in (first, second):
        watched.frame(0.0, boxes)
    assert len(first.ids[0] | second.ids[0]) == 6


def test_an_object_is_believed_at_three_scores_whose_median_reaches_its_threshold() -> None:
    watched, still = Watched(threshold=0.7), at(0.5, 0.5)
    scores = [0.6, 0.8, 0.65, 0.8, 0.8, 0.3, 0.3, 0.3, 0.3, 0.3]
    confirmed = [watched.frame(n / 5, [still], scores=[score])[0].confirmed for n, score in enumerate(scores)]
    assert confirmed == [False, False, False, True, True, True, True, True, True, True]


@pytest.mark.parametrize(
    ("scores", "confirmed"),
    [
        pytest.param([0.9], False, id="seen once"),
        pytest.param([0.75, 0.75], True, id="two sure sights: a missing third counts as 0"),
        pytest.param([0.9, 0.6], False, id="one of two unsure"),
        pytest.param([0.9, 0.6, 0.75], True, id="the median of three"),
    ],
)
def test_two_sure_sights_are_enough(scores: list[float], confirmed: bool) -> None:
    watched, still = Watched(threshold=0.7), at(0.5, 0.5)
    shown = [watched.frame(n / 5, [still], scores=[score])[0].confirmed for n, score in enumerate(scores)]
    assert shown[-1] == confirmed


def test_the_score_is_the_median_of_the_late_ones() -> None:
    watched, still = Watched(), at(0.5, 0.5)
    scores = [0.5, 0.9, 0.8]
    shown = [watched.frame(n / 5, [still], scores=[score])[0].score for n, score in enumerate(scores)]
    assert shown == pytest.approx([0.5, 0.7, 0.8], abs=1e-3)


def test_the_label_is_the_one_with_the_most_votes() -> None:
    watched, still = Watched(), at(0.5, 0.5, 0.2, 0.2)
    labels = [watched.frame(n / 5, [still], classes=[c])[0].label for n, c in enumerate([7, 2, 2, 2, 7, 2])]
    assert labels[2:] == ["car"] * 4


@pytest.mark.parametrize("fps", [5, 10, 15, 30])
def test_boxes_that_are_evened_out_neither_lag_nor_overshoot(fps: float) -> None:
    """Who walks and stops: BoT-SORT's box stays within a tenth of its width of where it is found, and soon is there."""
    watched, path = Watched(fps, tracker="botsort"), going(0.1, 0.6, 0.1)
    stops = path(2.0)
    off = []
    for when in steps(fps, int(4 * fps)):
        place = path(min(when, 2.0))
        (thing,) = watched.frame(when, [place])
        off.append(abs(thing.box[0] - place[0]) / 0.06)
    assert max(off) < 0.1
    assert thing.box == pytest.approx(stops, abs=0.001)


def test_jitter_is_evened_out_by_botsort_alone() -> None:
    """Others' boxes are where things were found."""
    chance, spread = np.random.default_rng(1), dict[str, float]()
    jitter = chance.normal(0, 0.003, (60, 4))
    for tracker in TRACKERS:
        watched = Watched(25, tracker=tracker)
        boxes = [watched.frame(n / 25, [tuple(at(0.5, 0.5) + jitter[n])])[0].box for n in range(60)]
        spread[tracker] = float(np.std(np.array(boxes[20:]), axis=0).mean())
    assert spread["botsort"] < 0.9 * spread["bytetrack"] == 0.9 * spread["ocsort"]


def test_velocity_is_measured_in_capture_time_whatever_the_rate() -> None:
    watched, path = Watched(5), going(0.1, 0.4, 0.12, 0.03)
    for when in (0.0, 0.2, 0.4, 1.0, 1.2, 1.3, 1.8):
        (thing,) = watched.frame(when, [path(when)])
    assert thing.velocity == pytest.approx((0.12, 0.03, 0.12, 0.03), abs=0.002)


def test_what_stays_in_place_is_stationary_until_it_leaves() -> None:
    watched = Watched(5, stationary_after=2.0)
    parked, leaving = at(0.5, 0.5, 0.2, 0.1), going(0.5, 0.5, 0.1, width=0.2, height=0.1)
    rest = [watched.frame(n / 5, [parked])[0].stationary for n in range(15)]
    assert rest == [False] * 10 + [True] * 5
    gone = [watched.frame(3 + n / 5, [leaving(n / 5)])[0].stationary for n in range(5)]
    assert gone[-1] is False
    assert len(set().union(*watched.ids)) == 1


def test_boxes_are_relative_and_in_the_picture() -> None:
    (thing,) = Watched().frame(0.0, [(-0.1, 0.5, 0.25, 1.2)])
    assert thing.box == pytest.approx((0.0, 0.5, 0.25, 1.0))
    assert thing.first_seen_at == START


def test_detections_learn_their_track() -> None:
    watched = Watched(new_track_thresh=0.5, max_disappeared=5)
    boxes = [at(0.2, 0.5), at(0.8, 0.5)]
    ctx = context(watched.camera, 0.0, boxes=boxes, scores=[0.3, 0.9])
    watched.stage.process(ctx)
    assert ctx.detections is not None and ctx.detections.track_id is not None
    assert ctx.detections.track_id.tolist() == [-1, 1]


def test_a_camera_that_moves_is_made_up_for() -> None:
    watched = Watched(tracker="botsort", gmc_method="sparseOptFlow")
    assert len(watched.watch(steps(5, 4), going(0.3, 0.5, 0.05))) == 1


@pytest.mark.parametrize("tracker", TRACKERS)
def test_a_gap_of_max_disappeared_is_survived(tracker: Tracker) -> None:
    watched, still = Watched(5, max_disappeared=25, tracker=tracker), at(0.5, 0.5)
    watched.watch(steps(5, 5), lambda _: still)
    for when in np.arange(1.0, 5.7, 0.2):
        watched.frame(float(when), [])
    (again,) = watched.frame(5.8, [still])
    assert (again.measured, len(set().union(*watched.ids))) == (True, 1)


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize("shut_s", [0.6, 3.0, 30.0, 3600.0])
def test_what_stands_keeps_its_id_while_the_gate_is_shut(tracker: Tracker, shut_s: float) -> None:
    watched, places = Watched(5, tracker=tracker), [at(0.2, 0.5), at(0.5, 0.6), at(0.8, 0.4)]
    for number in range(5):
        watched.frame(number / 5, places)
    for number in range(10):
        watched.frame(1 + shut_s * number / 10, None, motion=())
    after = watched.frame(1 + shut_s, places)
    assert len(set().union(*watched.ids)) == 3
    assert all(thing.measured for thing in after)


def test_what_was_on_its_way_when_the_gate_shut_is_sought_where_it_was_seen() -> None:
    watched, path = Watched(5), going(0.1, 0.6, 0.2)
    watched.watch(steps(5, 6), path)
    for number in range(60):
        watched.frame(1.2 + number / 5, None, motion=())
    here, ahead = path(1.1), path(2.2)
    things = watched.frame(13.2, [here, ahead])
    assert {thing.box[0] > 0.4: thing.id in watched.ids[0] for thing in things} == {False: True, True: False}


def test_after_a_shut_gate_something_elsewhere_is_something_else() -> None:
    watched, path = Watched(5), going(0.1, 0.6, 0.1)
    watched.watch(steps(5, 6), path)
    watched.frame(1.2, None, motion=())
    watched.frame(12.0, None, motion=())
    watched.frame(13.0, [at(0.7, 0.6)])
    assert len(set().union(*watched.ids)) == 2


def test_what_moves_while_nobody_looks_is_sought_on_its_way() -> None:
    watched, path = Watched(5), going(0.1, 0.6, 0.2)
    watched.watch(steps(5, 6), path)
    for when in (1.2, 1.4, 1.6, 1.8):
        watched.frame(when, None, motion=((0.3, 0.4, 0.6, 0.7),))
    watched.frame(2.0, [path(2.0)])
    assert len(set().union(*watched.ids)) == 1


@pytest.mark.parametrize("tracker", ["bytetrack", "botsort"])
def test_a_weak_sight_goes_on_with_an_object_and_says_nothing_of_its_score(tracker: Tracker) -> None:
    watched, path = Watched(5, tracker=tracker), going(0.2, 0.5, 0.05)
    watched.watch(steps(5, 5), path)
    (thing,) = watched.frame(1.0, [], weak=[path(1.0), at(0.9, 0.5)], weak_scores=[0.15, 0.45])
    assert (thing.measured, thing.score, len(set().union(*watched.ids))) == (True, 0.9, 1)
    assert thing.box == pytest.approx(path(1.0), abs=1e-3)


def test_weak_sights_never_begin_nor_confirm_an_object() -> None:
    watched, still = Watched(5), at(0.5, 0.5)
    for when in steps(5, 5):
        assert watched.frame(when, [], weak=[still], weak_scores=[0.45]) == []
    for when, score in ((1.0, 0.9), (1.2, 0.45)):
        watched.frame(when, [still], scores=[score])
    confirmed = [watched.frame(1.4 + n / 5, [], weak=[still], weak_scores=[0.45])[0].confirmed for n in range(5)]
    assert confirmed == [False] * 5


def test_matched_weak_sights_join_the_detections() -> None:
    watched, still = Watched(5), at(0.5, 0.5)
    watched.watch(steps(5, 3), lambda _: still)
    ctx = context(watched.camera, 0.6, boxes=[at(0.1, 0.5)], weak=[at(0.9, 0.5), still], weak_scores=[0.3, 0.3])
    watched.stage.process(ctx)
    assert ctx.detections is not None and ctx.detections.track_id is not None
    assert ctx.detections.track_id.tolist() == [2, 1]
    assert ctx.detections.confidence.tolist() == pytest.approx([0.9, 0.3])


@pytest.mark.parametrize(
    ("label", "score", "begins"),
    [("car", 0.35, False), ("car", 0.65, True), ("person", 0.35, True)],
)
def test_a_label_has_thresholds_of_its_own(label: str, score: float, begins: bool) -> None:
    watched = Watched(5, labels={"car": {"new_track_thresh": 0.6}})
    (number,) = [number for number, name in {0: "person", 2: "car"}.items() if name == label]
    assert bool(watched.frame(0.0, [at(0.5, 0.5)], scores=[score], classes=[number])) == begins


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize(("match_thresh", "ids"), [(0.2, 2), (0.9, 1)])
def test_a_label_has_a_distance_of_its_own(tracker: Tracker, match_thresh: float, ids: int) -> None:
    watched = Watched(5, tracker=tracker, inertia=0.0, labels={"person": {"match_thresh": match_thresh}})
    watched.watch(steps(5, 3), lambda _: at(0.5, 0.5))
    watched.frame(0.6, [at(0.53, 0.55)])
    assert len(set().union(*watched.ids)) == ids


def test_a_label_is_stationary_after_a_time_of_its_own() -> None:
    watched = Watched(5, stationary_after=1.0, labels={"car": {"stationary_after": 60.0}})
    for when in steps(5, 10):
        things = watched.frame(when, [at(0.2, 0.5), at(0.8, 0.5)], classes=[0, 2])
    assert {thing.label: thing.stationary for thing in things} == {"person": True, "car": False}


RED, BLUE = (1.0, 0.0), (0.0, 1.0)


def swapped(watched: Watched, features: bool) -> list[bool]:
    """Two stand close by; then each is found where both might be. True for each that kept its id by its looks."""
    left, right = at(0.5, 0.5), at(0.515, 0.5)
    for when in steps(5, 5):
        first = watched.frame(when, [left, right], features=[RED, BLUE] if features else None)
    before = [thing.id for thing in sorted(first, key=lambda thing: thing.box[0])]
    after = watched.frame(1.0, [right, left], features=[RED, BLUE] if features else None)
    now = [thing.id for thing in sorted(after, key=lambda thing: thing.box[0])]
    return [now[0] == before[1], now[1] == before[0]]


def test_looks_decide_where_places_do_not() -> None:
    assert swapped(Watched(tracker="botsort", with_reid=True), features=True) == [True, True]
    assert swapped(Watched(tracker="botsort"), features=True) == [False, False]


@pytest.mark.parametrize(
    ("returns", "same"),
    [
        pytest.param(RED, True, id="the same looks: the same object"),
        pytest.param(BLUE, False, id="other looks: another object"),
    ],
)
def test_what_was_lost_comes_back_elsewhere_by_its_looks(returns: tuple[float, float], same: bool) -> None:
    watched, path = Watched(tracker="botsort", with_reid=True), going(0.2, 0.6, 0.1)
    for when in steps(5, 6):
        (before,) = watched.frame(when, [path(when)], features=[RED])
    for when in np.arange(1.2, 3.2, 0.2):
        watched.frame(float(when), [])
    after = watched.frame(3.2, [path(0.8)], features=[returns])
    assert [thing.id == before.id for thing in after if thing.measured] == [same]


def test_nobody_comes_back_from_out_of_reach() -> None:
    watched = Watched(tracker="botsort", with_reid=True)
    for when in steps(5, 6):
        watched.frame(when, [at(0.1, 0.6)], features=[RED])
    for when in np.arange(1.2, 2.2, 0.2):
        watched.frame(float(when), [])
    watched.frame(2.2, [at(0.9, 0.6)], features=[RED])
    assert len(set().union(*watched.ids)) == 2


@pytest.mark.parametrize(
    ("thresh", "kept"),
    [
        pytest.param(0.0, True, id="looks count wherever boxes touch"),
        pytest.param(0.9, False, id="only where boxes nearly are one: place decides"),
    ],
)
def test_looks_count_from_an_overlap_on(thresh: float, kept: bool) -> None:
    watched = Watched(tracker="botsort", with_reid=True, proximity_thresh=thresh)
    assert swapped(watched, features=True) == [kept, kept]


def test_a_hidden_object_that_grows_narrow_inside_the_picture_has_not_left_it() -> None:
    watched = Watched()
    for when in steps(5, 5):
        watched.frame(when, [(0.3 + 0.2 * when, 0.3, 0.48, 0.6)])
    assert [bool(watched.frame(1.0 + n / 5, [])) for n in range(15)] == [True] * 15


def test_looks_that_nobody_tells_are_missed_once(caplog: pytest.LogCaptureFixture) -> None:
    assert swapped(Watched(tracker="botsort", with_reid=True), features=False) == [False, False]
    assert [record.message.split(";")[0] for record in caplog.records] == [
        "lobby: track: with_reid: the detector tells nothing about how things look"
    ]


def test_looks_are_for_botsort() -> None:
    with pytest.raises(ValueError, match="with_reid: false, or tracker: botsort"):
        Track.Options(with_reid=True)


class Reds:
    """A classifier that tells red from blue."""

    labels: Mapping[int, str] = {0: "red", 1: "blue"}

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    async def classify(self, crop: Frame) -> Sequence[float]:
        self.asked.append(crop.resolution_wh)
        return RED if len(self.asked) % 2 else BLUE


class ModelsWith:
    def __init__(self, classifier: Reds) -> None:
        self._classifier = classifier

    def detector(self, name: str) -> Any:
        raise LookupError(name)

    def classifier(self, name: str) -> Reds:
        assert name == "reid"
        return self._classifier


async def test_a_classifier_tells_the_looks_where_the_detector_does_not() -> None:
    reds, place = Reds(), camera()
    stage_setup = replace(setup(place), models=ModelsWith(reds))
    stage = Track(Track.Options(tracker="botsort", with_reid=True, reid_model="reid"), stage_setup)
    left, right = at(0.5, 0.5), at(0.515, 0.5)
    seen = []
    for when in steps(5, 6):
        ctx = context(place, when, boxes=[left, right] if when < 1 else [right, left])
        waits = stage.process(ctx)
        assert waits is not None
        await waits
        seen.append([thing.id for thing in sorted(ctx.objects, key=lambda thing: thing.box[0])])
    assert seen[-1] == seen[0][::-1]
    assert reds.asked[0] == (40, 72)


@pytest.mark.parametrize("module", ["track", "rules", "annotate"])
def test_importing_a_stage_brings_neither_torch_nor_opencv(module: str) -> None:
    code = f"import sys, pipeline.stages.{module}; print(sorted({{'torch', 'cv2', 'ultralytics'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
