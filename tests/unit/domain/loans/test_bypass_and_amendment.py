"""Going on without a report, and changing an application with reasons."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.amendment import (
    Amendment,
    Figure,
    StatusReason,
    changeable,
    differences,
    faults,
)
from los_core.domain.applicant import KEYS, Report
from los_core.domain.bre import RuleSet, Verdict, run
from los_core.domain.bre_rules import default_rules
from los_core.domain.bypass import (
    Bypass,
    Bypassable,
    bypassed_reports,
    needs_second_person,
)
from los_core.domain.errors import Invalid, InvalidMoney
from los_core.domain.ids import LoanId, StaffId
from los_core.domain.lifecycle import STAGE_OF, Stage, Status
from los_core.testing.decisions import GOOD, applicant

AT = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)
WITHOUT = Bypass(
    loan_id=LoanId(UUID(int=1)),
    reports=frozenset({Bypassable.AA, Bypassable.CAM}),
    reason_code="VENDOR_DOWN",
    remark="the aggregator is down since noon",
    requested_by=StaffId(UUID(int=2)),
    at=AT,
    valid_hours=72,
)
REASONS = [
    StatusReason(code="INCOME_PROOF", targets=frozenset({Status.INFO_REQUIRED, Status.APPROVED})),
    StatusReason(code="OLD", targets=frozenset(Status), active=False),
]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"reports": frozenset()}, ["reports"]),
        ({"reason_code": ""}, ["reasonCode"]),
        ({"remark": "  nine ch  "}, ["remark"]),
        ({"valid_hours": 0}, ["validHours"]),
        ({"valid_hours": 73, "remark": ""}, ["remark", "validHours"]),
    ],
)
def test_a_bypass_names_reports_reason_and_hours(
    changes: dict[str, Any], fields: list[str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        attrs.evolve(WITHOUT, **changes)
    assert [field for field, _ in refusal.value.fields] == fields


def test_a_bypass_ends_after_its_hours() -> None:
    last = AT + timedelta(hours=72) - timedelta(seconds=1)
    assert bypassed_reports([WITHOUT], AT) == {Report.BSA}
    assert bypassed_reports([WITHOUT], last) == {Report.BSA}
    assert bypassed_reports([WITHOUT], last + timedelta(seconds=1)) == frozenset()
    assert bypassed_reports([WITHOUT], AT - timedelta(seconds=1)) == frozenset()


def test_a_bypassed_report_sends_the_case_to_a_person_and_never_passes_it() -> None:
    rules = RuleSet.compile(default_rules(), version=1, on=AT.date())
    unread = {
        key.name.replace(".", "__"): None for key in KEYS.values() if key.report is Report.BSA
    }
    person = applicant(**{name: None for name in unread if name.replace("__", ".") in GOOD})
    bypassed = bypassed_reports([WITHOUT], AT)
    assert run(rules, person, bypassed=bypassed).verdict is Verdict.REFER
    assert run(rules, applicant()).verdict is Verdict.PASS


def test_identity_age_block_list_and_other_loans_come_from_no_report() -> None:
    never = [
        "kyc.panVerified",
        "kyc.aadhaarVerified",
        "applicant.age",
        "internal.blocklistHit",
        "internal.activeLoansSameBrand",
        "derived.kycCapHeadroom",
    ]
    assert {KEYS[name].report for name in never} == {None}


def test_above_the_limit_a_second_person_agrees() -> None:
    assert not needs_second_person(1_00_000_00, 1_00_000_00)
    assert needs_second_person(1_00_000_01, 1_00_000_00)
    with pytest.raises(InvalidMoney):
        needs_second_person(True, 0)


@given(st.sampled_from(Status))
def test_figures_change_until_the_sanction_and_never_after(status: Status) -> None:
    before = STAGE_OF[status] in (Stage.ONBOARDING, Stage.ASSESSMENT) or status is Status.APPROVED
    assert changeable(status) == (frozenset(Figure) if before else frozenset())


def asked(**changes: Any) -> Amendment:
    fields: dict[str, Any] = {
        "changes": {Figure.AMOUNT: 40_000_00},
        "target": Status.INFO_REQUIRED,
        "reasons": ("INCOME_PROOF",),
        "remark": "salary slip is missing",
    }
    return Amendment(**{**fields, **changes})


@pytest.mark.parametrize(
    ("change", "status", "fields"),
    [
        ({}, Status.MANUAL_REVIEW, []),
        ({"changes": {}}, Status.MANUAL_REVIEW, []),
        ({"target": None}, Status.APPROVED, []),
        ({"changes": {}, "target": None}, Status.APPROVED, ["changes"]),
        ({"remark": "too short"}, Status.MANUAL_REVIEW, ["remark"]),
        ({"reasons": ()}, Status.MANUAL_REVIEW, ["reasonCodes"]),
        ({"reasons": ("OLD",)}, Status.MANUAL_REVIEW, ["reasonCodes"]),
        ({"reasons": ("INVENTED",)}, Status.MANUAL_REVIEW, ["reasonCodes"]),
        ({"target": Status.REJECTED}, Status.MANUAL_REVIEW, ["reasonCodes"]),
        ({"target": None}, Status.SANCTIONED, ["reasonCodes", "changes.amountPaise"]),
    ],
)
def test_all_that_is_wrong_with_an_amendment_is_said(
    change: dict[str, Any], status: Status, fields: list[str]
) -> None:
    found = faults(asked(**change), status, reasons=REASONS)
    assert [field for field, _ in found] == fields


def test_the_record_shows_only_what_changed() -> None:
    before: dict[Figure, int | Decimal] = {
        Figure.AMOUNT: 50_000_00,
        Figure.RATE: Decimal(24),
    }
    after: dict[Figure, int | Decimal] = {
        Figure.AMOUNT: 40_000_00,
        Figure.RATE: Decimal(24),
        Figure.TENURE: 12,
    }
    assert differences(before, after) == {
        Figure.AMOUNT: (50_000_00, 40_000_00),
        Figure.TENURE: (None, 12),
    }
