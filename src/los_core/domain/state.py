"""A loan's money on a day: the value that folding its facts gives, and what can be read off it.

Values and arithmetic on them; how a day or a fact changes the state is `fold`. Columns run by
instalment, as in `schedule`; all money is paise.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

import attrs

from los_core.domain.allocation import Due
from los_core.domain.charges import penal_charge
from los_core.domain.facts import Key
from los_core.domain.money import Paise, round_half_up
from los_core.domain.policies import ChargeKind, Component, GraceMode
from los_core.domain.schedule import Schedule
from los_core.domain.terms import Terms

NEGLIGIBLE_CHARGES: Paise = 100
"""Unpaid charges up to this sum do not count as days past due. Source: schedule maths §14."""


class ClosureKind(StrEnum):
    """How a loan came to owe nothing."""

    MATURITY = "MATURITY"
    PREPAID = "PREPAID"
    FORECLOSURE = "FORECLOSURE"
    COOLING_OFF = "COOLING_OFF"


@attrs.frozen
class Lot:
    """Money held, by the receipt it came in with."""

    key: Key
    amount: Paise


@attrs.frozen(kw_only=True)
class Receipt:
    """A receipt as counted; `charged_back` is what its bank has taken back since."""

    key: Key
    value_date: date
    amount: Paise
    charged_back: Paise = 0

    @property
    def kept(self) -> Paise:
        """What is still with the lender."""
        return self.amount - self.charged_back


@attrs.frozen(kw_only=True)
class Share:
    """The part of one receipt that paid one due, on the day it did."""

    key: Key
    on: date
    due: Due


@attrs.frozen(kw_only=True)
class Charge:
    """A levied charge (or a foreclosure fee) with its GST, and how much of both is paid."""

    key: Key
    kind: ChargeKind
    levied_on: date
    instalment_no: int | None
    amount: Paise
    gst: Paise
    paid: Paise = 0

    @property
    def unpaid(self) -> Paise:
        """Charge and GST still owed."""
        return self.amount + self.gst - self.paid


@attrs.frozen(kw_only=True)
class Closure:
    """The day nothing was owed any more; `before` is the state the closing receipt met."""

    on: date
    kind: ClosureKind
    before: "State" = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class State:
    """A loan's money at the end of day `on` (None: nothing has happened yet).

    `schedule` is None until the credit. `interest` is the interest asked per row: the schedule's,
    but for a loan closed early. `paid_late_interest` pays interest after the due date; `penal_days`
    and `late_days` are Σ base × days, exact, from which the whole charge is computed at once.
    `advance` is held for what comes due, `suspense` belongs to nothing owed and waits for a refund.
    `waived` was forgiven as a small balance. `fee_returned` tells that a cooling-off exit gave the
    processing fee back.
    """

    terms: Terms
    on: date | None = None
    last: tuple[date, int, str, str] | None = None
    disbursed_on: date | None = None
    disbursed: Paise = 0
    schedule: Schedule | None = None
    interest: tuple[Paise, ...] = ()
    upfront_interest: Paise = 0
    fee_returned: bool = False
    paid_interest: tuple[Paise, ...] = ()
    paid_late_interest: tuple[Paise, ...] = ()
    paid_principal: tuple[Paise, ...] = ()
    paid_penal: tuple[Paise, ...] = ()
    penal_days: tuple[int, ...] = ()
    late_days: tuple[int, ...] = ()
    cleared_on: tuple[date | None, ...] = ()
    charges: tuple[Charge, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    shares: tuple[Share, ...] = ()
    advance: tuple[Lot, ...] = ()
    suspense: tuple[Lot, ...] = ()
    waived: Paise = 0
    closure: Closure | None = None

    @property
    def is_running(self) -> bool:
        """Whether the money is out and something is still owed."""
        return self.schedule is not None and self.closure is None

    @property
    def closed_on(self) -> date | None:
        """The day the loan closed."""
        return self.closure.on if self.closure else None

    @property
    def cooling_off_until(self) -> date | None:
        """The last day of the look-up period; None before the credit."""
        if self.disbursed_on is None:
            return None
        return self.disbursed_on + timedelta(days=self.terms.cooling_off.days)

    @property
    def advance_held(self) -> Paise:
        """Money waiting for the next due date."""
        return sum(lot.amount for lot in self.advance)

    @property
    def suspense_held(self) -> Paise:
        """Money that pays nothing: to be refunded."""
        return sum(lot.amount for lot in self.suspense)

    @property
    def received(self) -> Paise:
        """All receipts less what was charged back."""
        return sum(receipt.kept for receipt in self.receipts)

    @property
    def rows_asked(self) -> int:
        """How many instalments are due by (adjusted) date."""
        if self.schedule is None or self.on is None:
            return 0
        return bisect_right(self.schedule.adjusted_due_on, self.on)

    @property
    def rows_accrued(self) -> int:
        """How many instalments have earned their interest: asked, or their period is over."""
        if self.schedule is None or self.on is None:
            return 0
        return max(self.rows_asked, bisect_right(self.schedule.accrued_on, self.on))

    @property
    def outstanding_principal(self) -> Paise:
        """Principal not yet repaid, due or not, with interest yet to be capitalised."""
        if self.schedule is None or self.closure is not None:
            return 0
        return self.terms.principal + self.schedule.capitalised - sum(self.paid_principal)

    @property
    def outstanding_interest(self) -> Paise:
        """Unpaid interest of instalments already due, with interest since their due dates."""
        return sum(self.unpaid_interest(row) for row in self._asked)

    @property
    def outstanding_charges(self) -> Paise:
        """Unpaid penal, bounce and other charges with their GST."""
        return self.unpaid_levied + self.unpaid_penal_total

    @property
    def unpaid_levied(self) -> Paise:
        """Unpaid levied charges with their GST."""
        return sum(charge.unpaid for charge in self.charges) if self.is_running else 0

    @property
    def unpaid_penal_total(self) -> Paise:
        """Unpaid penal charges of all instalments."""
        return sum(self.unpaid_penal(row) for row in self._asked)

    @property
    def total_due(self) -> Paise:
        """Everything payable today: instalments due, interest since then, charges."""
        return sum(due.amount for due in self.dues())

    @property
    def total_owed(self) -> Paise:
        """Everything the contract still asks, future instalments in full, before money held."""
        if not self.is_running:
            return 0
        scheduled = sum(self.interest) - sum(self.paid_interest)
        late = sum(self.late_interest(row) for row in self._asked)
        charges = self.unpaid_levied + self.unpaid_penal_total
        return (
            self.outstanding_principal + scheduled + late - sum(self.paid_late_interest) + charges
        )

    @property
    def oldest_unpaid_due_on(self) -> date | None:
        """The date, past or future, of the first item that money held does not cover.

        None before the credit, after closure, and where everything is covered. Charges count where
        the terms say so and they are more than negligible: a levied one from its date, a penal one
        from the day its instalment was cleared. Source: design of arrears, schedule maths §14.
        """
        held = self.advance_held
        for due_on, unpaid in sorted(self._dated_items()):
            if unpaid > held:
                return due_on
            held -= unpaid
        return None

    def late_interest(self, row: int) -> Paise:
        """Return the interest of row `row` (from 0) since its due date, rounded once."""
        if not self.late_days[row]:
            return 0
        over, under = self.terms.annual_rate_pct.as_integer_ratio()
        return round_half_up(self.late_days[row] * over, 36500 * under)

    def penal(self, row: int) -> Paise:
        """Return the whole penal charge of row `row`, paid or not."""
        if self.schedule is None or self.on is None or not self.penal_days[row]:
            return 0
        policy = self.terms.penal
        grace_ends = self.schedule.adjusted_due_on[row] + timedelta(days=policy.grace_days)
        if policy.grace_mode is GraceMode.FROM_DUE and self.on <= grace_ends:
            return 0
        amount = self.schedule.amount[row]
        return penal_charge(self.penal_days[row], policy, instalment=amount)

    def unpaid_scheduled(self, row: int) -> Paise:
        """Return the unpaid scheduled principal and interest of a row: the base of its penalty."""
        return self.interest[row] - self.paid_interest[row] + self.unpaid_principal(row)

    def unpaid_principal(self, row: int) -> Paise:
        """Return the unpaid principal of a row."""
        assert self.schedule is not None
        return self.schedule.principal[row] - self.paid_principal[row]

    def unpaid_interest(self, row: int) -> Paise:
        """Return a row's unpaid interest, scheduled and since its due date."""
        late = self.late_interest(row) - self.paid_late_interest[row]
        return self.interest[row] - self.paid_interest[row] + late

    def unpaid_penal(self, row: int) -> Paise:
        """Return a row's unpaid penal charge."""
        return self.penal(row) - self.paid_penal[row]

    def dues(self, *, everything: bool = False) -> list[Due]:
        """Return what can be paid today, or with `everything` also instalments not due yet."""
        if not self.is_running or self.schedule is None:
            return []
        listed: list[Due] = []
        for row in range(len(self.schedule)) if everything else self._asked:
            if self.cleared_on[row] and not self.penal_days[row]:
                continue
            no = row + 1
            listed.append(Due(Component.INTEREST, self.unpaid_interest(row), no=no))
            listed.append(Due(Component.PRINCIPAL, self.unpaid_principal(row), no=no))
            listed.append(Due(Component.PENAL, self.unpaid_penal(row), no=no))
        listed += (
            Due(Component(charge.kind.value), charge.unpaid, charge=charge.key)
            for charge in self.charges
        )
        return [due for due in listed if due.amount > 0]

    def paid_by(self, key: Key) -> dict[Component, Paise]:
        """Return what a receipt has paid, by component; money it still holds is not in it."""
        paid: dict[Component, Paise] = {}
        for share in self.shares:
            if share.key == key:
                component = share.due.component
                paid[component] = paid.get(component, 0) + share.due.amount
        return paid

    @property
    def _asked(self) -> range:
        return range(self.rows_asked)

    def _dated_items(self) -> Iterator[tuple[date, Paise]]:
        if not self.is_running or self.schedule is None:
            return
        for row, due_on in enumerate(self.schedule.adjusted_due_on):
            yield due_on, self.unpaid_principal(row) + self.unpaid_interest(row)
        if not self.terms.count_charges_in_dpd or self.outstanding_charges <= NEGLIGIBLE_CHARGES:
            return
        for charge in self.charges:
            yield charge.levied_on, charge.unpaid
        for row in self._asked:
            cleared = self.cleared_on[row]
            yield cleared or self.schedule.adjusted_due_on[row], self.unpaid_penal(row)
