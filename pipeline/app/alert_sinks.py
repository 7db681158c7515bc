"""The sinks of a configuration, and what of them nobody is told."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from pydantic import BaseModel, SecretStr

from pipeline import registry
from pipeline.config import Config
from pipeline.config.config import SinkConfig
from pipeline.core.contracts import AlertSink
from pipeline.core.event import Alert
from pipeline.core.message import AlertOptions, SinkMessage, worded
from pipeline.core.redact import redact_secrets


def alert_sinks(config: Config) -> Mapping[str, AlertSink]:
    """Only those that a rule sends to: a sink that nobody names is not opened."""
    named = {name for rule in config.alerts for name in rule.sinks}
    return {name: _made(sink) for name, sink in config.sinks.items() if name in named}


class Worded:
    """A sink with words of its own for title and text."""

    def __init__(self, sink: AlertSink, message: SinkMessage) -> None:
        self._sink = sink
        self._message = message

    async def send(self, alert: Alert) -> None:
        await self._sink.send(worded(alert, title=self._message.title, text=self._message.text))

    async def close(self) -> None:
        await self._sink.close()


def _made(sink: SinkConfig) -> AlertSink:
    made: AlertSink = registry.load("sinks", sink.type)(sink.options)
    message = sink.options.message if isinstance(sink.options, AlertOptions) else None
    return made if message is None else Worded(made, message)


def hiding_secrets(config: Config) -> Callable[[str], str]:
    """What takes the secrets of all sinks out of a text."""
    found = {secret for sink in config.sinks.values() for secret in _secrets(sink.options)}
    return partial(redact_secrets, secrets=sorted(found, key=len, reverse=True))


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        yield from _secrets(dict(value))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _secrets(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _secrets(each)
