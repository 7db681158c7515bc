"""Frigate's broker → a sink."""

from typing import Any

from pipeline import registry
from pipeline.config.frigate import reasons
from pipeline.config.frigate.addresses import named, text, variables
from pipeline.config.frigate.reading import checked, section
from pipeline.config.frigate.report import Report
from pipeline.config.frigate.stages import is_off
from pipeline.config.node import Node
from pipeline.config.problems import Problems
from pipeline.config.wording import kind

SINK = "home"
_PREFIX, _PORT = "frigate", 1883
"""Frigate's, where they are not written."""
_LOGIN = {"user": "username", "password": "password"}
_TLS = {"tls_ca_certs": "ca", "tls_insecure": "insecure"}
_TAKEN = ("enabled", "host", "port", "topic_prefix", "client_id", "stats_interval", *_LOGIN, *_TLS)
_TOLD = (
    "it is a sink; what is told, and where: docs/mqtt.md. While Frigate runs beside it, one of them needs another "
    "topic_prefix"
)
_AS_IT_IS = "unlike in an address, nothing is escaped in this variable"


def mqtt(root: Node, problems: Problems, report: Report) -> dict[str, Any]:
    """`sinks` with the broker; nothing where Frigate has none."""
    own = section(root, "mqtt", problems)
    if not own.names or is_off(own, problems):
        return {}
    report.rest(own, _TAKEN, reasons.MQTT)
    report.changed(root.get("mqtt"), _TOLD, at=("sinks", SINK))
    tls = {ours: own.get(theirs).plain() for theirs, ours in _TLS.items() if own.get(theirs).value is not None}
    defaults = {"topic_prefix": _PREFIX, **({"tls": tls, "port": _PORT} if tls else {})}
    options = registry.load("sinks", "mqtt").Options
    unwritten = Node.of({key: value for key, value in defaults.items() if key not in own.names}, file=own.file).names
    read = checked(options, own.without(*_LOGIN), problems, **unwritten)
    return {
        "sinks": {
            SINK: {
                "type": "mqtt",
                **{key: text(value) if isinstance(value, str) else value for key, value in read.items()},
                **_login(own, problems, report),
            }
        }
    }


def _login(own: Node, problems: Problems, report: Report) -> dict[str, str]:
    found = {}
    for theirs, ours in _LOGIN.items():
        node = own.get(theirs)
        if isinstance(node.value, str):
            found[ours] = named(node.value)
            if variables(found[ours]):
                report.changed(node, _AS_IT_IS, at=("sinks", SINK, ours))
        elif node.value is not None and not node.broken:
            problems.add(node, got=kind(node), wanted="text")
    if "password" in found and own.get("user").value is None:
        problems.add(own.get("password"), got="a password without a user", wanted="both")
    return found
