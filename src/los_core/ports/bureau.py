"""Credit bureaus."""

from datetime import date
from typing import Protocol

import attrs

from los_core.domain.bureau import CreditReport
from los_core.domain.money import Paise


@attrs.frozen(kw_only=True)
class Inquiry:
    """Whom to ask about, and why.

    Attributes:
        reference: ours (≤ 40 characters), echoed by the bureau.
        gender: "M", "F" or "T"; "" if not known.
        amount: the amount applied for.
    """

    reference: str
    first_name: str = attrs.field(repr=False)
    middle_name: str = attrs.field(default="", repr=False)
    last_name: str = attrs.field(default="", repr=False)
    born_on: date = attrs.field(repr=False)
    gender: str = ""
    pan: str = attrs.field(repr=False)
    phone: str = attrs.field(repr=False)
    email: str = attrs.field(default="", repr=False)
    address: str = attrs.field(default="", repr=False)
    city: str = ""
    state: str = ""
    pincode: str = ""
    amount: Paise


@attrs.frozen
class Pulled:
    """A report read, with the vendor's own words as they came: whoever keeps them seals them."""

    report: CreditReport
    raw: bytes = attrs.field(repr=False)


class CreditBureau(Protocol):
    """A credit information company. Every call is billed and leaves a footprint."""

    def pull(self, inquiry: Inquiry) -> Pulled:
        """Fetch a report; "no such consumer" is a report with outcome NO_HIT, not an error.

        Raises: Unavailable: nothing came, asking again is sound; Rejected: the request is refused.
        """
        ...
