"""A compromise settlement: what is waived, who may agree to it, and whether it is kept.

The split of a waiver and the rules of guard G-SETTLE, pure. The loan moves by `lifecycle`, money by
the fold; a settlement that is not kept is void and the dues revive less what was paid.
Sources: settlement rules (schedule maths §15, limits in operations §5); RBI on compromise
settlements and technical write-offs, 8-Jun-2023.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

import attrs

from los_core.domain.access import Role
from los_core.domain.authority import Level, level_above, level_of
from los_core.domain.errors import Invalid, InvalidMoney
from los_core.domain.ids import StaffId
from los_core.domain.metrics import percent
from los_core.domain.money import Paise, checked, positive
from los_core.domain.policies import Component
from los_core.domain.workdays import add_months

COOLING_MONTHS: Final = 12
RESTRUCTURING_MONTHS: Final = 3

_C = Component
WAIVER_ORDER: Final = (_C.PENAL, _C.BOUNCE, _C.OTHER, _C.INTEREST, _C.PRINCIPAL)
"""What is given up first."""


@attrs.frozen(kw_only=True)
class Dues:
    """What a borrower owes, or a waiver gives up, by component; paise, none below zero."""

    principal: Paise = 0
    interest: Paise = 0
    penal: Paise = 0
    bounce: Paise = 0
    other: Paise = 0

    def __attrs_post_init__(self) -> None:
        for component, amount in self.parts.items():
            if checked(amount, component.lower()) < 0:
                raise InvalidMoney(f"{component.lower()} is below zero: {amount} paise")

    @property
    def parts(self) -> Mapping[Component, Paise]:
        """The amounts by component."""
        return {
            _C.PRINCIPAL: self.principal,
            _C.INTEREST: self.interest,
            _C.PENAL: self.penal,
            _C.BOUNCE: self.bounce,
            _C.OTHER: self.other,
        }

    @property
    def total(self) -> Paise:
        """All of it."""
        return sum(self.parts.values())


def waived(dues: Dues, amount: Paise, *, order: Sequence[Component] = WAIVER_ORDER) -> Dues:
    """Return what is given up of each component when `amount` is paid in full settlement.

    Components are given up in `order`, each in full before the next. Example SET-01.
    Raises: InvalidMoney: nothing is paid, or more than is owed; Invalid: `order` is not the five
        components once each.
    """
    if sorted(order) != sorted(WAIVER_ORDER):
        raise Invalid("a waiver's order names each component once")
    if positive(amount, "settlement") > dues.total:
        raise InvalidMoney(f"a settlement of {amount} exceeds the dues of {dues.total} paise")
    left = dues.total - amount
    given: dict[str, Paise] = {}
    for component in order:
        part = min(left, dues.parts[component])
        given[component.lower()] = part
        left -= part
    return Dues(**given)


@attrs.frozen(kw_only=True)
class Payment:
    """A payment of the settlement: by when, and how much, paise."""

    on: date
    amount: Paise


@attrs.frozen(kw_only=True)
class Proposal:
    """A settlement as proposed: dues on the day of agreement, and how the amount is to be paid.

    `memo_interest` is interest no longer booked since the loan became an NPA; it is shown apart and
    falls with the settlement. Raises: Invalid: no payment, or dates that do not rise or lie before
    the agreement; InvalidMoney: see `waived`.
    """

    dues: Dues
    payments: tuple[Payment, ...]
    agreed_on: date
    memo_interest: Paise = 0
    order: tuple[Component, ...] = WAIVER_ORDER

    def __attrs_post_init__(self) -> None:
        days = [each.on for each in self.payments]
        if not days or days != sorted(set(days)) or days[0] < self.agreed_on:
            raise Invalid("a settlement's payments are dated in order, from the agreement on")
        for each in self.payments:
            positive(each.amount, "payment of a settlement")
        waived(self.dues, self.amount, order=self.order)

    @property
    def amount(self) -> Paise:
        """What is paid in all."""
        return sum(each.amount for each in self.payments)

    @property
    def last_on(self) -> date:
        """When the last payment is due."""
        return self.payments[-1].on

    @property
    def waiver(self) -> Dues:
        """What is given up."""
        return waived(self.dues, self.amount, order=self.order)

    @property
    def waiver_pct(self) -> Decimal:
        """What is given up in per cent of the dues, two decimals half up."""
        return percent(self.waiver.total, self.dues.total) or Decimal("0.00")

    @property
    def is_restructuring(self) -> bool:
        """Whether it counts as one: the last payment is more than three months off."""
        limit = add_months(self.agreed_on, RESTRUCTURING_MONTHS, anchor_day=self.agreed_on.day)
        return self.last_on > limit

    @property
    def reloan_blocked_until(self) -> date:
        """The last day without a new loan to the borrower: twelve months after the last payment."""
        return add_months(self.last_on, COOLING_MONTHS, anchor_day=self.last_on.day)


@attrs.frozen(kw_only=True)
class Limits:
    """A brand's limits: least days past due, payments at most, and what an administrator may waive.

    `admin_pct` is of all dues where no principal is given up; `admin_principal_pct` of the
    principal where some is.
    """

    min_dpd: int = 60
    max_payments: int = 3
    admin_pct: Decimal = Decimal(10)
    admin_principal_pct: Decimal = Decimal(20)


class Fault(StrEnum):
    """What stands against a settlement (guard G-SETTLE)."""

    NOT_OVERDUE_ENOUGH = "NOT_OVERDUE_ENOUGH"
    TOO_MANY_PAYMENTS = "TOO_MANY_PAYMENTS"
    APPROVER_SANCTIONED_THE_LOAN = "APPROVER_SANCTIONED_THE_LOAN"
    APPROVER_NOT_ABOVE_SANCTIONER = "APPROVER_NOT_ABOVE_SANCTIONER"
    WAIVER_ABOVE_AUTHORITY = "WAIVER_ABOVE_AUTHORITY"


@attrs.frozen(kw_only=True)
class Decider:
    """Who approves; `for_committee`: with the minute of a committee's decision on file."""

    staff_id: StaffId
    roles: frozenset[Role]
    for_committee: bool = False

    @property
    def level(self) -> Level:
        """The level the decision is taken at."""
        level = level_of(self.roles)
        return Level.COMMITTEE if self.for_committee and level is Level.SUPER_ADMIN else level


def level_needed(proposal: Proposal, limits: Limits | None = None) -> Level:
    """Return the least level whose limits allow the waiver, whoever sanctioned the loan.

    `limits` None: the defaults. That the approver stands above the sanctioner is one of `faults`.
    Source: approval rules (operations §5).
    """
    limits = limits or Limits()
    given = proposal.waiver
    if given.principal:
        small = _within(given.principal, proposal.dues.principal, limits.admin_principal_pct)
    else:
        small = _within(given.total, proposal.dues.total, limits.admin_pct)
    return Level.ADMIN if small else Level.SUPER_ADMIN


def faults(
    proposal: Proposal,
    approver: Decider | None,
    *,
    dpd: int,
    sanctioned_by: StaffId | None,
    sanctioner_roles: frozenset[Role] | None,
    limits: Limits | None = None,
) -> tuple[Fault, ...]:
    """Return all that stands against the settlement; empty: it may be approved.

    Without an approver (it is only proposed) nothing that depends on who approves it stands
    against it. `sanctioned_by` and the roles they held are None where the machine sanctioned. The
    level above the sanctioner is needed whatever the amount.
    """
    limits = limits or Limits()
    checks = [
        (Fault.NOT_OVERDUE_ENOUGH, dpd < limits.min_dpd),
        (Fault.TOO_MANY_PAYMENTS, len(proposal.payments) > limits.max_payments),
    ]
    if approver is not None:
        checks += [
            (Fault.APPROVER_SANCTIONED_THE_LOAN, approver.staff_id == sanctioned_by),
            (
                Fault.APPROVER_NOT_ABOVE_SANCTIONER,
                approver.level < level_above(sanctioner_roles),
            ),
            (Fault.WAIVER_ABOVE_AUTHORITY, approver.level < level_needed(proposal, limits)),
        ]
    return tuple(fault for fault, applies in checks if applies)


class Standing(StrEnum):
    """How a settlement stands at the end of a day."""

    RUNNING = "RUNNING"
    PAID = "PAID"
    MISSED = "MISSED"


def standing(proposal: Proposal, receipts: Iterable[tuple[date, Paise]], on: date) -> Standing:
    """Return whether the settlement is kept at the end of `on`.

    `receipts` are (value date, amount) since the agreement. Each payment must be covered, with
    those before it, by money of its date or earlier: one missed voids the whole.
    """
    money = sorted(receipts)
    owed = 0
    for payment in proposal.payments:
        owed += payment.amount
        last = min(payment.on, on)
        if sum(amount for value_date, amount in money if value_date <= last) < owed:
            return Standing.MISSED if payment.on <= on else Standing.RUNNING
    return Standing.PAID


def _within(part: Paise, whole: Paise, pct: Decimal) -> bool:
    over, under = pct.as_integer_ratio()
    return part * 100 * under <= whole * over
