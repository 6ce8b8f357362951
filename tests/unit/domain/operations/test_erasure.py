"""What stands against forgetting a customer, and the last day of it."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from los_core.domain.erasure import Obstacle, Reason, Standing, obstacles, require_none
from los_core.domain.errors import MustBeKept
from los_core.domain.ids import BrandId, CustomerId
from los_core.domain.lifecycle import OPEN, STAGE_OF, Stage, Status
from los_core.domain.loan import Loan
from los_core.testing import records

ENDED = date(2018, 2, 28)
LAST = date(2026, 2, 28)


def loan_in(status: Status) -> Loan:
    return records.loan(BrandId(UUID(int=1)), CustomerId(UUID(int=2)), UUID(int=3), status=status)


def reasons(standing: Standing, on: date = LAST) -> list[Reason]:
    return [each.reason for each in obstacles([standing], on)]


@pytest.mark.parametrize("status", Status)
def test_only_a_loan_that_is_over_and_owes_nothing_lets_its_customer_go(status: Status) -> None:
    expected = []
    if status in OPEN:
        runs = STAGE_OF[status] is Stage.SERVICING
        expected = [Reason.LOAN_RUNNING if runs else Reason.APPLICATION_OPEN]
    elif status is Status.WRITTEN_OFF:
        expected = [Reason.LOAN_UNPAID]
    assert reasons(Standing(loan=loan_in(status))) == expected


def test_a_loan_that_was_lent_is_kept_eight_years_to_the_day() -> None:
    standing = Standing(loan=loan_in(Status.COMPLETED), ended_on=ENDED)
    [found] = obstacles([standing], LAST)
    assert (found.reason, found.until) == (Reason.RETENTION, LAST)
    assert reasons(standing, LAST + timedelta(days=1)) == []


def test_money_that_belongs_to_the_customer_keeps_the_data() -> None:
    loan = loan_in(Status.COMPLETED)
    assert reasons(Standing(loan=loan, held=1)) == [Reason.REFUND_DUE]
    assert reasons(Standing(loan=loan, undecided=True)) == [Reason.MONEY_UNDECIDED]


def test_the_refusal_names_every_reason_and_the_last_day_where_there_is_one() -> None:
    kept = [
        Obstacle(reason=Reason.RETENTION, loan=loan_in(Status.COMPLETED), until=day)
        for day in (LAST, ENDED)
    ]
    with pytest.raises(MustBeKept) as refused:
        require_none(kept)
    assert refused.value.details["until"] == LAST.isoformat()
    with pytest.raises(MustBeKept) as refused:
        require_none([*kept, Obstacle(reason=Reason.REFUND_DUE, loan=loan_in(Status.COMPLETED))])
    assert refused.value.details["until"] is None
    told = refused.value.details["obstacles"]
    assert isinstance(told, list)
    assert [each["reason"] for each in told] == ["RETENTION", "RETENTION", "REFUND_DUE"]
    require_none([])
