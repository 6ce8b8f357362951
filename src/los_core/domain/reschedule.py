"""Instalments to come, made anew: part-prepayments, re-ageing, restructuring, holidays added later.

Every function changes the state it is given; rows already due or earned stay as they were. Without
consent no instalment rises above its amount as last put in force: the last one absorbs the rest.
What cannot be carried out changes nothing and says so. How rows are computed is `newrows`. Source:
schedule maths §5 and §11, design of money (instructions).
"""

from collections.abc import Sequence
from datetime import date

import attrs

from los_core.domain.allocation import Due
from los_core.domain.booking import book, lift_ahead, pay
from los_core.domain.charges import gst_on
from los_core.domain.errors import InvalidTerms
from los_core.domain.facts import Change, Instructed, Key
from los_core.domain.foreclosure import accrued_interest
from los_core.domain.holdings import Charge, Version
from los_core.domain.money import Paise, pct_of
from los_core.domain.newrows import (
    LEVEL,
    NewRows,
    Rest,
    as_lent,
    joined,
    lowered,
    more_in_last,
    rows_hash,
    spread,
    with_amounts,
)
from los_core.domain.policies import ChargeKind, Component, Method
from los_core.domain.schedule import Schedule
from los_core.domain.state import State
from los_core.domain.terms import Terms
from los_core.domain.workdays import shifted


def start_rows(state: State, schedule: Schedule) -> None:
    """Put the first schedule in force."""
    count = len(schedule)
    state.schedule = schedule
    state.interest = list(schedule.interest)
    for name in _COUNTS:
        setattr(state, name, [0] * count)
    state.cleared_on = [None] * count
    state.settled_rows = 0


def prepay(
    state: State, key: Key, change: Change, *, most: Paise | None = None, notified: str = ""
) -> bool:
    """Use money held to lower the principal, and make the rows to come anew.

    It first pays interest to the day and the fee of the terms with its GST. Return False, and
    change nothing, where dues are unpaid, too little is held, the whole principal is, or interest
    withheld or to be capitalised has not been earned. `most` caps a new instalment.
    """
    trial, first = state.copy(), state.rows_accrued
    if first == len(state.interest) or state.total_due:
        return False
    lift_ahead(trial, first, interest_only=False)
    accrued, unearned = accrued_interest(trial)
    gap = sum(trial.unpaid_scheduled(row) for row in range(state.rows_asked, first))
    money = trial.advance_held - gap - accrued
    policy, tax = state.terms.excess, state.terms.tax
    fee = pct_of(max(0, money), policy.applicable_pct(state.terms.foreclosure))
    gst = gst_on(fee, tax.pct(ChargeKind.FORECLOSURE), tax.supply).total
    reduced = money - fee - gst
    left = _to_come(trial, first) - reduced
    if unearned or reduced <= 0 or left <= state.terms.small_balance:
        return False
    try:
        rows = lowered(_rest(trial, first, left, sum(trial.carried[first:])), change, most=most)
    except InvalidTerms:
        return False
    state.become(trial)
    dues = [Due(Component.INTEREST, accrued), Due(Component.PRINCIPAL, reduced)]
    if fee:
        dues.append(Due(Component.FORECLOSURE, fee + gst, charge=_levy_fee(state, key, fee, gst)))
    pay(state, [due for due in dues if due.amount])
    _put_in_force(state, key, first, rows, notified)
    return True


def carry_out(state: State, fact: Instructed) -> bool:
    """Do what an instruction says; return False, and change nothing, where that is impossible."""
    if fact.change in (Change.REDUCE_EMI, Change.REDUCE_TENURE):
        most, told = fact.notified_amount, fact.rows_hash
        return prepay(state, fact.key, fact.change, most=most, notified=told)
    return _respread(state, fact)


def take_back(state: State, *, principal: Paise, interest: Paise) -> None:
    """Put into the rows to come what a payment had prepaid that was taken back since.

    Their amounts stay and the last one absorbs the rest; where all are due, or cannot bear it, the
    last asks for all of it. A fee on the prepayment that nobody has paid then falls away.
    """
    state.prepaid_principal -= principal
    state.prepaid_interest -= interest
    state.earned_apart += interest
    state.charges = [one for one in state.charges if one.paid or not _is_fee(one.key)]
    trial, first = state.copy(), state.rows_accrued
    if first < len(state.interest):
        lift_ahead(trial, first, interest_only=False)
        accrued, unearned = accrued_interest(trial)
        carried = sum(trial.carried[first:]) + interest + accrued
        left = _to_come(trial, first) + principal
        try:
            assert not unearned, "nothing was prepaid while interest was unearned"
            rest = _rest(trial, first, left, carried)
            rows = with_amounts(rest, rest.amounts)
        except InvalidTerms:
            pass
        else:
            state.become(trial)
            state.earned_apart += accrued
            _put_in_force(state, _TAKEN_BACK, first, rows, "")
            return
    _load_last(state, principal, interest)


def move_due_dates(state: State, added: Sequence[date]) -> None:
    """Move instalments to come and not paid off days added to the calendar, later only.

    Amounts and accrual dates stay; a date that would meet the next instalment's does not move.
    Source: schedule maths §5.
    """
    terms = state.terms
    holidays = frozenset((*terms.non_repayment_dates, *added))
    state.terms = attrs.evolve(terms, non_repayment_dates=tuple(holidays))
    schedule, on = state.schedule, state.on
    if schedule is None or on is None or state.closure is not None:
        return
    adjusted = list(schedule.adjusted_due_on)
    for row in range(len(adjusted) - 1, state.rows_asked - 1, -1):
        if schedule.due_on[row] <= on or state.cleared_on[row] is not None:
            continue
        moved = shifted(schedule.due_on[row], terms.shift_rule, holidays)
        following = adjusted[row + 1] if row + 1 < len(adjusted) else date.max
        if adjusted[row] < moved < following:
            adjusted[row] = moved
    state.schedule = attrs.evolve(schedule, adjusted_due_on=tuple(adjusted))


_COUNTS = (
    "paid_interest",
    "paid_late_interest",
    "paid_principal",
    "paid_penal",
    "penal_days",
    "late_days",
    "moved",
    "carried",
)
"""Columns of a state that begin at zero."""


def _respread(state: State, fact: Instructed) -> bool:
    """Spread all that is unpaid over new rows, at another rate if the instruction says so."""
    trial, first = state.copy(), state.rows_accrued
    lift_ahead(trial, first, interest_only=False)
    accrued, unearned = (0, 0) if first == len(state.interest) else accrued_interest(trial)
    if unearned:
        return False
    moved = [due for due in trial.dues(everything=True) if due.no is not None and due.no <= first]
    unpaid = {
        part: sum(due.amount for due in moved if due.component is part)
        for part in (Component.PRINCIPAL, Component.INTEREST)
    }
    principal = unpaid[Component.PRINCIPAL] + _to_come(trial, first)
    carried = unpaid[Component.INTEREST] + accrued + sum(trial.carried[first:])
    if fact.capitalises:
        principal, carried = principal + carried, 0
    try:
        terms = _anew(trial, fact, principal)
        rest = attrs.evolve(_rest(trial, first, principal, carried), terms=terms)
        rows = spread(rest, known=() if fact.consented else rest.amounts)
    except InvalidTerms:
        return False
    state.become(trial)
    state.earned_apart += accrued
    _move(state, [due for due in moved if due.component is not Component.PENAL], first)
    state.terms = attrs.evolve(state.terms, method=terms.method, rate_pct=terms.rate_pct, **LEVEL)
    _put_in_force(state, fact.key, first, rows, fact.rows_hash)
    return True


def _rest(state: State, first: int, principal: Paise, carried: Paise) -> Rest:
    assert state.schedule is not None
    return Rest(
        terms=state.terms,
        rows=state.schedule,
        first=first,
        begins=_begins(state),
        principal=principal,
        carried=carried,
    )


def _begins(state: State) -> date:
    """Return from when new rows bear interest: today, or the planned credit if that is later."""
    assert state.on is not None
    assert state.schedule is not None
    return max(state.on, state.schedule.interest_from)


def _anew(state: State, fact: Instructed, principal: Paise) -> Terms:
    """Return the contract that an instruction to re-age or restructure asks for."""
    terms = state.terms
    assert fact.first_due_on is not None
    assert fact.instalments is not None
    single = terms.method is Method.BULLET and fact.instalments > 1
    return as_lent(
        terms,
        begins=_begins(state),
        principal=principal,
        method=Method.REDUCING if single else terms.method,
        rate_pct=terms.rate_pct if fact.rate_pct is None else fact.rate_pct,
        instalments=fact.instalments,
        first_due_on=fact.first_due_on,
        anchor_day=fact.first_due_on.day,
        **LEVEL,
    )


def _put_in_force(state: State, key: Key, first: int, rows: NewRows, notified: str) -> None:
    """Let rows replace those from `first` on."""
    new = rows.schedule
    assert state.schedule is not None
    assert state.on is not None
    state.schedule = joined(state.schedule, first, new)
    state.interest[first:] = new.interest
    for name in _COUNTS:
        getattr(state, name)[first:] = [0] * len(new)
    state.carried[first:] = rows.carried
    state.cleared_on[first:] = [None] * len(new)
    state.settled_rows = min(state.settled_rows, first)
    state.resumed = (first, new.interest_from)
    told = rows_hash(state.schedule, first)
    state.versions.append(
        Version(key=key, on=state.on, first_no=first + 1, rows_hash=told, notified_hash=notified)
    )


def _move(state: State, dues: Sequence[Due], first: int) -> None:
    """Count what of earlier rows is now in later ones as paid; their late interest is theirs."""
    book(state, dues)
    for due in dues:
        assert due.no is not None
        state.moved[due.no - 1] += due.amount
    for row in range(first):
        state.interest[row] += state.paid_late_interest[row]
        state.paid_interest[row] += state.paid_late_interest[row]
        state.paid_late_interest[row] = state.late_days[row] = 0


def _load_last(state: State, principal: Paise, interest: Paise) -> None:
    """Let the last row ask for more."""
    assert state.schedule is not None
    state.schedule = more_in_last(state.schedule, principal=principal, interest=interest)
    state.interest[-1] += interest
    state.carried[-1] += interest
    state.cleared_on[-1] = None
    state.settled_rows = min(state.settled_rows, len(state.interest) - 1)


def _to_come(state: State, first: int) -> Paise:
    assert state.schedule is not None
    return sum(state.schedule.principal[first:])


def _levy_fee(state: State, key: Key, amount: Paise, gst: Paise) -> Key:
    fee = Charge(
        key=(_FEE[0], f"{_FEE[1]} {' '.join(key)}"),
        kind=ChargeKind.FORECLOSURE,
        levied_on=state.on or date.min,
        instalment_no=None,
        amount=amount,
        gst=gst,
    )
    state.charges.append(fee)
    return fee.key


_TAKEN_BACK: Key = ("los", "prepayment-taken-back")
_FEE: Key = ("los", "prepayment-fee")


def _is_fee(key: Key) -> bool:
    return key[0] == _FEE[0] and key[1].startswith(_FEE[1])
