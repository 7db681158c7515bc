"""An alert as programs read it, and as a template of theirs says it."""

from base64 import b64encode

import msgspec
from msgspec.structs import replace

from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert
from pipeline.core.message import values_of
from pipeline.core.templates import TemplateFailed, fill_in


def document(alert: Alert, *, with_snapshot: bool = False) -> bytes:
    """JSON; the snapshot is base64, or null."""
    return msgspec.json.encode(alert if with_snapshot else replace(alert, snapshot=None))


def filled(template: str, alert: Alert, *, with_snapshot: bool = False) -> str:
    """The template with what the alert says; raises DeliveryError, as it would fail every time."""
    picture = b64encode(alert.snapshot).decode() if alert.snapshot and with_snapshot else None
    try:
        return fill_in(template, {**values_of(alert), "snapshot": picture})
    except TemplateFailed as error:
        raise DeliveryError(str(error), permanent=True) from error


def with_link(alert: Alert) -> str:
    """The text, and below it the link, where the text does not have it already."""
    return f"{alert.text}\n\n{alert.url}" if alert.url and alert.url not in alert.text else alert.text
