"""Records without a pause until it is killed: `python -m tests.recording.killed CLIP FOLDER FIRST`.

Says what was noted, a line for each file; `FIRST` is the number of the first packet.
"""

import sys
from pathlib import Path

from pipeline.core.record import Kept, Record
from pipeline.store.store import EventStore
from tests.recording.cameras import FPS, Clip, Studio


def main(clip: str, folder: str, first: str) -> None:
    store = EventStore(f"sqlite:///{folder}/events.db")
    store.start()
    record = Record(enabled=True, continuous=Kept(days=1))
    studio = Studio(Clip.of(Path(clip)), Path(folder) / "media", store, record)
    studio.played = int(first)
    print("ready", flush=True)
    while True:
        studio.play(1)
        for segment in studio.index.between("yard", studio.clip.packet(studio.played - 2 * FPS).captured_at, 1e11):
            print(segment.id, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
