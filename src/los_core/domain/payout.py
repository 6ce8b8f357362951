"""A payout attempt, its machine, and when its bank is asked about it.

An attempt says what was asked of a bank and what came of it; what the money means for the loan is
in the loan's facts. A bank's silence is never a failure: an order that may have reached it is asked
about until the bank, or two people, say what became of it. Source: reliability design §6.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

import attrs

from los_core.domain.errors import Conflict, InvalidTerms
from los_core.domain.ids import AccountId, BrandId, LoanId, PayoutId, StaffId
from los_core.domain.money import Paise
from los_core.domain.schedule import build
from los_core.domain.terms import Terms

INDIA: Final = ZoneInfo("Asia/Kolkata")


class PayoutStage(StrEnum):
    """Where an attempt stands.

    UNKNOWN: perhaps sent, being asked about. PENDING: the bank knows the order and has not settled
    it. MANUAL: the bank's own means are exhausted, or what it says does not fit: two people decide.
    """

    PREPARED = "PREPARED"
    INTENT = "INTENT"
    SENDING = "SENDING"
    UNKNOWN = "UNKNOWN"
    PENDING = "PENDING"
    MANUAL = "MANUAL"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    RETURNED = "RETURNED"


_S = PayoutStage

NEXT: Final[Mapping[PayoutStage, frozenset[PayoutStage]]] = MappingProxyType(
    {
        _S.PREPARED: frozenset({_S.INTENT, _S.FAILED}),
        _S.INTENT: frozenset({_S.SENDING, _S.FAILED}),
        _S.SENDING: frozenset(
            {_S.INTENT, _S.UNKNOWN, _S.PENDING, _S.MANUAL, _S.SUCCESS, _S.FAILED}
        ),
        _S.UNKNOWN: frozenset({_S.PENDING, _S.MANUAL, _S.SUCCESS, _S.FAILED}),
        _S.PENDING: frozenset({_S.MANUAL, _S.SUCCESS, _S.FAILED}),
        _S.MANUAL: frozenset({_S.SUCCESS, _S.FAILED}),
        _S.SUCCESS: frozenset({_S.RETURNED}),
        _S.FAILED: frozenset(),
        _S.RETURNED: frozenset(),
    }
)
"""The machine. INTENT fails where nothing was ever sent; SENDING goes back where it is proved."""

ASKED_ABOUT: Final = frozenset({_S.UNKNOWN, _S.PENDING})
UNDECIDED: Final = frozenset({_S.INTENT, _S.SENDING, _S.UNKNOWN, _S.PENDING, _S.MANUAL})
DONE_WITH: Final = frozenset({_S.FAILED, _S.RETURNED})
"""No money moves, or stays, on such an attempt: the loan may have another."""


class Why(StrEnum):
    """Why an attempt stands where it stands, for people; the bank's own word is `raw_code`."""

    BANK_CLOSED = "BANK_CLOSED"
    """The bank takes no orders now: this one is sent later."""
    NO_ANSWER = "NO_ANSWER"
    INTERRUPTED = "INTERRUPTED"
    """Our process ended while the order was on its way."""
    ACCEPTED = "ACCEPTED"
    NOT_KNOWN_YET = "NOT_KNOWN_YET"
    """The bank knows no such order, and may still come to."""
    NO_INQUIRY = "NO_INQUIRY"
    """The bank could not be asked."""
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    NO_REFERENCE = "NO_REFERENCE"
    REFERENCE_ON_FILE = "REFERENCE_ON_FILE"
    TERMS_PASSED = "TERMS_PASSED"
    """The money came when an instalment of the agreed terms was due already."""
    PAID = "PAID"
    REFUSED = "REFUSED"
    NEVER_ARRIVED = "NEVER_ARRIVED"
    NEVER_SENT = "NEVER_SENT"
    SENT_BACK = "SENT_BACK"
    """The beneficiary's bank returned the credit."""
    EARLIER_ATTEMPT_PAID = "EARLIER_ATTEMPT_PAID"
    PAID_AFTER_FAILURE = "PAID_AFTER_FAILURE"
    """Held failed, and found paid afterwards: people have to ask the money back."""
    RULED_PAID = "RULED_PAID"
    RULED_FAILED = "RULED_FAILED"
    RULED_RETURNED = "RULED_RETURNED"
    CHECKER_REFUSED = "CHECKER_REFUSED"
    NOBODY_CHECKED = "NOBODY_CHECKED"
    """The time in which a second person could approve it ran out."""
    WITHDRAWN = "WITHDRAWN"


class Ruling(StrEnum):
    """What two people may say of an attempt."""

    PAID = "PAID"
    FAILED = "FAILED"
    RETURNED = "RETURNED"


RULED_FROM: Final[Mapping[Ruling, frozenset[PayoutStage]]] = MappingProxyType(
    {
        Ruling.PAID: frozenset({_S.UNKNOWN, _S.PENDING, _S.MANUAL}),
        Ruling.FAILED: frozenset({_S.MANUAL}),
        Ruling.RETURNED: frozenset({_S.SUCCESS}),
    }
)
"""A failure is ruled only once the bank was asked to the end; a UTR proves a payment earlier."""


@attrs.frozen(kw_only=True)
class Patience:
    """How long, and how often, a bank is asked; each bank's own, from its documents or settings.

    Attributes:
        ask_after: waits before each inquiry about an open order; the last one repeats.
        not_found_for: how long the bank may not know an order that reached it; after that, and only
            then, an unknown order counts as failed.
        alarm_after: an order open for longer is reported to people.
        ask_for: an order open for longer is handed to people. Longer than `not_found_for`.
        watch_days: days after the credit on which the bank is asked whether it was returned.
    """

    ask_after: tuple[timedelta, ...] = tuple(
        timedelta(seconds=s) for s in (10, 30, 120, 600, 1800, 3600)
    )
    not_found_for: timedelta = timedelta(hours=24)
    alarm_after: timedelta = timedelta(hours=4)
    ask_for: timedelta = timedelta(hours=48)
    watch_days: tuple[int, ...] = (1, 2, 3, 7)

    def wait(self, asked: int) -> timedelta:
        """Return the wait before the next inquiry, after so many."""
        return self.ask_after[min(asked, len(self.ask_after) - 1)]


SEND_FOR: Final = timedelta(hours=24)
"""An approved order that no bank took for so long is dropped: its checks have to be made again."""
UNDER_WAY: Final = timedelta(days=3)
"""How long an approved order may take until it is credited, or is before people."""
FORGOTTEN_AFTER: Final = timedelta(hours=2)
"""An attempt whose next step is so late has lost its job."""
LONGEST_WATCH: Final = timedelta(days=15)
"""No bank is asked about a credit, or a failure, older than this."""


@attrs.define(kw_only=True)
class Payout:
    """One attempt to pay a loan out.

    Attributes:
        reference: twelve characters, from loan and attempt number, stored before anything is sent.
        provider, provider_account: the bank it was given to; "" until then.
        bank_reference: UTR or RRN, unique per brand.
        raw_code: the bank's last word.
        why: of `Why`; "" while nothing has to be said.
        sent_at: business instant of the order; its date in Kolkata dates the inquiry.
        settled_at: business instant of the last word, whatever it was.
        inquiries: how often the bank has been asked.
        next_at: business instant from which the bank is asked, or tried, again; None: it is not.
    """

    id: PayoutId
    brand_id: BrandId
    loan_id: LoanId
    attempt: int
    reference: str
    amount: Paise
    account_id: AccountId
    stage: PayoutStage = PayoutStage.PREPARED
    maker: StaffId
    checker: StaffId | None = None
    provider: str = ""
    provider_account: str = ""
    bank_reference: str = ""
    raw_code: str = ""
    why: str = ""
    prepared_at: datetime
    approved_at: datetime | None = None
    sent_at: datetime | None = None
    settled_at: datetime | None = None
    inquiries: int = 0
    next_at: datetime | None = None
    version: int = 0

    def go(self, stage: PayoutStage, why: str = "") -> None:
        """Move to `stage`, and say why. Raises: Conflict: the machine has no such step."""
        if stage not in NEXT[self.stage]:
            raise Conflict(f"a payout in {self.stage} cannot become {stage}", code="PAYOUT_STAGE")
        self.stage = stage
        self.why = why
        self.next_at = None

    @property
    def live(self) -> bool:
        """Whether money may still move, or has moved, on this attempt."""
        return self.stage not in DONE_WITH

    @property
    def awaits_word(self) -> bool:
        """Whether the last word on an order that was sent is still to come."""
        return self.stage in ASKED_ABOUT or self.stage in (_S.SENDING, _S.MANUAL)

    @property
    def sent_on(self) -> date:
        """The order's date at the bank. Only for one that was sent."""
        assert self.sent_at is not None, "an order that was sent has its instant"
        return self.sent_at.astimezone(INDIA).date()

    def is_watched_on(self, day: date, patience: Patience) -> bool:
        """Whether the bank is asked on the morning of `day` about an attempt that has ended.

        A credit may be returned, and a failure prove none, for some days. What people have to
        decide is asked about every morning: the bank may be quicker.
        """
        if self.stage is PayoutStage.MANUAL:
            return True
        if self.sent_at is None or self.settled_at is None or self.stage is PayoutStage.RETURNED:
            return False
        return (day - self.settled_at.astimezone(INDIA).date()).days in patience.watch_days


def fits(terms: Terms, credited_on: date) -> bool:
    """Whether money credited on a day still gives the agreed terms a schedule."""
    try:
        build(terms, disbursed_on=credited_on)
    except InvalidTerms:
        return False
    return True


def is_forgotten(payout: Payout, now: datetime) -> bool:
    """Whether an undecided attempt should have moved on by itself, and did not."""
    due_at = payout.next_at or payout.sent_at or payout.approved_at
    waits = payout.stage is not PayoutStage.MANUAL
    return waits and due_at is not None and now - due_at > FORGOTTEN_AFTER


def never_arrived(payout: Payout, patience: Patience, now: datetime) -> bool:
    """Whether an order that the bank does not know counts as failed.

    Only after the bank's window, and never if the bank has once acknowledged it.
    """
    assert payout.sent_at is not None, "an order that was sent has its instant"
    unheard = payout.stage is PayoutStage.UNKNOWN and not payout.bank_reference
    return unheard and now - payout.sent_at > patience.not_found_for
