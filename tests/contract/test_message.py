"""The laws of messages, tried on every sender."""

import base64
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from los_adapters import registry
from los_adapters.sandbox import msg91
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
