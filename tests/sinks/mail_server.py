"""A real SMTP server that keeps what it is given, for tests."""

import asyncio
import ssl
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "watcher", "swordfish and chips"


@dataclass
class MailServer:
    """`refuses` is what it answers to each recipient (by address), `answer` to a mail, instead of taking it."""

    starttls: ssl.SSLContext | None = None
    implicit: ssl.SSLContext | None = None
    wants_login: bool = False
    refuses: dict[str, str] = field(default_factory=dict)
    answer: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    was_encrypted: list[bool] = field(default_factory=list)
    port: int = 0

    async def __aenter__(self) -> "MailServer":
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", 0, ssl=self.implicit)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    def _session(self) -> SMTP:
        with warnings.catch_warnings(action="ignore"):  # of logins in the clear, which are what is tried here
            return self._smtp()

    def _smtp(self) -> SMTP:
        return SMTP(
            self,
            tls_context=self.starttls,
            require_starttls=self.starttls is not None,
            auth_required=self.wants_login,
            auth_require_tls=False,
            authenticator=self._is_known,
            hostname="mail.example",
        )

    def _is_known(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        if self.answer:
            return self.answer
        read = message_from_bytes(envelope.content, policy=default)
        assert isinstance(read, EmailMessage)
        self.mails.append(read)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.was_encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A throw-away one for 127.0.0.1, as a file that vouches for itself, and what serves with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    shown, whole = folder / "certificate.pem", folder / "key.pem"
    shown.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    whole.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(shown, whole)
    return shown, context
