"""Where the laws of the ports are tried: every registered provider beside its imitated vendor."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from los_adapters import registry
from los_adapters.client import HttpLimits
from los_adapters.directory import ProviderRow
from los_adapters.sandbox import mail, vendors
from los_adapters.sandbox.courier import Courier, Post
from los_adapters.sandbox.faults import Fault as Switch
from los_adapters.sandbox.faults import FaultKind, matches
from los_adapters.sandbox.personas import Personas
from los_adapters.sandbox.switchboard import Switchboard
from los_adapters.sandbox.world import MemoryState, World
from los_adapters.script import Script
from los_core.ports.errors import ProviderError, Unavailable
from los_core.testing.provider import Fault, outcome

BASE_URL = "http://127.0.0.1"
SILENCE_S = 0.5
"""What a silence costs a test where it is played on a real socket."""

NOW = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)

SWITCHES: Mapping[Fault, FaultKind] = {
    Fault.BUSY: FaultKind.STATUS_429,
    Fault.UNAUTHORISED: FaultKind.STATUS_401,
    Fault.FORBIDDEN: FaultKind.STATUS_403,
    Fault.BROKEN: FaultKind.STATUS_5XX,
    Fault.BROKEN_AFTER: FaultKind.STATUS_5XX_AFTER,
    Fault.SILENT: FaultKind.DROP_BEFORE,
    Fault.SILENT_AFTER: FaultKind.DROP_AFTER,
    Fault.CUT: FaultKind.CUT_BEFORE,
    Fault.CUT_AFTER: FaultKind.CUT_AFTER,
    Fault.GARBAGE_AFTER: FaultKind.GARBAGE_AFTER,
    Fault.TRUNCATED_AFTER: FaultKind.TRUNCATED_AFTER,
    Fault.SCHEMA_AFTER: FaultKind.SCHEMA_AFTER,
}
"""The laws' faults as the sandbox's switches; the two before a connection are `Line`'s."""


class Line:
    """The network between an adapter and the sandbox: it can refuse a call before it is made."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard
        self._refusals: list[tuple[str, type[httpx.TransportError]]] = []
        self.sent: list[httpx.Request] = []

    def refuse(self, operation: str, error: type[httpx.TransportError]) -> None:
        self._refusals.append((operation, error))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = "/" + request.url.path.lstrip("/").partition("/")[2]
        for refusal in self._refusals:
            operation, error = refusal
            if matches(operation, request.method, path):
                self._refusals.remove(refusal)
                raise error("not connected", request=request)
        self.sent.append(request)
        return self._switchboard(request)


@attrs.frozen(kw_only=True)
class Stand:
    """One provider set up for trial.

    Attributes:
        meet: as a `Rig` wants it.
        settings: the adapter's settings; {} for a fake.
        secrets: the values of those that are secret.
        world: the sandbox's; a fake's world is empty and nothing happens in it.
        sent: the requests that went out, for a look at the wire; a fake sends none.
        posts: the webhooks delivered by `world.courier.deliver_due()`.
        fake: the adapter is the memory fake.
    """

    name: str
    adapter: Any
    meet: Callable[[Fault, str], bool]
    settings: Mapping[str, object]
    secrets: tuple[str, ...]
    world: World
    switchboard: Switchboard
    sent: list[httpx.Request]
    posts: list[Post]
    fake: bool


OpenStand = Callable[..., Stand]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a PEM file with a key and a certificate for localhost that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def stand() -> Iterator[OpenStand]:
    """Return `stand(port, name, effects=…, wire=…, settings=…)`.

    `effects` are the port's methods with effect. `wire` names the vendor's operation for a method
    that makes more than one call: {"create_order": "POST /v1/orders"}. `settings` replaces some of
    the sandbox's.
    """
    closing: list[Callable[[], None]] = []

    def opened(
        port: str,
        name: str,
        *,
        effects: frozenset[str] = frozenset(),
        wire: Mapping[str, str] | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> Stand:
        posts: list[Post] = []
        chosen: dict[str, object] = {}

        def keep(post: Post) -> int:
            posts.append(post)
            return 200

        world = World(MemoryState(), Personas(), lambda: NOW, Courier(keep, timer=lambda: 0.0))
        switchboard = Switchboard(world, pause=lambda _seconds: None)
        line = Line(switchboard)
        if name == registry.MEMORY:
            adapter = registry.fake(port)
            meet = _meet_script(adapter.script, effects)
        else:
            if name == "smtp":
                listener = mail.MailListener(mail.Mail(world, switchboard.faults), "127.0.0.1", 0)
                listener.start()
                closing.append(listener.stop)
                chosen = mail.settings(listener.host, listener.port)
                meet = _meet_mail(switchboard)
            else:
                chosen = _sandbox_settings(port, name)
                meet = _meet_switches(switchboard, line, name, wire or {})
            chosen = {**chosen, **(settings or {})}
            built = registry.opened(
                port,
                ProviderRow(name=name, settings=chosen),
                transport=httpx.MockTransport(line),
                limits=HttpLimits(deadline_s=SILENCE_S) if name == "smtp" else None,
            )
            closing.append(built.close)
            adapter = built.adapter
        return Stand(
            name=name,
            adapter=adapter,
            meet=meet,
            settings=chosen,
            secrets=_secrets(port, name, chosen),
            world=world,
            switchboard=switchboard,
            sent=line.sent,
            posts=posts,
            fake=name == registry.MEMORY,
        )

    yield opened
    for close in closing:
        close()


def _sandbox_settings(port: str, name: str) -> dict[str, object]:
    """Return settings for the vendor's imitation; there has to be one."""
    if name not in vendors.VENDORS:
        pytest.fail(f"no sandbox for {port}:{name}", pytrace=False)
    return vendors.settings(name, f"{BASE_URL}/{name}")


def _secrets(port: str, name: str, settings: Mapping[str, object]) -> tuple[str, ...]:
    if name == registry.MEMORY:
        return ()
    fields = registry.provider(port, name).settings.model_fields
    return tuple(
        str(value) for key, value in settings.items() if "Secret" in str(fields[key].annotation)
    )


def _meet_script(script: Script, effects: frozenset[str]) -> Callable[[Fault, str], bool]:
    def meet(fault: Fault, operation: str) -> bool:
        kind = outcome(fault, effect=operation in effects)
        error: ProviderError = kind(f"memory: {fault}", provider="memory")
        if fault.misconfigured:
            error = Unavailable(f"memory: {fault}", provider="memory", misconfigured=True)
        script.fail(error, operation=operation, after=fault.done)
        return True

    return meet


def _meet_switches(
    switchboard: Switchboard, line: Line, name: str, wire: Mapping[str, str]
) -> Callable[[Fault, str], bool]:
    def meet(fault: Fault, operation: str) -> bool:
        asked = wire.get(operation, "")
        if fault is Fault.REFUSED:
            line.refuse(asked, httpx.ConnectError)
        elif fault is Fault.CONNECT_TIMEOUT:
            line.refuse(asked, httpx.ConnectTimeout)
        else:
            switchboard.faults.switch_on(
                Switch(vendor=name, kind=SWITCHES[fault], operation=asked, times=1)
            )
        return True

    return meet


def _meet_mail(switchboard: Switchboard) -> Callable[[Fault, str], bool]:
    def meet(fault: Fault, _operation: str) -> bool:
        operation = "POST /send"
        if fault in (Fault.BROKEN, Fault.BROKEN_AFTER):
            return False  # a reply of SMTP is never in doubt
        if fault in (Fault.REFUSED, Fault.CONNECT_TIMEOUT):
            operation = "POST /connect"
            kind = FaultKind.CUT_BEFORE if fault is Fault.REFUSED else FaultKind.DROP_BEFORE
        else:
            kind = SWITCHES[fault]
        switchboard.faults.switch_on(
            Switch(vendor=mail.VENDOR, kind=kind, operation=operation, times=1)
        )
        return True

    return meet
