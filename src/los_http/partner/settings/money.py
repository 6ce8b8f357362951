"""A brand's own bank accounts."""

from typing import Annotated, Any, Final

import attrs
from msgspec import Meta

from los_core.domain.errors import Invalid
from los_core.domain.kyc import AccountNumber, Ifsc
from los_core.domain.own_account import AccountType, OwnAccount, Purpose
from los_core.domain.record_kinds import OWN_ACCOUNTS
from los_http.fields import AccountText, Body, IfscText, Name
from los_http.records import Module, RecordView

Gateway = Annotated[str, Meta(max_length=40)]


class OwnAccountBody(Body, kw_only=True):
    """An account; without a number the one on file stays. A second person decides."""

    purpose: Purpose
    account_number: AccountText | None = None
    ifsc: IfscText
    beneficiary_name: Name
    account_type: AccountType = AccountType.CURRENT
    gateway: Gateway = ""
    is_primary: bool = False
    active: bool = True


class OwnAccountView(RecordView):
    """An account by the end of its number."""

    purpose: Purpose
    account_number_masked: str
    ifsc: str
    beneficiary_name: str
    account_type: AccountType
    gateway: str
    is_primary: bool
    active: bool


def _account(body: OwnAccountBody, kept: OwnAccount | None) -> OwnAccount:
    if body.account_number is not None:
        number = AccountNumber.parse(body.account_number)
    elif kept is not None:
        number = kept.number
    else:
        raise Invalid("which account?", fields=[("accountNumber", "is required")])
    asked = OwnAccount(
        purpose=body.purpose,
        number=number,
        ifsc=Ifsc.parse(body.ifsc),
        beneficiary_name=body.beneficiary_name.strip(),
        account_type=body.account_type,
        gateway=body.gateway.strip(),
        is_primary=body.is_primary,
        active=body.active,
    )
    same = kept is not None and kept.number == number
    return attrs.evolve(asked, number_index=kept.number_index) if same and kept else asked


def account_fields(value: OwnAccount) -> dict[str, Any]:
    """Return an account's fields."""
    return {
        "purpose": value.purpose,
        "account_number_masked": value.number.masked,
        "ifsc": value.ifsc.reveal(),
        "beneficiary_name": value.beneficiary_name,
        "account_type": value.account_type,
        "gateway": value.gateway,
        "is_primary": value.is_primary,
        "active": value.active,
    }


MODULES: Final = (
    Module(
        kind=OWN_ACCOUNTS,
        body=OwnAccountBody,
        view=OwnAccountView,
        read=_account,
        show=account_fields,
    ),
)
