"""One connection to an MQTT broker, from its greeting until it is lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from pipeline.core.errors import DeliveryError
from sinks.alerts.broker.address import Address
from sinks.alerts.broker.message import Message, Publish

log = logging.getLogger(__name__)
_wire = log.getChild("wire")
_wire.setLevel(logging.ERROR)
"""The library's own words, which repeat what is said here."""

TIMEOUT_S = 4.0
KEEPALIVE_S = 20
"""A broker that says nothing for so long, and half as long again, has gone."""
MOST_HEARD = 256
_GOODBYE_S = 0.15
_NOT_WANTED = {4, 5, 134, 135}
"""Answers to a greeting, old and new, that say: not with this user and password."""

Heard = Callable[[aiomqtt.Message], None]
Work = Callable[[Publish], Awaitable[None]]


class Session:
    """Made by `open`; for one event loop."""

    def __init__(self, address: Address, client: aiomqtt.Client, will: Message | None) -> None:
        self._address = address
        self._client = client
        self._will = will
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, address: Address, client_id: str, will: Message | None, topics: Sequence[str]) -> "Session":
        """`will` is what the broker says when this session breaks off; raises DeliveryError."""
        context = await asyncio.to_thread(address.context)
        await address.try_to_reach(context, TIMEOUT_S)
        client = aiomqtt.Client(
            address.host,
            address.port,
            username=address.username,
            password=address.password,
            identifier=client_id,
            will=None if will is None else aiomqtt.Will(will.topic, will.payload, will.qos, will.retain),
            timeout=TIMEOUT_S,
            keepalive=KEEPALIVE_S,
            max_queued_incoming_messages=MOST_HEARD,
            tls_context=context,
            logger=_wire,
        )
        try:
            await client.__aenter__()
            for topic in topics:
                await client.subscribe(topic, qos=1)
        except aiomqtt.MqttError as error:
            await _let_go(client)
            raise _refusal(address, error) from None
        except BaseException:
            await _let_go(client)
            raise
        return cls(address, client, will)

    async def publish(self, message: Message) -> None:
        """Raises DeliveryError; where the broker does not take it in time, the session is over."""
        sending = asyncio.create_task(self._client.publish(message.topic, message.payload, message.qos, message.retain))
        try:
            await asyncio.wait([sending, self._over], return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                raise self._lost()
            sending.result()
        except (aiomqtt.MqttError, OSError) as error:
            self._end()
            raise DeliveryError(f"{self._address}: it does not take messages ({_plain(error)})") from None
        except ValueError as error:
            raise DeliveryError(f"{self._address}: {message.topic!r}: {error}", permanent=True) from None
        finally:
            sending.cancel()

    async def hold(self, heard: Heard, work: Work) -> None:
        """Hears and works until the session is over, which is a DeliveryError."""
        tasks = [asyncio.create_task(each) for each in (self._hear(heard), self._work(work), self._until_over())]
        try:
            await asyncio.gather(*tasks)
        finally:
            self._end()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Says the will itself: the broker, which may only be slow, takes this for a farewell and does not."""
        self._end()
        self._client.timeout = _GOODBYE_S
        if self._will is not None:
            with suppress(aiomqtt.MqttError, OSError):
                await self._client.publish(self._will.topic, self._will.payload, retain=self._will.retain)
        await _let_go(self._client)

    async def _hear(self, heard: Heard) -> None:
        try:
            async for message in self._client.messages:
                heard(message)
        except (aiomqtt.MqttError, OSError):
            raise self._lost() from None

    async def _work(self, work: Work) -> None:
        await work(self.publish)

    async def _until_over(self) -> None:
        await asyncio.shield(self._over)
        raise self._lost()

    def _lost(self) -> DeliveryError:
        return DeliveryError(f"{self._address}: the connection is lost")

    def _end(self) -> None:
        if not self._over.done():
            self._over.set_result(None)


async def _let_go(client: aiomqtt.Client) -> None:
    """Closes the socket, also of one that never got an answer: that would take the next one's place later."""
    client.timeout = _GOODBYE_S
    with suppress(aiomqtt.MqttError, OSError):
        await client.__aexit__(None, None, None)


def _refusal(address: Address, error: aiomqtt.MqttError) -> DeliveryError:
    if not isinstance(error, MqttConnectError):
        return DeliveryError(f"{address}: no broker answers there ({_plain(error)})")
    if getattr(error.rc, "value", error.rc) in _NOT_WANTED:
        return DeliveryError(f"{address}: not authorised: are username and password right?", permanent=True)
    return DeliveryError(f"{address}: refused ({error.rc})")


def _plain(error: Exception) -> str:
    return "no answer in time" if str(error) == "Operation timed out" else str(error) or type(error).__name__
