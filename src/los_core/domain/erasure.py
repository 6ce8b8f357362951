"""What stands against forgetting a customer, and until when.

One key seals who a customer is, their papers and the decisions about them, so that all of it goes
or none. What has to stay and names nobody (facts, ledger, history, trail) is not under the key and
waits for nothing. Sources: DPDP Act 2023 s. 12 (erasure unless another law needs the data), PMLA
rules and Companies Act by `retention`.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Final

import attrs

from los_core.domain.errors import MustBeKept
from los_core.domain.lifecycle import OPEN, STAGE_OF, Stage, Status
from los_core.domain.loan import Loan
from los_core.domain.money import Paise
from los_core.domain.retention import Record, law_keeps_until

UNDER_THE_KEY: Final = (Record.KYC, Record.CLOSED_LOAN, Record.DECISION_SNAPSHOT)
"""The records of a loan that was paid out which go with the customer's key."""


class Reason(StrEnum):
    """Why data has to be kept."""

    APPLICATION_OPEN = "APPLICATION_OPEN"
    LOAN_RUNNING = "LOAN_RUNNING"
    LOAN_UNPAID = "LOAN_UNPAID"
    """Written off, and still owed."""
    MONEY_UNDECIDED = "MONEY_UNDECIDED"
    """A payment or a payout awaits people, or its bank."""
    REFUND_DUE = "REFUND_DUE"
    RETENTION = "RETENTION"


@attrs.frozen(kw_only=True)
class Standing:
    """A loan of the customer's, and what is known of its money.

    Attributes:
        ended_on: when money last moved the loan to its end; None where none was paid out.
        held: paise that pay nothing and wait for a refund.
        undecided: a payment or a payout of the loan is not decided.
    """

    loan: Loan
    ended_on: date | None = None
    held: Paise = 0
    undecided: bool = False


@attrs.frozen(kw_only=True)
class Obstacle:
    """One thing that stands against forgetting; `until` is its last day, None: nobody knows it."""

    reason: Reason
    loan: Loan
    until: date | None = None


def obstacles(standings: Iterable[Standing], on: date) -> Iterator[Obstacle]:
    """Yield what stands against forgetting whose loans these are, on a business date."""
    for each in standings:
        loan = each.loan
        if loan.status in OPEN:
            runs = STAGE_OF[loan.status] is Stage.SERVICING
            reason = Reason.LOAN_RUNNING if runs else Reason.APPLICATION_OPEN
            yield Obstacle(reason=reason, loan=loan)
        elif loan.status is Status.WRITTEN_OFF:
            yield Obstacle(reason=Reason.LOAN_UNPAID, loan=loan)
        if each.held:
            yield Obstacle(reason=Reason.REFUND_DUE, loan=loan)
        if each.undecided:
            yield Obstacle(reason=Reason.MONEY_UNDECIDED, loan=loan)
        if each.ended_on is not None and loan.status not in OPEN:
            last = max(filter(None, (law_keeps_until(r, each.ended_on) for r in UNDER_THE_KEY)))
            if on <= last:
                yield Obstacle(reason=Reason.RETENTION, loan=loan, until=last)


def require_none(found: Iterable[Obstacle]) -> None:
    """Raises: MustBeKept: something stands against it; `until` where all of it ends on a day."""
    standing = list(found)
    if not standing:
        return
    ends = [each.until for each in standing]
    known = [end for end in ends if end is not None]
    raise MustBeKept(
        "this customer's data has to be kept",
        details={
            "obstacles": [
                {
                    "reason": each.reason.value,
                    "loanId": str(each.loan.id),
                    "loanNo": each.loan.loan_no,
                    "until": each.until.isoformat() if each.until else None,
                }
                for each in standing
            ],
            "until": max(known).isoformat() if len(known) == len(ends) else None,
        },
    )
