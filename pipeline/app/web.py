"""The web server over a running system."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiortc import RTCIceServer

from pipeline.app.about import About
from pipeline.app.editing import ConfigEditor
from pipeline.app.finding import Finder
from pipeline.app.log_memory import LogMemory
from pipeline.app.system import System
from pipeline.app.written import WrittenConfig
from pipeline.config import loads, schema
from pipeline.config.sections import IceServer
from pipeline.core.errors import ConfigError, Problem
from pipeline.version import __version__
from sinks.web.adding import adding_router
from sinks.web.alerts import alerts_router
from sinks.web.areas import areas_router
from sinks.web.audit import audit_router
from sinks.web.clips import clips_router
from sinks.web.deliveries import deliveries_router
from sinks.web.event_edits import event_edits_router
from sinks.web.event_path import event_path_router
from sinks.web.glimpses import glimpses_router
from sinks.web.mse import mse_router
from sinks.web.recordings import recordings_router
from sinks.web.server import WebServer, create_app
from sinks.web.switches import switches_router
from sinks.web.system import system_router
from sinks.web.whep import Whep, create_whep


@dataclass(frozen=True, slots=True)
class Web:
    """The page, the API and the live viewers, ended together."""

    server: WebServer
    whep: Whep

    @property
    def url(self) -> str:
        return self.server.url

    async def start(self) -> None:
        """Raises FramewatchError where the address cannot be had."""
        await self.server.start()

    async def stop(self) -> None:
        """The server goes first: no offer is being answered when the sessions end."""
        await self.server.stop()
        await self.whep.close()


def web(system: System, log: LogMemory, written: WrittenConfig | None = None) -> Web:
    """`written` is the file that the configuration comes from."""
    settings = system.config.server
    writer = ConfigEditor(written, system.apply, system.audit.note)
    whep = create_whep(
        system,
        max_viewers=settings.webrtc.max_viewers,
        advertised_ips=[str(address) for address in settings.webrtc.advertised_ips],
        ice_servers=[_ice_server(server) for server in settings.webrtc.ice_servers],
        metrics=system.metrics,
    )
    app = create_app(
        system,
        system.store,
        metrics=system.metrics.registry,
        auth_token=settings.auth.token.get_secret_value() if settings.auth.token else None,
        version=__version__,
        validate_config=problems_of,
        config_schema=schema,
        snapshot_path=system.media.snapshot,
        places=whep.audience.places,
        clip_of=system.recordings.clip_of,
        event_links=system.event_links,
        routers=[
            whep.router,
            mse_router(whep.audience),
            system_router(About(system, log, written)),
            adding_router(writer, Finder()),
            areas_router(system, writer),
            event_edits_router(system.editor),
            clips_router(system.store, system.recordings),
            recordings_router(system, system.recordings),
            event_path_router(system.store),
            audit_router(system.audit),
            deliveries_router(system.deliveries),
            glimpses_router(system.glimpses),
            switches_router(system.switches, system.clock),
            alerts_router(system.alerts),
        ],
    )
    return Web(WebServer(app, settings.host, settings.port), whep)


def _ice_server(server: IceServer) -> RTCIceServer:
    credential = server.credential.get_secret_value() if server.credential else None
    return RTCIceServer(list(server.urls), server.username, credential)


def problems_of(text: str) -> Sequence[Problem]:
    """What is wrong with a configuration; nothing where it is fine."""
    try:
        loads(text, name="configuration", import_files=False)
    except ConfigError as error:
        return error.problems
    return ()
