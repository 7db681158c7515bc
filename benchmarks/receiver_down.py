"""Takes the receiver of alerts away for a while, and looks for alerts that are lost.

    python -m benchmarks.receiver_down --seconds 60

Four cameras as in `planes_killed`. Prints what the event stream had told of while the receiver was there, away and
back, what arrived, and how long it took until nothing waited any more; ends with 1 where something is missing.
"""

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Annotated

import typer

from benchmarks.planes_killed import Told, prepare, receiving
from tests.system.framewatch import Framewatch, wait_for

_BEFORE_S = _AFTER_S = 10.0


def main(seconds: Annotated[float, typer.Option(min=1.0)] = 60.0) -> None:
    """Take it away and compare."""
    told = Told()
    with TemporaryDirectory() as name, receiving() as (receiver, loop):
        folder = Path(name)
        prepare(folder, receiver.url)
        with Framewatch("run", "cameras.yaml", folder=folder) as system:
            Thread(target=told.listen, args=(system.url,), daemon=True).start()
            system.until_analysing("camera0")
            time.sleep(_BEFORE_S)
            asyncio.run_coroutine_threadsafe(receiver.stop(), loop).result(30)
            before, began = len(told.ids), time.monotonic()
            time.sleep(seconds)
            away_s = time.monotonic() - began
            meanwhile = len(told.ids) - before
            asyncio.run_coroutine_threadsafe(receiver.start(), loop).result(30)
            back_at = time.monotonic()
            time.sleep(_AFTER_S)
            wanted = {*told.ids}

            def missing() -> set[str]:
                return wanted - {body["event"]["id"] for body in receiver.bodies}

            wait_for(lambda: not missing(), 120, lambda: f"{len(missing())} alerts are missing")
            took_s = time.monotonic() - back_at
    keys = [body["id"] for body in receiver.bodies]
    print(f"receiver away for {away_s:.0f} s; {meanwhile} of {len(wanted)} alerts came about meanwhile")
    print(f"missing: 0; all there {took_s:.0f} s after it was back; {len(keys) - len({*keys})} came twice")


if __name__ == "__main__":
    typer.run(main)
