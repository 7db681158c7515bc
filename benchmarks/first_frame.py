"""How long a viewer waits: from the POST to the first frame, one start after the other.

    python -m benchmarks.first_frame http://127.0.0.1:8080/whep/camera0 20

Prints the milliseconds as JSON: an aiortc client's until the first access unit has come to its end (nothing is
decoded). `in_browser` has the same until a browser shows the first picture.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import typer
from playwright.sync_api import sync_playwright

from benchmarks.watch import Watcher, decode_nothing
from tests.system.framewatch import ROOT, environment

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_TIMEOUT_S = 10.0
_PAUSE_S = 0.37
"""Between two starts, so that they fall on other moments of a group of pictures."""
_START = """async (camera) => {
  const { WhepSession } = await import("/static/whep.js");
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, autoplay: true });
  document.body.append(video);
  const session = new WhepSession();
  session.addEventListener("track", ({ detail }) => (video.srcObject = detail));
  const shown = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  const [fetched, began] = [window.fetch, {}];
  window.fetch = (...request) => ((began.at ??= performance.now()), fetched(...request));
  await session.start(`/whep/${camera}`, new AbortController().signal);
  const at = await shown; // when its callback ran
  window.fetch = fetched;
  session.close();
  video.remove();
  return at - began.at;
}"""


def browser() -> Path | None:
    """A Chromium of this machine."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    return None if found is None else Path(found)


def in_browser(executable: Path, url: str, camera: str, starts: int) -> list[float]:
    """Milliseconds from each POST to the first picture that Chromium presents; `url` is Framewatch's."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=list(BROWSER_ARGUMENTS), headless=True)
        page = running.new_page()
        page.goto(f"{url}/healthz")
        waited_ms = []
        for _ in range(starts):
            waited_ms.append(float(page.evaluate(_START, camera)))
            time.sleep(_PAUSE_S)
        running.close()
    return waited_ms


def by_aiortc(endpoint: str, starts: int) -> list[float]:
    """The same of a client in a process of its own; `endpoint` is a WHEP address."""
    command = [sys.executable, "-m", "benchmarks.first_frame", endpoint, str(starts)]
    told = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, check=True)
    waited_ms: list[float] = json.loads(told.stdout)
    return waited_ms


async def _starts(endpoint: str, count: int) -> list[float]:
    waited_ms = []
    async with httpx.AsyncClient(timeout=_TIMEOUT_S, verify=False) as client:
        for _ in range(count):
            watcher = Watcher()
            offer, began = await watcher.offer(), time.monotonic()
            await watcher.begin(client, endpoint, offer)
            await asyncio.wait_for(watcher.first_frame.wait(), _TIMEOUT_S)
            waited_ms.append(1000 * (time.monotonic() - began))
            await watcher.close()
            await asyncio.sleep(_PAUSE_S)
    return waited_ms


def main(endpoint: str, starts: int) -> None:
    """Start so often."""
    decode_nothing()
    print(json.dumps(asyncio.run(_starts(endpoint, starts))))


if __name__ == "__main__":
    typer.run(main)
