"""The analysis process: joins the plane with the registry. Started by the supervisor, never by hand."""

import logging
import os
import signal
import socket
import sys

from pipeline import registry
from pipeline.analysis.link import SocketLink
from pipeline.analysis.plane import AnalysisPlane
from pipeline.core.messages import Down, Up


def main(file_descriptor: int, level: str) -> None:
    """Serves the socket `file_descriptor` until the media plane closes it, or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the media plane decides
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    link: SocketLink[Up, Down] = SocketLink(socket.socket(fileno=file_descriptor), Down)
    AnalysisPlane(link, registry.load).run()
    sys.stderr.flush()
    os._exit(0)  # model runtimes hold threads that would keep a plain exit waiting


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
