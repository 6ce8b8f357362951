"""The laws of messages, tried on every sender."""

import base64
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import AuthResult

from los_adapters import registry
from los_adapters.directory import ProviderRow
from los_adapters.sandbox import mail, msg91
from los_core.ports.errors import ProviderError, Rejected, Unavailable, Unknown
from los_core.ports.message import Attachment, Channel, Message
from los_core.testing.message import Arrived, MessageLaws, MessageRig
from los_core.testing.provider import Call

SMS = Message(
    id="0199d6a2-7c11-7000-8000-0000000000a1",
    channel=Channel.SMS,
    to="9822010101",
    template="OTP",
    variables={"otp": "482913", "minutes": "5", "brand_name": "Sahaj"},
    text="482913 is your Sahaj code. It is good for 5 minutes.",
)
EMAIL = attrs.evolve(
    SMS,
    channel=Channel.EMAIL,
    to="asha.deshpande@example.in",
    subject="आपका ऋण",
    text="482913 is your Sahaj code.\n.\n..It is good for 5 minutes: ₹ 0.\n",
)


@pytest.fixture(params=registry.cases("message"))
def rig(request: pytest.FixtureRequest, stand: Callable[..., Any]) -> MessageRig:
    place = stand("message", request.param, effects=frozenset({"send"}))
    message, nobody = SMS, msg91.REFUSED_NUMBER
    if place.name == "smtp":
        message, nobody = EMAIL, "bounce@example.in"
    if place.fake:
        place.adapter.refused.add(nobody)
    return MessageRig(
        name=place.name,
        adapter=place.adapter,
        calls=(Call("send", effect=True, make=lambda sender: sender.send(message)),),
        meet=place.meet,
        secrets=(*place.secrets, message.to, "482913"),
        message=message,
        refused=attrs.evolve(message, to=nobody),
        arrived=lambda: (
            [_kept(one) for one in place.adapter.sent]
            if place.fake
            else [_told(one) for one in place.world.messages()]
        ),
    )


class TestMessage(MessageLaws):
    pass


def _kept(message: Message) -> Arrived:
    """Read a message of the fake."""
    return Arrived(
        channel=message.channel,
        to=message.to,
        subject=message.subject,
        text=message.text,
        variables=dict(message.variables),
        attachments=message.attachments if message.channel is Channel.EMAIL else (),
    )


def _told(message: dict[str, Any]) -> Arrived:
    """Read a message of the sandbox."""
    return Arrived(
        channel=message["channel"],
        to=message["to"],
        subject=message.get("subject", ""),
        text=message["text"],
        variables=message["variables"],
        attachments=tuple(
            Attachment(file["name"], file["content_type"], base64.b64decode(file["content"]))
            for file in message.get("files", ())
        ),
        headers=tuple(message.get("headers", ())),
    )


@pytest.fixture(params=["starttls", "implicit"])
def secured(request: pytest.FixtureRequest, certificate: Path) -> Iterator[dict[str, object]]:
    """Yield settings for a relay that speaks TLS only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    implicit = request.param == "implicit"
    controller = Controller(
        Sink(),
        "127.0.0.1",
        _free_port(),
        ssl_context=context if implicit else None,
        tls_context=None if implicit else context,
        require_starttls=not implicit,
        auth_require_tls=not implicit,
        authenticator=lambda *_: AuthResult(success=True),
        server_hostname="relay",
    )
    controller.start()
    yield {
        **mail.settings("localhost", controller.port),
        "security": request.param,
        "ca_file": str(certificate),
    }
    controller.stop()


def test_mail_goes_over_tls_to_a_relay_that_proves_its_name(
    secured: dict[str, object],
) -> None:
    adapter = _smtp(secured)
    assert adapter.send(EMAIL).provider_ref.endswith("@lender.example.in>")


def test_a_relay_that_cannot_prove_its_name_gets_no_password(
    secured: dict[str, object],
) -> None:
    adapter = _smtp({**secured, "ca_file": ""})
    with pytest.raises(Unavailable) as caught:
        adapter.send(EMAIL)
    assert (caught.value.code, caught.value.misconfigured) == ("CERTIFICATE", True)


def test_a_relay_without_tls_gets_no_password(stand: Callable[..., Any]) -> None:
    place = stand("message", "smtp", settings={"security": "starttls"})
    with pytest.raises(Unavailable) as caught:
        place.adapter.send(EMAIL)
    assert (caught.value.code, caught.value.misconfigured) == ("NO_TLS_OR_AUTH", True)


def test_a_relay_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable) as caught:
        _smtp(mail.settings("127.0.0.1", _free_port())).send(EMAIL)
    assert caught.value.code == "ConnectionRefusedError"


def test_a_relay_beyond_this_machine_needs_tls() -> None:
    with pytest.raises(Unavailable, match="settings") as caught:
        _smtp({**mail.settings("mail.example.in", 587), "security": "none"})
    assert caught.value.misconfigured


def test_a_wrong_password_is_a_matter_for_people(stand: Callable[..., Any]) -> None:
    place = stand("message", "smtp", settings={"password": "wrong"})
    with pytest.raises(Unavailable) as caught:
        place.adapter.send(EMAIL)
    assert (caught.value.code, caught.value.misconfigured) == ("535", True)


def test_a_recipient_who_may_come_back_is_unavailable(stand: Callable[..., Any]) -> None:
    place = stand("message", "smtp")
    with pytest.raises(Unavailable) as caught:
        place.adapter.send(attrs.evolve(EMAIL, to="temp@example.in"))
    assert (caught.value.code, caught.value.misconfigured) == ("451", False)


def test_the_same_message_has_the_same_message_id_whatever_its_id(
    stand: Callable[..., Any],
) -> None:
    adapter = stand("message", "smtp").adapter
    odd = attrs.evolve(EMAIL, id="loan 7: notice\r\nBcc: x")
    assert adapter.send(EMAIL).provider_ref == adapter.send(EMAIL).provider_ref
    assert adapter.send(odd).provider_ref == adapter.send(odd).provider_ref
    assert adapter.send(EMAIL).provider_ref != adapter.send(odd).provider_ref


@pytest.mark.parametrize(
    ("settings", "code"),
    [({"authkey": "wrong"}, "207"), ({"templates": {}}, "TEMPLATE OTP NOT MAPPED")],
)
def test_our_own_faults_at_msg91_are_a_matter_for_people(
    stand: Callable[..., Any], settings: dict[str, object], code: str
) -> None:
    place = stand("message", "msg91", settings=settings)
    with pytest.raises(Unavailable) as caught:
        place.adapter.send(SMS)
    assert (caught.value.code, caught.value.misconfigured) == (code, True)


def test_a_template_msg91_does_not_know_is_rejected(stand: Callable[..., Any]) -> None:
    place = stand("message", "msg91", settings={"templates": {"OTP": "f" * 24}})
    with pytest.raises(Rejected) as caught:
        place.adapter.send(SMS)
    assert caught.value.code == "211"


def test_a_variable_named_like_the_recipient_does_not_become_it(
    stand: Callable[..., Any],
) -> None:
    place = stand("message", "msg91")
    place.adapter.send(attrs.evolve(SMS, variables={"mobiles": "919800000091", "otp": "482913"}))
    assert [told["to"] for told in place.world.messages()] == [SMS.to]


def test_msg91_is_asked_as_its_documentation_says(stand: Callable[..., Any]) -> None:
    # Source: docs.msg91.com, "Send SMS" of the flow API v5.
    place = stand("message", "msg91")
    place.adapter.send(SMS)
    [request] = place.sent
    assert request.headers["authkey"] == msg91.SANDBOX_AUTHKEY
    assert json.loads(request.content) == {
        "template_id": msg91.SANDBOX_TEMPLATES["OTP"],
        "short_url": "0",
        "sender": "LOSSBX",
        "recipients": [
            {"mobiles": "919822010101", "otp": "482913", "minutes": "5", "brand_name": "Sahaj"}
        ],
    }


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("301", Unavailable),
        ("306", Unavailable),
        ("601", Unknown),
        (202, Rejected),
        (None, Rejected),
    ],
)
def test_http_200_from_msg91_may_be_a_no(code: object, outcome: type[ProviderError]) -> None:
    answer = {"type": "error", "message": "no", **({"code": code} if code else {})}
    built = registry.opened(
        "message",
        ProviderRow(name="msg91", settings=msg91.settings("http://127.0.0.1/msg91")),
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answer)),
    )
    with pytest.raises(ProviderError) as caught:
        built.adapter.send(SMS)
    assert type(caught.value) is outcome


def _smtp(settings: dict[str, object]) -> Any:
    return registry.opened("message", ProviderRow(name="smtp", settings=settings)).adapter


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
