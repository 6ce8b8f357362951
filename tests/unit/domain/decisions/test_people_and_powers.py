from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.access import (
    GRANTS,
    PERMISSIONS,
    Role,
    Scope,
    may_sanction,
    needs_totp,
    permissions_of,
    sanction_limit,
    scope_of,
)
from los_core.domain.approval import Approval, ApprovalStatus
from los_core.domain.consent import REQUIRED, Consent, Purpose, missing
from los_core.domain.errors import Conflict, Forbidden, Invalid
from los_core.domain.ids import ApprovalId, BrandId, CustomerId, StaffId

NOW = datetime(2026, 1, 6, 6, 30, tzinfo=UTC)
MAKER, CHECKER, RECOMMENDER = (StaffId(UUID(int=n)) for n in (1, 2, 3))


def asked() -> Approval:
    return Approval.ask(
        id=ApprovalId(UUID(int=9)),
        brand_id=BrandId(UUID(int=8)),
        entity="payout",
        entity_id=UUID(int=7),
        action="SEND",
        payload={"amountPaise": 1350440},
        maker=MAKER,
        at=NOW,
        barred=[RECOMMENDER],
    )


def given_consent(purpose: Purpose, **changes: Any) -> Consent:
    consent = Consent(
        id=UUID(int=5),
        customer_id=CustomerId(UUID(int=6)),
        purpose=purpose,
        text_version="2026-01",
        language="hi-IN",
        granted_at=NOW,
        channel="web",
        ip="203.0.113.7",
        device="Pixel 8",
    )
    return attrs.evolve(consent, **changes)


def test_a_second_person_approves() -> None:
    approval = asked()
    approval.approve(CHECKER, NOW + timedelta(hours=1), " seen ")
    assert approval.status is ApprovalStatus.APPROVED
    assert (approval.checker, approval.remark) == (CHECKER, "seen")
    assert approval.decided_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize("who", [MAKER, RECOMMENDER])
def test_nobody_decides_on_their_own_work(who: StaffId) -> None:
    approval = asked()
    with pytest.raises(Forbidden) as approving:
        approval.approve(who, NOW)
    with pytest.raises(Forbidden):
        approval.reject(who, NOW, "mine")
    assert approving.value.code == "G-4EYES"
    assert approval.status is ApprovalStatus.PENDING


def test_a_rejected_item_cannot_be_approved_later() -> None:
    approval = asked()
    approval.reject(CHECKER, NOW, "wrong amount")
    with pytest.raises(Conflict) as caught:
        approval.approve(StaffId(UUID(int=4)), NOW)
    assert caught.value.code == "APPROVAL_DECIDED"
    assert approval.status is ApprovalStatus.REJECTED


def test_a_rejection_says_why() -> None:
    with pytest.raises(Invalid):
        asked().reject(CHECKER, NOW, "  ")


def test_after_seven_days_nobody_decides() -> None:
    approval = asked()
    approval.approve(CHECKER, NOW + timedelta(days=7) - timedelta(seconds=1))
    late = asked()
    with pytest.raises(Conflict) as caught:
        late.approve(CHECKER, NOW + timedelta(days=7))
    assert caught.value.code == "APPROVAL_EXPIRED"


def test_expiry_closes_only_what_is_pending_and_due() -> None:
    approval = asked()
    assert approval.expire(NOW + timedelta(days=6)) is False
    assert approval.expire(NOW + timedelta(days=7)) is True
    assert approval.expire(NOW + timedelta(days=8)) is False
    with pytest.raises(Conflict) as caught:
        approval.approve(CHECKER, NOW)
    assert caught.value.code == "APPROVAL_EXPIRED"


def test_what_was_asked_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenAttributeError):
        asked().payload = {}


def test_all_required_consents_are_asked_for_in_order() -> None:
    assert missing([], NOW) == REQUIRED
    given = [given_consent(p) for p in REQUIRED if p is not Purpose.KYC]
    assert missing(given, NOW) == (Purpose.KYC,)
    assert missing(given, NOW, required=[Purpose.MARKETING]) == (Purpose.MARKETING,)


def test_a_withdrawn_or_expired_or_future_consent_does_not_count() -> None:
    consent = given_consent(Purpose.KYC)
    assert consent.in_force(NOW)
    assert not consent.in_force(NOW - timedelta(seconds=1))
    assert not consent.withdraw(NOW).in_force(NOW)
    assert consent.withdraw(NOW + timedelta(days=1)).in_force(NOW)
    assert not given_consent(Purpose.KYC, expires_at=NOW).in_force(NOW)


def test_a_consent_is_withdrawn_once() -> None:
    withdrawn = given_consent(Purpose.KYC).withdraw(NOW)
    with pytest.raises(Conflict):
        withdrawn.withdraw(NOW)
    with pytest.raises(Conflict):
        given_consent(Purpose.KYC).withdraw(NOW - timedelta(days=1))


def test_a_consent_without_its_text_or_zone_is_refused() -> None:
    with pytest.raises(Invalid):
        attrs.evolve(given_consent(Purpose.KYC), text_version="")
    with pytest.raises(Invalid):
        given_consent(Purpose.KYC, granted_at=NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("role", "permission", "scope"),
    [
        (Role.CREDIT_EXECUTIVE, "loans:recommend", Scope.OWN),
        (Role.CREDIT_EXECUTIVE, "loans:approve", None),
        (Role.CREDIT_MANAGER, "loans:approve", Scope.ALL),
        (Role.CREDIT_EXECUTIVE, "cam:write", Scope.OWN),
        (Role.SUPER_ADMIN, "cam:write", None),
        (Role.DISBURSEMENT, "disbursals:prepare", Scope.ALL),
        (Role.DISBURSEMENT, "disbursals:approve", None),
        (Role.ACCOUNTS, "disbursals:approve", Scope.ALL),
        (Role.COLLECTION_EXECUTIVE, "payments:record", Scope.OWN),
        (Role.ACCOUNTS, "payments:approve", Scope.ALL),
        (Role.ACCOUNTS, "payments:record", None),
        (Role.ADMIN, "settings:write", Scope.ALL),
        (Role.CREDIT_MANAGER, "settings:write", None),
        (Role.AUDITOR, "audit:read", Scope.ALL),
        (Role.AUDITOR, "pii.view", None),
        (Role.SUPPORT, "customers:read", Scope.ALL),
        (Role.ADMIN, "pii.export", None),
    ],
)
def test_roles_may_what_the_matrix_says(role: Role, permission: str, scope: Scope | None) -> None:
    assert scope_of([role], permission) is scope


def test_an_auditor_only_reads() -> None:
    assert all(name.endswith((":read", ".read")) for name in GRANTS[Role.AUDITOR])


def test_no_role_both_makes_and_checks_a_movement_of_money() -> None:
    pairs = [
        ("disbursals:prepare", "disbursals:approve"),
        ("payments:record", "payments:approve"),
        ("payments:reverse", "reversals:approve"),
        ("settlements:write", "settlements:approve"),
        ("writeoffs:write", "writeoffs:approve"),
    ]
    both = [(r, a) for r in Role for a, b in pairs if {a, b} <= GRANTS[r].keys()]
    assert both == []


def test_the_widest_scope_of_several_roles_counts() -> None:
    roles = [Role.CREDIT_EXECUTIVE, Role.CREDIT_MANAGER]
    assert scope_of(roles, "loans:read") is Scope.ALL
    assert scope_of(roles[::-1], "loans:read") is Scope.ALL


def test_a_denial_wins_over_a_grant_and_a_role() -> None:
    granted = permissions_of([Role.ADMIN], granted=["pii.export", "no:such"])
    assert granted["pii.export"] is Scope.ALL
    assert "no:such" not in granted
    assert (
        scope_of([Role.ADMIN], "pii.export", granted=["pii.export"], denied=["pii.export"]) is None
    )
    assert scope_of([Role.ADMIN], "settings:write", denied=["settings:write"]) is None


@given(st.sets(st.sampled_from(Role)))
def test_nobody_holds_a_permission_that_is_none(roles: set[Role]) -> None:
    assert permissions_of(roles).keys() <= PERMISSIONS
    assert permissions_of([]) == {}


@pytest.mark.parametrize("role", list(Role))
def test_a_second_factor_guards_administration_and_money(role: Role) -> None:
    guarded = {Role.SUPER_ADMIN, Role.ADMIN, Role.ACCOUNTS, Role.DISBURSEMENT}
    assert needs_totp([role]) is (role in guarded)


@pytest.mark.parametrize(
    ("roles", "amount", "points", "allowed"),
    [
        ([Role.CREDIT_EXECUTIVE], 1_00, "0", False),
        ([Role.CREDIT_MANAGER], 1_00_000_00, "5", True),
        ([Role.CREDIT_MANAGER], 1_00_000_01, "5", False),
        ([Role.CREDIT_MANAGER], 1_00_000_00, "5.01", False),
        ([Role.CREDIT_MANAGER], 50_000_00, "-12", True),
        ([Role.ADMIN], 3_00_000_00, "15", True),
        ([Role.ADMIN], 3_00_000_01, "0", False),
        ([Role.ADMIN], 1_00, "15.01", False),
        ([Role.SUPER_ADMIN], 10**12, "90", True),
        ([], 1, "0", False),
    ],
)
def test_the_authority_to_sanction(
    roles: list[Role], amount: int, points: str, *, allowed: bool
) -> None:
    assert may_sanction(roles, amount, Decimal(points)) is allowed


def test_the_sanction_limit_of_roles() -> None:
    assert sanction_limit([Role.SUPPORT]) == 0
    assert sanction_limit([Role.CREDIT_MANAGER, Role.ADMIN]) == 3_00_000_00
    assert sanction_limit([Role.CREDIT_MANAGER, Role.SUPER_ADMIN]) is None
