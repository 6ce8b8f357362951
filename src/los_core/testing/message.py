"""The laws of `MessageSender`."""

# ruff: noqa: D102 # a law's name is its sentence

from collections.abc import Callable, Sequence

import attrs
import pytest

from los_core.ports.errors import ProviderError, Rejected
from los_core.ports.message import Attachment, Channel, Message, MessageSender, Trace
from los_core.testing.provider import Fault, ProviderLaws, Rig


@attrs.frozen(kw_only=True)
class Arrived:
    """A message as its recipient got it; what a channel does not carry is empty."""

    channel: str
    to: str
    subject: str = ""
    text: str = ""
    variables: dict[str, str] = attrs.field(factory=dict)
    attachments: tuple[Attachment, ...] = ()
    headers: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class MessageRig(Rig[MessageSender]):
    """What the laws of messages need.

    Attributes:
        message: one the vendor accepts.
        refused: one whose recipient the vendor refuses for good.
        arrived: what has reached people so far, oldest first.
    """

    message: Message
    refused: Message
    arrived: Callable[[], Sequence[Arrived]]


class MessageLaws(ProviderLaws):
    """What a caller may rely on, whoever delivers."""

    def test_a_message_arrives_once_as_it_was_given(self, rig: MessageRig) -> None:
        accepted = rig.adapter.send(rig.message)
        [arrived] = rig.arrived()
        assert accepted.provider == rig.name
        assert accepted.provider_ref
        assert arrived.to == rig.message.to
        assert arrived.channel == rig.message.channel
        told = " ".join([arrived.text, *arrived.variables.values()])
        assert all(value in told for value in rig.message.variables.values())

    def test_the_message_is_of_a_channel_the_adapter_names(self, rig: MessageRig) -> None:
        assert rig.message.channel in rig.adapter.channels

    def test_a_channel_it_does_not_serve_is_rejected_unsent(self, rig: MessageRig) -> None:
        for channel in set(Channel) - rig.adapter.channels:
            with pytest.raises(Rejected, match="CHANNEL"):
                rig.adapter.send(attrs.evolve(rig.message, channel=channel))
        assert rig.arrived() == []

    def test_a_recipient_refused_for_good_is_rejected_with_the_vendors_code(
        self, rig: MessageRig
    ) -> None:
        with pytest.raises(Rejected) as caught:
            rig.adapter.send(rig.refused)
        assert caught.value.code
        assert caught.value.provider == rig.name
        assert rig.arrived() == []

    @pytest.mark.parametrize("to", ["", "12345", "+919822010101", "a@b\r\nRCPT TO:<c@d>"])
    def test_a_recipient_that_cannot_be_one_is_rejected(self, rig: MessageRig, to: str) -> None:
        with pytest.raises(Rejected):
            rig.adapter.send(attrs.evolve(rig.message, to=to))
        assert rig.arrived() == []

    @pytest.mark.parametrize("fault", Fault)
    def test_a_failed_send_arrives_once_or_not_at_all(self, rig: MessageRig, fault: Fault) -> None:
        met = rig.meet(fault, "send")
        if met:
            with pytest.raises(ProviderError):
                rig.adapter.send(rig.message)
        assert len(rig.arrived()) == (1 if met and fault.done else 0)

    @pytest.mark.parametrize("fault", Fault)
    def test_after_a_failed_send_the_trace_tells_the_truth_or_nothing(
        self, rig: MessageRig, fault: Fault
    ) -> None:
        if rig.meet(fault, "send"):
            with pytest.raises(ProviderError):
                rig.adapter.send(rig.message)
        truth = Trace.SENT if rig.arrived() else Trace.NOT_SENT
        assert rig.adapter.trace(rig.message.id) in (truth, Trace.CANNOT_TELL)

    def test_a_line_break_in_the_subject_makes_no_header(self, rig: MessageRig) -> None:
        rig.adapter.send(attrs.evolve(rig.message, subject="Your loan\r\nBcc: other@example.in"))
        [arrived] = rig.arrived()
        assert "bcc" not in [name.lower() for name in arrived.headers]
        assert arrived.to == rig.message.to

    def test_files_arrive_byte_for_byte(self, rig: MessageRig) -> None:
        files = (
            Attachment("नियम.pdf", "application/pdf", b"%PDF-1.7\n.\r\n..\r\n\x00\xff"),
            Attachment("note.txt", "text/plain", "₹ 1,250.00\r\n".encode()),
        )
        rig.adapter.send(attrs.evolve(rig.message, attachments=files))
        [arrived] = rig.arrived()
        carried = files if rig.message.channel is Channel.EMAIL else ()
        assert arrived.attachments == carried
