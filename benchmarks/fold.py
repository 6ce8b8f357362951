"""Folding a loan's facts against making its schedule, and extending a state by one receipt.

By turns in one process, in the thread's own time; printed: the median of the rounds' ratios and
their middle half. The schedule is that of 60 instalments as columns. Limits, for a loan paid on its
days: the fold of 60 receipts costs less than 15 schedules, one receipt on a known state less than
one. A loan whose every instalment comes late and in two parts, with penal charges, is shown beside
it without a limit. Every state is checked before it is timed.

    python benchmarks/fold.py [--rounds 101] [--turns 10]
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from los_core.domain.facts import Disbursed, Fact, Received
from los_core.domain.fold import apply, fold
from los_core.domain.policies import DayCount, Method, PenalPolicy
from los_core.domain.schedule import Schedule, build
from los_core.domain.terms import Terms

PLANNED_ON = date(2026, 1, 5)
TERMS = Terms(
    method=Method.REDUCING,
    principal=10_000_000,
    rate_pct=Decimal(24),
    instalments=60,
    planned_on=PLANNED_ON,
    first_due_on=date(2026, 2, 5),
    anchor_day=5,
    day_count=DayCount.MONTHLY,
    penal=PenalPolicy(rate_per_day_pct=Decimal("0.1")),
)

Work = Callable[[], object]


def main() -> int:
    """Measure, print, and return 1 if a figure misses its limit."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=101)
    arguments.add_argument("--turns", type=int, default=10)
    options = arguments.parse_args()
    schedule = build(TERMS, disbursed_on=PLANNED_ON)
    on_time, late = _on_time(schedule), _late(schedule)
    end = schedule.due_on[-1] + timedelta(days=20)
    assert fold(TERMS, on_time, on=end).closed_on == schedule.due_on[-1]
    assert fold(TERMS, late, on=end).total_owed > 0
    half, following = fold(TERMS, on_time[:31], on=on_time[30].value_date), on_time[31]
    extended = apply(half, following)
    assert extended == fold(TERMS, on_time[:32], on=following.value_date)

    def columns() -> object:
        return build(TERMS, disbursed_on=PLANNED_ON)

    def measured(name: str, work: Work, limit: float | None) -> bool:
        return _ratio(name, work, columns, limit, rounds=options.rounds, turns=options.turns)

    met = measured("60 receipts on time", lambda: fold(TERMS, on_time, on=end), 15)
    met &= measured("one more receipt", lambda: apply(half, following), 1)
    measured("120 receipts late", lambda: fold(TERMS, late, on=end), None)
    return 0 if met else 1


def _on_time(schedule: Schedule) -> list[Fact]:
    return [_credit(), *(_receipt(str(row.no), row.due_on, row.amount) for row in schedule)]


def _late(schedule: Schedule) -> list[Fact]:
    """Two thirds nine days late, the rest another nine days later; penal charges stay unpaid."""
    facts: list[Fact] = [_credit()]
    for row in schedule:
        most, day = row.amount * 2 // 3, row.due_on
        facts.append(_receipt(f"{row.no} a", day + timedelta(days=9), most))
        facts.append(_receipt(f"{row.no} b", day + timedelta(days=18), row.amount - most))
    return facts


def _credit() -> Fact:
    return Disbursed(
        fact_id=UUID(int=1),
        value_date=PLANNED_ON,
        source="bank",
        reference="UTR1",
        amount=TERMS.principal,
    )


def _receipt(name: str, on: date, amount: int) -> Fact:
    return Received(
        fact_id=UUID(int=2), value_date=on, source="gateway", reference=name, amount=amount
    )


def _ratio(
    name: str, ours: Work, other: Work, limit: float | None, *, rounds: int, turns: int
) -> bool:
    """Print how many schedules `ours` costs; whether that is below the limit."""
    ratios, mine = [], []
    for _ in range(rounds):
        mine.append(_timed(ours, turns))
        ratios.append(mine[-1] / _timed(other, turns))
    median = statistics.median(ratios)
    low, _, high = statistics.quantiles(ratios)
    limited = "" if limit is None else f", limit {limit}"
    rate = turns / statistics.median(mine)
    print(f"{name}: {median:.2f} schedules ({low:.2f} to {high:.2f}){limited}; {rate:,.0f}/s")
    return limit is None or median < limit


def _timed(work: Work, turns: int) -> float:
    begun = time.thread_time_ns()
    for _ in range(turns):
        work()
    return (time.thread_time_ns() - begun) / 1e9


if __name__ == "__main__":
    sys.exit(main())
