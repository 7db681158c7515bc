"""Alerts as HTTP requests."""

import re
from typing import Annotated, Literal

import httpx
import msgspec
from msgspec.structs import replace
from pydantic import AfterValidator, ConfigDict, Field, SecretStr

from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert
from pipeline.core.options import Options as BaseOptions
from pipeline.core.redact import redact_url

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
    """POSTs each alert as JSON: `{id, rule, event, snapshot, url}`.

    `event` has the one JSON form of events, `snapshot` is base64 or null. The header `Idempotency-Key` repeats
    `id`: who sees it twice was told the same thing twice. Any 2xx is an arrival.
    """

    class Options(BaseOptions):
        model_config = ConfigDict(hide_input_in_errors=True)

        url: Annotated[SecretStr, AfterValidator(_is_http)]
        headers: dict[
            Annotated[str, AfterValidator(_is_header_name)], Annotated[SecretStr, AfterValidator(_is_header_value)]
        ] = Field(default_factory=dict)
        timeout: Annotated[float, Field(gt=0, le=10)] = 5.0
        """Seconds to connect, and between two signs of life."""
        verify_tls: bool = True
        snapshot: Literal["none", "base64"] = "none"

    def __init__(self, options: Options) -> None:
        self._url = options.url.get_secret_value()
        self._shown_url = redact_url(self._url)
        self._with_snapshot = options.snapshot == "base64"
        self._client = httpx.AsyncClient(
            headers={name: value.get_secret_value() for name, value in options.headers.items()},
            timeout=options.timeout,
            verify=options.verify_tls,
        )

    async def send(self, alert: Alert) -> None:
        body = msgspec.json.encode(alert if self._with_snapshot else replace(alert, snapshot=None))
        headers = {"Content-Type": "application/json", "Idempotency-Key": alert.id}
        try:
            response = await self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise DeliveryError(f"{self._shown_url}: {_reason(error)}") from error
        if not response.is_success:
            raise self._refusal(response)

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
