"""Live view as aiortc's own examples do it: `MediaPlayer` decodes, `MediaRelay` shares, each viewer is encoded for.

    python -m benchmarks.aiortc_way rtsp://127.0.0.1:8554/camera0 8099

Takes offers at `/whep/camera0`, as Framewatch does. Prints 1 once it listens.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket

import typer
import uvicorn
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaPlayer, MediaRelay
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response


def application(url: str) -> FastAPI:
    connections: set[RTCPeerConnection] = set()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.player, app.state.relay = MediaPlayer(url, options={"rtsp_transport": "tcp"}), MediaRelay()
        yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/whep/camera0")
    async def offered(request: Request) -> Response:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        connections.add(connection)

        @connection.on("connectionstatechange")
        async def changed() -> None:
            if connection.connectionState in ("failed", "closed"):
                connections.discard(connection)

        connection.addTrack(app.state.relay.subscribe(app.state.player.video))
        await connection.setRemoteDescription(RTCSessionDescription((await request.body()).decode(), "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        return Response(connection.localDescription.sdp, 201, media_type="application/sdp")

    return app


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        print(1, flush=True)


def main(url: str, port: int) -> None:
    """Serve one camera."""
    _Server(uvicorn.Config(application(url), host="127.0.0.1", port=port, log_level="error", access_log=False)).run()


if __name__ == "__main__":
    typer.run(main)
