"""Alerts as HTTP requests."""

import re
from typing import Annotated, Any, Literal

import httpx
from pydantic import AfterValidator, ConfigDict, Field, SecretStr, model_validator

from pipeline.core.clock import Clock, SystemClock
from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert
from pipeline.core.message import PICTURE_NAMES, AlertOptions, template_with
from pipeline.core.options import misplaced
from pipeline.core.redact import redact_url
from sinks.alerts.document import document, filled
from sinks.alerts.signature import signature

SIGNATURE = "X-Framewatch-Signature"
_WORTH_RETRYING = {408, 425, 429}


_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[ -~]*")


def _is_http(url: SecretStr) -> SecretStr:
    """Names no part of the URL: it may hold what opens the door."""
    try:
        parsed = httpx.URL(url.get_secret_value())
    except (httpx.InvalidURL, ValueError):
        parsed = httpx.URL()
    if parsed.scheme not in ("http", "https") or not parsed.host or not 0 < (parsed.port or 80) < 65536:
        raise ValueError("a URL that begins with http:// or https://")
    return url


def _is_header_name(name: str) -> str:
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError("the name of a header: letters, digits and -")
    return name


def _is_header_value(value: SecretStr) -> SecretStr:
    """Without the line break that a secret from a file often ends with; refused here, where nobody repeats it."""
    text = value.get_secret_value().strip()
    if not _HEADER_VALUE.fullmatch(text):
        raise ValueError("the value of a header: one line of plain ASCII characters")
    return SecretStr(text)


class Webhook:
    """Sends each alert as one HTTP request; any 2xx is an arrival.

    The body is the alert as JSON, or what `template` makes of it. The header `Idempotency-Key` repeats the alert's
    `id`: who sees it twice was told the same thing twice.
    """

    class Options(AlertOptions):
        model_config = ConfigDict(hide_input_in_errors=True)

        url: Annotated[SecretStr, AfterValidator(_is_http)]
        method: Literal["POST", "PUT", "PATCH", "GET"] = "POST"
        """A GET has no body."""
        headers: dict[
            Annotated[str, AfterValidator(_is_header_name)], Annotated[SecretStr, AfterValidator(_is_header_value)]
        ] = Field(default_factory=dict)
        template: Annotated[str, template_with(*PICTURE_NAMES)] | None = Field(default=None, repr=False)
        """A Jinja template of the body, in place of the alert as JSON."""
        secret: Annotated[SecretStr, Field(min_length=1)] | None = None
        """Signs each request, in the header `X-Framewatch-Signature`."""
        timeout: Annotated[float, Field(gt=0, le=10)] = 5.0
        """Seconds to connect, and between two signs of life."""
        verify_tls: bool = True
        snapshot: Literal["none", "base64", "multipart"] = "none"
        """The picture inside the JSON, or beside it as a file."""

        @model_validator(mode="after")
        def _a_get_says_nothing(self) -> "Webhook.Options":
            if self.method == "GET" and self.template is not None:
                raise misplaced("template", "a template", "no template with method GET, which has no body")
            if self.method == "GET" and self.snapshot != "none":
                raise misplaced("snapshot", self.snapshot, "none with method GET, which has no body")
            return self

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        self._options = options
        self._clock = clock or SystemClock()
        self._url = options.url.get_secret_value()
        self._shown_url = redact_url(self._url)
        self._headers = {name: value.get_secret_value() for name, value in options.headers.items()}
        self._client = httpx.AsyncClient(timeout=options.timeout, verify=options.verify_tls)

    async def send(self, alert: Alert) -> None:
        try:
            response = await self._client.send(await self._request(alert))
        except httpx.HTTPError as error:
            raise DeliveryError(f"{self._shown_url}: {_reason(error)}") from error
        if not response.is_success:
            raise self._refusal(response)

    async def _request(self, alert: Alert) -> httpx.Request:
        request = self._client.build_request(self._options.method, self._url, **self._content(alert))
        request.headers["Idempotency-Key"] = alert.id
        if self._options.secret is not None:
            body = await request.aread()
            at = int(self._clock.time())
            request.headers[SIGNATURE] = signature(self._options.secret.get_secret_value(), body, at)
        request.headers.update(self._headers)
        return request

    def _content(self, alert: Alert) -> dict[str, Any]:
        """What httpx makes the body of."""
        if self._options.method == "GET":
            return {}
        body = self._body(alert)
        if self._options.snapshot != "multipart":
            return {"content": body, "headers": {"Content-Type": "application/json"}}
        files = {"alert": (None, body, "application/json")}
        picture = {"snapshot": ("snapshot.jpg", alert.snapshot, "image/jpeg")} if alert.snapshot else {}
        return {"files": {**files, **picture}}

    def _body(self, alert: Alert) -> bytes:
        inside = self._options.snapshot == "base64"
        if self._options.template is None:
            return document(alert, with_snapshot=inside)
        return filled(self._options.template, alert, with_snapshot=inside).encode()

    async def close(self) -> None:
        await self._client.aclose()

    def _refusal(self, response: httpx.Response) -> DeliveryError:
        return DeliveryError(
            f"{self._shown_url}: answered {response.status_code} {response.reason_phrase}".rstrip(),
            permanent=response.status_code < 500 and response.status_code not in _WORTH_RETRYING,
            retry_after_s=_retry_after_s(response),
        )


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.LocalProtocolError):
        return "the request is no valid HTTP"  # its own words repeat the header
    return str(error) or type(error).__name__


def _retry_after_s(response: httpx.Response) -> float | None:
    """Seconds only; the header's other form, a date, is left to the usual back-off."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None
