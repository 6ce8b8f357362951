"""Messages that vendors send to us: proof first, meaning second."""

from collections.abc import Mapping
from typing import Protocol

import attrs


@attrs.frozen
class Notice:
    """A proven message from a vendor, with what is needed to keep it once.

    Attributes:
        event_key: the vendor's event id, or the SHA-256 of the raw body where it gives none.
        kind: the vendor's event name, such as `payment.captured`; "" where it has none.
        reference: the vendor's id of the thing it is about (payment, docket, payout); "" if none.
        our_reference: our id as we gave it to the vendor (order receipt, docket title); "" if none.
    """

    event_key: str
    kind: str = ""
    reference: str = ""
    our_reference: str = ""


class WebhookSource(Protocol):
    """What an adapter whose vendor calls us back can do besides its own port."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Prove that `body` (raw bytes) comes from the vendor, and say what it is about.

        Header names are lower case. A vendor that signs nothing is trusted for no more than the
        hint that something happened: its state is read from the vendor afterwards.

        Raises: BadSignature: unsigned, wrongly signed, stale, or no secret is configured.
        """
        ...
