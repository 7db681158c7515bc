"""The analysis process: joins the plane with the registry. Started by the supervisor, never by hand."""

import logging
import os
import select
import signal
import socket
import sys
import threading
import time

from pipeline import registry
from pipeline.analysis.link import SocketLink
from pipeline.analysis.plane import AnalysisPlane
from pipeline.core.messages import Down, Up

_LONGEST_END_S = 3.0


def main(file_descriptor: int, level: str) -> None:
    """Serves the socket `file_descriptor` until the media plane closes it, or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the media plane decides
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    end = socket.socket(fileno=file_descriptor)
    link: SocketLink[Up, Down] = SocketLink(end, Down)
    threading.Thread(target=_end_with, args=(end,), name="media plane", daemon=True).start()
    AnalysisPlane(link, registry.load).run()
    sys.stderr.flush()
    os._exit(0)  # model runtimes hold threads that would keep a plain exit waiting


def _end_with(end: socket.socket) -> None:
    """Ends this process soon after the media plane has gone, also while a model loads or a stage hangs."""
    gone = select.poll()
    gone.register(end, 0)  # no data is waited for: the end of the other side is told all the same
    gone.poll()
    time.sleep(_LONGEST_END_S)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
