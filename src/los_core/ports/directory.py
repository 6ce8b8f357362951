"""Which vendors serve a brand, best first.

`Port` is the typed key of a capability; the constants below are all there are.
"""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

import attrs

from los_core.domain.ids import BrandId
from los_core.ports.bankaccount import AccountVerifier
from los_core.ports.bureau import CreditBureau
from los_core.ports.employment import EmploymentVerifier
from los_core.ports.esign import ESigner
from los_core.ports.identity import IdentityVerifier
from los_core.ports.message import MessageSender
from los_core.ports.payment import PaymentGateway
from los_core.ports.payout import PayoutBank

P = TypeVar("P")
P_co = TypeVar("P_co", covariant=True)


@attrs.frozen
class Port(Generic[P]):
    """The name of a capability, typed by its protocol."""

    name: str


BANK_ACCOUNT: Port[AccountVerifier] = Port("bankaccount")
BUREAU: Port[CreditBureau] = Port("bureau")
EMPLOYMENT: Port[EmploymentVerifier] = Port("employment")
ESIGN: Port[ESigner] = Port("esign")
IDENTITY: Port[IdentityVerifier] = Port("identity")
MESSAGE: Port[MessageSender] = Port("message")
PAYMENT: Port[PaymentGateway] = Port("payment")
PAYOUT: Port[PayoutBank] = Port("payout")


@attrs.frozen
class Chosen(Generic[P_co]):
    """A vendor ready for use by one brand.

    Attributes:
        name: the provider's name, such as "razorpay".
        account: which of the brand's accounts at that vendor: with the name it scopes their ids.
    """

    name: str
    account: str
    adapter: P_co


class Directory(Protocol):
    """The brand's vendors."""

    def find(self, brand_id: BrandId, port: Port[P]) -> Sequence[Chosen[P]]:
        """Return the brand's active vendors for `port`, the primary first; empty if none."""
        ...

    def named(self, brand_id: BrandId, port: Port[P], name: str) -> Chosen[P] | None:
        """Return one vendor of the brand, active or not (its old orders still need answers)."""
        ...
