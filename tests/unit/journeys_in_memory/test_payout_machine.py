"""Payouts under any order of events: what the machine allows, and what must hold meanwhile."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from los_adapters.clock import FixedClock
from los_adapters.container import InMemory, in_memory
from los_adapters.payout.memory import Behaviour
from los_adapters.script import Script
from los_core.domain.access import Role
from los_core.domain.agreement import AgreementStatus
from los_core.domain.approval import Approval
from los_core.domain.brand import Settings
from los_core.domain.errors import Conflict, GuardFailed
from los_core.domain.facts import Disbursed, effective
from los_core.domain.ids import BrandId, LoanId
from los_core.domain.kyc import Email
from los_core.domain.lifecycle import Status
from los_core.domain.loan import Loan
from los_core.domain.payout import NEXT, Payout, PayoutStage, Ruling, Why
from los_core.domain.terms import terms_hash
from los_core.ports.errors import ProviderError, Rejected, Unavailable, Unknown
from los_core.ports.payout import PayoutOrder, PayoutState
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_core.testing import records

INDIA: Final = ZoneInfo("Asia/Kolkata")
MACHINE: Final = """
PREPARED  → INTENT FAILED
INTENT    → SENDING FAILED
SENDING   → INTENT UNKNOWN PENDING MANUAL SUCCESS FAILED
UNKNOWN   → PENDING MANUAL SUCCESS FAILED
PENDING   → MANUAL SUCCESS FAILED
MANUAL    → SUCCESS FAILED
SUCCESS   → RETURNED
FAILED    →
RETURNED  →
"""
"""Reliability design §6, with what comes before INTENT; INQUIRING is UNKNOWN and PENDING."""
STATUS: Final = {
    PayoutStage.PREPARED: {Status.DISBURSEMENT_PENDING},
    PayoutStage.SUCCESS: {Status.DISBURSED},
    PayoutStage.FAILED: {Status.DISBURSEMENT_FAILED, Status.AGREEMENT_SIGNED},
    PayoutStage.RETURNED: {Status.DISBURSEMENT_FAILED},
}
"""Of the loan, by its last attempt; any other stage belongs to DISBURSEMENT_INITIATED."""
TROUBLES: Final = (
    ("send", Unknown("no answer"), True),
    ("send", Unknown("no answer"), False),
    ("send", Unavailable("down"), False),
    ("send", Rejected("no", code="NO"), False),
    ("inquire", Unavailable("down"), False),
)


class Died(ProviderError):
    """Stands for the end of a process: no service knows it, so none acts on it."""


def test_the_machine_is_the_designs() -> None:
    lines = [line.partition("→") for line in MACHINE.strip().splitlines()]
    table = {line[0].strip(): frozenset(line[2].split()) for line in lines}
    assert {stage.value: frozenset(to) for stage, to in NEXT.items()} == table


class Payouts(RuleBasedStateMachine):
    """One loan, two people and a bank."""

    memory: InMemory
    brand_id: BrandId
    loan_id: LoanId
    ruling: Approval | None = None
    hidden: tuple[datetime, PayoutOrder] | None = None

    @initialize()
    def found(self) -> None:
        self.memory = in_memory(clock=FixedClock(records.AT))
        brand = records.brand("machine")
        self.brand_id = brand.id
        self.services.platform.add_brand(brand, Settings())
        self.maker, self.checker = (self._hire(r) for r in (Role.DISBURSEMENT, Role.ACCOUNTS))
        self.seen: dict[object, PayoutStage] = {}
        self._sign()

    @property
    def services(self) -> Services:
        return self.memory.services

    @precondition(lambda self: self._may_order())
    @rule(approve=st.sampled_from([True, True, True, False]))
    def order(self, *, approve: bool) -> None:
        barred = any(payout.why == Why.PAID_AFTER_FAILURE for payout in self.payouts())
        refused, asked = "", None
        try:
            asked = self.services.disbursals.prepare(
                self.maker, self.loan_id, version=self.loan().version
            )
        except GuardFailed as refusal:
            refused = refusal.code
        # Penny drop, decision and terms grow old while the weeks of a play go by.
        old = {"", "G-PENNY", "G-BREFRESH", "G-KFS"}
        assert refused in ({"G-IDEMP"} if barred else old)
        if asked is not None and approve:
            self.services.approvals.approve(self.checker, asked.id)
        elif asked is not None:
            self.services.approvals.reject(self.checker, asked.id, remark="not today")

    @precondition(lambda self: self._may_order())
    @rule(after=st.booleans(), unknown_yet=st.booleans())
    def order_into_silence(self, *, after: bool, unknown_yet: bool) -> None:
        self.memory.payout.script.fail(Unknown("no answer"), operation="send", after=after)
        self.order(approve=True)
        self.memory.run_jobs()
        if unknown_yet and self.hidden is None:
            self.bank_does_not_know_the_order_yet()

    @precondition(lambda self: self._may_order())
    @rule()
    def order_that_lingers_until_people_give_up(self) -> None:
        self.memory.payout.behave(records.ACCOUNT, Behaviour.LINGERS)
        self.order(approve=True)
        for _ in range(10):
            self.time_passes(60 * 6)
        if self.payouts() and self.payouts()[-1].stage is PayoutStage.MANUAL:
            self.people_give_up()

    @rule(trouble=st.sampled_from(TROUBLES), times=st.sampled_from([1, 1, 3]))
    def plan_trouble(self, trouble: tuple[str, ProviderError, bool], times: int) -> None:
        operation, error, after = trouble
        self.memory.payout.script.fail(error, operation=operation, after=after, times=times)

    @rule(behaviour=st.sampled_from([b for b in Behaviour if b is not Behaviour.REFUSED]))
    def bank_behaves(self, behaviour: Behaviour) -> None:
        self.memory.payout.behave(records.ACCOUNT, behaviour)

    @rule(after=st.booleans())
    def die_while_sending(self, *, after: bool) -> None:
        self.memory.payout.script.fail(Died("killed"), operation="send", after=after)

    @rule()
    def work(self) -> None:
        self.memory.run_jobs()

    @precondition(lambda self: self.hidden is None and self.payouts())
    @rule()
    def bank_does_not_know_the_order_yet(self) -> None:
        last = self.payouts()[-1]
        if last.stage is PayoutStage.UNKNOWN and last.reference in self.memory.payout.transfers:
            order = self.memory.payout.transfers.pop(last.reference)
            self.hidden = (last.sent_at or self.memory.clock.now(), order)

    @precondition(lambda self: self.hidden is not None)
    @rule()
    def bank_finds_the_order(self) -> None:
        assert self.hidden is not None
        _, order = self.hidden
        self.memory.payout.transfers[order.reference] = order
        self.hidden = None

    @rule(minutes=st.sampled_from([1, 70, 60 * 26, 60 * 50]))
    def time_passes(self, minutes: int) -> None:
        until = self.memory.clock.now() + timedelta(minutes=minutes)
        self._within_the_window(until)
        while self._next_morning() <= until:
            self._night()
        self.memory.clock.move_to(until)
        self.memory.run_jobs()

    @rule()
    def night_passes(self) -> None:
        self._within_the_window(self.memory.clock.now() + timedelta(days=1))
        self._night()

    @precondition(lambda self: self._credited_lately())
    @rule()
    def credit_comes_back(self) -> None:
        self.memory.payout.give_back(self.payouts()[-1].reference)

    @precondition(lambda self: self.payouts() and self.payouts()[-1].stage is PayoutStage.MANUAL)
    @rule()
    def people_give_up(self) -> None:
        self.ask_for_ruling(Ruling.FAILED)
        self.decide_ruling()

    @precondition(lambda self: self.payouts())
    @rule(ruling=st.sampled_from(Ruling))
    def ask_for_ruling(self, ruling: Ruling) -> None:
        payout = self.payouts()[-1]
        if ruling is Ruling.RETURNED and payout.reference in self.kept():
            return  # two people's word against the bank's is theirs to answer for
        paid, refused = ruling is Ruling.PAID, ""
        try:
            self.ruling = self.services.rulings.ask(
                self.maker,
                self.loan_id,
                payout.id,
                ruling=ruling,
                remark="seen on the statement",
                utr=f"UTR{payout.reference}" if paid else "",
                credited_on=payout.sent_on if paid and payout.sent_at else None,
            )
        except Conflict as refusal:
            refused = refusal.code
        assert refused in {"", "PAYOUT_STAGE"}

    @precondition(lambda self: self.ruling is not None)
    @rule()
    def decide_ruling(self) -> None:
        assert self.ruling is not None
        refused = ""
        try:
            self.services.approvals.approve(self.checker, self.ruling.id)
        except Conflict as refusal:
            refused = refusal.code
        assert refused in {"", "PAYOUT_STAGE", "APPROVAL_EXPIRED"}
        self.ruling = None

    @invariant()
    def one_attempt_is_live(self) -> None:
        assert sum(payout.live for payout in self.payouts()) <= 1

    @invariant()
    def money_left_the_bank_once(self) -> None:
        assert len(self.kept()) <= 1

    @invariant()
    def stages_moved_along_the_table(self) -> None:
        for payout in self.payouts():
            before = self.seen.get(payout.id, PayoutStage.PREPARED)
            assert payout.stage in _reachable(before)
            self.seen[payout.id] = payout.stage

    @invariant()
    def the_loan_stands_where_its_last_attempt_does(self) -> None:
        payouts = self.payouts()
        if payouts:
            stage, status = payouts[-1].stage, self.loan().status
            assert status in STATUS.get(stage, {Status.DISBURSEMENT_INITIATED})

    @invariant()
    def the_books_say_the_same(self) -> None:
        if not self.payouts():
            return
        with self.services.begin(self.brand_id) as uow:
            facts = effective(uow.books.facts(self.loan_id))
        disbursed = {f.reference for f in facts if isinstance(f, Disbursed)}
        paid = {p.reference for p in self.payouts() if p.stage is PayoutStage.SUCCESS}
        assert disbursed == paid
        assert self.services.selfcheck.run().differences == ()

    @invariant()
    def what_waits_says_when_it_goes_on(self) -> None:
        for payout in self.payouts():
            if payout.stage in (PayoutStage.UNKNOWN, PayoutStage.PENDING):
                assert payout.next_at is not None
                assert payout.why

    def teardown(self) -> None:
        """Let a week pass: nothing stays undecided but what people have to decide."""
        if not hasattr(self, "memory"):
            return
        if self.hidden is not None:
            self.bank_finds_the_order()
        self.memory.payout.script = Script()
        for _ in range(8):
            for _ in range(4):
                self.time_passes(60 * 6)
            self.night_passes()
        ended = {PayoutStage.PREPARED, PayoutStage.MANUAL, PayoutStage.SUCCESS}
        ended |= {PayoutStage.FAILED, PayoutStage.RETURNED}
        assert {payout.stage for payout in self.payouts()} <= ended
        assert len(self.kept()) <= 1
        for payout in self.payouts():
            back = self.memory.payout.state_of(payout.reference) is PayoutState.FAILED
            assert not (payout.stage is PayoutStage.SUCCESS and back)

    def loan(self) -> Loan:
        with self.services.begin(self.brand_id) as uow:
            found = uow.loans.get(self.loan_id)
        assert found is not None
        return found

    def payouts(self) -> list[Payout]:
        with self.services.begin(self.brand_id) as uow:
            return list(uow.payouts.of_loan(self.loan_id))

    def kept(self) -> list[str]:
        """Return the transfers that the bank has carried out, or may yet."""
        bank = self.memory.payout
        known = [*bank.transfers, *([self.hidden[1].reference] if self.hidden else [])]
        return [name for name in known if bank.state_of(name) is not PayoutState.FAILED]

    def _next_morning(self) -> datetime:
        morning = self.memory.clock.business_date() + timedelta(days=1)
        return datetime(morning.year, morning.month, morning.day, 4, 30, tzinfo=INDIA)

    def _night(self) -> None:
        """Do what runs by the clock in the small hours: no night is left out (reliability §21)."""
        over = self.memory.clock.business_date()
        self.memory.clock.move_to(self._next_morning())
        self.services.transfers.watch(self.brand_id, over)
        self.services.transfers.rescue(self.brand_id)
        self.memory.run_jobs()

    def _credited_lately(self) -> bool:
        payouts, now = self.payouts(), self.memory.clock.now()
        return bool(
            payouts
            and payouts[-1].stage is PayoutStage.SUCCESS
            and payouts[-1].why == Why.PAID
            and payouts[-1].settled_at is not None
            and now - payouts[-1].settled_at < timedelta(days=4)
        )

    def _may_order(self) -> bool:
        waits = self.loan().status in (Status.AGREEMENT_SIGNED, Status.DISBURSEMENT_FAILED)
        return waits and len(self.payouts()) < 8

    def _within_the_window(self, until: datetime) -> None:
        """Have the bank keep its promise: it knows an order within a day."""
        if self.hidden is not None and until - self.hidden[0] > timedelta(hours=23):
            self.bank_finds_the_order()

    def _hire(self, role: Role) -> StaffCaller:
        hired = self.services.brands.hire(
            email=Email.parse(f"{role.lower()}@machine.example"),
            name=role.title(),
            password="Sahyadri-monsoon-2026",
            roles=frozenset({role}),
            brands=frozenset({self.brand_id}),
        )
        return StaffCaller.of(hired.staff, self.brand_id)

    def _sign(self) -> None:
        """Put a loan on file whose agreement is signed."""
        now, uuid = self.memory.clock.now(), self.memory.entropy.uuid
        customer = records.customer(self.brand_id, uuid())
        [account] = customer.accounts
        customer.accounts = (attrs.evolve(account, verified_at=now),)
        terms = records.terms()
        signed = {"terms": terms, "terms_hash": terms_hash(terms), "net_disbursal": terms.principal}
        loan, first = records.begun(records.loan(self.brand_id, customer.id, uuid(), **signed))
        loan.status, self.loan_id = Status.AGREEMENT_SIGNED, loan.id
        first = attrs.evolve(first, target=loan.status)
        offer = records.offer(self.brand_id, loan.id, uuid(), of=terms)
        statement = records.key_facts(offer, uuid())
        loan.offer_id = offer.id
        agreement = records.agreement(self.brand_id, loan.id, uuid())
        agreement.status, agreement.terms_hash = AgreementStatus.SIGNED, loan.terms_hash
        decision = attrs.evolve(records.decision(self.brand_id, loan.id, uuid()), at=now)
        with self.services.begin(self.brand_id) as uow:
            uow.customers.add(customer, phone_index="phone")
            uow.loans.add(loan, first)
            uow.offers.add(offer, statement)
            uow.offers.acknowledge(statement.id, now)
            uow.agreements.add(agreement)
            uow.assessments.add_decision(decision)


def _reachable(stage: PayoutStage) -> set[PayoutStage]:
    found, left = {stage}, [stage]
    while left:
        new = NEXT[left.pop()] - found
        found |= new
        left += new
    return found


TestPayouts = Payouts.TestCase
TestPayouts.settings = settings(stateful_step_count=25)
