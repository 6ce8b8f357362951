"""The laws of messages, tried on every sender."""

from collections.abc import Sequence

import pytest

from los_adapters import registry
from los_adapters.sandbox import msg91
from los_core.ports.message import Channel, Message
from los_core.testing.message import Arrived, MessageLaws, MessageRig
from los_core.testing.provider import Call


@pytest.fixture(params=[name for name in registry.cases("message")])
def rig(request: pytest.FixtureRequest, stand) -> MessageRig:
    place = stand("message", request.param, effects=frozenset({"send"}))
    message = Message(
        id="0199d6a2-7c11-7000-8000-0000000000a1",
        channel=Channel.SMS,
        to="9822010101",
        template="otp",
        variables={"otp": "482913"},
        text="482913 is your one-time code.",
    )

    def arrived() -> Sequence[Arrived]:
        if place.fake:
            return [_sent(one) for one in place.adapter.sent]
        return [_told(one) for one in place.world.messages()]

    if place.fake:
        place.adapter.refused.add(msg91.REFUSED_NUMBER)
    return MessageRig(
        name=place.name,
        adapter=place.adapter,
        calls=(Call("send", effect=True, make=lambda sender: sender.send(message)),),
        meet=place.meet,
        secrets=(*place.secrets, "9822010101", "482913"),
        message=message,
        refused=Message(
            id="0199d6a2-7c11-7000-8000-0000000000a2",
            channel=Channel.SMS,
            to=msg91.REFUSED_NUMBER,
            template="otp",
            variables={"otp": "482913"},
        ),
        arrived=arrived,
    )


class TestMessage(MessageLaws):
    pass


def _sent(message: Message) -> Arrived:
    return Arrived(
        channel=message.channel,
        to=message.to,
        subject=message.subject,
        text=message.text,
        variables=dict(message.variables),
    )


def _told(message: dict[str, object]) -> Arrived:
    return Arrived(
        channel=str(message["channel"]),
        to=str(message["to"]),
        text=str(message["text"]),
        variables=message["variables"],
    )
