"""One of everything on file, for tests that look at the rows themselves."""

import attrs

from los_adapters.cipher.aes import AesCipher
from los_adapters.cipher.local import LocalWrap
from los_adapters.keys import Key
from los_core.domain.audit import chain
from los_core.domain.evaluation_items import DEFAULT_CONFIG
from los_core.domain.ids import LoanId
from los_core.domain.record_kinds import RECORDS
from los_core.ports.work import Answer, Once, ProviderRow
from los_core.testing import records, settings
from los_core.testing.store import StoreRig

SECRETS = (*records.PERSONAL, "secret-", "callback-", "otp-session", "vendor-key", "answered")
"""What stands in the records of a borrower and of a vendor, and may stand in no plain column."""

CIPHER = AesCipher(LocalWrap([Key("kek", bytes(range(32)))]))
"""What the stores of these tests seal by."""


def filled(rig: StoreRig) -> LoanId:
    """Put one of everything on file."""
    loan = rig.add_loan()
    owner, brand_id, new = loan.customer_id, rig.brand_id, rig.entropy.uuid

    def render(result: object) -> Answer:
        return Answer(200, f"answered {result}".encode())

    once = Once(scope="s", key="k", request_hash="h", render=render)
    with rig.begin(brand_id, once=once) as uow:
        records.grown(loan)
        uow.loans.save(loan)
        offer = records.offer(brand_id, loan.id, new())
        uow.offers.add(offer, records.key_facts(offer, new()))
        uow.assessments.add_report(records.report(brand_id, owner, new()))
        uow.assessments.add_decision(records.decision(brand_id, loan.id, new()))
        uow.assessments.add_cam(records.cam(brand_id, loan.id, new()))
        uow.agreements.add(records.agreement(brand_id, loan.id, new()))
        uow.agreements.add_document(records.file(brand_id, owner, loan.id, new()))
        uow.agreements.add_no_dues(records.no_dues(brand_id, loan.id, new()))
        uow.payouts.add(records.payout(brand_id, loan.id, new()))
        uow.receipts.add_order(records.order(brand_id, loan.id, "o-1"))
        uow.receipts.add(records.receipt(brand_id, loan.id, new()))
        uow.books.add_facts([(loan.id, records.received(new(), "pay_1"))], records.AT)
        uow.books.post([(loan.id, records.posting(new(), "fact-1"))], posted_on=records.ON)
        uow.approvals.add(records.approval(brand_id, new()))
        uow.people.add_consent(records.consent(owner, new()))
        uow.keys.add(records.api_key(brand_id, new()))
        uow.people.add_otp(records.otp(brand_id, new()))
        uow.desk.add_job(records.job(brand_id, new()))
        uow.desk.add_event(records.event(brand_id, new()))
        uow.desk.add_message(records.message(brand_id, loan.id, "m-1"))
        uow.desk.audit([records.audit(brand_id, new()) for _ in range(2)])
        uow.trail.seal(chain(uow.trail.unsealed(limit=1), after=None, sealed_at=records.AT))
        uow.desk.once("consumer", "message")
        uow.desk.next_number("loan")
        uow.lender.save_rules([])
        uow.lender.save_evaluation(attrs.evolve(DEFAULT_CONFIG, max_soft_flags=2))
        uow.coupons.put(settings.redemption("DIWALI26", loan))
        for kind in RECORDS:
            uow.records.add(kind, settings.record(kind, new()))
        found = uow.customers.get(owner)
        assert found is not None
        uow.customers.save(found, account_indexes=["account-index"])
        uow.answer(records.NAME)
    rig.platform.save_provider(
        ProviderRow(
            brand_id=brand_id, port="payment", name="razorpay", settings={"key": "vendor-key"}
        )
    )
    _staffed(rig)
    return loan.id


def _staffed(rig: StoreRig) -> None:
    """Put somebody who works for the brand on file, and a run of its calendar."""
    brand_id, new = rig.brand_id, rig.entropy.uuid
    staff = records.staff(new(), brand_id)
    rig.platform.add_staff(staff)
    rig.platform.add_session(records.session(new(), staff.id, f"token of {staff.id}"))
    rig.platform.add_secure_code(records.secure_code(new(), staff.id))
    with rig.begin(brand_id) as uow:
        uow.sittings.add(records.sitting(brand_id, new(), staff.id))
        uow.notices.add([records.notification(brand_id, new(), staff.id)])
    claim = rig.platform.claim_slot
    assert claim(brand_id, "day-end", records.AT, now=records.AT, worker="w", lease_s=60)
