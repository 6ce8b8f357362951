"""A book of loans by NumPy columns against the same loans one by one.

By turns in one process: every schedule of 100,000 loans of 60 instalments from the book's columns,
and 2,000 of the same loans through `build`, scaled up. Printed: the median of the rounds' ratios of
speed and their range, and what making the book out of terms adds. A sample is compared row by row
and every loan's principal in sum. Limit: 10 times.

    python benchmarks/portfolio.py [--rounds 7] [--loans 100000]
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import attrs
import numpy as np

from los_adapters.portfolio import Book, Plan, schedules
from los_core.domain.policies import DayCount, Method
from los_core.domain.schedule import build
from los_core.domain.terms import Terms

LIMIT, ROWS, SAMPLE = 10.0, 60, 2_000
CREDITED_ON = date(2026, 1, 5)
RATES = tuple(map(Decimal, ("12", "18", "24", "30")))
LOAN = Terms(
    method=Method.REDUCING,
    principal=10_000_000,
    rate_pct=Decimal(24),
    instalments=ROWS,
    planned_on=CREDITED_ON,
    first_due_on=date(2026, 2, 5),
    anchor_day=5,
    day_count=DayCount.MONTHLY,
)


def main() -> int:
    """Measure, print, and return 1 if the ratio misses its limit."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--loans", type=int, default=100_000)
    options = arguments.parse_args()
    book = _book(options.loans)
    sample = _terms(book, min(SAMPLE, options.loans))
    _check(book, sample)
    ratios = []
    for _ in range(options.rounds):
        scalar = _timed(lambda: [build(loan, disbursed_on=CREDITED_ON) for loan in sample])
        ratios.append(scalar * options.loans / len(sample) / _timed(lambda: schedules(book)))
    ratio = statistics.median(ratios)
    spread = f"{min(ratios):.1f} to {max(ratios):.1f}"
    print(
        f"{options.loans:,} x {ROWS}, columns / one by one: {ratio:.1f} ({spread}), limit {LIMIT}"
    )
    added = _timed(lambda: Book.of(sample)) / len(sample) * options.loans
    print(f"a book of as many terms is made in {added:.2f} s more")
    return 0 if ratio >= LIMIT else 1


def _book(loans: int) -> Book:
    generator = np.random.default_rng(20260105)
    return Book(
        principal=generator.integers(1_000_000, 50_000_000, loans),
        plan=generator.integers(0, len(RATES), loans, dtype=np.int32),
        plans=tuple(Plan(rate, ROWS) for rate in RATES),
    )


def _terms(book: Book, count: int) -> list[Terms]:
    pairs = zip(book.principal[:count], book.plan[:count], strict=True)
    return [
        attrs.evolve(LOAN, principal=int(principal), rate_pct=RATES[plan])
        for principal, plan in pairs
    ]


def _check(book: Book, sample: list[Terms]) -> None:
    columns = schedules(book)
    assert (columns.principal.sum(axis=0) == book.principal).all()
    for no, loan in enumerate(sample):
        schedule = build(loan, disbursed_on=CREDITED_ON)
        assert tuple(columns.opening[:, no]) == schedule.opening
        assert tuple(columns.interest[:, no]) == schedule.interest
        assert tuple(columns.amount[:, no]) == schedule.amount


def _timed(work: Callable[[], object]) -> float:
    begun = time.thread_time()
    work()
    return time.thread_time() - begun


if __name__ == "__main__":
    sys.exit(main())
