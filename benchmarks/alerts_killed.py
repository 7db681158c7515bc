"""Kills a process that alerts at random moments, under load, and compares what it told with what arrived.

    python -m benchmarks.alerts_killed --kills 50

Every tenth round the receiver is down. Prints what was acknowledged, what arrived, how often twice; ends with 1 where
an acknowledged event or its alert is missing, where one came with two keys, or before an earlier one of its object.
"""

import asyncio
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from tests.system.alerts_killed import Outcome, alerts_killed


def main(
    kills: Annotated[int, typer.Option(min=1)] = 50,
    longest_s: Annotated[float, typer.Option(help="The longest time until a kill.")] = 1.5,
    seed: int = 1,
) -> None:
    """Kill and compare."""
    moments = random.Random(seed)
    after_s = [moments.uniform(0, longest_s) for _ in range(kills)]
    with TemporaryDirectory() as folder:
        outcome = asyncio.run(alerts_killed(Path(folder), after_s, away=range(5, kills, 10)))
    _tell(kills, outcome)
    if outcome.missing_events or outcome.missing_alerts or outcome.with_several_keys or outcome.out_of_order:
        raise typer.Exit(1)


def _tell(kills: int, outcome: Outcome) -> None:
    print(f"{kills} kills, {len(outcome.told)} events acknowledged")
    print(f"missing: {len(outcome.missing_events)} events, {len(outcome.missing_alerts)} alerts")
    print(f"arrived: {outcome.arrivals} alerts of {len(outcome.keys)} events")
    print(f"with two keys: {len(outcome.with_several_keys)}, out of order: {len(outcome.out_of_order)}")


if __name__ == "__main__":
    typer.run(main)
