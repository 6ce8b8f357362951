"""A lender's own bank accounts: where money is paid out from and collected to.

Source: settings modules, Brand Bank Accounts; data model §4 (BrandBankAccount).
"""

from enum import StrEnum

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.kyc import AccountNumber, Ifsc


class Purpose(StrEnum):
    """What an account is for."""

    DISBURSAL = "DISBURSAL"
    COLLECTION = "COLLECTION"


class AccountType(StrEnum):
    """What kind of account it is."""

    CURRENT = "CURRENT"
    ESCROW = "ESCROW"
    NODAL = "NODAL"


@attrs.frozen(kw_only=True)
class OwnAccount:
    """A brand's account.

    Attributes:
        number_index: blind index of the number, "" until it is kept.
        gateway: the payout or payment vendor that works on it, "" for none.
        is_primary: the one used where nothing else is said; one for each purpose.

    Raises: Invalid: an account that is off cannot be primary, or nobody's name is on it.
    """

    purpose: Purpose
    number: AccountNumber
    number_index: str = ""
    ifsc: Ifsc
    beneficiary_name: str
    account_type: AccountType = AccountType.CURRENT
    gateway: str = ""
    is_primary: bool = False
    active: bool = True

    def __attrs_post_init__(self) -> None:
        faults = []
        if self.is_primary and not self.active:
            faults.append(("isPrimary", "an account that is off cannot be primary"))
        if not self.beneficiary_name.strip():
            faults.append(("beneficiaryName", "names nobody"))
        if faults:
            raise Invalid("no such account", fields=faults)

    @property
    def key(self) -> str:
        """An account serves a purpose once."""
        return f"{self.purpose}:{self.number_index}"
