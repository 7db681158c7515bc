"""Alerts as mails, over SMTP."""

import re
from typing import Annotated, Literal

import aiosmtplib
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert
from pipeline.core.message import AlertOptions
from pipeline.core.options import misplaced
from sinks.alerts.mail import address, mail

_PORTS = {"none": 25, "starttls": 587, "implicit": 465}
_LONGEST_ANSWER = 160
_SAID_ALREADY = re.compile(r"^Error connecting to \S+ on port \d+: ")


def _is_an_address(text: str) -> str:
    address(text)
    return text


def _as_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


MailAddress = Annotated[str, AfterValidator(_is_an_address)]


class Email:
    """Sends a mail for each alert, its title as the subject; `Message-ID` repeats the alert's `id`."""

    class Options(AlertOptions):
        host: Annotated[str, Field(min_length=1)]
        port: Annotated[int, Field(ge=1, le=65535)] | None = None
        """None: 587 with starttls, 465 with implicit, 25 with none."""
        tls: Literal["starttls", "implicit", "none"] = "starttls"
        """With `none` everything goes in the clear, the password too."""
        verify_tls: bool = True
        username: str | None = None
        password: SecretStr | None = None
        sender: MailAddress = Field(alias="from")
        to: Annotated[
            tuple[MailAddress, ...],
            BeforeValidator(_as_many, json_schema_input_type=str | tuple[str, ...]),
            Field(min_length=1),
        ]
        snapshot: bool = True
        """The picture inside the mail."""
        timeout: Annotated[float, Field(gt=0, le=10)] = 5.0
        """Seconds to connect, and for each answer."""

        @model_validator(mode="after")
        def _who_logs_in_has_both(self) -> "Email.Options":
            if self.username is not None and self.password is None:
                raise misplaced("password", "nothing", "a password, as a username is given")
            if self.password is not None and self.username is None:
                raise misplaced("username", "nothing", "a username, as a password is given")
            return self

    def __init__(self, options: Options) -> None:
        self._options = options
        self._sender = address(options.sender)
        self._to = [address(each) for each in options.to]
        self._port = options.port or _PORTS[options.tls]

    async def send(self, alert: Alert) -> None:
        options = self._options
        message = mail(alert, self._sender, self._to, with_snapshot=options.snapshot)
        try:
            refused, _ = await aiosmtplib.send(
                message,
                hostname=options.host,
                port=self._port,
                username=options.username,
                password=options.password.get_secret_value() if options.password else None,
                use_tls=options.tls == "implicit",
                start_tls=options.tls == "starttls",
                validate_certs=options.verify_tls,
                timeout=options.timeout,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise self._failure(error) from error
        if refused:  # the others have it: they would get it again
            answer = next(iter(refused.values()))
            what = f"refused {len(refused)} of {len(self._to)} recipients: {self._answer(answer.code, answer.message)}"
            raise self._said(what, permanent=True)

    async def close(self) -> None:
        """Nothing stays open between alerts."""

    def _failure(self, error: Exception) -> DeliveryError:
        match error:
            case aiosmtplib.SMTPTimeoutError():
                return self._said("no answer in time")
            case aiosmtplib.SMTPAuthenticationError(code=code):  # its own words may repeat who tried
                return self._said(f"refused the user name or the password ({code})", permanent=_is_final(code))
            case aiosmtplib.SMTPRecipientsRefused(recipients=[first, *_] as all_of_them):
                what = f"refused every recipient: {self._answer(first.code, first.message)}"
                return self._said(what, permanent=all(_is_final(each.code) for each in all_of_them))
            case aiosmtplib.SMTPResponseException(code=code, message=message):
                return self._said(f"answered {self._answer(code, message)}", permanent=_is_final(code))
            case aiosmtplib.SMTPServerDisconnected() | aiosmtplib.SMTPConnectError() | OSError():
                return self._said(self._clean(str(error)))
        return self._said(self._clean(str(error)), permanent=True)

    def _said(self, what: str, *, permanent: bool = False) -> DeliveryError:
        return DeliveryError(f"{self._options.host}:{self._port}: {what}", permanent=permanent)

    def _answer(self, code: int, message: str) -> str:
        return f"{code} {self._clean(message)}".strip()

    def _clean(self, text: str) -> str:
        """One line, without the password."""
        if self._options.password:
            text = text.replace(self._options.password.get_secret_value(), "…")
        return " ".join(_SAID_ALREADY.sub("", text).split())[:_LONGEST_ANSWER]


def _is_final(code: int) -> bool:
    return 500 <= code < 600
