"""The guards of the lifecycle: each a question of facts, answered by what is not met.

A guard gets what it looks at and returns None, or an `Unmet` that names the guard and says why.
Services gather the facts and call `require`; the table of moves names the guards by the codes used
here (`GUARDS` lists them all). Nothing here reads or writes. Money in paise, days in India.
Source: loan lifecycle §1.3; settlement and write-off are `settlement.faults`, `writeoff.faults`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import attrs

from los_core.domain.access import AUTO_APPROVE_LIMIT, Role, may_sanction
from los_core.domain.agreement import Agreement, AgreementStatus, KeyFactsOnFile
from los_core.domain.brand import Settings
from los_core.domain.consent import Consent, missing
from los_core.domain.customer import BankAccount, Customer, Step, StepState
from los_core.domain.eligibility import KycCap
from los_core.domain.errors import DomainError, Forbidden, GuardFailed
from los_core.domain.ids import StaffId
from los_core.domain.lifecycle import OPEN, Status
from los_core.domain.loan import Loan
from los_core.domain.loan_rule import Deviation
from los_core.domain.money import Paise
from los_core.domain.offers import Offer
from los_core.domain.onboarding import current_step
from los_core.domain.presentation import Mandate
from los_core.domain.settlement import COOLING_MONTHS, Standing
from los_core.domain.state import State
from los_core.domain.workdays import add_months, days_between

FIELD_VISIT_DAYS: Final = 30
REVERSAL_DAYS: Final = 180
REOPEN_DAYS: Final = 15


@attrs.frozen(kw_only=True)
class Unmet:
    """A guard that is not met. `forbidden`: it is about who asks, not about the loan."""

    guard: str
    why: str
    details: Mapping[str, Any] = attrs.field(factory=dict)
    forbidden: bool = False

    def error(self) -> DomainError:
        """Return the refusal: Forbidden where it is about the person, else GuardFailed."""
        kind = Forbidden if self.forbidden else GuardFailed
        return kind(self.why, code=self.guard, details=self.details)


def require(*unmet: Unmet | None) -> None:
    """Refuse for the first guard that is not met. Raises: GuardFailed, Forbidden."""
    for each in unmet:
        if each is not None:
            raise each.error()


# Applying


def dedup(loans: Iterable[Loan], settings: Settings) -> Unmet | None:
    """G-DEDUP: fewer open applications and running loans of the person than the brand allows.

    `loans` are those of everyone with the person's PAN, Aadhaar reference or phone; of all the
    lender's brands where the brand says so (`central_dedup`).
    """
    if sum(loan.status in OPEN for loan in loans) < settings.max_active_loans:
        return None
    return Unmet(guard="G-DEDUP", why="there is an open application or loan already")


def cool_off(loans: Iterable[Loan], on: date) -> Unmet | None:
    """G-COOL: the wait after a rejection is over, and twelve months after a settlement.

    A write-off counts as a settlement does. Source: RBI on compromise settlements, 8-Jun-2023.
    """
    waits = []
    for loan in loans:
        if loan.reapply_after:
            waits.append(loan.reapply_after)
        if loan.status in (Status.SETTLED, Status.WRITTEN_OFF) and loan.closed_on:
            until = add_months(loan.closed_on, COOLING_MONTHS, anchor_day=loan.closed_on.day)
            waits.append(until + timedelta(days=1))
    if not waits or on >= max(waits):
        return None
    return Unmet(
        guard="G-COOL",
        why="too soon after a rejection or a settlement",
        details={"reapplyAfter": max(waits).isoformat()},
    )


def steps(customer: Customer, settings: Settings) -> Unmet | None:
    """G-STEPS: every step the brand asks for is proved, and age, occupation, income are told."""
    step = current_step(customer, settings)
    if step is not Step.EVALUATION:
        return Unmet(
            guard="G-STEPS", why="onboarding is not complete", details={"step": step.value}
        )
    if customer.details is None or customer.employment is None:
        why = "age, occupation and income are needed before any loan"
        return Unmet(guard="G-STEPS", why=why, details={"step": "DETAILS"})
    return None


def consents(given: Iterable[Consent], at: datetime) -> Unmet | None:
    """G-CONSENT: every consent an application needs is in force at an instant."""
    lacking = missing(given, at)
    if not lacking:
        return None
    purposes = [purpose.value for purpose in lacking]
    return Unmet(guard="G-CONSENT", why="consents are missing", details={"purposes": purposes})


# Deciding


def auto_limit(amount: Paise, limit: Paise = AUTO_APPROVE_LIMIT) -> Unmet | None:
    """G-LIMIT-AUTO: no machine approves more than `limit`."""
    if amount <= limit:
        return None
    return Unmet(guard="G-LIMIT-AUTO", why="beyond what is approved without a person")


NO_MEMO: Final = Unmet(guard="G-CAM", why="save the appraisal memo first")


def memo(argued: tuple[Paise, int] | None, *, amount: Paise, tenure: int) -> Unmet | None:
    """G-CAM: a memo is saved, and argues for this amount and tenure. `argued` None: there is none.

    That its author does not approve it is `four_eyes`.
    """
    if argued is None:
        return NO_MEMO
    if argued != (amount, tenure):
        return Unmet(guard="G-CAM", why="the memo argues for another amount or tenure")
    return None


def rules(found: Collection[Deviation], *, answered: bool) -> Unmet | None:
    """G-RULES: nothing departs from the brand's bounds, or somebody one level up answers for it."""
    if not found or answered:
        return None
    return Unmet(
        guard="G-RULES",
        why="outside the rule for this product and grade, and nobody answers for it",
        details={"deviations": [each.value for each in found]},
    )


def limit(roles: Collection[Role], amount: Paise, foir_deviation_pts: Decimal) -> Unmet | None:
    """G-LIMIT: one of the approver's roles may sanction the amount at this deviation."""
    if may_sanction(roles, amount, foir_deviation_pts):
        return None
    return Unmet(guard="G-LIMIT", why="beyond your sanction authority", forbidden=True)


def four_eyes(checker: StaffId | None, *others: StaffId | None) -> Unmet | None:
    """G-4EYES: the checker is a person, and none of those who made, created or recommended it."""
    if checker is not None and checker not in others:
        return None
    return Unmet(guard="G-4EYES", why="another person must approve this", forbidden=True)


def field_visit(visited_on: date | None, on: date, *, required: bool) -> Unmet | None:
    """G-FIELD: a visit was completed at most thirty days ago, where the brand asks for one."""
    if not required:
        return None
    if visited_on is not None and 0 <= days_between(visited_on, on) <= FIELD_VISIT_DAYS:
        return None
    return Unmet(guard="G-FIELD", why="no field visit within thirty days")


# Offer and agreement


def offer(made: Offer, at: datetime) -> Unmet | None:
    """G-OFFER: the offer is open, neither taken nor replaced nor out of time."""
    state = made.closed_as(at)
    return Unmet(guard="G-OFFER", why=f"this offer is {state}") if state else None


def key_facts(
    statement: KeyFactsOnFile | None, terms_hash: str, on: date | None = None
) -> Unmet | None:
    """G-KFS: the statement is of these terms and acknowledged; with `on`, also still valid then.

    Validity matters when the offer is accepted, no more when the agreement is sent.
    """
    if statement is None or statement.acknowledged_at is None:
        return Unmet(guard="G-KFS", why="acknowledge the Key Facts Statement first")
    if statement.terms_hash != terms_hash:
        return Unmet(guard="G-KFS", why="the Key Facts Statement is of other terms")
    if on is not None and on > statement.valid_until:
        return Unmet(guard="G-KFS", why="the Key Facts Statement is no longer valid")
    return None


def kyc_limit(cap: KycCap, amount: Paise) -> Unmet | None:
    """G-KYCCAP: within the yearly cap for OTP e-KYC, unless identity was established in full."""
    if cap.allows(amount):
        return None
    why = "beyond the yearly cap for OTP e-KYC without full due diligence"
    return Unmet(guard="G-KYCCAP", why=why)


def docket(agreement: Agreement, docket_id: str, *, signed_sha256: str) -> Unmet | None:
    """G-DOCKET: what was signed is this agreement's docket, and the signed file is kept."""
    if agreement.docket_id != docket_id:
        return Unmet(guard="G-DOCKET", why="another agreement was signed")
    if not signed_sha256:
        return Unmet(guard="G-DOCKET", why="the signed copy is not stored")
    return None


# Paying out


def penny_drop(account: BankAccount | None, now: datetime, *, max_age_days: int) -> Unmet | None:
    """G-PENNY: the account was proved the borrower's lately, by penny drop or a second person."""
    if account is None or account.state is not StepState.VERIFIED or not account.verified_at:
        return Unmet(guard="G-PENNY", why="the bank account is not proved the borrower's")
    if now - account.verified_at > timedelta(days=max_age_days):
        return Unmet(guard="G-PENNY", why="the penny drop is too old; repeat it")
    return None


def signed(agreement: Agreement | None, terms_hash: str) -> Unmet | None:
    """G-AGR: an agreement of exactly these terms is signed."""
    if (
        agreement is not None
        and agreement.status is AgreementStatus.SIGNED
        and agreement.terms_hash == terms_hash
    ):
        return None
    return Unmet(guard="G-AGR", why="no signed agreement of these terms")


def blocklist(*, hit: bool) -> Unmet | None:
    """G-BLOCK: the person stands on no block list; the customer never hears of one."""
    return Unmet(guard="G-BLOCK", why="not allowed by internal policy") if hit else None


def fresh_decision(
    passed_at: datetime | None, now: datetime, *, validity_days: int
) -> Unmet | None:
    """G-BREFRESH: the rules passed at most so many days ago. None: they never did, or rejected."""
    if passed_at is not None and now - passed_at <= timedelta(days=validity_days):
        return None
    return Unmet(guard="G-BREFRESH", why="the rules must be run again")


def mandate(given: Mandate | None, instalment: Paise, on: date, *, required: bool) -> Unmet | None:
    """G-MANDATE: where the brand asks for one, a mandate lives that covers an instalment."""
    if not required:
        return None
    lapsed = given is None or not given.active or (given.expires_on or on) < on
    if given is None or lapsed or given.max_amount < instalment:
        return Unmet(guard="G-MANDATE", why="no active mandate that covers an instalment")
    return None


def nothing_running(others: Iterable[Loan], settings: Settings) -> Unmet | None:
    """G-NOACTIVE: fewer other loans of the borrower run than the brand allows."""
    running = sum(
        loan.status in (Status.DISBURSED, Status.SETTLEMENT_IN_PROGRESS) for loan in others
    )
    if running < settings.max_active_loans:
        return None
    return Unmet(guard="G-NOACTIVE", why="another loan is running")


def one_attempt(live: int) -> Unmet | None:
    """G-IDEMP: no other attempt to pay this loan out may still move money, or has."""
    if live == 0:
        return None
    return Unmet(guard="G-IDEMP", why="an attempt to pay this loan out is still open")


def bank_reference(
    reference: str, *, amount: Paise, net_disbursal: Paise, used_before: bool
) -> Unmet | None:
    """G-UTR: the bank names the transfer, by a reference new to the brand, of the exact amount."""
    if not reference:
        return Unmet(guard="G-UTR", why="a success without a bank reference")
    if used_before:
        return Unmet(guard="G-UTR", why="this bank reference belongs to another transfer")
    if amount != net_disbursal:
        return Unmet(guard="G-UTR", why="the bank reports another amount")
    return None


# Ending, and opening again


def nothing_owed(state: State) -> Unmet | None:
    """G-ZERO: principal, interest and charges less money held are within the small balance."""
    owed = state.total_owed - state.advance_held
    if state.closure is not None or owed <= state.terms.small_balance:
        return None
    return Unmet(guard="G-ZERO", why="something is still owed", details={"owedPaise": owed})


def settlement_paid(standing: Standing) -> Unmet | None:
    """G-PAID: the settlement's amount has come in by its dates."""
    if standing is Standing.PAID:
        return None
    return Unmet(guard="G-PAID", why="the settlement is not paid in full")


def within_cooling_off(until: date | None, on: date) -> Unmet | None:
    """G-COOLOFF: the cooling-off period has not ended on the day the exit is paid."""
    if until is not None and on <= until:
        return None
    return Unmet(guard="G-COOLOFF", why="the cooling-off period is over")


def recently_closed(closed_on: date | None, on: date) -> Unmet | None:
    """G-REVERSAL: a completed loan is opened again within 180 days of its closure."""
    if closed_on is not None and 0 <= days_between(closed_on, on) <= REVERSAL_DAYS:
        return None
    return Unmet(guard="G-REVERSAL", why="a payment is taken back within 180 days of closure only")


def recently_rejected(
    rejected_on: date, on: date, *, reopen_days: int = REOPEN_DAYS
) -> Unmet | None:
    """G-REOPEN: a rejection is looked at again within the brand's days."""
    if 0 <= days_between(rejected_on, on) <= reopen_days:
        return None
    return Unmet(guard="G-REOPEN", why=f"a rejection is re-opened within {reopen_days} days only")


GUARDS: Final[Mapping[str, Callable[..., Unmet | None]]] = MappingProxyType(
    {
        "G-DEDUP": dedup,
        "G-COOL": cool_off,
        "G-STEPS": steps,
        "G-CONSENT": consents,
        "G-LIMIT-AUTO": auto_limit,
        "G-CAM": memo,
        "G-RULES": rules,
        "G-LIMIT": limit,
        "G-4EYES": four_eyes,
        "G-FIELD": field_visit,
        "G-OFFER": offer,
        "G-KFS": key_facts,
        "G-KYCCAP": kyc_limit,
        "G-DOCKET": docket,
        "G-PENNY": penny_drop,
        "G-AGR": signed,
        "G-BLOCK": blocklist,
        "G-BREFRESH": fresh_decision,
        "G-MANDATE": mandate,
        "G-NOACTIVE": nothing_running,
        "G-IDEMP": one_attempt,
        "G-UTR": bank_reference,
        "G-ZERO": nothing_owed,
        "G-PAID": settlement_paid,
        "G-COOLOFF": within_cooling_off,
        "G-REVERSAL": recently_closed,
        "G-REOPEN": recently_rejected,
    }
)
"""Every guard by its code, but for those of settlements and write-offs (`G-SETTLE`, `G-WO`)."""
