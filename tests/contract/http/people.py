"""The people of an installation: customers with papers of their own, and lenders with staff."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

import attrs
from stdnum import verhoeff

from los_core.domain.access import Role
from los_core.domain.brand import Brand
from los_core.domain.ids import AccountId, ApprovalId, BrandId, LoanId, OfferId
from los_core.domain.lifecycle import Status
from los_core.domain.servicing import Receipt
from los_core.domain.statement import Row, Statement
from los_core.services.callers import CustomerCaller, StaffCaller

SALARY: Final = 62_000_00
EMPLOYER: Final = "ACME INFOTECH PRIVATE LIMITED"


@attrs.frozen(kw_only=True)
class Person:
    """A customer with papers of their own, made from a number."""

    number: int

    @property
    def name(self) -> str:
        return f"Asha {chr(65 + self.number // 26)}{chr(97 + self.number % 26)}kulkarni"

    @property
    def phone(self) -> str:
        return f"98220{self.number:05d}"

    @property
    def pan(self) -> str:
        return f"ABCPE{1000 + self.number:04d}F"

    @property
    def aadhaar(self) -> str:
        digits = f"2341234{self.number:04d}"
        return digits + str(verhoeff.calc_check_digit(digits))

    @property
    def account(self) -> str:
        return f"501001234{self.number:05d}"

    @property
    def email(self) -> str:
        return f"asha.{self.number}@mail.example"

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.name, self.phone, self.pan, self.aadhaar, self.account, self.email


@attrs.define(kw_only=True)
class Borrower:
    """A customer of a brand, with a token and perhaps a loan."""

    person: Person
    caller: CustomerCaller
    token: str
    refresh: str
    loan_id: LoanId | None = None
    offer_id: OfferId | None = None
    account_id: AccountId | None = None
    approval_id: ApprovalId | None = None


@attrs.define(kw_only=True)
class Lender:
    """A brand, its staff by role, and its borrowers by the status of their loan."""

    brand: Brand
    staff: dict[Role, StaffCaller] = attrs.field(factory=dict)
    totp: dict[Role, str] = attrs.field(factory=dict)
    tokens: dict[Role, str] = attrs.field(factory=dict)
    borrowers: dict[Status, Borrower] = attrs.field(factory=dict)
    receipt: Receipt | None = None
    key: str = ""
    key_id: UUID | None = None
    session_id: UUID | None = None
    records: dict[str, UUID] = attrs.field(factory=dict)
    notification_id: UUID | None = None

    @property
    def id(self) -> BrandId:
        return self.brand.id


def statement_of(person: Person, *, until: date) -> Statement:
    """Return seven months of salary and rent."""
    rows: list[Row] = []
    balance = 40_000_00
    for month in range(5, 12):
        for day, narration, change in (
            (1, f"NEFT CR-CITI0000004-{EMPLOYER}-SALARY", SALARY),
            (3, "UPI-RENT-LANDLORD@OKAXIS-PAYMENT", -25_000_00),
        ):
            balance += change
            rows.append(
                Row(
                    on=date(2026, month, day),
                    narration=narration,
                    debit=max(0, -change),
                    credit=max(0, change),
                    balance=balance,
                )
            )
    return Statement(
        account_holder=person.name.upper(),
        account_last4=person.account[-4:],
        bank="HDFC",
        ifsc="HDFC0000123",
        period_from=date(2026, 5, 1),
        period_to=until - timedelta(days=1),
        opening=40_000_00,
        closing=balance,
        rows=tuple(rows),
    )
