"""SMTP submission to a mail relay: e-mail.

API: RFC 5321 and 6409 submission, port 587 with STARTTLS or 465 with TLS from the start.
Auth: PLAIN or LOGIN with user and password, after TLS.
Units: a whole message with its files goes through memory.
Idempotency: none. The Message-ID is made from our message id, so a repeat can be told apart in the
    recipient's mailbox. A connection lost once the text is on its way is `Unknown`.
Webhook: none; bounces return to the envelope sender. Accepted means accepted by the relay.
Limits: the relay's; 552 refuses a message too large.
Inferred: nothing. Reply codes are those of RFC 5321 and 4954, extended codes of RFC 3463.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate
from hashlib import sha256
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from los_adapters.client import Http, is_loopback
from los_adapters.deadline import connect, tls_context, until
from los_adapters.provider import Provider, ProviderSettings
from los_core.ports.errors import ProviderError, Unavailable
from los_core.ports.message import Accepted, Channel, Message, MessageSender, Trace

_ADDRESS = re.compile(r"[!-;=?-~]+@[A-Za-z0-9.\-]+")
"""Printable ASCII without spaces and angle brackets: nothing that could end a command."""

_POLICY = SMTP.clone(cte_type="7bit")


class Settings(ProviderSettings, frozen=True):
    """A brand's account at a relay.

    Attributes:
        security: "none" only on this machine.
        username: "" to send without logging in.
        ca_file: a PEM file of authorities to trust instead of the system's, "" for the system's.
    """

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "implicit", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    ca_file: str = ""
    from_address: str = Field(pattern=_ADDRESS.pattern)
    from_name: str = ""
    reply_to: str = ""

    @model_validator(mode="after")
    def _keep_passwords_off_the_wire(self) -> Self:
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError("a relay on another machine needs TLS")
        return self


class Smtp:
    """Sends e-mail through a relay; a connection per message."""

    def __init__(self, settings: Settings, http: Http) -> None:
        """`http` is used for its places and breaker: SMTP speaks on a socket of its own."""
        self._settings = settings
        self._http = http

    @property
    def channels(self) -> frozenset[Channel]:
        """E-mail only."""
        return frozenset({Channel.EMAIL})

    def send(self, message: Message) -> Accepted:
        """Hand one e-mail over, as the port says. `provider_ref` is its Message-ID."""
        if message.channel not in self.channels:
            raise self._http.rejected("send", "CHANNEL")
        if not _ADDRESS.fullmatch(message.to):
            raise self._http.rejected("send", "RECIPIENT")
        mail = _mail(message, self._settings)
        with self._http.admitted("send") as breaker:
            healthy = False
            try:
                with until(self._http.limits.deadline_s):
                    self._submit(message.to, mail.as_bytes())
                healthy = True
            except ProviderError as err:
                healthy = err.code.isdigit()  # the relay answered, if with a no
                raise
            finally:
                breaker.record(healthy=healthy)
        return Accepted(self._http.name, str(mail["Message-ID"]))

    def trace(self, message_id: str) -> Trace:  # noqa: ARG002 # the port's
        """A relay answers no questions about mail it took."""
        return Trace.CANNOT_TELL

    def _submit(self, to: str, text: bytes) -> None:
        with self._session() as session:
            self._expect(session.mail(self._settings.from_address)[0], {250}, ours=True)
            self._expect(session.rcpt(to)[0], {250, 251})
            self._expect(session.docmd("DATA")[0], {354})
            try:
                session.send(_stuffed(text))
                code = session.getreply()[0]
            except (smtplib.SMTPException, OSError) as err:
                raise self._http.unreadable("send", type(err).__name__, effect=True) from None
            self._expect(code, {250}, sent=True)
            with suppress(smtplib.SMTPException, OSError):
                session.quit()

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """Connect, secure and log in; whatever fails before the text is sent is `Unavailable`."""
        session: smtplib.SMTP | None = None
        try:
            session = _Session(self._settings)
            session.ehlo_or_helo_if_needed()
            if self._settings.security == "starttls":
                session.starttls(context=tls_context(self._settings.ca_file))
                session.ehlo()
            if self._settings.username:
                session.login(self._settings.username, self._settings.password.get_secret_value())
            yield session
        except smtplib.SMTPNotSupportedError:
            raise self._http.misconfigured("send", "NO_TLS_OR_AUTH") from None
        except smtplib.SMTPResponseException as err:
            code = err.smtp_code
            refused = isinstance(err, smtplib.SMTPAuthenticationError) and code >= 500
            raise self._refusal(code, ours=refused) from None
        except ssl.SSLCertVerificationError:
            raise self._http.misconfigured("send", "CERTIFICATE") from None
        except (smtplib.SMTPException, OSError) as err:
            why = type(err).__name__
            raise Unavailable(
                f"{self._http.name}: send: {why}", provider=self._http.name, code=why
            ) from None
        finally:
            if session is not None:
                session.close()

    def _expect(self, code: int, good: set[int], *, ours: bool = False, sent: bool = False) -> None:
        if code in good:
            return
        if sent and not 400 <= code <= 599:
            raise self._http.unreadable("send", "no SMTP reply", effect=True)
        raise self._refusal(code, ours=ours)

    def _refusal(self, code: int, *, ours: bool) -> ProviderError:
        """Return what a reply that refuses means; `ours`: it is about us, not the recipient."""
        if code in (530, 535) or (ours and code >= 500):
            return self._http.misconfigured("send", str(code))
        if code >= 500:
            return self._http.rejected("send", str(code))
        return Unavailable(
            f"{self._http.name}: send: {code}", provider=self._http.name, code=str(code)
        )


class _Session(smtplib.SMTP):
    """smtplib on a socket that keeps the deadline."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        domain = settings.from_address.rpartition("@")[2]
        super().__init__(settings.host, settings.port, local_hostname=domain)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 # smtplib's own seam; the deadline is in the socket
        plain = connect(host, port)
        if self._settings.security != "implicit":
            return plain
        return tls_context(self._settings.ca_file).wrap_socket(plain, server_hostname=host)


def _mail(message: Message, settings: Settings) -> EmailMessage:
    """Write the message; what came from people is folded to one line where a header takes it."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = formataddr((_line(settings.from_name), settings.from_address))
    mail["To"] = message.to
    mail["Subject"] = _line(message.subject)
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = _message_id(message.id, settings.from_address)
    if settings.reply_to:
        mail["Reply-To"] = _line(settings.reply_to)
    mail.set_content(message.text)
    for file in message.attachments:
        main, _, sub = file.content_type.partition("/")
        mail.add_attachment(file.content, maintype=main, subtype=sub, filename=_line(file.name))
    return mail


def _line(text: str) -> str:
    return " ".join(text.split())


def _message_id(message_id: str, from_address: str) -> str:
    """Return the same Message-ID for the same message, whatever its id is made of."""
    local = message_id
    if not re.fullmatch(r"[A-Za-z0-9\-]{1,64}", message_id):
        local = sha256(message_id.encode()).hexdigest()
    return f"<{local}@{from_address.rpartition('@')[2]}>"


def _stuffed(text: bytes) -> bytes:
    """Double the dots that begin lines and end with the dot that ends the text (RFC 5321)."""
    body = re.sub(rb"(?m)^\.", b"..", text)
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"


PROVIDER: Provider[Settings, MessageSender] = Provider(Settings, Smtp)
