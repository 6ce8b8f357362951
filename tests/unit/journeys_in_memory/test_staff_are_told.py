"""Who is told in the console of what, in the transaction of its cause."""

from collections.abc import Callable

import pytest
from tests.unit.journeys_in_memory.conftest import Lender

from los_core.domain.brand import Settings
from los_core.domain.errors import StaleVersion
from los_core.domain.ids import ApprovalId
from los_core.domain.loan import Loan
from los_core.domain.notification import Notification
from los_core.services.notifying import tell_of_versions


def test_an_executive_hears_of_their_loan_from_its_coming_to_its_money(lender: Lender) -> None:
    caller, loan = lender.lend()
    lender.pay(caller, loan, amount=1_000_00)
    told = _told(lender, "executive")
    assert [(each.kind, each.body.partition(" is ")[2]) for each in told] == [
        ("LOAN_ASSIGNED", "yours to work on."),
        ("LOAN_STATUS_CHANGED", "MANUAL_REVIEW now."),
        ("LOAN_STATUS_CHANGED", "APPROVED now."),
        ("AGREEMENT_SIGNED", "signed."),
        ("LOAN_STATUS_CHANGED", "DISBURSED now."),
        ("PAYMENT_RECEIVED", ""),
    ]
    assert told[-1].body == f"₹1,000.00 came in for loan {loan.loan_no}."
    assert {each.metadata["loanId"] for each in told} == {str(loan.id)}


def test_nobody_is_told_what_they_have_just_done(lender: Lender) -> None:
    caller = lender.register()
    lender.onboard(caller)
    loan = lender.apply(caller)
    before = len(_told(lender, "executive"))
    lender.services.underwriting.reject(
        lender.staff["executive"], loan.id, version=loan.version, reasons=["R001_AGE"]
    )
    assert len(_told(lender, "executive")) == before


def test_a_recommendation_is_told_to_who_may_sanction_it(lender: Lender) -> None:
    caller = lender.register()
    lender.onboard(caller)
    _recommended(lender, lender.apply(caller))
    assert [each.body for each in _told(lender, "manager")] == [
        "Loan LN-000001 is RECOMMENDED now."
    ]
    assert _told(lender, "collector") == []


def test_a_payment_by_hand_is_told_to_its_checkers_and_its_result_to_its_maker(
    lender: Lender,
) -> None:
    _, loan = lender.lend()
    known = len(_told(lender, "checker"))
    for number, decide in enumerate((_approve, _reject)):
        receipt = lender.services.repayments.record(
            lender.staff["collector"],
            loan.id,
            amount=500_00 + number,
            mode="UPI",
            reference=f"counter-{number}",
            utr=f"UTR000{number}",
            value_date=lender.memory.clock.business_date(),
        )
        assert receipt.approval_id is not None
        decide(lender, receipt.approval_id)
    assert [each.kind for each in _told(lender, "checker")[known:]] == [
        "PAYMENT_APPROVAL_PENDING"
    ] * 2
    assert [each.title for each in _told(lender, "collector")] == [
        "Payment approved",
        "Payment rejected",
    ]


def test_a_statement_is_told_to_who_works_on_the_application(lender: Lender) -> None:
    caller = lender.register()
    lender.onboard(caller)
    lender.apply(caller)
    lender.upload_statement(caller)
    assert "DOCUMENT_UPLOADED" in [each.kind for each in _told(lender, "executive")]


def test_all_staff_hear_of_another_version_of_the_console(lender: Lender) -> None:
    before, after = Settings(), Settings(dashboard_version=2, collection_version=3)
    for change in ((before, after), (after, after)):
        with lender.services.begin(lender.brand_id) as uow:
            tell_of_versions(
                uow, *change, at=lender.memory.clock.now(), entropy=lender.memory.entropy
            )
    for name in ("executive", "collector", "admin"):
        assert [each.body for each in _told(lender, name)] == [
            "the dashboard works in version 2 from now on.",
            "collection works in version 3 from now on.",
        ]


def test_what_is_undone_is_told_to_nobody(lender: Lender) -> None:
    caller = lender.register()
    lender.onboard(caller)
    loan = lender.apply(caller)
    before = len(_told(lender, "executive"))
    _refused(
        lambda: lender.services.underwriting.reject(
            lender.staff["manager"], loan.id, version=loan.version + 1, reasons=["R001_AGE"]
        )
    )
    assert len(_told(lender, "executive")) == before


def _told(lender: Lender, name: str) -> list[Notification]:
    page = lender.services.notifications.page(lender.staff[name], page=1, limit=100)
    return list(page.notifications)[::-1]


def _recommended(lender: Lender, loan: Loan) -> None:
    work, executive = lender.services.underwriting, lender.staff["executive"]
    work.save_cam(executive, loan.id, amount=30_000_00, tenure=3, end_use="Medical")
    work.recommend(executive, loan.id, version=lender.loan(loan.id).version)


def _approve(lender: Lender, approval_id: ApprovalId) -> None:
    lender.services.approvals.approve(lender.staff["checker"], approval_id)


def _reject(lender: Lender, approval_id: ApprovalId) -> None:
    lender.services.approvals.reject(lender.staff["checker"], approval_id, remark="not seen")


def _refused(command: Callable[[], object]) -> None:
    with pytest.raises(StaleVersion):
        command()
