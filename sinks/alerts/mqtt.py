"""Alerts, events, counts and states for an MQTT broker, and for Home Assistant behind it."""

import asyncio
import re
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Annotated

import aiomqtt
import msgspec
from msgspec.structs import replace
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, SecretStr, field_validator, model_validator

from pipeline.core.event import Alert
from pipeline.core.feed import SystemFeed
from pipeline.core.message import AlertOptions
from pipeline.core.options import Options as BaseOptions
from pipeline.core.options import misplaced
from sinks.alerts.broker.address import Address, Tls
from sinks.alerts.broker.connection import Connection
from sinks.alerts.broker.discovery import Discovery
from sinks.alerts.broker.message import Message
from sinks.alerts.broker.orders import Orders
from sinks.alerts.broker.outbox import Outbox
from sinks.alerts.broker.teller import Teller
from sinks.alerts.broker.topics import Topics

_PORT, _TLS_PORT = 1883, 8883
_HOST = re.compile(r"[^\s/@]+")
_TOPIC = re.compile(r"[^#+$/\x00-\x1f][^#+\x00-\x1f]*(?<!/)")
_FLUSH_S = 0.15


def _is_host(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise ValueError("a name or address alone: 10.0.0.2 (port, user and password are keys of their own)")
    return host


def _is_topic(prefix: str) -> str:
    if not _TOPIC.fullmatch(prefix):
        raise ValueError("the beginning of topics, without # and + and without / at its ends: framewatch")
    return prefix


Topic = Annotated[str, AfterValidator(_is_topic)]


class TlsOptions(BaseOptions):
    ca: Path | None = None
    """A file with the certificates that are believed; none: those that the system believes."""
    insecure: bool = False
    """Believes any certificate."""


def _in_full(tls: object) -> object:
    """`true` is TLS as it comes, `false` none."""
    return ({} if tls else None) if isinstance(tls, bool) else tls


class Mqtt:
    """Publishes below `topic_prefix`; says more than alerts once a feed is attached."""

    class Options(AlertOptions):
        model_config = ConfigDict(hide_input_in_errors=True)

        host: Annotated[str, AfterValidator(_is_host)]
        port: Annotated[int, Field(ge=1, le=65535)] | None = None
        """1883, with TLS 8883, where it is not given."""
        username: str | None = None
        password: SecretStr | None = None
        tls: Annotated[
            TlsOptions | None, BeforeValidator(_in_full, json_schema_input_type=bool | TlsOptions | None)
        ] = None
        client_id: Annotated[str, Field(min_length=1)] | None = None
        """One of its own at each start where it is not given."""
        topic_prefix: Topic = "framewatch"
        discovery_prefix: Topic | None = "homeassistant"
        """Where Home Assistant listens; null: it is told nothing."""
        commands: bool = True
        """Whether others may switch cameras and the profile."""
        snapshots: bool = True
        """Whether pictures are sent."""
        stats_interval: Annotated[float, Field(ge=5)] = 60.0
        """Seconds between two messages with figures."""

        @field_validator("password")
        @classmethod
        def _without_its_line_break(cls, password: SecretStr | None) -> SecretStr | None:
            """A secret from a file often ends with one."""
            return password and SecretStr(password.get_secret_value().rstrip("\r\n"))

        @model_validator(mode="after")
        def _somebody_has_the_password(self) -> "Mqtt.Options":
            if self.password is not None and self.username is None:
                raise misplaced("username", "none", "the name that the password belongs to")
            return self

    def __init__(self, options: Options) -> None:
        self._options = options
        self._topics = Topics(options.topic_prefix)
        self._connection: Connection | None = None
        self._outbox: Outbox | None = None
        self._teller: Teller | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def attach(self, feed: SystemFeed) -> None:
        options, topics = self._options, self._topics
        self._outbox = outbox = Outbox(feed.lost)
        discovery = options.discovery_prefix and Discovery(
            options.discovery_prefix,
            topics,
            feed.version,
            page=feed.page,
            commands=options.commands,
            pictures=options.snapshots,
        )
        self._teller = teller = Teller(
            feed,
            topics,
            outbox,
            discovery=discovery or None,
            pictures=options.snapshots,
            stats_every_s=options.stats_interval,
        )
        orders = Orders(feed, topics, teller.look_again)
        filters = [*(orders.filters if options.commands else ()), *([discovery.everything] if discovery else [])]
        teller.start()
        self._connection = Connection(
            _address(options),
            self._client_id(),
            will=Message(topics.available, b"offline", retain=True, qos=1),
            topics=tuple(filters),
            heard=lambda message: self._heard(message, orders, outbox),
            work=outbox.run,
        )
        self._connection.start()
        self._tasks = [asyncio.create_task(run(), name="MQTT") for run in (teller.run, orders.run)]

    async def send(self, alert: Alert) -> None:
        picture = alert.snapshot if self._options.snapshots else None
        if self._connection is None:  # for alerts alone: what others are told of this system is not its affair
            self._connection = Connection(_address(self._options), f"framewatch-{token_hex(4)}")
        if picture is not None:
            await self._connection.publish(Message(self._topics.alert_picture, picture, retain=True, qos=1))
            if self._teller is not None:
                self._teller.pictures.showed(self._topics.alert_picture, alert.event)
        told = {
            **msgspec.to_builtins(replace(alert, snapshot=None)),
            "snapshot": None if picture is None else self._topics.alert_picture,
        }
        await self._connection.publish(Message(self._topics.alerts, msgspec.json.encode(told), qos=1))

    async def close(self) -> None:
        """Says what waits and that it is offline, where somebody listens."""
        if self._teller is not None:
            self._teller.stop()
        for task in self._tasks:
            task.cancel()
        if self._connection is not None:
            if self._outbox is not None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_FLUSH_S):
                        await self._outbox.said()
            await self._connection.close()

    def _client_id(self) -> str:
        return self._options.client_id or f"framewatch-{token_hex(4)}"

    @staticmethod
    def _heard(message: aiomqtt.Message, orders: Orders, outbox: Outbox) -> None:
        topic, payload = str(message.topic), message.payload
        if topic.endswith("/config"):
            if message.retain and payload and topic not in outbox:  # of a camera that went while we were not there
                outbox.empty(topic)
        elif not message.retain:  # an order is an act; what the broker has kept of an old one is none
            orders.take(topic, payload)


def _address(options: Mqtt.Options) -> Address:
    tls = options.tls
    return Address(
        options.host,
        options.port or (_PORT if tls is None else _TLS_PORT),
        options.username,
        None if options.password is None else options.password.get_secret_value(),
        None if tls is None else Tls(tls.ca, tls.insecure),
    )
