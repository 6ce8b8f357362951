"""The chart of accounts of a loan, and its double entry as a pure function of facts.

A `State` has one trial balance; a loan's projection is what that balance changes by on each day
something is posted: credit, due dates, receipts and charges, month-ends, closure. The ledger itself
is append-only: each arriving fact posts the projection after it less the projection before it, as
one balanced transaction. So, whatever the order of arrival, the entries of a (loan, account, value
date) sum to the projection. Debits are positive, credits negative, in paise. While the loan is NPA
income is what was received; the rest is memo. Storing, numbering and closed months are the store's
work. Source: design decision D3, RBI IRACP norms.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

import attrs

from los_core.domain.facts import Fact, effective
from los_core.domain.fold import advance, apply, begin
from los_core.domain.money import Paise, round_half_up
from los_core.domain.policies import ChargeKind
from los_core.domain.state import State
from los_core.domain.terms import Terms
from los_core.domain.workdays import days_between, month_end


class Account(StrEnum):
    """The accounts one loan posts to.

    What the borrower owes (PRINCIPAL, INTEREST, PENAL, BOUNCE, FEE, each with its GST) and BANK are
    assets; ADVANCE, SUSPENSE, UNEARNED_INTEREST and GST_PAYABLE liabilities; WAIVER and WRITE_OFF
    expenses. The MEMO accounts stand apart: what an NPA or a loan written off owes that is no
    income until it comes, and MEMO_CONTRA against it.
    """

    BANK = "BANK"
    PRINCIPAL = "PRINCIPAL"
    INTEREST = "INTEREST"
    PENAL = "PENAL"
    BOUNCE = "BOUNCE"
    FEE = "FEE"
    INTEREST_INCOME = "INTEREST_INCOME"
    PENAL_INCOME = "PENAL_INCOME"
    BOUNCE_INCOME = "BOUNCE_INCOME"
    FEE_INCOME = "FEE_INCOME"
    UNEARNED_INTEREST = "UNEARNED_INTEREST"
    GST_PAYABLE = "GST_PAYABLE"
    ADVANCE = "ADVANCE"
    SUSPENSE = "SUSPENSE"
    WAIVER = "WAIVER"
    WRITE_OFF = "WRITE_OFF"
    RECOVERY_INCOME = "RECOVERY_INCOME"
    MEMO_PRINCIPAL = "MEMO_PRINCIPAL"
    MEMO_INTEREST = "MEMO_INTEREST"
    MEMO_CHARGES = "MEMO_CHARGES"
    MEMO_CONTRA = "MEMO_CONTRA"


Projection: TypeAlias = Mapping[tuple[Account, date], Paise]
"""What each account gains on each value date, debit positive; amounts of zero are left out."""


@attrs.frozen(kw_only=True)
class Entry:
    """One line of a transaction: `amount` paise, a debit if positive, never zero."""

    account: Account
    value_date: date
    amount: Paise


@attrs.frozen(kw_only=True)
class Posting:
    """One balanced transaction as kept.

    Attributes:
        reference: unique within the loan: the id of the fact that caused it, or the name of the
            accounting event ("month-end 2026-03-31").

    Raises: AssertionError: the entries do not sum to zero (only a bug can do that).
    """

    id: UUID
    reference: str
    entries: tuple[Entry, ...]

    def __attrs_post_init__(self) -> None:
        over = sum(entry.amount for entry in self.entries)
        assert over == 0, f"posting {self.reference} sums to {over} paise, not to zero"


def projection(
    terms: Terms, facts: Iterable[Fact], *, until: date
) -> dict[tuple[Account, date], Paise]:
    """Return the entries the facts call for with value dates up to `until`.

    For an earlier `until` it is this projection cut off there, given the same facts. Raises: as
    `fold`.
    """
    pending = [fact for fact in effective(facts) if fact.value_date <= until][::-1]
    state = begin(terms)
    found: dict[tuple[Account, date], Paise] = {}
    before: Mapping[Account, Paise] = {}
    while True:
        day = _next_posting(state, pending[-1].value_date if pending else None)
        if day is None or day > until:
            return found
        state = advance(state, day)
        while pending and pending[-1].value_date == day:
            state = apply(state, pending.pop())
        balance = trial_balance(state)
        for account in Account:
            change = balance[account] - before.get(account, 0)
            if change:
                found[account, day] = change
        before = balance


def posting(before: Projection, after: Projection) -> tuple[Entry, ...]:
    """Return the transaction that takes a ledger from one projection to another.

    Empty where nothing differs. `before` may also be `totals` of the entries stored, which is how a
    ledger is checked.
    """
    keys = sorted({*before, *after}, key=lambda key: (key[1], list(Account).index(key[0])))
    entries = tuple(
        Entry(account=account, value_date=day, amount=change)
        for account, day in keys
        if (change := after.get((account, day), 0) - before.get((account, day), 0))
    )
    assert sum(entry.amount for entry in entries) == 0, "a transaction does not balance"
    return entries


def totals(entries: Iterable[Entry]) -> dict[tuple[Account, date], Paise]:
    """Return entries summed by account and value date, without zeros."""
    found: dict[tuple[Account, date], Paise] = {}
    for entry in entries:
        key = entry.account, entry.value_date
        found[key] = found.get(key, 0) + entry.amount
    return {key: amount for key, amount in found.items() if amount}


def balances(found: Projection, *, on: date) -> dict[Account, Paise]:
    """Return each account's balance at the end of day `on`, debit positive, zeros included."""
    result = dict.fromkeys(Account, 0)
    for (account, day), amount in found.items():
        if day <= on:
            result[account] += amount
    return result


def trial_balance(state: State) -> dict[Account, Paise]:
    """Return every account's balance in `state`; they sum to zero.

    Principal is an asset from the credit. Interest is earned row by row, in equal parts per day
    within a row, and wholly when the row is due; penal charges as they run; fees and GST at once.
    While the loan is NPA, and once it is written off, what is earned and not received is memo: it
    leaves income and assets for the MEMO accounts, and returns if the loan is upgraded.
    """
    balance = dict.fromkeys(Account, 0)
    balance[Account.BANK] = state.received - state.disbursed - state.returned_total
    balance[Account.ADVANCE] = -state.advance_held
    balance[Account.SUSPENSE] = -state.suspense_held
    balance[Account.RECOVERY_INCOME] = -state.recovered_total
    if state.schedule is not None:
        _post_loan(balance, state)
        _post_charges(balance, state)
        balance[Account.WAIVER] += state.waived + state.conceded
        if state.written_off is not None and state.closure is not None:
            _to_memo(balance, state)
            _off_the_books(balance, state)
        elif state.npa_since is not None:
            _to_memo(balance, state)
    assert sum(balance.values()) == 0, "a trial balance does not sum to zero"
    return balance


def _post_loan(balance: dict[Account, Paise], state: State) -> None:
    assert state.schedule is not None
    rows = range(len(state.interest))
    fee = state.terms.fee
    late = sum(state.late_interest(row) for row in rows)
    earned = _interest_earned(state) + late
    owed = earned + sum(state.carried) - sum(state.paid_interest) - sum(state.paid_late_interest)
    ahead = max(0, -owed)
    upfront = _upfront_earned(state)
    penal = sum(state.penal(row) for row in rows)
    balance[Account.PRINCIPAL] = sum(state.schedule.principal) - sum(state.paid_principal)
    balance[Account.INTEREST] = owed + ahead
    balance[Account.INTEREST_INCOME] = (
        -earned - state.earned_apart - state.prepaid_interest - upfront
    )
    balance[Account.UNEARNED_INTEREST] = upfront - state.upfront_interest - ahead
    balance[Account.PENAL] = penal - sum(state.paid_penal)
    balance[Account.PENAL_INCOME] = -penal
    if not state.fee_returned:
        balance[Account.FEE_INCOME] -= fee.net
        balance[Account.GST_PAYABLE] -= fee.gst.total


def _post_charges(balance: dict[Account, Paise], state: State) -> None:
    """Post levied charges; GST of what was waived is credited, so it is no part of the waiver."""
    for charge in state.charges:
        bounced = charge.kind is ChargeKind.BOUNCE
        credited = charge.gst_in(charge.waived)
        balance[Account.BOUNCE if bounced else Account.FEE] += charge.unpaid
        balance[Account.BOUNCE_INCOME if bounced else Account.FEE_INCOME] -= charge.amount
        balance[Account.GST_PAYABLE] += credited - charge.gst
        balance[Account.WAIVER] -= credited


def _to_memo(balance: dict[Account, Paise], state: State) -> None:
    """Take what is earned and not received out of assets and income. GST invoiced stays owed."""
    interest, penal = balance[Account.INTEREST], balance[Account.PENAL]
    balance[Account.INTEREST] = balance[Account.PENAL] = 0
    balance[Account.INTEREST_INCOME] += interest
    balance[Account.PENAL_INCOME] += penal
    charges = penal
    for charge in state.charges:
        bounced = charge.kind is ChargeKind.BOUNCE
        net = charge.unpaid - charge.gst_in(charge.unpaid)
        balance[Account.BOUNCE if bounced else Account.FEE] -= net
        balance[Account.BOUNCE_INCOME if bounced else Account.FEE_INCOME] += net
        charges += net
    balance[Account.MEMO_INTEREST] = interest
    balance[Account.MEMO_CHARGES] = charges
    balance[Account.MEMO_CONTRA] = -interest - charges


def _off_the_books(balance: dict[Account, Paise], state: State) -> None:
    """Turn what is left of assets into the write-off; the claim, as far as it is left, is memo."""
    for account in (Account.PRINCIPAL, Account.BOUNCE, Account.FEE):
        balance[Account.WRITE_OFF] += balance[account]
        balance[account] = 0
    left = state.claim_left
    balance[Account.MEMO_PRINCIPAL] = left.principal
    balance[Account.MEMO_INTEREST] = left.interest
    balance[Account.MEMO_CHARGES] = left.charges
    balance[Account.MEMO_CONTRA] = -left.total


def _interest_earned(state: State) -> Paise:
    """Return the interest of the rows earned by the day, without what they carry of earlier ones.

    Once the loan is closed nothing is left to earn.
    """
    schedule, on = state.schedule, state.on
    assert schedule is not None
    assert on is not None
    row = state.rows_accrued if state.closure is None else len(state.interest)
    earned = sum(state.interest[:row]) - sum(state.carried[:row])
    if row == len(state.interest):
        return earned
    start = state.accrues_from(row)
    elapsed = days_between(start, on)
    if elapsed <= 0:
        return earned
    whole = days_between(start, schedule.accrued_on[row])
    own = state.interest[row] - state.carried[row]
    return earned + round_half_up(own * elapsed, whole)


def _upfront_earned(state: State) -> Paise:
    """Return how much of the interest withheld upfront or capitalised its days have earned."""
    schedule, on = state.schedule, state.on
    assert schedule is not None
    assert on is not None
    elapsed = max(0, days_between(schedule.interest_from, on))
    if not state.upfront_interest or state.closure is not None or elapsed >= schedule.broken_days:
        return state.upfront_interest
    return round_half_up(state.upfront_interest * elapsed, schedule.broken_days)


def _next_posting(state: State, next_fact: date | None) -> date | None:
    """Return the next day entries can arise: of a fact, a due date, or a month-end."""
    days = [] if next_fact is None else [next_fact]
    if state.is_running and state.schedule is not None and state.on is not None:
        row = state.rows_asked
        days += state.schedule.adjusted_due_on[row : row + 1]
        days.append(month_end(state.on + timedelta(days=1)))
    return min(days, default=None)
