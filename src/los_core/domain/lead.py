"""Leads: people who may want a loan, and how far a call centre got with them.

The status machine and the rule for duplicates. Reading a file of leads is `lead_file`; promotional
messages to a lead keep the hours of `contact`. Source: lead rules (operations §13).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.errors import Conflict
from los_core.domain.ids import BrandId, CustomerId
from los_core.domain.kyc import Email, Pan, Phone
from los_core.domain.money import Paise

DUPLICATE_DAYS: Final = 30
"""A phone seen this many days ago or less is the same lead."""


class Status(StrEnum):
    """How far the lead has come."""

    NEW = "NEW"
    CONTACTED = "CONTACTED"
    INTERESTED = "INTERESTED"
    CONVERTED = "CONVERTED"
    NOT_INTERESTED = "NOT_INTERESTED"
    NOT_CONTACTABLE = "NOT_CONTACTABLE"
    INVALID = "INVALID"
    DUPLICATE = "DUPLICATE"
    DND = "DND"


_S = Status
MOVES: Final[Mapping[Status, frozenset[Status]]] = MappingProxyType(
    {
        _S.NEW: frozenset(
            {_S.CONTACTED, _S.NOT_CONTACTABLE, _S.INVALID, _S.DUPLICATE, _S.DND, _S.CONVERTED}
        ),
        _S.CONTACTED: frozenset(
            {
                _S.INTERESTED,
                _S.NOT_INTERESTED,
                _S.NOT_CONTACTABLE,
                _S.INVALID,
                _S.DUPLICATE,
                _S.DND,
                _S.CONVERTED,
            }
        ),
        _S.INTERESTED: frozenset(
            {_S.CONVERTED, _S.NOT_INTERESTED, _S.NOT_CONTACTABLE, _S.DUPLICATE, _S.DND}
        ),
        _S.NOT_INTERESTED: frozenset({_S.CONTACTED, _S.INTERESTED, _S.DND, _S.CONVERTED}),
        _S.NOT_CONTACTABLE: frozenset({_S.CONTACTED, _S.INVALID, _S.DND, _S.CONVERTED}),
        _S.CONVERTED: frozenset(),
        _S.INVALID: frozenset(),
        _S.DUPLICATE: frozenset(),
        _S.DND: frozenset({_S.CONVERTED}),
    }
)
"""Where a lead may go from each status. A person who applies by themselves converts any open lead,
even one who asked not to be called."""


@attrs.frozen(kw_only=True)
class Details:
    """What a lead's source tells of the person; only a name and a phone are certain.

    Amounts in paise. `consent_at` is when they agreed to be contacted for promotions; None: never.
    """

    name: str = attrs.field(repr=False)
    phone: Phone
    email: Email | None = None
    pan: Pan | None = None
    born_on: date | None = attrs.field(default=None, repr=False)
    employer: str = attrs.field(default="", repr=False)
    net_salary: Paise | None = None
    city: str = ""
    pincode: str = ""
    loan_amount: Paise | None = None
    source: str = ""
    campaign: str = ""
    external_id: str = ""
    consent_at: datetime | None = None


@attrs.define(kw_only=True)
class Lead:
    """One lead of a brand; `customer_id` is set once they are found among the customers."""

    id: UUID = attrs.field(on_setattr=attrs.setters.frozen)
    brand_id: BrandId = attrs.field(on_setattr=attrs.setters.frozen)
    details: Details
    created_at: datetime
    status: Status = Status.NEW
    customer_id: CustomerId | None = None
    version: int = 0

    def move(self, target: Status) -> None:
        """Change the status; to the present one it changes nothing.

        Raises: Conflict: INVALID_LEAD_MOVE, with the statuses that are allowed.
        """
        if target is self.status:
            return
        if target not in MOVES[self.status]:
            raise Conflict(
                f"a lead that is {self.status} cannot become {target}",
                code="INVALID_LEAD_MOVE",
                details={
                    "status": self.status.value,
                    "allowed": sorted(status.value for status in MOVES[self.status]),
                },
            )
        self.status = target

    def link(self, customer_id: CustomerId) -> bool:
        """Tie the lead to a customer who registered; return whether anything changed.

        The lead counts as converted unless it was found to be no lead at all. One customer only.
        Raises: Conflict: it is another customer's.
        """
        if self.customer_id not in {None, customer_id}:
            raise Conflict("the lead belongs to another customer", code="LEAD_LINKED")
        changed = self.customer_id is None
        self.customer_id = customer_id
        if changed and Status.CONVERTED in MOVES[self.status]:
            self.status = Status.CONVERTED
        return changed

    @property
    def may_be_promoted_to(self) -> bool:
        """Whether promotions may be sent: consent on file, and the person did not object."""
        return self.details.consent_at is not None and self.status not in {
            Status.DND,
            Status.INVALID,
            Status.DUPLICATE,
        }


class Outcome(StrEnum):
    """What became of a row of an import."""

    NEW = "NEW"
    DUPLICATE = "DUPLICATE"
    EXISTING_CUSTOMER = "EXISTING_CUSTOMER"
    INVALID = "INVALID"


@attrs.frozen(kw_only=True)
class Known:
    """Whom the brand knows: blind indexes of customers' phones, and the last lead of others'."""

    customers: frozenset[str] = frozenset()
    leads: Mapping[str, date] = attrs.field(factory=dict)


def outcomes(
    rows: Iterable[Details], known: Known, on: date, *, index: Callable[[Phone], str]
) -> tuple[Outcome, ...]:
    """Return NEW, DUPLICATE or EXISTING_CUSTOMER for each row, in order.

    A phone is a duplicate of a lead at most thirty days old, earlier rows of the file included.
    `index` gives the blind index a phone is looked up by.
    """
    seen = dict(known.leads)
    found = []
    for row in rows:
        key = index(row.phone)
        last = seen.get(key)
        if key in known.customers:
            outcome = Outcome.EXISTING_CUSTOMER
        elif last is not None and last >= on - timedelta(days=DUPLICATE_DAYS):
            outcome = Outcome.DUPLICATE
        else:
            outcome = Outcome.NEW
            seen[key] = on
        found.append(outcome)
    return tuple(found)
