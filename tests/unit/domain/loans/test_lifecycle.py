"""The table of moves: complete, and the only way a loan changes its status."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from los_core.domain.errors import Invalid, InvalidTransition
from los_core.domain.ids import BrandId, CustomerId, LoanId
from los_core.domain.lifecycle import (
    BY_COMMAND,
    PRE_DISBURSAL,
    STAGE_OF,
    TABLE,
    Actor,
    Command,
    Stage,
    Status,
    allowed_from,
)
from los_core.domain.loan import By, Loan

NOW = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)
ROWS = {f"T{number:02d}" for number in (*range(1, 27), 28, 29, *range(31, 43))}


def a_loan(status: Status = Status.DRAFT) -> Loan:
    return Loan(
        id=LoanId(UUID(int=1)),
        brand_id=BrandId(UUID(int=2)),
        customer_id=CustomerId(UUID(int=3)),
        loan_no="LN-000001",
        product="SALARY",
        applied_amount=50_000_00,
        applied_tenure=6,
        created_at=NOW,
        status=status,
        held_from=Status.MANUAL_REVIEW if status is Status.ON_HOLD else None,
    )


def mover(command: Command) -> By:
    return By(actor=min(BY_COMMAND[command].actors), at=NOW)


def test_the_table_has_every_row_of_the_lifecycle() -> None:
    assert {row.row for row in TABLE} == ROWS


def test_every_status_belongs_to_one_stage() -> None:
    assert set(STAGE_OF) == set(Status)


def test_every_command_stands_in_one_row() -> None:
    assert {row.command for row in TABLE} == set(Command)
    assert len(TABLE) == len(BY_COMMAND)


def test_rejections_and_withdrawals_always_need_a_reason() -> None:
    ends = {Status.REJECTED, Status.CANCELLED, Status.WRITTEN_OFF}
    assert all(row.reason for row in TABLE if row.target in ends and row.row != "T36")


@pytest.mark.parametrize("command", list(Command))
@pytest.mark.parametrize("status", list(Status))
def test_a_move_not_in_the_table_is_refused_with_the_allowed_ones(
    status: Status, command: Command
) -> None:
    loan = a_loan(status)
    row = BY_COMMAND[command]
    if status not in row.sources:
        with pytest.raises(InvalidTransition) as refusal:
            loan.move(command, mover(command), reasons=["R"])
        allowed = refusal.value.details["allowed"]
        back = ["MANUAL_REVIEW"] if status is Status.ON_HOLD else []
        assert allowed == back + [target.value for target in allowed_from(status)]
        assert loan.status is status
    else:
        move = loan.move(command, mover(command), reasons=["R"])
        assert (move.source, move.target) == (status, loan.status)


def test_a_move_that_needs_a_reason_is_refused_without_one() -> None:
    with pytest.raises(Invalid, match="needs a reason"):
        a_loan(Status.MANUAL_REVIEW).move(Command.REJECT, By(actor=Actor.STAFF, at=NOW))


def test_a_customer_cannot_approve() -> None:
    with pytest.raises(Invalid, match="not for CUSTOMER"):
        a_loan(Status.RECOMMENDED).move(Command.APPROVE, By(actor=Actor.CUSTOMER, at=NOW))


def test_no_path_reaches_disbursed_around_offer_agreement_and_payout() -> None:
    """Walk the table backwards from DISBURSED: each step has exactly the way the law asks for."""
    forward = [row for row in TABLE if row.target is Status.DISBURSED and row.sources]
    entries = {row.command for row in forward}
    assert entries == {
        Command.CONFIRM_PAYOUT,
        Command.ENTER_ARREARS,
        Command.MISS_SETTLEMENT,
        Command.REOPEN_COMPLETED,
        Command.REVIVE_SETTLED,
        Command.REVIVE_WRITTEN_OFF,
    }
    only_from = {
        Command.CONFIRM_PAYOUT: (Status.DISBURSEMENT_INITIATED,),
        Command.APPROVE_PAYOUT: (Status.DISBURSEMENT_PENDING,),
        Command.PREPARE_PAYOUT: (Status.AGREEMENT_SIGNED,),
        Command.SIGN_AGREEMENT: (Status.AGREEMENT_SENT,),
        Command.ACCEPT_OFFER: (Status.APPROVED,),
    }
    assert {c: BY_COMMAND[c].sources for c in only_from} == only_from
    guards = {guard for c in only_from for guard in BY_COMMAND[c].guards}
    assert {"G-PENNY", "G-AGR", "G-KFS", "G-OFFER", "G-4EYES", "G-IDEMP", "G-BLOCK"} <= guards


def test_money_in_flight_cannot_be_withdrawn() -> None:
    withdrawable = BY_COMMAND[Command.CANCEL].sources
    assert Status.DISBURSEMENT_INITIATED not in withdrawable
    assert set(withdrawable) == set(PRE_DISBURSAL) - {Status.DISBURSEMENT_INITIATED}


def test_a_rejected_customer_waits_the_brands_days() -> None:
    loan = a_loan()
    loan.reject_until(date(2026, 3, 5), 30)
    assert loan.reapply_after == date(2026, 4, 4)


class LoanLife(RuleBasedStateMachine):
    """Any sequence of commands keeps the history whole and the status on the table."""

    def __init__(self) -> None:
        super().__init__()
        self.loan = a_loan()
        self.history = [self.loan.begin(By(actor=Actor.CUSTOMER, at=NOW))]

    @rule(command=st.sampled_from([c for c in Command if c is not Command.APPLY]))
    def ask(self, command: Command) -> None:
        before = self.loan.status
        row = BY_COMMAND[command]
        try:
            self.history.append(self.loan.move(command, mover(command), reasons=["R"]))
        except InvalidTransition:
            assert before not in row.sources

    @invariant()
    def the_history_is_a_chain(self) -> None:
        for earlier, later in zip(self.history, self.history[1:], strict=False):
            assert later.source is earlier.target
            assert later.seq == earlier.seq + 1
        assert self.history[-1].target is self.loan.status
        assert self.loan.stage in Stage


TestLoanLife = LoanLife.TestCase
