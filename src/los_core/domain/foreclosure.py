"""What it costs to leave a loan early on a day: foreclosure, and exit in the cooling-off period.

A quote reads a `State` of that day; `fold` closes the loan with the same quote when the money
comes, so paying it leaves exactly nothing. Source: schedule maths §12 and §13.
"""

from datetime import date

import attrs

from los_core.domain.accrual import interest_for
from los_core.domain.charges import gst_on
from los_core.domain.errors import Conflict, GuardFailed
from los_core.domain.holdings import ClosureKind
from los_core.domain.money import Paise, pct_of, round_half_up
from los_core.domain.policies import ChargeKind, Gst, Method, PostDueInterest
from los_core.domain.pricing import price_terms
from los_core.domain.state import State
from los_core.domain.workdays import days_between


@attrs.frozen(kw_only=True)
class Quote:
    """An itemised amount to close a loan, good for value date `on` only. Paise.

    `due_interest` is unpaid interest of instalments due or fully earned, `accrued_interest` what
    ran since, `charges` unpaid penal and levied charges with GST. `credits` is upfront interest
    and, on a cooling-off exit that returns it, the processing fee with its GST.
    """

    on: date
    kind: ClosureKind
    principal: Paise
    due_interest: Paise = 0
    accrued_interest: Paise = 0
    charges: Paise = 0
    fee: Paise = 0
    gst: Gst = attrs.field(factory=Gst)
    advance: Paise = 0
    interest_credit: Paise = 0
    fee_credit: Paise = 0

    @property
    def gross(self) -> Paise:
        """Everything owed on leaving, before money held and credits."""
        interest = self.due_interest + self.accrued_interest
        return self.principal + interest + self.charges + self.fee + self.gst.total

    @property
    def credits(self) -> Paise:
        """What is given back to the borrower within the closure."""
        return self.interest_credit + self.fee_credit

    @property
    def amount(self) -> Paise:
        """What the borrower pays to close; 0 where money held already suffices."""
        return max(0, self.gross - self.credits - self.advance)


def quote(state: State) -> Quote:
    """Return the foreclosure quote for the day of `state`.

    Outstanding principal, interest due, interest accrued since the last accrual date, charges, the
    fee where the terms allow one, and GST on it, less money held. A flat loan asks interest for the
    elapsed share of its days; the unearned rest is waived. There is no fee in the cooling-off
    period, nor once the last instalment has run its time: that loan has matured. Raises: Conflict:
    nothing is owed.
    """
    on = _running_on(state)
    principal = state.outstanding_principal
    in_cooling_off = state.cooling_off_until is not None and on <= state.cooling_off_until
    matured = state.rows_accrued == len(state.interest)
    pct = state.terms.foreclosure.applicable_pct
    fee = 0 if in_cooling_off or matured else pct_of(principal, pct)
    tax = state.terms.tax
    accrued, credit = accrued_interest(state)
    return Quote(
        on=on,
        kind=ClosureKind.MATURITY if matured else ClosureKind.FORECLOSURE,
        principal=principal,
        due_interest=_due_interest(state),
        accrued_interest=accrued,
        charges=state.outstanding_charges,
        fee=fee,
        gst=gst_on(fee, tax.pct(ChargeKind.FORECLOSURE), tax.supply),
        advance=_at_hand(state),
        interest_credit=credit,
    )


def cooling_off_quote(state: State) -> Quote:
    """Return the amount that undoes the loan within its cooling-off period, without penalty.

    With the fee kept: principal and contract interest for the days since the credit. With the fee
    returned: what the borrower received and proportionate APR on it. A part-prepayment has paid its
    own days. Source: schedule maths §13.
    Raises: Conflict: nothing is owed. GuardFailed: the period, or the first instalment, is over.
    """
    on = _running_on(state)
    until = state.cooling_off_until
    if until is None or not may_exit(state):
        raise GuardFailed(f"the cooling-off period ended on {until}", code="COOLING_OFF_OVER")
    terms = state.terms
    assert state.disbursed_on is not None
    begun = state.resumed[1] if state.resumed else max(state.disbursed_on, terms.planned_on)
    days = max(0, days_between(begun, on))
    returned = 0 if terms.cooling_off.keeps_fee else terms.fee.total
    pct = terms.annual_rate_pct if terms.cooling_off.keeps_fee else price_terms(terms).apr_pct
    over, under = pct.as_integer_ratio()
    base = terms.principal - returned - state.prepaid_principal
    cost = round_half_up(base * over * days, 36500 * under)
    covered = min(cost, state.upfront_interest)
    return Quote(
        on=on,
        kind=ClosureKind.COOLING_OFF,
        principal=state.outstanding_principal,
        accrued_interest=cost - covered,
        charges=state.outstanding_charges,
        advance=_at_hand(state),
        interest_credit=state.upfront_interest - covered,
        fee_credit=returned,
    )


def may_exit(state: State) -> bool:
    """Whether the cooling-off period runs still, with no instalment begun or made anew."""
    until, on = state.cooling_off_until, state.on
    if until is None or on is None or on > until:
        return False
    return not state.rows_accrued and not any(state.carried)


def prepaid_quote(state: State) -> Quote:
    """Return what closes a loan whose whole schedule is already covered by money held.

    Interest for the days outstanding and no fee, as nobody asked to foreclose; interest never
    exceeds what the schedule still asked. Source: RBI circular on charging of interest,
    29-Apr-2024.
    """
    accrued, credit = accrued_interest(state)
    first = state.rows_accrued
    unearned = sum(state.interest[first:]) - sum(state.carried[first:])
    return Quote(
        on=_running_on(state),
        kind=ClosureKind.PREPAID,
        principal=state.outstanding_principal,
        due_interest=_due_interest(state),
        accrued_interest=min(accrued, unearned),
        charges=state.outstanding_charges,
        advance=_at_hand(state),
        interest_credit=credit,
    )


def settlement_quote(state: State) -> Quote:
    """Return what is owed on the day without any fee: what a settlement or a write-off is of."""
    return attrs.evolve(quote(state), fee=0, gst=Gst(), kind=ClosureKind.SETTLED)


def accrued_interest(state: State) -> tuple[Paise, Paise]:
    """Return (interest run since the last accrual date, interest in the debt not yet earned).

    The latter was withheld upfront or is to be capitalised.

    On overdue principal nothing is added here where the terms already run interest on it after its
    due date. Nothing accrues after the last instalment's date.
    """
    schedule, on, terms = state.schedule, state.on, state.terms
    assert schedule is not None
    assert on is not None
    row = state.rows_accrued
    if row == len(schedule):
        return 0, 0
    begun = state.accrues_from(row)
    if row == 0 and schedule.unearned and on < begun:
        elapsed = max(0, days_between(schedule.interest_from, on))
        earned = round_half_up(schedule.unearned * elapsed, schedule.broken_days)
        return 0, schedule.unearned - earned
    if terms.method is Method.FLAT:
        return _flat_accrued(state), 0
    base = state.outstanding_principal
    if terms.post_due_interest is not PostDueInterest.NONE:
        base -= sum(state.unpaid_principal(asked) for asked in range(state.rows_asked))
    return (interest_for(terms, base, begun, on) if begun < on else 0), 0


def _flat_accrued(state: State) -> Paise:
    """Return the share of days elapsed in the interest of the rows made together, less the asked.

    They are all rows, or those since the last prepayment or restructuring.
    """
    schedule, on = state.schedule, state.on
    assert schedule is not None
    assert on is not None
    first = state.resumed[0] if state.resumed else 0
    begun = state.accrues_from(first)
    elapsed = max(0, days_between(begun, on))
    whole = days_between(begun, schedule.accrued_on[-1])
    own = [asked - carried for asked, carried in zip(state.interest, state.carried, strict=True)]
    earned = round_half_up(sum(own[first:]) * elapsed, whole)
    return max(0, earned - sum(own[first : state.rows_accrued]))


def _due_interest(state: State) -> Paise:
    """Return unpaid interest of rows due or earned, and what later rows carry of earlier ones."""
    first = state.rows_accrued
    return sum(state.unpaid_interest(row) for row in range(first)) + sum(state.carried[first:])


def _at_hand(state: State) -> Paise:
    """Return money held, and interest paid ahead for rows that a closure no longer asks for."""
    return state.advance_held + sum(state.paid_interest[state.rows_accrued :])


def _running_on(state: State) -> date:
    if not state.is_running or state.on is None:
        raise Conflict("the loan is not running: there is nothing to close", code="NOT_RUNNING")
    return state.on
