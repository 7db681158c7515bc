"""The whole application over a fake system and a real store, asked without a socket."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Protocol

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry, Gauge

from pipeline.core.errors import Problem
from pipeline.core.event import Event
from pipeline.core.footage import Clip
from pipeline.core.links import EventLinks
from pipeline.store.store import EventStore
from sinks.web.places import Places
from sinks.web.server import create_app
from tests.web.fake_system import FakeSystem, offline, online

TOKEN = "a token nobody guesses"


PLACES = 8


class MakeApp(Protocol):
    def __call__(
        self, *, token: str | None = None, routers: tuple[APIRouter, ...] = (), links: EventLinks | None = None
    ) -> FastAPI: ...


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = EventStore(f"sqlite:///{tmp_path}/events.db")
    store.start()
    yield store
    store.close()


@pytest.fixture
def system(store: EventStore) -> FakeSystem:
    return FakeSystem([online("lobby"), offline("yard", "unauthorised: wrong user or password")], store)


@pytest.fixture
def snapshots(tmp_path: Path) -> Path:
    folder = tmp_path / "snapshots"
    folder.mkdir()
    return folder


@pytest.fixture
def make_app(system: FakeSystem, store: EventStore, snapshots: Path) -> MakeApp:
    async def clip_of(event: Event) -> Clip | None:
        path = snapshots / f"{event.id}.mp4"
        return Clip(path, event.started_at, event.started_at + 10) if path.exists() else None

    def make(
        *, token: str | None = None, routers: tuple[APIRouter, ...] = (), links: EventLinks | None = None
    ) -> FastAPI:
        metrics = CollectorRegistry()
        Gauge("framewatch_viewers", "Live viewers", registry=metrics).set(2)
        return create_app(
            system,
            store,
            metrics=metrics,
            auth_token=token,
            version="1.2.3",
            validate_config=_validate,
            config_schema=lambda: {"title": "Framewatch"},
            snapshot_path=lambda event_id: snapshots / f"{event_id}.jpg",
            places=Places(PLACES),
            clip_of=clip_of,
            event_links=links,
            routers=routers,
        )

    return make


@pytest_asyncio.fixture
async def client(make_app: MakeApp) -> AsyncIterator[httpx.AsyncClient]:
    """Of the application without a token."""
    async with client_of(make_app()) as client:
        yield client


@pytest_asyncio.fixture
async def guarded(make_app: MakeApp) -> AsyncIterator[httpx.AsyncClient]:
    """Of the application behind TOKEN; sends none by itself."""
    async with client_of(make_app(token=TOKEN)) as client:
        yield client


def client_of(app: FastAPI, base_url: str = "http://127.0.0.1:8080") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=base_url)


def _validate(text: str) -> list[Problem]:
    if "camera:" not in text:
        return []
    return [Problem("request", 1, "camera", "an unknown key", "cameras")]
