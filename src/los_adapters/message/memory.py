"""Messages kept in a list: the fake of `MessageSender`. It serves every channel."""

import re

import attrs

from los_adapters.script import Script
from los_core.ports.errors import Rejected
from los_core.ports.message import Accepted, Channel, Message, Trace

_PHONE = re.compile(r"[6-9]\d{9}")
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")


@attrs.define
class MemoryMessages:
    """Accepts what is sound and remembers it.

    Attributes:
        sent: what was sent, oldest first.
        refused: recipients that are refused for good.
        keeps_no_record: it cannot be asked about messages, like a mail relay.
        script: failures of the next calls.
    """

    sent: list[Message] = attrs.field(factory=list)
    refused: set[str] = attrs.field(factory=set, repr=False)
    keeps_no_record: bool = False
    script: Script = attrs.field(factory=Script)

    @property
    def channels(self) -> frozenset[Channel]:
        """All of them."""
        return frozenset(Channel)

    def send(self, message: Message) -> Accepted:
        """Remember the message. Raises: Rejected; whatever the script has planned."""
        form = _ADDRESS if message.channel is Channel.EMAIL else _PHONE
        if not form.fullmatch(message.to) or message.to in self.refused:
            raise Rejected("memory: recipient refused", provider="memory", code="RECIPIENT")
        with self.script.call("send"):
            self.sent.append(message)
            return Accepted("memory", f"memory-{len(self.sent)}")

    def trace(self, message_id: str) -> Trace:
        """Look among what was sent; see the port."""
        with self.script.call("trace"):
            if self.keeps_no_record:
                return Trace.CANNOT_TELL
            sent = any(message.id == message_id for message in self.sent)
            return Trace.SENT if sent else Trace.NOT_SENT
