"""Each guard of the table of moves: what meets it, what does not, and where its edge lies."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
import pytest

from los_core.domain import guards
from los_core.domain.access import Role
from los_core.domain.agreement import Agreement, AgreementStatus, KeyFactsOnFile
from los_core.domain.authority import Level
from los_core.domain.brand import Settings
from los_core.domain.consent import REQUIRED, Consent, Purpose
from los_core.domain.customer import BankAccount, Step, StepState
from los_core.domain.eligibility import KycCap
from los_core.domain.errors import Forbidden, GuardFailed, Invalid
from los_core.domain.facts import Disbursed, Received
from los_core.domain.fold import fold
from los_core.domain.ids import (
    AccountId,
    BrandId,
    CustomerId,
    LoanId,
    OfferId,
    StaffId,
)
from los_core.domain.kyc import AccountNumber, Ifsc
from los_core.domain.lifecycle import TABLE, Status
from los_core.domain.loan import Loan
from los_core.domain.loan_rule import (
    Deviation,
    LoanRule,
    Recommended,
    answers_for,
    deviations,
)
from los_core.domain.offers import OfferStatus
from los_core.domain.presentation import Mandate
from los_core.domain.settlement import Standing
from los_core.testing import records
from los_core.testing.records import AT

ON = date(2026, 3, 5)
NOW = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)
BRAND, CUSTOMER = BrandId(UUID(int=2)), CustomerId(UUID(int=3))
ANIL, BINA = StaffId(UUID(int=4)), StaffId(UUID(int=5))
SETTINGS = Settings()


def loan(status: Status = Status.DRAFT, **changes: Any) -> Loan:
    return records.loan(BRAND, CUSTOMER, UUID(int=1), status=status, **changes)


def code(unmet: guards.Unmet | None) -> str | None:
    return None if unmet is None else unmet.guard


def test_every_guard_of_the_table_can_be_asked() -> None:
    named = {guard for row in TABLE for guard in row.guards}
    assert named == set(guards.GUARDS) | {"G-SETTLE", "G-WO"}


def test_the_first_unmet_guard_is_the_refusal() -> None:
    late = guards.within_cooling_off(ON, ON + timedelta(days=1))
    with pytest.raises(GuardFailed, match="cooling-off period is over") as refusal:
        guards.require(None, late, guards.blocklist(hit=True))
    assert refusal.value.code == "G-COOLOFF"
    guards.require(None, None)


def test_a_refusal_about_the_person_is_forbidden() -> None:
    with pytest.raises(Forbidden) as refusal:
        guards.require(guards.four_eyes(ANIL, BINA, ANIL))
    assert refusal.value.code == "G-4EYES"


@pytest.mark.parametrize(
    ("statuses", "allowed", "met"),
    [
        ([], 1, True),
        ([Status.REJECTED, Status.COMPLETED], 1, True),
        ([Status.DRAFT], 1, False),
        ([Status.DISBURSED], 1, False),
        ([Status.DISBURSED], 2, True),
        ([Status.DISBURSED, Status.ON_HOLD], 2, False),
    ],
)
def test_open_applications_and_running_loans_count(
    statuses: list[Status], allowed: int, *, met: bool
) -> None:
    settings = attrs.evolve(SETTINGS, max_active_loans=allowed)
    found = guards.dedup([loan(status) for status in statuses], settings)
    assert code(found) == (None if met else "G-DEDUP")


@pytest.mark.parametrize(
    ("known", "first_day"),
    [
        (loan(Status.REJECTED, reapply_after=date(2026, 4, 4)), date(2026, 4, 4)),
        (loan(Status.SETTLED, closed_on=date(2026, 2, 28)), date(2027, 3, 1)),
        (loan(Status.WRITTEN_OFF, closed_on=date(2026, 2, 28)), date(2027, 3, 1)),
    ],
)
def test_who_was_rejected_or_settled_waits(known: Loan, first_day: date) -> None:
    early = guards.cool_off([known], first_day - timedelta(days=1))
    assert early is not None
    assert early.details == {"reapplyAfter": first_day.isoformat()}
    assert guards.cool_off([known], first_day) is None


def test_who_paid_a_loan_back_does_not_wait() -> None:
    assert guards.cool_off([loan(Status.COMPLETED, closed_on=ON)], ON) is None


def test_the_missing_step_is_named() -> None:
    stranger = records.customer(BRAND, CUSTOMER)
    found = guards.steps(attrs.evolve(stranger, pan=None), SETTINGS)
    assert found is not None
    assert found.details == {"step": Step.PAN.value}


def consent(purpose: Purpose) -> Consent:
    return attrs.evolve(records.consent(CUSTOMER, UUID(int=11)), purpose=purpose)


def test_the_missing_consents_are_named() -> None:
    first = REQUIRED[0]
    given = [consent(purpose) for purpose in REQUIRED[1:]]
    found = guards.consents(given, NOW)
    assert found is not None
    assert found.details == {"purposes": [first.value]}
    assert guards.consents([*given, consent(first)], NOW) is None


def test_a_machine_approves_up_to_its_limit() -> None:
    assert guards.auto_limit(50_000_00) is None
    assert code(guards.auto_limit(50_000_01)) == "G-LIMIT-AUTO"


def test_a_memo_argues_for_exactly_what_is_approved() -> None:
    assert guards.memo((14_000_00, 29), amount=14_000_00, tenure=29) is None
    assert code(guards.memo((14_000_00, 29), amount=15_000_00, tenure=29)) == "G-CAM"
    assert code(guards.memo(None, amount=14_000_00, tenure=29)) == "G-CAM"


def test_authority_is_by_amount_and_deviation() -> None:
    manager = [Role.CREDIT_MANAGER]
    assert guards.limit(manager, 1_00_000_00, Decimal(5)) is None
    assert code(guards.limit(manager, 1_00_000_01, Decimal(5))) == "G-LIMIT"
    assert code(guards.limit(manager, 1_00_000_00, Decimal("5.01"))) == "G-LIMIT"


def test_nobody_unknown_checks() -> None:
    assert guards.four_eyes(ANIL, BINA, None) is None
    assert code(guards.four_eyes(None, BINA)) == "G-4EYES"


def test_a_field_visit_is_good_for_thirty_days() -> None:
    assert guards.field_visit(None, ON, required=False) is None
    assert guards.field_visit(ON - timedelta(days=30), ON, required=True) is None
    for visited in (None, ON - timedelta(days=31), ON + timedelta(days=1)):
        assert code(guards.field_visit(visited, ON, required=True)) == "G-FIELD"


def test_an_offer_is_open_until_its_instant() -> None:
    made = records.offer(BRAND, LoanId(UUID(int=1)), UUID(int=9))
    assert guards.offer(made, made.expires_at - timedelta(seconds=1)) is None
    assert code(guards.offer(made, made.expires_at)) == "G-OFFER"
    assert code(guards.offer(attrs.evolve(made, status=OfferStatus.SUPERSEDED), AT)) == "G-OFFER"


def statement(**changes: Any) -> KeyFactsOnFile:
    fields: dict[str, Any] = {
        "id": UUID(int=8),
        "brand_id": BRAND,
        "loan_id": LoanId(UUID(int=1)),
        "offer_id": OfferId(UUID(int=9)),
        "proposal_no": "KFS-1",
        "document": {},
        "hash": "ab",
        "terms_hash": "terms",
        "language": "en",
        "issued_at": NOW,
        "valid_until": ON,
        "acknowledged_at": NOW,
    }
    return KeyFactsOnFile(**{**fields, **changes})


def test_key_facts_are_acknowledged_of_these_terms_and_valid() -> None:
    after = ON + timedelta(days=1)
    assert guards.key_facts(statement(), "terms", ON) is None
    assert guards.key_facts(statement(), "terms") is None
    assert code(guards.key_facts(statement(), "terms", after)) == "G-KFS"
    assert code(guards.key_facts(statement(), "others", ON)) == "G-KFS"
    assert code(guards.key_facts(statement(acknowledged_at=None), "terms", ON)) == "G-KFS"
    assert code(guards.key_facts(None, "terms", ON)) == "G-KFS"


def test_the_yearly_cap_binds() -> None:
    cap = KycCap(used=47_000_00, remaining=13_000_00)
    assert guards.kyc_limit(cap, 13_000_00) is None
    assert code(guards.kyc_limit(cap, 13_000_01)) == "G-KYCCAP"


def agreement(**changes: Any) -> Agreement:
    fields: dict[str, Any] = {
        "id": UUID(int=7),
        "brand_id": BRAND,
        "loan_id": LoanId(UUID(int=1)),
        "version_no": 1,
        "reference": "LN-1-1",
        "status": AgreementStatus.SIGNED,
        "terms_hash": "terms",
        "docket_id": "D-1",
        "created_at": NOW,
    }
    return Agreement(**{**fields, **changes})


def test_the_signed_copy_is_of_this_docket_and_kept() -> None:
    assert guards.docket(agreement(), "D-1", signed_sha256="cd" * 32) is None
    assert code(guards.docket(agreement(), "D-2", signed_sha256="cd" * 32)) == "G-DOCKET"
    assert code(guards.docket(agreement(), "D-1", signed_sha256="")) == "G-DOCKET"


def test_an_agreement_is_signed_and_of_these_terms() -> None:
    assert guards.signed(agreement(), "terms") is None
    assert code(guards.signed(agreement(), "others")) == "G-AGR"
    assert code(guards.signed(agreement(status=AgreementStatus.SENT), "terms")) == "G-AGR"
    assert code(guards.signed(None, "terms")) == "G-AGR"


def account(**changes: Any) -> BankAccount:
    fields: dict[str, Any] = {
        "id": AccountId(UUID(int=6)),
        "holder": "Asha Rao",
        "number": AccountNumber.parse("0012345678"),
        "ifsc": Ifsc.parse("HDFC0000123"),
        "state": StepState.VERIFIED,
        "verified_at": NOW - timedelta(days=30),
    }
    return BankAccount(**{**fields, **changes})


def test_an_account_is_proved_lately() -> None:
    old = NOW - timedelta(days=30, seconds=1)
    assert guards.penny_drop(account(), NOW, max_age_days=30) is None
    assert code(guards.penny_drop(account(verified_at=old), NOW, max_age_days=30)) == "G-PENNY"
    for unproved in (None, account(state=StepState.MANUAL), account(verified_at=None)):
        assert code(guards.penny_drop(unproved, NOW, max_age_days=30)) == "G-PENNY"


def test_a_hit_on_a_block_list_names_policy_only() -> None:
    assert guards.blocklist(hit=False) is None
    found = guards.blocklist(hit=True)
    assert found is not None
    assert "policy" in found.why
    assert found.details == {}


def test_the_rules_passed_within_their_validity() -> None:
    assert guards.fresh_decision(NOW - timedelta(days=30), NOW, validity_days=30) is None
    late = NOW - timedelta(days=30, seconds=1)
    assert code(guards.fresh_decision(late, NOW, validity_days=30)) == "G-BREFRESH"
    assert code(guards.fresh_decision(None, NOW, validity_days=30)) == "G-BREFRESH"


def test_a_mandate_lives_and_covers_an_instalment() -> None:
    good = Mandate(active=True, max_amount=9_456_00, expires_on=ON)
    assert guards.mandate(None, 9_456_00, ON, required=False) is None
    assert guards.mandate(good, 9_456_00, ON, required=True) is None
    assert guards.mandate(attrs.evolve(good, expires_on=None), 9_456_00, ON, required=True) is None
    bad = [
        (None, 9_456_00, ON),
        (good, 9_456_01, ON),
        (good, 9_456_00, ON + timedelta(days=1)),
        (attrs.evolve(good, active=False), 9_456_00, ON),
    ]
    for given, instalment, on in bad:
        assert code(guards.mandate(given, instalment, on, required=True)) == "G-MANDATE"


def test_no_other_loan_of_the_borrower_runs() -> None:
    assert guards.nothing_running([loan(Status.COMPLETED), loan(Status.DRAFT)], SETTINGS) is None
    for running in (Status.DISBURSED, Status.SETTLEMENT_IN_PROGRESS):
        assert code(guards.nothing_running([loan(running)], SETTINGS)) == "G-NOACTIVE"


def test_one_attempt_lives_at_a_time() -> None:
    assert guards.one_attempt(0) is None
    assert code(guards.one_attempt(1)) == "G-IDEMP"


@pytest.mark.parametrize(
    ("reference", "amount", "used_before", "met"),
    [
        ("UTR1", 97_050_00, False, True),
        ("", 97_050_00, False, False),
        ("UTR1", 97_050_01, False, False),
        ("UTR1", 97_050_00, True, False),
    ],
)
def test_the_bank_names_a_new_transfer_of_the_exact_amount(
    reference: str, amount: int, *, used_before: bool, met: bool
) -> None:
    found = guards.bank_reference(
        reference, amount=amount, net_disbursal=97_050_00, used_before=used_before
    )
    assert (found is None) is met


def test_a_loan_ends_when_nothing_but_a_rupee_is_owed() -> None:
    terms = records.terms()
    credit = Disbursed(
        fact_id=UUID(int=1),
        value_date=terms.planned_on,
        source="bank",
        reference="utr",
        amount=terms.principal,
    )
    running = fold(terms, [credit], on=terms.first_due_on)
    short = guards.nothing_owed(running)
    assert short is not None
    assert short.details == {"owedPaise": running.total_owed}
    paid = Received(
        fact_id=UUID(int=2),
        value_date=terms.first_due_on,
        source="bank",
        reference="all",
        amount=running.total_owed,
    )
    assert guards.nothing_owed(fold(terms, [credit, paid], on=terms.last_due_on)) is None


def test_a_settlement_ends_when_it_is_paid() -> None:
    assert guards.settlement_paid(Standing.PAID) is None
    assert code(guards.settlement_paid(Standing.RUNNING)) == "G-PAID"
    assert code(guards.settlement_paid(Standing.MISSED)) == "G-PAID"


def test_the_cooling_off_period_includes_its_last_day() -> None:
    assert guards.within_cooling_off(ON, ON) is None
    assert code(guards.within_cooling_off(None, ON)) == "G-COOLOFF"


def test_a_payment_is_taken_back_within_180_days_of_closure() -> None:
    assert guards.recently_closed(ON, ON + timedelta(days=180)) is None
    assert code(guards.recently_closed(ON, ON + timedelta(days=181))) == "G-REVERSAL"
    assert code(guards.recently_closed(None, ON)) == "G-REVERSAL"


def test_a_rejection_is_reopened_within_fifteen_days() -> None:
    assert guards.recently_rejected(ON, ON + timedelta(days=15)) is None
    assert code(guards.recently_rejected(ON, ON + timedelta(days=16))) == "G-REOPEN"
    assert guards.recently_rejected(ON, ON + timedelta(days=16), reopen_days=30) is None


RULE = LoanRule(
    product="SALARY",
    grade="B",
    min_amount=10_000_00,
    max_amount=50_000_00,
    min_tenure=6,
    max_tenure=18,
    min_rate_pct=Decimal(18),
    max_rate_pct=Decimal(30),
    max_fee_pct=Decimal(3),
)
WITHIN = Recommended(
    product="SALARY",
    grade="B",
    amount=50_000_00,
    tenure=6,
    rate_pct=Decimal(18),
    fee_pct=Decimal(3),
)


@pytest.mark.parametrize(
    ("asked", "departs"),
    [
        (WITHIN, ()),
        (attrs.evolve(WITHIN, amount=50_000_01), (Deviation.AMOUNT,)),
        (attrs.evolve(WITHIN, tenure=5), (Deviation.TENURE,)),
        (
            attrs.evolve(WITHIN, rate_pct=Decimal("17.99"), fee_pct=Decimal("3.01")),
            (Deviation.RATE, Deviation.FEE),
        ),
        (attrs.evolve(WITHIN, grade="D"), (Deviation.NO_RULE,)),
    ],
)
def test_what_departs_from_the_rule_is_named(
    asked: Recommended, departs: tuple[Deviation, ...]
) -> None:
    found = deviations([RULE], asked)
    assert found == departs
    assert (guards.rules(found, answered=False) is None) is (departs == ())
    assert guards.rules(found, answered=True) is None


def test_somebody_above_answers_for_a_deviation() -> None:
    assert answers_for(Level.MANAGER, Level.EXECUTIVE)
    assert not answers_for(Level.EXECUTIVE, Level.EXECUTIVE)


def test_bounds_that_are_reversed_are_refused() -> None:
    with pytest.raises(Invalid, match="reversed"):
        attrs.evolve(RULE, min_tenure=19)
