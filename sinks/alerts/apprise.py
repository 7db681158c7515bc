"""Alerts as messages to one of Apprise's services: ntfy, Telegram, Pushover, Slack, Matrix, …"""

import asyncio
from collections import OrderedDict
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, SecretStr

from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert
from pipeline.core.message import AlertOptions
from sinks.alerts.services import Service, is_known

_REMEMBERED = 64


def _is_a_service(url: SecretStr) -> SecretStr:
    """Names no part of the address: all of it may open the door."""
    if not is_known(url.get_secret_value().strip()):
        raise ValueError("the address of a service that Apprise knows, as ntfy://topic or tgram://token/chat")
    return SecretStr(url.get_secret_value().strip())


def _as_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Apprise:
    """Sends title, text, link and picture to each service; one that has an alert does not get it twice."""

    class Options(AlertOptions):
        model_config = ConfigDict(hide_input_in_errors=True)

        url: Annotated[
            tuple[Annotated[SecretStr, AfterValidator(_is_a_service)], ...],
            BeforeValidator(_as_many, json_schema_input_type=str | tuple[str, ...]),
            Field(min_length=1),
        ]
        """One address or several."""
        snapshot: bool = True
        """The picture, where the service takes pictures."""
        timeout: Annotated[float, Field(gt=0, le=10)] = 4.0
        """Seconds to connect, and for each answer."""

    def __init__(self, options: Options) -> None:
        self._services = [Service(url.get_secret_value(), options.timeout) for url in options.url]
        self._with_snapshot = options.snapshot
        self._arrived: OrderedDict[str, set[Service]] = OrderedDict()
        """By alert, who has it, while others do not."""

    async def send(self, alert: Alert) -> None:
        has_it = self._arrived.setdefault(alert.id, set())
        while len(self._arrived) > _REMEMBERED:
            self._arrived.popitem(last=False)
        await self._send_to([service for service in self._services if service not in has_it], alert, has_it)
        self._arrived.pop(alert.id, None)

    async def _send_to(self, services: list[Service], alert: Alert, has_it: set[Service]) -> None:
        on_the_way = [
            asyncio.wrap_future(service.deliver(alert, with_snapshot=self._with_snapshot)) for service in services
        ]
        failures = await asyncio.gather(*on_the_way, return_exceptions=True)
        has_it |= {service for service, failure in zip(services, failures, strict=True) if failure is None}
        if failed := [failure for failure in failures if failure is not None]:
            raise _together(failed)

    async def close(self) -> None:
        """Nothing stays open between alerts."""


def _together(failed: list[BaseException]) -> DeliveryError:
    """Permanent where nothing that failed could still arrive."""
    permanent = all(isinstance(error, DeliveryError) and error.permanent for error in failed)
    words = [str(error) if isinstance(error, DeliveryError) else type(error).__name__ for error in failed]
    return DeliveryError("; ".join(words), permanent=permanent)
