"""Puts on file what can be asked about: staff, loans in every status, what awaits people."""

from datetime import timedelta

from tests.contract.http.installation import PASSWORD, Installation
from tests.contract.http.lending import JOURNEY, RESTLESS, TURNS, lend, log_in, put
from tests.contract.http.people import Lender

from los_adapters.entropy import SystemEntropy
from los_core.domain.access import Role
from los_core.domain.ids import JobId
from los_core.domain.kyc import Email
from los_core.domain.lifecycle import Status
from los_core.domain.notification import NotificationKind
from los_core.domain.record_kinds import RECORDS
from los_core.domain.work import Job
from los_core.ports.work import ProviderRow
from los_core.services.callers import StaffCaller
from los_core.services.notifying import notify
from los_core.services.providers import provider_id
from los_core.testing import settings


def fill(made: Installation) -> None:
    """Hire, lend and log everybody in."""
    for lender in (made.ours, made.theirs):
        for role in Role:
            hire(made, lender, role)
    _lend(made)
    made.clock.advance(timedelta(seconds=31))  # a second code for the same phone may be sent
    for lender in (made.ours, made.theirs):
        _await_payment(made, lender)
        for role in Role:
            lender.tokens[role] = staff_token(made, lender, role)
        _let_in(made, lender)
        _set_up(made, lender)
        for borrower in lender.borrowers.values():
            borrower.token, borrower.refresh = log_in(made, lender, borrower.person)


def _lend(made: Installation) -> None:
    for status in (*JOURNEY, *TURNS):
        if status not in RESTLESS:
            lend(made, made.ours, status)
    for status in (Status.DRAFT, Status.DISBURSEMENT_PENDING, Status.DISBURSED):
        lend(made, made.theirs, status)
    for status in Status:
        if status not in {*JOURNEY, *TURNS}:
            put(made, status)
    made.run_jobs()
    made.dead_letter = _dead_letter(made)
    for status in RESTLESS:
        lend(made, made.ours, status)


def hire(made: Installation, lender: Lender, role: Role) -> None:
    """Hire somebody with one role."""
    hired = made.services.brands.hire(
        email=Email.parse(f"{role.lower()}@{lender.brand.code}.example"),
        name=role.title(),
        password=PASSWORD,
        roles=frozenset({role}),
        brands=frozenset({lender.id}),
        second_factor=True,
    )
    lender.staff[role] = StaffCaller.of(hired.staff, lender.id)
    lender.totp[role] = hired.totp_secret


def staff_token(made: Installation, lender: Lender, role: Role) -> str:
    """Log somebody in; return their access token."""
    email = f"{role.lower()}@{lender.brand.code}.example"
    code = made.factor.code(lender.totp[role], made.clock.now())
    _, pair = made.services.staff_login.log_in(email, PASSWORD, code)
    return pair.access


def _let_in(made: Installation, lender: Lender) -> None:
    """Give the lender a key, and note a log-in that is not the tests' own."""
    admin = lender.staff[Role.ADMIN]
    new = made.services.keys.create(admin, name="their app", scopes=["loans:read"])
    lender.key, lender.key_id = new.text, new.key.id
    support = lender.staff[Role.SUPPORT]
    lender.session_id = made.services.sessions.of_staff(support)[0].id
    with made.services.begin(lender.id) as uow:
        notify(
            uow,
            [admin.staff_id],
            NotificationKind.SYSTEM_ALERT,
            at=made.clock.now(),
            entropy=SystemEntropy(),
            title="Backup",
            text="It is done.",
        )
    told = made.services.notifications.page(admin, page=1, limit=1)
    lender.notification_id = told.notifications[0].id


def _set_up(made: Installation, lender: Lender) -> None:
    """Write a record of every kind of setting."""
    with made.services.begin(lender.id) as uow:
        for kind in RECORDS:
            new = settings.record(kind, SystemEntropy().uuid())
            uow.records.add(kind, new)
            lender.records[kind.name] = new.id
    vendor = ProviderRow(
        brand_id=lender.id,
        port="payment",
        name="razorpay",
        settings={"account": "acc_old", "key_id": "rzp_test_old", "key_secret": "kept"},
    )
    made.services.brands.connect(vendor)
    lender.records["brand-providers"] = provider_id(vendor)


def _await_payment(made: Installation, lender: Lender) -> None:
    loan_id = lender.borrowers[Status.DISBURSED].loan_id
    assert loan_id is not None
    lender.receipt = made.services.repayments.record(
        lender.staff[Role.COLLECTION_MANAGER],
        loan_id,
        amount=1_000_00,
        mode="UPI",
        reference="counter-1",
        utr=f"UTR{lender.brand.code}1",
        value_date=made.clock.business_date(),
    )


def _dead_letter(made: Installation) -> JobId:
    platform, now = made.store.platform, made.clock.now()
    new = JobId(SystemEntropy().uuid())
    job = Job(
        id=new,
        brand_id=made.ours.id,
        kind="webhook.apply",
        key="dead",
        payload={},
        due_at=now,
        created_at=now,
    )
    with made.services.begin(made.ours.id) as uow:
        uow.desk.add_job(job)
    for claimed in platform.claim_jobs(limit=100, now=now, lease_s=60, worker="test"):
        platform.fail_job(claimed, error="KeyError", again_at=None, dead=True)
    return new
