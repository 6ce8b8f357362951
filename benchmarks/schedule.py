"""Schedules and annual rates against a bare loop and against what else one would install.

By turns in one process, each turn a few milliseconds of its thread's own time; printed: the median
of the rounds' ratios of speed and their middle half. Every answer is checked before it is timed.
Limits: 60 instalments with due dates as columns at 0.6 of the barest loop over whole paise and 3
times PyPI's `amortization`; as objects at 0.25 of the loop; the rate of dated flows at 0.15 and
that of a level instalment at 1 of `pyxirr` (Rust).

    python benchmarks/schedule.py [--rounds 101] [--loans 60]

The peers are no dependency: where one cannot be imported its lines say so and count as passed.
"""

import argparse
import importlib
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import ModuleType
from typing import Any

from los_core.domain import apr
from los_core.domain.policies import DayCount, Method
from los_core.domain.rounding import Rounding
from los_core.domain.schedule import build
from los_core.domain.terms import Terms

PRINCIPAL, ROWS = 10_000_000, (12, 60, 360)
PLANNED_ON = date(2026, 1, 5)

Work = Callable[[], Any]


def main() -> int:
    """Measure, print, and return 1 if a figure of 60 rows misses its limit."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=101)
    arguments.add_argument("--loans", type=int, default=60)
    options = arguments.parse_args()
    peer, rust = _module("amortization.schedule"), _module("pyxirr")
    met = True
    for rows in ROWS:
        run = _Run(options.rounds, max(10, options.loans * 60 // rows), rows)
        loan = _loan(rows)
        _check_columns(loan)
        met &= run.ratio("columns / bare loop", _columns(loan), _bare(loan), 0.6)
        met &= run.ratio("objects / bare loop", _objects(loan), _bare(loan), 0.25)
        if peer:
            met &= run.ratio("columns / amortization", _columns(loan), _theirs(peer, rows), 3.0)
        if rust:
            met &= run.ratio("level APR / pyxirr", _level_apr(loan), _their_xirr(rust, loan), 1.0)
            met &= run.ratio("XIRR / pyxirr", _dated_apr(loan), _their_xirr(rust, loan), 0.15)
    return 0 if met else 1


class _Run:
    """Two sides by turns: `turns` calls each, `rounds` times."""

    def __init__(self, rounds: int, turns: int, rows: int) -> None:
        self.rounds, self.turns, self.rows = rounds, turns, rows

    def ratio(self, name: str, ours: Work, other: Work, limit: float) -> bool:
        """Print the ratio of speeds; whether it reaches the limit, which holds for 60 rows."""
        ratios, mine = [], []
        for _ in range(self.rounds):
            mine.append(self._timed(ours))
            ratios.append(self._timed(other) / mine[-1])
        median = statistics.median(ratios)
        counts = self.rows == 60
        limited = f", limit {limit}" if counts else ""
        low, _, high = statistics.quantiles(ratios)
        spread = f"{low:.2f} to {high:.2f}"
        rate = self.turns / statistics.median(mine)
        print(f"{self.rows} rows, {name}: {median:.2f} ({spread}){limited}; {rate:,.0f}/s")
        return median >= limit or not counts

    def _timed(self, work: Work) -> float:
        begun = time.thread_time()
        for _ in range(self.turns):
            work()
        return time.thread_time() - begun


def _loan(rows: int) -> Terms:
    return Terms(
        method=Method.REDUCING,
        principal=PRINCIPAL,
        rate_pct=Decimal(24),
        instalments=rows,
        planned_on=PLANNED_ON,
        first_due_on=date(2026, 2, 5),
        anchor_day=5,
        day_count=DayCount.MONTHLY,
        rounding=Rounding.PAISE,  # 360 instalments of whole rupees would be too few
    )


def _columns(loan: Terms) -> Work:
    return lambda: build(loan, disbursed_on=PLANNED_ON)


def _objects(loan: Terms) -> Work:
    return lambda: list(build(loan, disbursed_on=PLANNED_ON))


def _bare(loan: Terms) -> Work:
    """Return the least a right schedule can be: an EMI and a tuple a row; no dates, no checks."""
    rows, over, under = loan.instalments, 1, 50  # 24 per cent a year
    half = under // 2

    def loop() -> list[tuple[int, int, int, int]]:
        grown, base = (over + under) ** rows, under**rows
        whole = under * (grown - base)
        emi = (2 * PRINCIPAL * over * grown + whole) // (2 * whole)
        balance, found = PRINCIPAL, []
        for _ in range(rows - 1):
            interest = (balance * over + half) // under
            principal = emi - interest
            found.append((balance, interest, principal, emi))
            balance -= principal
        interest = (balance * over + half) // under
        found.append((balance, interest, balance, balance + interest))
        return found

    return loop


def _theirs(peer: ModuleType, rows: int) -> Work:
    return lambda: list(peer.amortization_schedule(PRINCIPAL / 100, 0.24, rows))


def _check_columns(loan: Terms) -> None:
    schedule = build(loan, disbursed_on=PLANNED_ON)
    columns = schedule.opening, schedule.interest, schedule.principal, schedule.amount
    assert list(zip(*columns, strict=True)) == _bare(loan)()
    assert sum(schedule.principal) == PRINCIPAL
    assert [row.due_on for row in schedule] == list(schedule.due_on)


def _level_apr(loan: Terms) -> Work:
    emi, rows = build(loan, disbursed_on=PLANNED_ON).emi, loan.instalments
    assert apr.level_nominal_pct(PRINCIPAL, emi, rows) == apr.periodic_nominal_pct(
        PRINCIPAL, [emi] * rows
    )
    return lambda: apr.level_nominal_pct(PRINCIPAL, emi, rows)


def _dated_apr(loan: Terms) -> Work:
    schedule = build(loan, disbursed_on=PLANNED_ON)
    due_on, amounts = schedule.due_on, schedule.amount
    return lambda: apr.xirr_pct(PRINCIPAL, PLANNED_ON, due_on, amounts)


def _their_xirr(rust: ModuleType, loan: Terms) -> Work:
    schedule = build(loan, disbursed_on=PLANNED_ON)
    days = [PLANNED_ON, *schedule.due_on]
    flows = [-PRINCIPAL / 100, *(amount / 100 for amount in schedule.amount)]
    ours = float(_dated_apr(loan)())
    assert abs(rust.xirr(days, flows) * 100 - ours) <= 0.00501
    return lambda: rust.xirr(days, flows)


def _module(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError as err:
        print(f"no comparison with {name.partition('.')[0]}: {err}")
        return None


if __name__ == "__main__":
    sys.exit(main())
