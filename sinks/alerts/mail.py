"""An alert as a mail: text, and the same in HTML with the picture inside."""

import re
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from jinja2 import Environment

from pipeline.core.event import Alert
from pipeline.core.message import values_of
from sinks.alerts.document import with_link

_ADDRESS = re.compile(r"(?:(?P<name>[^<>\x00-\x1f\x7f]*)<)?(?P<spec>[!-~]+@[!-~]+?)(?(name)>)")
_HTML = Environment(autoescape=True).from_string(
    """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{{ title }}</title></head>
<body style="margin: 0; padding: 16px; font: 16px/1.5 system-ui, sans-serif;">
<h1 style="margin: 0 0 12px; font-size: 20px;">{{ title }}</h1>
{%- if picture %}
<img src="cid:{{ picture }}" alt="The picture of what happened" style="max-width: 100%; border-radius: 8px;">
{%- endif %}
<p style="white-space: pre-line;">{{ text }}</p>
{%- if url %}
<p><a href="{{ url }}">Open it in Framewatch</a></p>
{%- endif %}
</body>
</html>
"""
)


def address(text: str) -> Address:
    """Of `me@example.org` or `My name <me@example.org>`; raises ValueError."""
    found = _ADDRESS.fullmatch(text.strip())
    try:
        return Address((found["name"] or "").strip().strip('"'), addr_spec=found["spec"]) if found else _no_address()
    except (ValueError, IndexError, TypeError):  # what email's parser makes of nonsense
        return _no_address()


def mail(alert: Alert, sender: Address, to: Sequence[Address], *, with_snapshot: bool) -> EmailMessage:
    """Headers are one line each, whatever an alert says."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"] = sender, tuple(to)
    made["Subject"] = _line(alert.title) or _line(f"Alert: {alert.rule}")
    made["Date"] = format_datetime(values_of(alert)["time"])
    made["Message-ID"] = f"<{re.sub(r'[^A-Za-z0-9-]', '', alert.id)}@{sender.domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(with_link(alert) + "\n")
    picture = alert.snapshot if with_snapshot else None
    words = {
        "title": alert.title,
        "text": alert.text,
        "url": alert.url,
        "picture": picture and f"picture@{sender.domain}",
    }
    made.add_alternative(_HTML.render(words), subtype="html")
    if picture:
        _, html = made.iter_parts()
        cid = f"<picture@{sender.domain}>"
        html.add_related(picture, "image", "jpeg", cid=cid, filename="snapshot.jpg", disposition="inline")
    return made


def _line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _no_address() -> Address:
    raise ValueError("a mail address: me@example.org, or My name <me@example.org>")
