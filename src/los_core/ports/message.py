"""Sending a message to a person over one channel."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

import attrs

from los_core.domain.notices import Channel

__all__ = ["Accepted", "Attachment", "Channel", "Message", "MessageSender", "Trace"]


@attrs.frozen
class Attachment:
    """A file that goes with an e-mail."""

    name: str
    content_type: str
    content: bytes = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Message:
    """One message to one recipient.

    Attributes:
        id: ours, the same over every try: vendors that can look it up are asked by it.
        to: a ten-digit Indian mobile number for SMS and WhatsApp, an address for e-mail.
        template: our template code; a vendor's settings map it to its own template id.
        variables: what fills the template, as the vendor's template names it.
        subject: e-mail only.
        text: the whole text as the person reads it (e-mail body; kept as evidence for SMS).
    """

    id: str
    channel: Channel
    to: str = attrs.field(repr=False)
    template: str
    variables: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    subject: str = ""
    text: str = attrs.field(default="", repr=False)
    attachments: tuple[Attachment, ...] = ()


@attrs.frozen
class Accepted:
    """The vendor took the message; delivery is reported later, if at all."""

    provider: str
    provider_ref: str


class Trace(StrEnum):
    """What a vendor can say of a message whose sending got no answer."""

    SENT = "SENT"
    NOT_SENT = "NOT_SENT"
    CANNOT_TELL = "CANNOT_TELL"
    """It cannot be asked by our id, or does not know yet."""


class MessageSender(Protocol):
    """A vendor that delivers messages."""

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels this vendor serves."""
        ...

    def send(self, message: Message) -> Accepted:
        """Hand one message over.

        Raises: Unavailable: not sent, another provider may be tried; Rejected: the recipient or
            the template is refused for good; Unknown: perhaps sent.
        """
        ...

    def trace(self, message_id: str) -> Trace:
        """Say whether a message of ours, by its id, was taken. Raises: Unavailable."""
        ...
