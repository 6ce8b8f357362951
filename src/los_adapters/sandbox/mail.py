"""A mail relay, imitated: an SMTP listener that keeps what it takes for people to read.

Demands a log-in. Answers 550 for `bounce@…` and 451 for `temp@…`. A mail reaches its recipient's
inbox, `World.messages`, with its headers, text and files.

Fault switches of the vendor "mail": on "POST /connect" drop_before and cut_before (no greeting),
on "POST /send" the HTTP ones as SMTP has them: 429 is 451, 401 is 535, 403 is 550 on MAIL; drops
and cuts come after the text. SMTP has no doubtful 5xx: those do nothing here.
"""

import asyncio
import base64
import email
import email.policy
import logging
import threading
from concurrent.futures import Future
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from los_adapters.sandbox.faults import FaultKind, Faults
from los_adapters.sandbox.world import World

SANDBOX_USERNAME = "los-sandbox"
SANDBOX_PASSWORD = "sbx-relay-4tqv9w"  # noqa: S105 # the sandbox's own, good nowhere else
VENDOR = "mail"

_CONNECT = "/connect"
_SEND = "/send"
_ODD_REPLIES = {
    FaultKind.GARBAGE_AFTER: "who goes there",
    FaultKind.SCHEMA_AFTER: "354 go on",
}


def settings(host: str, port: int) -> dict[str, object]:
    """Return settings of the adapter for the sandbox's relay."""
    return {
        "account": "sandbox",
        "host": host,
        "port": port,
        "security": "none",
        "username": SANDBOX_USERNAME,
        "password": SANDBOX_PASSWORD,
        "from_address": "loans@lender.example.in",
        "from_name": "Sandbox Lender",
    }


class Mail:
    """The relay's answers, as aiosmtpd asks for them."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults

    def authenticate(
        self,
        server: SMTP,  # noqa: ARG002 # aiosmtpd's signature, also below
        session: Session,
        envelope: Envelope,  # noqa: ARG002
        mechanism: str,  # noqa: ARG002
        auth_data: Any,
    ) -> AuthResult:
        """Check user and password."""
        met = self._met(session)
        good = auth_data == LoginPassword(SANDBOX_USERNAME.encode(), SANDBOX_PASSWORD.encode())
        return AuthResult(success=good and FaultKind.STATUS_401 not in met, handled=False)

    async def handle_MAIL(  # noqa: N802 # aiosmtpd's names, also below
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        met = self._met(session)
        if FaultKind.STATUS_403 in met:
            return "550 5.7.1 Not allowed to send"
        if FaultKind.STATUS_429 in met:
            return "451 4.7.1 Slow down"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Take a recipient, or refuse it."""
        local = address.partition("@")[0].lower()
        if local == "bounce":
            return "550 5.1.1 No such user here"
        if local == "temp":
            return "451 4.3.0 Try again later"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the text and keep it before answering."""
        met = self._met(session)
        if met & {FaultKind.DROP_BEFORE, FaultKind.CUT_BEFORE}:
            return await _lost(server, silent=FaultKind.DROP_BEFORE in met)
        number = await asyncio.to_thread(self._keep, envelope)
        if met & {FaultKind.DROP_AFTER, FaultKind.CUT_AFTER}:
            return await _lost(server, silent=FaultKind.DROP_AFTER in met)
        if FaultKind.TRUNCATED_AFTER in met:
            cast("asyncio.Transport", server.transport).write(b"25")
            return await _lost(server, silent=False)
        for kind, reply in _ODD_REPLIES.items():
            if kind in met:
                return reply
        return f"250 2.0.0 OK queued as {number:08X}"

    def connection_faults(self) -> frozenset[FaultKind]:
        """Return the faults a new connection meets."""
        return frozenset(fault.kind for fault in self._faults.met_by(VENDOR, "POST", _CONNECT))

    def _met(self, session: Session) -> frozenset[FaultKind]:
        """Return the faults of this connection's message, asked for once."""
        met: frozenset[FaultKind] | None = getattr(session, "met_faults", None)
        if met is None:
            faults = self._faults.met_by(VENDOR, "POST", _SEND)
            met = frozenset(fault.kind for fault in faults)
            session.met_faults = met  # type: ignore[attr-defined] # aiosmtpd lets handlers keep their own
        return met

    def _keep(self, envelope: Envelope) -> int:
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = mail.get_body(("plain", "html"))
        with self._world.turn():
            number = self._world.state(VENDOR).next_number("mail")
            for to in envelope.rcpt_tos:
                self._world.tell(
                    vendor=VENDOR,
                    channel="EMAIL",
                    to=to,
                    text=str(body.get_content()) if body else "",
                    subject=str(mail["Subject"] or ""),
                    sender=str(mail["From"] or ""),
                    headers={name: str(value) for name, value in mail.items()},
                    files=[_file(part) for part in mail.iter_attachments()],
                )
        return number


async def _lost(server: SMTP, *, silent: bool) -> str:
    """Say nothing more: wait until the caller hangs up, or hang up on it."""
    if not silent:
        cast("asyncio.Transport", server.transport).abort()
    await asyncio.Event().wait()  # cancelled when the connection is gone
    raise AssertionError("nobody sets this event")


def _file(part: EmailMessage) -> dict[str, str]:
    content = part.get_payload(decode=True)
    return {
        "name": part.get_filename() or "",
        "content_type": part.get_content_type(),
        "content": base64.b64encode(content if isinstance(content, bytes) else b"").decode("ascii"),
    }


class _Mute(asyncio.Protocol):
    """A connection that gets no greeting, or is cut at once."""

    def __init__(self, silent: set[asyncio.Transport], *, cut: bool) -> None:
        self._silent = silent
        self._cut = cut

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._silent.add(self._transport)
        if self._cut:
            self._transport.abort()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._silent.discard(self._transport)


class MailListener:
    """Listens for mail in a thread of its own."""

    def __init__(self, mail: Mail, host: str, port: int) -> None:
        """Port 0 means any free one; `port` then says which."""
        self.host = host
        self.port = port
        self._mail = mail
        self._started: Future[None] = Future()
        self._silent: set[asyncio.Transport] = set()
        self._thread = threading.Thread(target=self._run, name="mail", daemon=True)

    def start(self) -> None:
        """Begin to listen. Raises: OSError: the port is taken."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd would log whole mails
        self._thread.start()
        self._started.result()

    def stop(self) -> None:
        """Stop listening and drop the connections."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._listen())

    async def _listen(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        try:
            server = await self._loop.create_server(self._protocol, self.host, self.port)
        except OSError as err:
            self._started.set_exception(err)
            return
        self.port = server.sockets[0].getsockname()[1]
        self._started.set_result(None)
        await self._stopping.wait()
        server.close()
        for transport in set(self._silent):
            transport.abort()

    def _protocol(self) -> asyncio.Protocol:
        met = self._mail.connection_faults()
        if met:
            return _Mute(self._silent, cut=FaultKind.CUT_BEFORE in met)
        return SMTP(
            self._mail,
            hostname="sandbox",
            loop=self._loop,
            # The handler demands the log-in: aiosmtpd warns of one without TLS, which on loopback
            # is as meant.
            auth_require_tls=False,
            authenticator=self._mail.authenticate,
        )
