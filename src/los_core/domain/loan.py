"""The loan: one application and what becomes of it.

It moves only along the table of `lifecycle`; what its money does is a fold over facts (`fold`),
of which the loan keeps the latest position for lists and queues. Source: loan lifecycle §1.4.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import attrs

from los_core.domain.errors import Invalid, InvalidTransition
from los_core.domain.ids import BrandId, CustomerId, LoanId, OfferId, StaffId
from los_core.domain.lifecycle import (
    BY_COMMAND,
    STAGE_OF,
    Actor,
    ClosureType,
    Command,
    Stage,
    Status,
    Transition,
    allowed_from,
)
from los_core.domain.money import Paise
from los_core.domain.redaction import covered
from los_core.domain.terms import Terms


@attrs.frozen(kw_only=True)
class Move:
    """One line of a loan's history, append-only.

    Attributes:
        actor_id: the customer's or staff member's id; None for the system and for webhooks.
        reasons: reason codes, in order of weight.
        remark: in people's own words, numbers of persons covered.
    """

    loan_id: LoanId
    seq: int
    row: str
    command: Command
    source: Status | None
    target: Status
    actor: Actor
    actor_id: UUID | None
    reasons: tuple[str, ...] = ()
    remark: str = attrs.field(default="", converter=covered)
    at: datetime


@attrs.frozen(kw_only=True)
class By:
    """Who moves a loan, and when (wall clock)."""

    actor: Actor
    actor_id: UUID | None = None
    at: datetime


@attrs.frozen(kw_only=True)
class Position:
    """Where a running loan's money stands, as the fold left it; every figure in paise.

    Attributes:
        as_of: the business date of the fold.
        oldest_unpaid_due_on: the due date, past or future, of the first item that money held does
            not cover; None when nothing is left to fall due.
        wake_on: the next date on which something happens to the loan by itself (a due date);
            None when nothing will. Day-end work follows it.
    """

    as_of: date
    principal: Paise = 0
    interest: Paise = 0
    charges: Paise = 0
    advance: Paise = 0
    oldest_unpaid_due_on: date | None = None
    wake_on: date | None = None


@attrs.define(kw_only=True)
class Loan:
    """One application and the loan it becomes.

    Attributes:
        applied_tenure: instalments, or days for a bullet product.
        coupon: the code applied with, "" for none.
        terms: frozen when the customer accepts an offer; None before.
        net_disbursal: what the customer is to receive, in paise; None before terms are frozen.
        planned_disbursal_on: the date the Key Facts Statement was computed for.
        assigned_to: the credit executive; None until allocated.
        recommended_by, sanctioned_by: staff, who may not check each other's part.
        held_from, held_until: of a loan on hold, where it returns to and after which day by itself.
        arrears_since: the due date that began the present arrears episode; None when current.
        version: raised by every save; a write that read an older one is refused.
    """

    id: LoanId
    brand_id: BrandId
    customer_id: CustomerId
    loan_no: str
    product: str
    applied_amount: Paise
    applied_tenure: int
    purpose: str = ""
    coupon: str = ""
    created_at: datetime
    status: Status = Status.DRAFT
    version: int = 0
    seq: int = 0
    assigned_to: StaffId | None = None
    recommended_by: StaffId | None = None
    recommended_amount: Paise | None = None
    sanctioned_by: StaffId | None = None
    submitted_at: datetime | None = None
    offer_id: OfferId | None = None
    terms: Terms | None = None
    terms_hash: str = ""
    apr_pct: Decimal | None = None
    net_disbursal: Paise | None = None
    planned_disbursal_on: date | None = None
    disbursed_on: date | None = None
    cooling_off_until: date | None = None
    position: Position | None = None
    arrears_since: date | None = None
    closure_type: ClosureType | None = None
    closed_on: date | None = None
    reapply_after: date | None = None
    held_from: Status | None = None
    held_until: date | None = None

    @property
    def stage(self) -> Stage:
        """Return the stage of the present status."""
        return STAGE_OF[self.status]

    def next_steps(self) -> dict[str, object]:
        """Return the status and what it can become, as refusals tell them."""
        back = (self.held_from,) if self.held_from else ()
        return {
            "status": self.status.value,
            "allowed": [status.value for status in (*back, *allowed_from(self.status))],
        }

    def ensure(self, command: Command) -> Transition:
        """Return the table's row for `command` from here.

        Raises: InvalidTransition: the table has none, with the allowed next statuses.
        """
        row = BY_COMMAND[command]
        if self.status not in row.sources:
            raise InvalidTransition(
                f"a loan in {self.status} cannot {command.replace('_', ' ')}",
                details=self.next_steps(),
            )
        return row

    def move(
        self, command: Command, by: By, *, reasons: Sequence[str] = (), remark: str = ""
    ) -> Move:
        """Make a move and return its line of history. Guards are the caller's to have checked.

        Raises: InvalidTransition; Invalid: a mandatory reason is missing, or this kind of actor
            never makes the move.
        """
        row = self.ensure(command)
        if by.actor not in row.actors:
            raise Invalid(f"{command} is not for {by.actor}", code="WRONG_ACTOR")
        if row.reason and not reasons:
            raise Invalid(
                f"{command.replace('_', ' ')} needs a reason",
                fields=[("reasonCodes", "At least one reason code is required")],
            )
        source = self.status
        target = row.target or self.held_from
        assert target is not None, "a held loan remembers where it was held from"
        self.held_from = source if command is Command.HOLD else None
        self.held_until = None
        self.status = target
        self.seq += 1
        return Move(
            loan_id=self.id,
            seq=self.seq,
            row=row.row,
            command=command,
            source=source,
            target=target,
            actor=by.actor,
            actor_id=by.actor_id,
            reasons=tuple(reasons),
            remark=remark,
            at=by.at,
        )

    def begin(self, by: By) -> Move:
        """Return the first line of history (T01). The loan is DRAFT from its creation."""
        assert self.seq == 0, "a loan begins once"
        self.seq = 1
        return Move(
            loan_id=self.id,
            seq=1,
            row="T01",
            command=Command.APPLY,
            source=None,
            target=Status.DRAFT,
            actor=by.actor,
            actor_id=by.actor_id,
            at=by.at,
        )

    def reject_until(self, today: date, days: int) -> None:
        """Set the first day on which the customer may apply again."""
        self.reapply_after = today + timedelta(days=days)
