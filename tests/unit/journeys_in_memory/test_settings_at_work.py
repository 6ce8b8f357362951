"""What a change of a brand's settings does to its customers and its loans."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import attrs
import pytest
from tests.unit.journeys_in_memory.conftest import AMOUNT, ASHA, TENURE, Lender, Person

from los_core.domain.approval import HELD, Approval
from los_core.domain.blocklist import BlockType, NewBlock
from los_core.domain.brand import NonRepaymentDate
from los_core.domain.charges import Discount
from los_core.domain.coupon import Coupon
from los_core.domain.errors import Conflict, Forbidden, GuardFailed, Invalid
from los_core.domain.facts import TermsChanged
from los_core.domain.kyc import AccountNumber, Ifsc, Pan
from los_core.domain.lifecycle import Status
from los_core.domain.loan import Loan
from los_core.domain.offers import LoanProduct
from los_core.domain.own_account import OwnAccount, Purpose
from los_core.domain.policies import ShiftRule
from los_core.domain.record import Kind, Record
from los_core.domain.record_kinds import BLOCKLIST, COUPONS, HOLIDAYS, OWN_ACCOUNTS, PRODUCTS
from los_core.domain.workdays import shifted
from los_core.ports.errors import Rejected
from los_core.services.callers import CustomerCaller

T = TypeVar("T")


def _wide(text: str) -> str:
    """Return letters and digits in the width of Chinese script."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


def _block(lender: Lender, kind: BlockType, value: str, **more: Any) -> Any:
    new: Any = NewBlock(type=kind, value=value, reason="forged payslips", **more)
    return _added(lender, BLOCKLIST, new)


def _holiday(lender: Lender, on: date, name: str = "Pongal") -> Any:
    day = NonRepaymentDate(on, name)
    return _added(lender, HOLIDAYS, day)


def _added(lender: Lender, kind: Kind[T], value: T) -> Record[T]:
    done = lender.services.records.add(lender.staff["admin"], kind, value)
    assert isinstance(done, Record)
    return done


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (BlockType.PAN, " abcpe 1234 f "),
        (BlockType.PAN, _wide("ABCPE1234F")),
        (BlockType.PHONE, "+91 98220 10101"),
        (BlockType.PHONE, _wide("09822010101")),
        (BlockType.AADHAAR, "2341 2341 2346"),
        (BlockType.ACCOUNT, "5010 0123 4567 89"),
    ],
)
def test_what_is_blocked_stops_onboarding_however_it_was_typed(
    lender: Lender, kind: BlockType, typed: str
) -> None:
    _block(lender, kind, typed)
    caller = lender.register()
    with pytest.raises(GuardFailed) as caught:
        lender.onboard(caller)
    assert caught.value.code == "G-BLOCKLIST"
    assert typed not in str(caught.value)
    with lender.services.begin(lender.brand_id) as uow:
        [met] = [e for e in uow.trail.unsealed(limit=1000) if e.action == "onboarding.blocked"]
    assert met.facts == {"types": [kind.value]}
    assert met.actor_id == caller.customer_id


def test_a_blocked_pan_is_refused_before_anybody_is_asked_about_it(lender: Lender) -> None:
    _block(lender, BlockType.PAN, ASHA.pan)
    caller = lender.register()
    # Whoever asks the vendor meets this failure, and it stays planned until somebody does.
    lender.memory.identity.script.fail(Rejected("asked", provider="memory"), operation="pan")
    pan, born_on = Pan.parse(ASHA.pan), date(1994, 5, 17)
    with pytest.raises(GuardFailed):
        lender.services.onboarding.verify_pan(caller, pan, name=ASHA.name, born_on=born_on)
    with pytest.raises(Rejected):
        lender.memory.identity.pan(ASHA.pan, reference="ours")


def test_who_is_not_blocked_goes_on_and_so_does_who_no_longer_is(lender: Lender) -> None:
    _block(lender, BlockType.PAN, "ABCPE9999F")
    until = lender.memory.clock.business_date() + timedelta(days=1)
    _block(lender, BlockType.PHONE, ASHA.phone, expires_on=until)
    caller = lender.register()
    with pytest.raises(GuardFailed):
        lender.onboard(caller)
    lender.memory.clock.advance(timedelta(days=1))
    lender.onboard(lender.register())


def test_an_entry_keeps_nothing_of_what_it_blocks_but_the_end(lender: Lender) -> None:
    entry = _block(lender, BlockType.AADHAAR, ASHA.aadhaar).value
    assert entry.last4 == ASHA.aadhaar[-4:]
    assert ASHA.aadhaar not in repr(entry)
    with pytest.raises(Conflict) as caught:
        _block(lender, BlockType.AADHAAR, f" {ASHA.aadhaar} ")
    assert caught.value.code == "RECORD_ON_FILE"


def test_a_new_holiday_moves_what_is_due_on_it_later_and_nothing_else(lender: Lender) -> None:
    caller, loan = lender.lend()
    before = lender.due_dates(caller, loan)
    _holiday(lender, before[1])
    lender.memory.run_jobs()

    after = lender.due_dates(caller, loan)
    moved = shifted(before[1], ShiftRule.FOLLOWING, frozenset({before[1]}))
    assert moved > before[1]
    assert after == [before[0], moved, before[2]]
    lender.no_paisa_differs()


def test_a_date_does_not_move_from_one_new_holiday_onto_another(lender: Lender) -> None:
    caller, loan = lender.lend()
    before = lender.due_dates(caller, loan)
    second = shifted(before[1], ShiftRule.FOLLOWING, frozenset({before[1]}))
    for day in (second, before[1]):  # the one that nothing falls on yet comes first
        _holiday(lender, day, f"holiday {day}")
        lender.memory.run_jobs()
    free = frozenset({before[1], second})
    assert lender.due_dates(caller, loan)[1] == shifted(before[1], ShiftRule.FOLLOWING, free)
    lender.no_paisa_differs()


def test_a_holiday_that_is_removed_moves_nothing_back(lender: Lender) -> None:
    caller, loan = lender.lend()
    day = lender.due_dates(caller, loan)[1]
    record = _holiday(lender, day)
    lender.memory.run_jobs()
    moved = lender.due_dates(caller, loan)
    admin, records = lender.staff["admin"], lender.services.records
    records.remove(admin, HOLIDAYS, record.id, version=1)
    lender.memory.run_jobs()
    assert lender.due_dates(caller, loan) == moved
    assert _changes(lender, loan) == 1


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(lambda due: due[0] - timedelta(days=400), id="over"),
        pytest.param(lambda due: due[0] + timedelta(days=1), id="nothing is due on it"),
        pytest.param(lambda due: due[-1] + timedelta(days=40), id="after the last"),
    ],
)
def test_a_holiday_that_meets_no_instalment_changes_no_loan(
    lender: Lender, day: Callable[[list[date]], date]
) -> None:
    caller, loan = lender.lend()
    before = lender.due_dates(caller, loan)
    _holiday(lender, day(before))
    lender.memory.run_jobs()
    assert lender.due_dates(caller, loan) == before
    assert _changes(lender, loan) == 0


def test_what_is_paid_does_not_move(lender: Lender) -> None:
    caller, loan = lender.lend()
    before = lender.due_dates(caller, loan)
    lender.go_to(before[0])
    lender.pay(caller, loan)
    _holiday(lender, before[0] + timedelta(days=1))
    lender.memory.run_jobs()
    assert lender.due_dates(caller, loan) == before


def test_new_loans_are_priced_around_the_holiday(lender: Lender) -> None:
    caller, loan = lender.lend()
    day = lender.due_dates(caller, loan)[0]
    _holiday(lender, day)
    other = Person(phone="9822020202", pan="ABCPE5678F", account="50100123450000")
    _, second = lender.lend(other)
    terms = lender.loan(second.id).terms
    assert terms is not None
    assert day in terms.non_repayment_dates


def _changes(lender: Lender, loan: Any) -> int:
    with lender.services.begin(lender.brand_id) as uow:
        return sum(isinstance(fact, TermsChanged) for fact in uow.books.facts(loan.id))


def test_a_changed_rate_needs_a_second_person_and_holds_from_the_next_day(lender: Lender) -> None:
    admin, director = lender.staff["admin"], lender.staff["director"]
    product = _product(lender)
    asked = _priced(lender, product, Decimal(30))
    assert isinstance(asked, Approval)
    assert asked.payload["changes"]["price"][1]["rate_pct"] == "30"

    with pytest.raises(Forbidden) as caught:
        lender.services.approvals.approve(admin, asked.id)
    assert caught.value.code == "G-4EYES"
    with pytest.raises(Forbidden):
        lender.services.approvals.approve(lender.staff["checker"], asked.id)
    assert _product(lender) == product

    lender.services.approvals.approve(director, asked.id)
    lender.services.record_approvals.take_effect(lender.brand_id)
    assert _product(lender) == product

    lender.memory.clock.advance(timedelta(days=1))
    assert lender.services.record_approvals.take_effect(lender.brand_id) == 1
    assert lender.services.record_approvals.take_effect(lender.brand_id) == 0
    changed = _product(lender)
    assert changed.value.price.rate_pct == 30
    assert (changed.version, changed.updated_by) == (product.version + 1, admin.staff_id)


def test_a_change_that_costs_nobody_anything_is_made_at_once(lender: Lender) -> None:
    product = _product(lender)
    done = lender.services.records.change(
        lender.staff["admin"],
        PRODUCTS,
        product.id,
        lambda kept: attrs.evolve(kept, name="Festival loan"),
        version=product.version,
    )
    assert isinstance(done, Record)
    assert _product(lender).value.name == "Festival loan"


def test_what_was_agreed_to_lapses_if_the_rule_was_changed_meanwhile(lender: Lender) -> None:
    asked = _priced(lender, _product(lender), Decimal(30))
    assert isinstance(asked, Approval)
    lender.services.approvals.approve(lender.staff["director"], asked.id)
    test_a_change_that_costs_nobody_anything_is_made_at_once(lender)
    kept = _product(lender)
    lender.memory.clock.advance(timedelta(days=1))
    lender.services.record_approvals.take_effect(lender.brand_id)
    assert _product(lender) == kept
    with lender.services.begin(lender.brand_id) as uow:
        actions = [event.action for event in uow.trail.unsealed(limit=1000)]
    assert actions.count("settings.lapsed") == 1


def test_one_change_of_a_rule_is_asked_at_a_time_and_a_refusal_makes_room(lender: Lender) -> None:
    product = _product(lender)
    asked = _priced(lender, product, Decimal(30))
    assert isinstance(asked, Approval)
    with pytest.raises(Conflict) as caught:
        _priced(lender, product, Decimal(31))
    assert caught.value.code == "CHANGE_PENDING"
    lender.services.approvals.reject(lender.staff["director"], asked.id, remark="too dear")
    assert isinstance(_priced(lender, product, Decimal(31)), Approval)
    assert _product(lender) == product


def test_a_new_primary_account_takes_the_place_of_the_old_one(lender: Lender) -> None:
    for number in ("004501234567", "004501234568"):
        account = OwnAccount(
            purpose=Purpose.DISBURSAL,
            number=AccountNumber.parse(number),
            ifsc=Ifsc.parse("HDFC0000123"),
            beneficiary_name="Bharat Finance",
            is_primary=True,
        )
        asked = lender.services.records.add(lender.staff["admin"], OWN_ACCOUNTS, account)
        assert isinstance(asked, Approval)
        shown = {name: value for name, value in asked.payload.items() if name != HELD}
        assert number not in repr(shown)
        lender.services.approvals.approve(lender.staff["director"], asked.id)
        lender.memory.clock.advance(timedelta(days=1))
        lender.services.record_approvals.take_effect(lender.brand_id)
    admin = lender.staff["admin"]
    page = lender.services.records.page(admin, OWN_ACCOUNTS, page=1, limit=10)
    kept = [(record.value.number.last4, record.value.is_primary) for record in page.records]
    assert kept == [("4567", False), ("4568", True)]


def test_a_coupon_lowers_the_fee_before_gst_and_is_used_up_by_the_acceptance(
    lender: Lender,
) -> None:
    _coupon(lender, max_uses=1)
    caller, loan = _approved(lender, coupon="DIWALI26")
    [offer, *_] = [offer for offer, _ in lender.services.offering.offers(caller, loan.id)]
    fee = offer.terms.fee
    assert (fee.gross, fee.discount) == (750_00, 375_00)
    assert fee.gst.total == 375_00 * 18 // 100
    assert _used(lender) == 0
    lender.accept(caller, loan)
    assert _used(lender) == 1


@pytest.mark.parametrize("ends", ["cancelled", "expired"])
def test_a_use_comes_back_if_the_loan_ends_before_the_money_goes(lender: Lender, ends: str) -> None:
    _coupon(lender, max_uses=1)
    caller, loan = _approved(lender, coupon="DIWALI26")
    [offer, *_] = [offer for offer, _ in lender.services.offering.offers(caller, loan.id)]
    lender.services.offering.acknowledge(caller, loan.id, offer.id)
    lender.services.offering.accept(caller, loan.id, offer.id)
    assert _used(lender) == 1
    if ends == "cancelled":
        lender.services.applications.cancel(caller, loan.id, reasons=["NOT_NEEDED"])
    else:
        lender.go_to(lender.memory.clock.business_date() + timedelta(days=60))
        lender.services.casework.run_out(lender.brand_id)
        assert lender.loan(loan.id).status is Status.EXPIRED
    assert _used(lender) == 0


def test_a_coupon_that_is_not_known_or_used_up_is_told_when_applying(lender: Lender) -> None:
    _coupon(lender, max_uses=1)
    caller, loan = _approved(lender, coupon="DIWALI26")
    lender.accept(caller, loan)
    other = Person(phone="9822020202", pan="ABCPE5678F", account="50100123450000")
    second = lender.register(other)
    lender.onboard(second, other)
    with pytest.raises(Conflict) as caught:
        _apply(lender, second, "DIWALI26")
    assert caught.value.code == "COUPON_USED_UP"
    with pytest.raises(Invalid) as unknown:
        _apply(lender, second, "HOLI27")
    assert unknown.value.fields == (("couponCode", "is not known"),)


def test_a_coupon_is_not_cut_below_what_was_taken_of_it(lender: Lender) -> None:
    record = _coupon(lender, max_uses=2)
    caller, loan = _approved(lender, coupon="DIWALI26")
    lender.accept(caller, loan)

    def change(**new: Any) -> Any:
        return lender.services.records.change(
            lender.staff["admin"],
            COUPONS,
            record.id,
            lambda kept: attrs.evolve(kept, **new),
            version=1,
        )

    with pytest.raises(Invalid):
        change(max_uses=0)
    with pytest.raises(Invalid):
        change(code="HOLI27")
    assert change(max_uses=1).version == 2


def _coupon(lender: Lender, **more: Any) -> Record[Coupon]:
    coupon = Coupon(
        code="DIWALI26",
        discount=Discount(pct=Decimal(50)),
        valid_from=date(2026, 11, 1),
        valid_to=date(2027, 3, 31),
        **more,
    )
    return _added(lender, COUPONS, coupon)


def _used(lender: Lender) -> int:
    with lender.services.begin(lender.brand_id) as uow:
        return uow.coupons.used("DIWALI26")


def _apply(lender: Lender, caller: CustomerCaller, coupon: str) -> Loan:
    return lender.services.applications.apply(
        caller, product="SALARY_EMI", amount=AMOUNT, tenure=TENURE, coupon=coupon
    )


def _approved(lender: Lender, *, coupon: str) -> tuple[CustomerCaller, Loan]:
    caller = lender.register()
    lender.onboard(caller)
    loan = _apply(lender, caller, coupon)
    lender.services.applications.submit(caller, loan.id)
    lender.memory.run_jobs()
    lender.sanction(loan)
    return caller, loan


def _product(lender: Lender) -> Record[LoanProduct]:
    admin = lender.staff["admin"]
    [record] = lender.services.records.page(admin, PRODUCTS, page=1, limit=10).records
    return record


def _priced(
    lender: Lender, product: Record[LoanProduct], rate: Decimal
) -> Record[LoanProduct] | Approval:
    return lender.services.records.change(
        lender.staff["admin"],
        PRODUCTS,
        product.id,
        lambda kept: attrs.evolve(kept, price=attrs.evolve(kept.price, rate_pct=rate)),
        version=product.version,
    )
