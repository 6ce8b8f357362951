"""Payments that arrive by the hundred and are posted as one: the same books as one by one."""

import itertools
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.journeys_in_memory.conftest import ASHA, Lender, NewLender

from los_adapters.jobs import attempts
from los_core.domain.ledger import totals
from los_core.domain.loan import Loan
from los_core.domain.servicing import CollectionOrder, Receipt
from los_core.domain.work import Job
from los_core.ports.directory import PAYMENT
from los_core.ports.work import Which
from los_core.services.jobs import APPLY_WEBHOOK, later
from los_core.testing import records

RAVI = attrs.evolve(
    ASHA,
    phone="9822020202",
    pan="BCDPE2345G",
    aadhaar="345612345675",
    account="50100987654321",
    name="Ravi Deshpande",
)
AMOUNTS = (500_00, 1_200_00, 999_99, 4_000_00, 77_01, 10_500_00, 3_000_00, 2_49, 6_000_00)
Message = tuple[dict[str, str], bytes]


@attrs.define(kw_only=True)
class Scene:
    """Two borrowers who paid several orders each, some of them too much, and told of it twice."""

    lender: Lender
    loans: dict[str, Loan]
    messages: list[Message]

    def take(self, order: Sequence[int]) -> list[Job]:
        """Take messages in; return their jobs, claimed."""
        webhooks, clock = self.lender.services.webhooks, self.lender.memory.clock
        token = webhooks.address(self.lender.brand_id, "memory").rpartition("/")[2]
        for n in order:
            webhooks.receive("memory", token, *self.messages[n])
        return self.lender.services.platform.claim_jobs(
            limit=999,
            now=clock.now(),
            lease_s=60,
            worker="w",
            which=Which(kinds=[APPLY_WEBHOOK]),
        )

    def post(self, jobs: Sequence[Job]) -> list[attempts.Attempt]:
        """Run jobs as one."""
        services = self.lender.services
        return attempts.run_together(
            jobs,
            services.together()[APPLY_WEBHOOK],
            platform=services.platform,
            clock=services.clock,
            jitter=lambda: 1.0,
        )

    def books(self) -> dict[str, Any]:
        """Return what is on file of each borrower's money, whatever the order it came in."""
        found = {}
        for name, loan in self.loans.items():
            with self.lender.services.begin(self.lender.brand_id) as uow:
                now = uow.loans.get(loan.id)
                entries = [e for p in uow.books.postings(loan.id) for e in p.entries]
                receipts = uow.receipts.of_loan(loan.id)
            assert now is not None
            found[name] = (
                now.status,
                now.position,
                totals(entries),
                Counter((r.reference, r.amount, r.value_date, r.status) for r in receipts),
            )
        return found

    def told(self) -> Counter[str]:
        """Return how often a customer was told of each receipt."""
        self.lender.run_for(timedelta(seconds=10))
        return Counter(m.variables["receipt_no"] for m in self.lender.mail("PAYMENT_RECEIVED"))

    def events(self) -> Counter[str]:
        """Return what became of the messages."""
        with self.lender.services.begin(self.lender.brand_id) as uow:
            desk: Any = uow.desk
            kept = desk.shelves.events.of(self.lender.brand_id)
        return Counter(event.status.value for event in kept if event.port == PAYMENT.name)


def _scene(new_lender: NewLender) -> Scene:
    lender = new_lender()
    asha, loan = lender.lend()
    ravi, other = lender.lend(RAVI)
    first = max(lender.due_dates(asha, loan)[0], lender.due_dates(ravi, other)[0])
    lender.go_to(first + timedelta(days=40))
    owners = ((asha, loan), (ravi, other))
    orders = [lender.order(*owners[n % 2], amount) for n, amount in enumerate(AMOUNTS)]
    messages = [
        message
        for n, order in enumerate(orders)
        for message in _messages(lender, order, first + timedelta(days=3 * n))
    ]
    return Scene(lender=lender, loans={"asha": loan, "ravi": other}, messages=messages)


def _messages(lender: Lender, order: CollectionOrder, on: date) -> list[Message]:
    """Return what a gateway tells of an order that was paid on a day, and then tells again."""
    clock = lender.memory.clock
    at = clock.now() - timedelta(days=(clock.business_date() - on).days)
    headers, body = lender.memory.payment.pay(order.order_id, at=at)
    again = body.replace(b'"event": "payment.captured"', b'"event": "order.paid"')
    assert again != body
    return [(headers, body), (lender.sign(again), again)]


def test_payments_in_any_order_and_any_batches_give_the_same_books(new_lender: NewLender) -> None:
    alone = _scene(new_lender)
    for job in alone.take(range(len(alone.messages))):
        assert [attempt.error for attempt in alone.post([job])] == [None]
    books = alone.books()

    @settings(max_examples=8)
    @given(data=st.data())
    def gathered(data: st.DataObject) -> None:
        scene = _scene(new_lender)
        jobs = scene.take(data.draw(st.permutations(range(len(scene.messages)))))
        jobs = data.draw(st.permutations(jobs))
        cuts = sorted(data.draw(st.sets(st.integers(1, len(jobs) - 1), max_size=3)))
        for start, end in itertools.pairwise([0, *cuts, len(jobs)]):
            assert not any(attempt.error for attempt in scene.post(jobs[start:end]))
        assert scene.books() == books
        assert scene.events() == {"APPLIED": len(jobs)}
        scene.lender.no_paisa_differs()

    gathered()


def test_of_many_payments_each_customer_is_told_once(new_lender: NewLender) -> None:
    scene = _scene(new_lender)
    scene.post(scene.take(range(len(scene.messages))))
    told = scene.told()
    assert set(told.values()) == {1}
    assert len(told) == len(AMOUNTS)


def test_a_batch_that_two_workers_have_in_hand_posts_once(new_lender: NewLender) -> None:
    scene = _scene(new_lender)
    jobs = scene.take(range(len(scene.messages)))
    scene.lender.memory.clock.advance(timedelta(seconds=61))
    again = scene.take([])
    assert {job.id for job in again} == {job.id for job in jobs}
    late = scene.post(jobs)
    books = scene.books()
    assert all(attempt.lost for attempt in late)
    assert not any(attempt.lost or attempt.error for attempt in scene.post(again))
    assert scene.books() == books
    assert len(scene.told()) == len(AMOUNTS)
    scene.lender.no_paisa_differs()


def test_a_message_that_nobody_can_act_on_keeps_no_other_from_its_loan(
    new_lender: NewLender,
) -> None:
    scene, gone = _scene(new_lender), UUID(int=77)
    lender, clock = scene.lender, scene.lender.memory.clock
    event = attrs.evolve(
        records.event(lender.brand_id, gone), provider="gone", received_at=clock.now()
    )
    with lender.services.begin(lender.brand_id) as uow:
        uow.desk.add_event(event)
        payload = {"event_id": gone}
        later(uow, APPLY_WEBHOOK, "x", clock=clock, entropy=lender.memory.entropy, payload=payload)
    jobs = scene.take(range(len(scene.messages)))
    assert len(jobs) == len(scene.messages) + 1

    failed = [attempt for attempt in scene.post(jobs) if attempt.error]
    assert [attempt.job.payload["event_id"] for attempt in failed] == [str(gone)]
    assert scene.events() == {"APPLIED": len(scene.messages), "RECEIVED": 1}
    while failed[0].again_in is not None:
        clock.advance(timedelta(hours=1))
        failed = scene.post(scene.take([]))
    [dead] = lender.services.platform.dead_letters()
    assert dead.payload["event_id"] == str(gone)
    assert lender.services.selfcheck.run().differences == ()


def test_of_two_payments_by_one_bank_reference_the_second_is_parked(new_lender: NewLender) -> None:
    scene = _scene(new_lender)
    utr = b'"utr": "000000000001"'
    bodies = [body.replace(b'"utr": "000000000005"', utr) for _, body in scene.messages[::2]]
    assert sum(utr in body for body in bodies) == 2
    scene.messages[:] = [(scene.lender.sign(body), body) for body in bodies]
    assert not any(attempt.error for attempt in scene.post(scene.take(range(len(AMOUNTS)))))
    assert scene.events() == {"APPLIED": len(AMOUNTS) - 1, "PARKED": 1}
    with scene.lender.services.begin(scene.lender.brand_id) as uow:
        [parked] = uow.desk.parked()
        receipts = uow.receipts.of_loan(scene.loans["asha"].id)
    assert parked.reason == "its bank reference is on file under another payment"
    assert len({receipt.utr for receipt in receipts}) == len(receipts) == 4
    numbers = sorted(
        int(receipt.receipt_no[3:])
        for loan in scene.loans.values()
        for receipt in _receipts(scene, loan)
    )
    assert numbers == list(range(1, len(AMOUNTS)))
    scene.lender.no_paisa_differs()


def _receipts(scene: Scene, loan: Loan) -> Sequence[Receipt]:
    with scene.lender.services.begin(scene.lender.brand_id) as uow:
        return uow.receipts.of_loan(loan.id)
