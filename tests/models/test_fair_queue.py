from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from pipeline.models.fair_queue import FairQueue


@dataclass(frozen=True)
class Item:
    camera: str
    number: int
    kind: Hashable = None


def queue_of(*items: Item, per_camera: int = 9) -> FairQueue[Item]:
    queue: FairQueue[Item] = FairQueue(per_camera)
    for item in items:
        assert queue.put(item)
    return queue


def served(queue: FairQueue[Item], most: int = 1) -> list[str]:
    out = []
    while taken := queue.take(most):
        out.append(" ".join(f"{item.camera}{item.number}" for item in taken))
    return out


def test_cameras_take_turns_however_much_one_asks() -> None:
    queue = queue_of(Item("a", 1), Item("a", 2), Item("a", 3), Item("b", 1), Item("c", 1), Item("b", 2))
    assert served(queue) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_a_batch_goes_round_the_cameras() -> None:
    queue = queue_of(Item("a", 1), Item("a", 2), Item("b", 1), Item("c", 1))
    assert served(queue, most=3) == ["a1 b1 c1", "a2"]


def test_a_batch_is_of_one_kind_and_nobody_is_passed_over_for_it() -> None:
    queue = queue_of(Item("a", 1, "wide"), Item("b", 1, "tall"), Item("c", 1, "wide"), Item("d", 1, "tall"))
    assert served(queue, most=4) == ["a1 c1", "b1 d1"]


def test_a_camera_that_was_served_goes_to_the_end() -> None:
    queue = queue_of(Item("a", 1), Item("b", 1))
    assert [item.camera for item in queue.take(1)] == ["a"]
    queue.put(Item("a", 2))
    assert served(queue) == ["b1", "a2"]


def test_a_full_line_takes_no_more() -> None:
    queue = queue_of(Item("a", 1), Item("a", 2), per_camera=2)
    assert not queue.put(Item("a", 3))
    assert queue.put(Item("b", 1))
    assert served(queue) == ["a1", "b1", "a2"]


def test_what_is_taken_back_is_not_served() -> None:
    queue = queue_of(Item("a", 1), Item("b", 1))
    queue.discard(Item("a", 1))
    queue.discard(Item("a", 1))
    queue.discard(Item("never", 1))
    assert len(queue) == 1
    assert served(queue) == ["b1"]


def test_clearing_returns_what_waited() -> None:
    queue = queue_of(Item("a", 1), Item("b", 1))
    assert queue.clear() == [Item("a", 1), Item("b", 1)]
    assert len(queue) == 0


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.integers(1, 5))
def test_all_are_served_once_in_order_within_a_camera(cameras: list[str], most: int) -> None:
    items = [Item(camera, number) for number, camera in enumerate(cameras)]
    queue = queue_of(*items, per_camera=40)
    out: list[Item] = []
    while taken := queue.take(most):
        out += taken
    assert sorted(out, key=lambda item: item.number) == items
    for camera in set(cameras):
        numbers = [item.number for item in out if item.camera == camera]
        assert numbers == sorted(numbers)


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=40))
def test_nobody_is_served_twice_while_another_waits_for_the_first_time(cameras: list[str]) -> None:
    queue = queue_of(*(Item(camera, number) for number, camera in enumerate(cameras)), per_camera=40)
    served_so_far: Counter[str] = Counter()
    left = Counter(cameras)
    while taken := queue.take(1):
        camera = taken[0].camera
        served_so_far[camera] += 1
        left[camera] -= 1
        waiting = [served_so_far[other] for other in left if left[other]]
        assert not waiting or served_so_far[camera] <= min(waiting) + 1
