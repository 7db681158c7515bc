"""Which batches run by a graph: decided by what a network takes, here a made-up one."""

import logging
from typing import Any

import pytest

from pipeline.models.backends.graphs import MOST_SIZES, Graphs, batch_for, batches, fewest_in

HW = (384, 640)


class Network:
    """Launching takes `launch_ms` whatever the batch, the work `picture_ms` for each picture."""

    def __init__(self, launch_ms: float, picture_ms: float, *, fails_at: int | None = None) -> None:
        self.launch_ms = launch_ms
        self.picture_ms = picture_ms
        self.fails_at = fails_at
        self.sizes: list[tuple[int, int]] = []
        self.captures: list[int] = []

    def __call__(self, input_hw: tuple[int, int]) -> "Network":
        self.sizes.append(input_hw)
        return self

    def eager(self, pictures: Any) -> list[Any]:
        return ["eager"]

    def captured(self, batch: int) -> Any:
        if batch == self.fails_at:
            raise RuntimeError("operation not permitted when stream is capturing")
        self.captures.append(batch)
        return Graph(batch)

    def ms(self, forward: Any, count: int) -> float:
        if isinstance(forward, Graph):
            return forward.batch * self.picture_ms
        return max(self.launch_ms, count * self.picture_ms)


class Graph:
    def __init__(self, batch: int) -> None:
        self.batch = batch

    def __call__(self, pictures: Any) -> list[Any]:
        return [f"graph of {self.batch}"]


def used(network: Network, max_batch: int = 16) -> dict[int, int]:
    """For how many pictures a graph runs, and which."""
    graphs = Graphs(network, max_batch)
    graphs.prepare(HW)
    found = {count: graphs.of(HW, count) for count in range(1, max_batch + 1)}
    return {count: graph.batch for count, graph in found.items() if isinstance(graph, Graph)}


@pytest.mark.parametrize(
    ("most", "sizes"),
    [(1, (1,)), (2, (1, 2)), (5, (1, 2, 4, 5)), (12, (1, 2, 4, 8, 12)), (16, (1, 2, 4, 8, 16))],
)
def test_batches_double(most: int, sizes: tuple[int, ...]) -> None:
    assert batches(most) == sizes


@pytest.mark.parametrize(("count", "batch"), [(1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (9, 12), (12, 12)])
def test_each_number_of_pictures_goes_to_the_smallest_batch_that_holds_it(count: int, batch: int) -> None:
    sizes = batches(12)
    assert batch_for(count, sizes) == batch
    assert fewest_in(batch, sizes) <= count


@pytest.mark.parametrize(
    ("network", "by_graph"),
    [
        pytest.param(Network(8, 0.1), {n: batch_for(n, batches(16)) for n in range(1, 17)}, id="launches cost most"),
        pytest.param(Network(8, 1), {1: 1, 2: 2, 3: 4, 4: 4}, id="not where the places left empty cost as much"),
        pytest.param(Network(2, 2), {}, id="work costs most: nothing is gained"),
    ],
)
def test_a_graph_runs_where_it_gains(network: Network, by_graph: dict[int, int]) -> None:
    assert used(network) == by_graph


def test_the_largest_is_captured_first() -> None:
    network = Network(8, 0.1)
    used(network)
    assert network.captures == [16, 8, 4, 2, 1]


def test_what_cannot_be_captured_runs_as_it_is_and_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    network = Network(8, 0.1, fails_at=4)
    graphs = Graphs(network, 16)
    with caplog.at_level(logging.INFO):
        graphs.prepare(HW)
        graphs.prepare((640, 640))
    assert not graphs and graphs.of(HW, 16) is None
    assert network.sizes == [HW]
    assert [record.getMessage() for record in caplog.records] == [
        "this network runs without CUDA graphs, it cannot be captured at 640x384: "
        "operation not permitted when stream is capturing"
    ]


def test_only_a_few_sizes_keep_memory() -> None:
    network = Network(8, 0.1)
    graphs = Graphs(network, 4)
    sizes = [(32 * at, 64) for at in range(1, MOST_SIZES + 2)]
    for size in sizes:
        graphs.prepare(size)
    assert network.sizes == sizes[:MOST_SIZES]
    assert graphs and graphs.of(sizes[0], 3) and graphs.of(sizes[-1], 3) is None


def test_a_size_that_nobody_prepared_has_none() -> None:
    assert Graphs(Network(8, 0.1), 4).of(HW, 1) is None


def test_what_is_found_out_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        used(Network(8, 1))
        used(Network(2, 2))
    assert [record.getMessage() for record in caplog.records] == [
        "640x384: CUDA graphs for batches of 1, 2, 4",
        "640x384: CUDA graphs for batches of no size",
    ]
