"""The sinks of a configuration, and what of them nobody is told."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from pydantic import BaseModel, SecretStr

from pipeline import registry
from pipeline.config import Config
from pipeline.config.config import SinkConfig
from pipeline.core.contracts import AlertSink
from pipeline.core.event import Alert
from pipeline.core.feed import SystemFeed
from pipeline.core.message import AlertOptions, SinkMessage, worded
from pipeline.core.redact import redact_secrets


def alert_sinks(config: Config) -> Mapping[str, AlertSink]:
    """Those that a rule sends to, and those that want to know more than alerts: no other sink is opened."""
    named = {name for rule in config.alerts for name in rule.sinks}
    wanted = {name: sink for name, sink in config.sinks.items() if name in named or _wants_more(sink)}
    return {name: _made(sink) for name, sink in wanted.items()}


def attach(sinks: Mapping[str, AlertSink], feed: Callable[[str], SystemFeed]) -> None:
    """Gives a feed to those that want one; `feed` makes it for the sink of that name."""
    for name, sink in sinks.items():
        plain = sink.sink if isinstance(sink, Worded) else sink
        if wants_more := getattr(plain, "attach", None):
            wants_more(feed(name))


class Worded:
    """A sink with words of its own for title and text."""

    def __init__(self, sink: AlertSink, message: SinkMessage) -> None:
        self.sink = sink
        self._message = message

    async def send(self, alert: Alert) -> None:
        await self.sink.send(worded(alert, title=self._message.title, text=self._message.text))

    async def close(self) -> None:
        await self.sink.close()


def _wants_more(sink: SinkConfig) -> bool:
    return hasattr(registry.load("sinks", sink.type), "attach")


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
