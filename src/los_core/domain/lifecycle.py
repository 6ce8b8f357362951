"""The life of a loan: its states, and the one table of moves between them.

Here: which move is allowed from where, by which kind of party, and what it needs. Not here:
whether a guard is met (`guards`; services gather the facts) and the loan itself (`loan`). Arrears
are derived and never a status (decision D2). Source: loan lifecycle §1.1–1.3.
"""

from collections.abc import Sequence
from enum import StrEnum

import attrs


class Status(StrEnum):
    """Where a loan stands. "Current", "overdue" and "in cooling-off" are views of DISBURSED."""

    DRAFT = "DRAFT"
    INFO_REQUIRED = "INFO_REQUIRED"
    SUBMITTED = "SUBMITTED"
    BRE_IN_PROGRESS = "BRE_IN_PROGRESS"
    EVALUATION_IN_PROGRESS = "EVALUATION_IN_PROGRESS"
    MANUAL_REVIEW = "MANUAL_REVIEW"
    RECOMMENDED = "RECOMMENDED"
    ON_HOLD = "ON_HOLD"
    APPROVED = "APPROVED"
    SANCTIONED = "SANCTIONED"
    AGREEMENT_SENT = "AGREEMENT_SENT"
    AGREEMENT_SIGNED = "AGREEMENT_SIGNED"
    AGREEMENT_EXPIRED = "AGREEMENT_EXPIRED"
    DISBURSEMENT_PENDING = "DISBURSEMENT_PENDING"
    DISBURSEMENT_INITIATED = "DISBURSEMENT_INITIATED"
    DISBURSEMENT_FAILED = "DISBURSEMENT_FAILED"
    DISBURSED = "DISBURSED"
    SETTLEMENT_IN_PROGRESS = "SETTLEMENT_IN_PROGRESS"
    COMPLETED = "COMPLETED"
    SETTLED = "SETTLED"
    WRITTEN_OFF = "WRITTEN_OFF"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class Stage(StrEnum):
    """The part of a loan's life that a status belongs to; derived, never stored."""

    ONBOARDING = "ONBOARDING"
    ASSESSMENT = "ASSESSMENT"
    SANCTION = "SANCTION"
    DISBURSEMENT = "DISBURSEMENT"
    SERVICING = "SERVICING"
    CLOSED = "CLOSED"


_S = Status

STAGES: dict[Stage, tuple[Status, ...]] = {
    Stage.ONBOARDING: (_S.DRAFT, _S.INFO_REQUIRED),
    Stage.ASSESSMENT: (
        _S.SUBMITTED,
        _S.BRE_IN_PROGRESS,
        _S.EVALUATION_IN_PROGRESS,
        _S.MANUAL_REVIEW,
        _S.RECOMMENDED,
        _S.ON_HOLD,
    ),
    Stage.SANCTION: (
        _S.APPROVED,
        _S.SANCTIONED,
        _S.AGREEMENT_SENT,
        _S.AGREEMENT_SIGNED,
        _S.AGREEMENT_EXPIRED,
    ),
    Stage.DISBURSEMENT: (
        _S.DISBURSEMENT_PENDING,
        _S.DISBURSEMENT_INITIATED,
        _S.DISBURSEMENT_FAILED,
    ),
    Stage.SERVICING: (_S.DISBURSED, _S.SETTLEMENT_IN_PROGRESS),
    Stage.CLOSED: (
        _S.COMPLETED,
        _S.SETTLED,
        _S.WRITTEN_OFF,
        _S.REJECTED,
        _S.CANCELLED,
        _S.EXPIRED,
    ),
}
STAGE_OF: dict[Status, Stage] = {
    status: stage for stage, members in STAGES.items() for status in members
}
PRE_DISBURSAL: tuple[Status, ...] = tuple(
    status
    for stage in (Stage.ONBOARDING, Stage.ASSESSMENT, Stage.SANCTION, Stage.DISBURSEMENT)
    for status in STAGES[stage]
)
CREDITED: tuple[Status, ...] = STAGES[Stage.SERVICING] + (
    Status.COMPLETED,
    Status.SETTLED,
    Status.WRITTEN_OFF,
)
"""Statuses of a loan whose money has reached the customer."""
OPEN: tuple[Status, ...] = PRE_DISBURSAL + STAGES[Stage.SERVICING]
"""Statuses that count as an open application or a running loan (G-DEDUP)."""


class ClosureType(StrEnum):
    """How a COMPLETED loan came to owe nothing."""

    MATURITY = "MATURITY"
    FORECLOSURE = "FORECLOSURE"
    COOLING_OFF = "COOLING_OFF"
    PREPAID = "PREPAID"
    REFINANCED = "REFINANCED"


class Actor(StrEnum):
    """The kind of party that moves a loan; what a staff member may do is `access`'s business."""

    CUSTOMER = "CUSTOMER"
    STAFF = "STAFF"
    SYSTEM = "SYSTEM"
    WEBHOOK = "WEBHOOK"


class Command(StrEnum):
    """What can be asked of a loan."""

    APPLY = "apply"
    SUBMIT = "submit"
    START_BRE = "start_bre"
    BRE_REJECT = "bre_reject"
    BRE_CLEAR = "bre_clear"
    BRE_REFER = "bre_refer"
    EVALUATION_APPROVE = "evaluation_approve"
    EVALUATION_REJECT = "evaluation_reject"
    EVALUATION_REFER = "evaluation_refer"
    ASK_INFORMATION = "ask_information"
    RECOMMEND = "recommend"
    APPROVE = "approve"
    RETURN_RECOMMENDATION = "return_recommendation"
    REJECT = "reject"
    HOLD = "hold"
    RELEASE = "release"
    ACCEPT_OFFER = "accept_offer"
    SEND_AGREEMENT = "send_agreement"
    SIGN_AGREEMENT = "sign_agreement"
    EXPIRE_AGREEMENT = "expire_agreement"
    PREPARE_PAYOUT = "prepare_payout"
    RETURN_PAYOUT = "return_payout"
    APPROVE_PAYOUT = "approve_payout"
    CONFIRM_PAYOUT = "confirm_payout"
    FAIL_PAYOUT = "fail_payout"
    RETRY_PAYOUT = "retry_payout"
    CANCEL = "cancel"
    EXPIRE = "expire"
    EXIT_COOLING_OFF = "exit_cooling_off"
    ENTER_ARREARS = "enter_arrears"
    COMPLETE = "complete"
    APPROVE_SETTLEMENT = "approve_settlement"
    PAY_SETTLEMENT = "pay_settlement"
    MISS_SETTLEMENT = "miss_settlement"
    WRITE_OFF = "write_off"
    RECOVER = "recover"
    SETTLE_WRITTEN_OFF = "settle_written_off"
    REOPEN_COMPLETED = "reopen_completed"
    REOPEN_REJECTED = "reopen_rejected"
    RETURN_CREDIT = "return_credit"
    REVERSE_SETTLEMENT = "reverse_settlement"
    REVIVE_SETTLED = "revive_settled"
    REVIVE_WRITTEN_OFF = "revive_written_off"


@attrs.frozen
class Transition:
    """One row of the table.

    Attributes:
        row: the row's number in the lifecycle, such as "T15".
        target: None means "back to the status the loan was held from".
        guards: codes of the conditions (`guards`) to check before the loan moves; G-4EYES and the
            blocks on a person bind where people act, not the system.
        reason: at least one reason code is mandatory.
    """

    row: str
    command: Command
    sources: tuple[Status, ...]
    target: Status | None
    actors: frozenset[Actor]
    guards: tuple[str, ...] = ()
    reason: bool = False


def _actors(text: str) -> frozenset[Actor]:
    letters = {"C": Actor.CUSTOMER, "S": Actor.STAFF, "Y": Actor.SYSTEM, "W": Actor.WEBHOOK}
    return frozenset(letters[letter] for letter in text)


def _row(
    row: str,
    command: Command,
    sources: Sequence[Status],
    target: Status | None,
    actors: str,
    *guards: str,
    reason: bool = False,
) -> Transition:
    return Transition(row, command, tuple(sources), target, _actors(actors), guards, reason)


_C = Command
_HOLDABLE = tuple(
    status
    for status in STAGES[Stage.ASSESSMENT] + STAGES[Stage.SANCTION]
    if status is not _S.ON_HOLD
)
_WITHDRAWABLE = tuple(s for s in PRE_DISBURSAL if s is not _S.DISBURSEMENT_INITIATED)

_PERISHABLE = (_S.DRAFT, _S.INFO_REQUIRED, _S.APPROVED, _S.SANCTIONED, _S.AGREEMENT_EXPIRED)

# fmt: off
TABLE: tuple[Transition, ...] = (
    _row("T01", _C.APPLY, (), _S.DRAFT, "CYS", "G-DEDUP", "G-COOL"),
    _row("T02", _C.SUBMIT, (_S.DRAFT, _S.INFO_REQUIRED), _S.SUBMITTED, "CS",
         "G-STEPS", "G-CONSENT"),
    _row("T03", _C.START_BRE, (_S.SUBMITTED,), _S.BRE_IN_PROGRESS, "Y"),
    _row("T04", _C.BRE_REJECT, (_S.BRE_IN_PROGRESS,), _S.REJECTED, "Y", reason=True),
    _row("T05", _C.BRE_CLEAR, (_S.BRE_IN_PROGRESS,), _S.EVALUATION_IN_PROGRESS, "Y"),
    _row("T06", _C.BRE_REFER, (_S.BRE_IN_PROGRESS,), _S.MANUAL_REVIEW, "Y", reason=True),
    _row("T07", _C.EVALUATION_APPROVE, (_S.EVALUATION_IN_PROGRESS,), _S.APPROVED, "Y",
         "G-LIMIT-AUTO", "G-CAM"),
    _row("T07", _C.EVALUATION_REJECT, (_S.EVALUATION_IN_PROGRESS,), _S.REJECTED, "Y", reason=True),
    _row("T07", _C.EVALUATION_REFER, (_S.EVALUATION_IN_PROGRESS,), _S.MANUAL_REVIEW, "Y"),
    _row("T08", _C.ASK_INFORMATION, (_S.MANUAL_REVIEW,), _S.INFO_REQUIRED, "S", reason=True),
    _row("T09", _C.RECOMMEND, (_S.MANUAL_REVIEW,), _S.RECOMMENDED, "S", "G-CAM", "G-RULES"),
    _row("T10", _C.APPROVE, (_S.RECOMMENDED,), _S.APPROVED, "S",
         "G-LIMIT", "G-4EYES", "G-CAM", "G-RULES", "G-FIELD"),
    _row("T11", _C.RETURN_RECOMMENDATION, (_S.RECOMMENDED,), _S.MANUAL_REVIEW, "S", reason=True),
    _row("T12", _C.REJECT, (_S.MANUAL_REVIEW, _S.RECOMMENDED), _S.REJECTED, "S", reason=True),
    _row("T13", _C.HOLD, _HOLDABLE, _S.ON_HOLD, "SY", reason=True),
    _row("T14", _C.RELEASE, (_S.ON_HOLD,), None, "SY"),
    _row("T15", _C.ACCEPT_OFFER, (_S.APPROVED,), _S.SANCTIONED, "CS",
         "G-OFFER", "G-KYCCAP", "G-KFS"),
    _row("T16", _C.SEND_AGREEMENT, (_S.SANCTIONED, _S.AGREEMENT_EXPIRED), _S.AGREEMENT_SENT, "CYS",
         "G-KFS"),
    _row("T17", _C.SIGN_AGREEMENT, (_S.AGREEMENT_SENT,), _S.AGREEMENT_SIGNED, "W", "G-DOCKET"),
    _row("T18", _C.EXPIRE_AGREEMENT, (_S.AGREEMENT_SENT,), _S.AGREEMENT_EXPIRED, "WY"),
    _row("T19", _C.PREPARE_PAYOUT, (_S.AGREEMENT_SIGNED,), _S.DISBURSEMENT_PENDING, "S",
         "G-PENNY", "G-AGR", "G-BLOCK", "G-BREFRESH", "G-MANDATE", "G-NOACTIVE", "G-FIELD"),
    _row("T20", _C.RETURN_PAYOUT, (_S.DISBURSEMENT_PENDING,), _S.AGREEMENT_SIGNED, "SY",
         reason=True),
    _row("T21", _C.APPROVE_PAYOUT, (_S.DISBURSEMENT_PENDING,), _S.DISBURSEMENT_INITIATED, "S",
         "G-4EYES", "G-IDEMP", "G-PENNY", "G-AGR", "G-BLOCK", "G-BREFRESH", "G-MANDATE",
         "G-NOACTIVE", "G-FIELD"),
    _row("T22", _C.CONFIRM_PAYOUT, (_S.DISBURSEMENT_INITIATED,), _S.DISBURSED, "WYS", "G-UTR"),
    _row("T23", _C.FAIL_PAYOUT, (_S.DISBURSEMENT_INITIATED,), _S.DISBURSEMENT_FAILED, "WYS",
         reason=True),
    _row("T24", _C.RETRY_PAYOUT, (_S.DISBURSEMENT_FAILED,), _S.DISBURSEMENT_PENDING, "S",
         "G-IDEMP"),
    _row("T25", _C.CANCEL, _WITHDRAWABLE, _S.CANCELLED, "CS", reason=True),
    _row("T26", _C.EXPIRE, _PERISHABLE, _S.EXPIRED, "Y"),
    _row("T28", _C.EXIT_COOLING_OFF, (_S.DISBURSED,), _S.COMPLETED, "WYS",
         "G-ZERO", "G-COOLOFF"),
    _row("T29", _C.ENTER_ARREARS, (_S.DISBURSED,), _S.DISBURSED, "Y"),
    _row("T31", _C.COMPLETE, (_S.DISBURSED, _S.SETTLEMENT_IN_PROGRESS), _S.COMPLETED, "WYS",
         "G-ZERO"),
    _row("T32", _C.APPROVE_SETTLEMENT, (_S.DISBURSED,), _S.SETTLEMENT_IN_PROGRESS, "WYS",
         "G-SETTLE", reason=True),
    _row("T33", _C.PAY_SETTLEMENT, (_S.SETTLEMENT_IN_PROGRESS,), _S.SETTLED, "WYS", "G-PAID"),
    _row("T34", _C.MISS_SETTLEMENT, (_S.SETTLEMENT_IN_PROGRESS,), _S.DISBURSED, "WYS"),
    _row("T35", _C.WRITE_OFF, (_S.DISBURSED,), _S.WRITTEN_OFF, "WYS", "G-WO", reason=True),
    _row("T36", _C.RECOVER, (_S.WRITTEN_OFF,), _S.WRITTEN_OFF, "WYS"),
    _row("T37", _C.SETTLE_WRITTEN_OFF, (_S.WRITTEN_OFF,), _S.SETTLED, "WYS", "G-PAID",
         reason=True),
    _row("T38", _C.REOPEN_COMPLETED, (_S.COMPLETED,), _S.DISBURSED, "SYW",
         "G-4EYES", "G-REVERSAL", reason=True),
    _row("T39", _C.REOPEN_REJECTED, (_S.REJECTED,), _S.MANUAL_REVIEW, "S",
         "G-REOPEN", "G-BLOCK", "G-BREFRESH", reason=True),
    _row("T40", _C.RETURN_CREDIT, (_S.DISBURSED,), _S.DISBURSEMENT_FAILED, "WYS",
         "G-4EYES", reason=True),
    _row("T41", _C.REVERSE_SETTLEMENT, (_S.SETTLED,), _S.SETTLEMENT_IN_PROGRESS, "WYS",
         reason=True),
    _row("T41", _C.REVIVE_SETTLED, (_S.SETTLED,), _S.DISBURSED, "WYS", reason=True),
    _row("T42", _C.REVIVE_WRITTEN_OFF, (_S.WRITTEN_OFF,), _S.DISBURSED, "WYS", reason=True),
)
# fmt: on
"""Every move a loan may make, in the order of its life; whatever is not here is refused."""

BY_COMMAND: dict[Command, Transition] = {row.command: row for row in TABLE}


def allowed_from(status: Status) -> tuple[Status, ...]:
    """Return the statuses a loan in `status` can move to, in table order; a held one goes back."""
    targets = [row.target for row in TABLE if status in row.sources]
    return tuple(dict.fromkeys(target for target in targets if target and target is not status))
