"""A loan's money on a day: what folding its facts gives, and what can be read off it.

The aggregate and arithmetic on it; how a day or a fact changes it is `fold` with `booking`,
`closing` and `reschedule`, which work on a copy of what they are given. Columns run by instalment,
as in `schedule`; all money is paise.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, timedelta

import attrs

from los_core.domain.allocation import Due
from los_core.domain.arrears import asset_class
from los_core.domain.charges import penal_charge
from los_core.domain.facts import Key, SettlementAgreed, WrittenOff
from los_core.domain.holdings import Charge, Closure, ClosureKind, Lot, Receipt, Share, Version
from los_core.domain.money import Paise, round_half_up
from los_core.domain.policies import AssetClass, ChargeKind, Component, GraceMode, PenalPolicy
from los_core.domain.schedule import Schedule
from los_core.domain.terms import Terms
from los_core.domain.waterfall import When
from los_core.domain.writeoff import Claim, recover

NEGLIGIBLE_CHARGES: Paise = 100
"""Unpaid charges up to this sum do not count as days past due. Source: schedule maths §14."""


_INTEREST, _PRINCIPAL, _PENAL = Component.INTEREST, Component.PRINCIPAL, Component.PENAL
_PAST_DUE, _DUE, _IN_ADVANCE = When.PAST_DUE, When.DUE, When.IN_ADVANCE
_STANDARD, _FROM_DUE = AssetClass.STANDARD, GraceMode.FROM_DUE
_COMPONENT_OF = {kind: Component(kind.value) for kind in ChargeKind}
"""Members by name of their own: Python 3.11 looks one up in a slow 0.2 µs."""


@attrs.define(kw_only=True)
class State:
    """A loan's money at the end of day `on` (None: nothing has happened yet).

    Attributes:
        schedule: the rows in force, None until the credit; a prepayment or a restructuring puts new
            rows in place of those to come.
        interest: what is asked per row: the schedule's, but for a loan closed early.
        upfront_interest: in the debt from the credit (withheld or to be capitalised).
        paid_late_interest: pays interest after the due date.
        penal_days, late_days: Σ base × days per row, exact, from which the whole charge is computed
            at once.
        penal_since: penal policies by the due dates they govern from, after that of the terms.
        moved: per row, what of it was moved to later rows; it counts as paid.
        carried: per row, interest earned before and asked for with this row.
        prepaid_interest, prepaid_principal: paid outside the rows, by part-prepayments.
        earned_apart: interest earned outside the rows' own, which later rows carry or the principal
            took up.
        resumed: (row, day) where interest of a row begins later than the row before ended.
        advance: money held for what comes due; `suspense` belongs to nothing owed and waits for a
            refund.
        waived: what was given up, small balances included; `waivers` says which dues.
        returned: refunds of the loan's own credits, which no receipt brought; `conceded` is what of
            them the loan, open again, would not give: the lender bears it.
        fee_returned: a cooling-off exit gave the processing fee back.
        borrower_npa, partner_npa: since when other loans, or the co-lender, make this one NPA.
        claim: what `written_off` took off the books and left to claim; `recovered` came since.
        inert: instructions that the facts known now no longer allow.
        settled_rows: so many rows from the first are cleared with nothing unpaid; it saves looking
            at them again.
    """

    terms: Terms
    on: date | None = None
    last: tuple[date, int, str, str] | None = None
    disbursed_on: date | None = None
    disbursed: Paise = 0
    schedule: Schedule | None = None
    interest: list[Paise] = attrs.field(factory=list)
    upfront_interest: Paise = 0
    fee_returned: bool = False
    paid_interest: list[Paise] = attrs.field(factory=list)
    paid_late_interest: list[Paise] = attrs.field(factory=list)
    paid_principal: list[Paise] = attrs.field(factory=list)
    paid_penal: list[Paise] = attrs.field(factory=list)
    penal_days: list[int] = attrs.field(factory=list)
    late_days: list[int] = attrs.field(factory=list)
    cleared_on: list[date | None] = attrs.field(factory=list)
    moved: list[Paise] = attrs.field(factory=list)
    carried: list[Paise] = attrs.field(factory=list)
    prepaid_interest: Paise = 0
    prepaid_principal: Paise = 0
    earned_apart: Paise = 0
    resumed: tuple[int, date] | None = None
    penal_since: list[tuple[date, PenalPolicy]] = attrs.field(factory=list)
    charges: list[Charge] = attrs.field(factory=list)
    receipts: list[Receipt] = attrs.field(factory=list)
    shares: list[Share] = attrs.field(factory=list)
    advance: list[Lot] = attrs.field(factory=list)
    suspense: list[Lot] = attrs.field(factory=list)
    returned: list[Lot] = attrs.field(factory=list)
    conceded: Paise = 0
    waived: Paise = 0
    waivers: list[Share] = attrs.field(factory=list)
    borrower_npa: date | None = None
    partner_npa: date | None = None
    loss: bool = False
    settlement: SettlementAgreed | None = None
    written_off: WrittenOff | None = None
    claim: Claim | None = None
    recovered: list[Lot] = attrs.field(factory=list)
    versions: list[Version] = attrs.field(factory=list)
    inert: list[Key] = attrs.field(factory=list)
    closure: "Closure[State] | None" = None
    settled_rows: int = attrs.field(default=0, eq=False, repr=False)

    def copy(self) -> "State":
        """Return a state of its own; what it holds is shared, its columns and lists are not."""
        twin = State.__new__(State)
        for name in _FIELDS:
            value = getattr(self, name)
            setattr(twin, name, value.copy() if type(value) is list else value)
        return twin

    def become(self, other: "State") -> None:
        """Take over all that a trial, a copy of this state, has come to."""
        for name in _FIELDS:
            setattr(self, name, getattr(other, name))

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
    def npa_since(self) -> date | None:
        """Since when the loan is NPA by any tag, None if by none."""
        ours, theirs = self.borrower_npa, self.partner_npa
        if ours is None or theirs is None:
            return ours or theirs
        return min(ours, theirs)

    @property
    def asset_class(self) -> AssetClass:
        """The asset class on the day, by the age of the NPA."""
        since = self.npa_since
        if since is None or self.on is None:
            return _STANDARD
        return AssetClass.LOSS if self.loss else asset_class(since, self.on)

    @property
    def advance_held(self) -> Paise:
        """Money waiting for the next due date."""
        return sum([lot.amount for lot in self.advance])

    @property
    def suspense_held(self) -> Paise:
        """Money that pays nothing: to be refunded."""
        return sum([lot.amount for lot in self.suspense])

    @property
    def received(self) -> Paise:
        """All receipts less what was charged back or refunded."""
        return sum([receipt.kept for receipt in self.receipts])

    @property
    def returned_total(self) -> Paise:
        """What of the loan's own credits was refunded."""
        return sum([lot.amount for lot in self.returned])

    @property
    def recovered_total(self) -> Paise:
        """What came in on a loan written off."""
        return sum([lot.amount for lot in self.recovered])

    @property
    def claim_left(self) -> Claim:
        """What is still claimed of a loan written off; nothing once that was settled."""
        settled = self.closure is not None and self.closure.kind is ClosureKind.SETTLED
        if self.claim is None or self.on is None or settled:
            return Claim(principal=0, interest=0, charges=0)
        came = self.recovered_total
        return recover(self.claim, came, self.on)[0] if came else self.claim

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
        """Principal not yet repaid, due or not; interest to be capitalised is in it."""
        if self.schedule is None or self.closure is not None:
            return 0
        return sum(self.schedule.principal) - sum(self.paid_principal)

    @property
    def outstanding_interest(self) -> Paise:
        """Unpaid interest of instalments already due, with interest since their due dates."""
        return sum([self.unpaid_interest(row) for row in self._asked])

    @property
    def outstanding_charges(self) -> Paise:
        """Unpaid penal, bounce and other charges with their GST."""
        return self.unpaid_levied + self.unpaid_penal_total

    @property
    def unpaid_levied(self) -> Paise:
        """Unpaid levied charges with their GST."""
        return sum([charge.unpaid for charge in self.charges]) if self.is_running else 0

    @property
    def unpaid_penal_total(self) -> Paise:
        """Unpaid penal charges of all instalments."""
        return sum([self.unpaid_penal(row) for row in self._asked])

    @property
    def total_due(self) -> Paise:
        """Everything payable today: instalments due, interest since then, charges."""
        return sum([due.amount for due in self.dues()])

    @property
    def total_owed(self) -> Paise:
        """Everything the contract still asks, future instalments in full, before money held."""
        if not self.is_running:
            return 0
        owed = self.outstanding_principal + sum(self.interest) - sum(self.paid_interest)
        for row in range(self.settled_rows, self.rows_asked):
            if self.late_days[row]:
                owed += self.late_interest(row) - self.paid_late_interest[row]
            if self.penal_days[row]:
                owed += self.unpaid_penal(row)
        return owed + self.unpaid_levied

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

    @property
    def needs_notice(self) -> bool:
        """Whether rows in force differ from those the borrower was notified of."""
        return any(version.differs for version in self.versions)

    def accrues_from(self, row: int) -> date:
        """Return the day the interest of row `row` (from 0) begins to run."""
        assert self.schedule is not None
        if self.resumed is not None and self.resumed[0] == row:
            return self.resumed[1]
        if row:
            return self.schedule.accrued_on[row - 1]
        begun = self.schedule.interest_from
        if self.schedule.unearned:
            begun += timedelta(days=self.schedule.broken_days)
        return begun

    def late_interest(self, row: int) -> Paise:
        """Return the interest of row `row` (from 0) since its due date, rounded once."""
        if not self.late_days[row]:
            return 0
        over, under = self.terms.annual_rate_pct.as_integer_ratio()
        return round_half_up(self.late_days[row] * over, 36500 * under)

    def penal(self, row: int) -> Paise:
        """Return the whole penal charge of row `row`, paid or not."""
        if not self.penal_days[row] or self.schedule is None or self.on is None:
            return 0
        policy = self.penal_policy(row)
        if policy.grace_mode is _FROM_DUE:
            grace = timedelta(days=policy.grace_days)
            if self.on <= self.schedule.adjusted_due_on[row] + grace:
                return 0
        amount = self.schedule.amount[row]
        return penal_charge(self.penal_days[row], policy, instalment=amount)

    def penal_policy(self, row: int) -> PenalPolicy:
        """Return the penal policy of a row: the latest in force on its due date."""
        if self.penal_since:
            assert self.schedule is not None
            due_on = self.schedule.adjusted_due_on[row]
            for since, policy in reversed(self.penal_since):
                if since <= due_on:
                    return policy
        return self.terms.penal

    def unpaid_scheduled(self, row: int) -> Paise:
        """Return the unpaid scheduled principal and interest of a row: the base of its penalty."""
        return self.interest[row] - self.paid_interest[row] + self.unpaid_principal(row)

    def unpaid_principal(self, row: int) -> Paise:
        """Return the unpaid principal of a row."""
        assert self.schedule is not None
        return self.schedule.principal[row] - self.paid_principal[row]

    def unpaid_interest(self, row: int) -> Paise:
        """Return a row's unpaid interest, scheduled and since its due date."""
        unpaid = self.interest[row] - self.paid_interest[row]
        if self.late_days[row]:
            unpaid += self.late_interest(row) - self.paid_late_interest[row]
        return unpaid

    def unpaid_penal(self, row: int) -> Paise:
        """Return a row's unpaid penal charge."""
        return self.penal(row) - self.paid_penal[row] if self.penal_days[row] else 0

    def dues(self, *, everything: bool = False) -> list[Due]:
        """Return what can be paid today, or with `everything` also instalments not due yet."""
        schedule, on = self.schedule, self.on
        if schedule is None or on is None or self.closure is not None:
            return []
        listed: list[Due] = []
        adjusted = schedule.adjusted_due_on
        for row in range(self.settled_rows, len(adjusted) if everything else self.rows_asked):
            if self.cleared_on[row] is not None and not self.penal_days[row]:
                continue
            due_on, no = adjusted[row], row + 1
            when = _DUE
            if due_on != on:
                when = _PAST_DUE if due_on < on else _IN_ADVANCE
            if amount := self.unpaid_interest(row):
                listed.append(Due(_INTEREST, amount, no, None, when))
            if amount := schedule.principal[row] - self.paid_principal[row]:
                listed.append(Due(_PRINCIPAL, amount, no, None, when))
            if amount := self.unpaid_penal(row):
                listed.append(Due(_PENAL, amount, no, None, when))
        for charge in self.charges:
            if unpaid := charge.unpaid:
                when = _DUE if charge.levied_on == on else _PAST_DUE
                kind = _COMPONENT_OF[charge.kind]
                listed.append(Due(kind, unpaid, None, charge.key, when, charge.instalment_no))
        return listed

    def paid_by(self, key: Key) -> dict[Component, Paise]:
        """Return what a receipt has paid, by component; money it still holds is not in it."""
        paid: dict[Component, Paise] = {}
        for share in self.shares:
            if share.key == key:
                paid[share.component] = paid.get(share.component, 0) + share.amount
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


_FIELDS = tuple(field.name for field in attrs.fields(State))
