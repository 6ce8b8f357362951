"""Batches of payments that overlap, on databases: each payment is posted once, nobody gives up."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from tests.contract.http.filling import hire
from tests.contract.http.installation import Installation, opened
from tests.contract.http.lending import lend

from los_adapters.jobs import attempts
from los_adapters.store.columns import metadata
from los_adapters.store.engine import reading
from los_core.domain.access import Role
from los_core.domain.ids import LoanId
from los_core.domain.lifecycle import Status
from los_core.domain.servicing import CollectionOrder, PaymentPurpose
from los_core.domain.work import Job
from los_core.ports.payment import PaymentRequest
from los_core.ports.work import Which
from los_core.services.jobs import APPLY_WEBHOOK
from los_core.testing.store import together

LENT_AT: Final = datetime(2026, 11, 25, 12, 0, tzinfo=ZoneInfo("Asia/Kolkata"))
LOANS, ORDERS, WORKERS = 3, 24, 4


def test_batches_that_overlap_post_each_payment_once(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    url = f"sqlite:///{tmp_path / 'los.db'}"
    if database == "postgresql":
        url = request.getfixturevalue("make_pg_url")()
    with opened(url) as made:
        loans = _lent(made)
        jobs = _reported(made, loans)

        def work(number: int) -> None:
            """Post what all have in hand, as workers whose leases ran out would."""
            mine = random.Random(number).sample(jobs, len(jobs))  # noqa: S311 # no secret
            for start in range(0, len(mine), 9):
                attempts.run_together(
                    mine[start : start + 9],
                    made.services.together()[APPLY_WEBHOOK],
                    platform=made.store.platform,
                    clock=made.clock,
                    jitter=lambda: 0.0,
                )

        together(work, racers=WORKERS)
        while left := _claimed(made):
            attempts.run_together(
                left,
                made.services.together()[APPLY_WEBHOOK],
                platform=made.store.platform,
                clock=made.clock,
                jitter=lambda: 0.0,
            )
            made.clock.advance(timedelta(seconds=5))

        with made.services.begin(made.ours.id) as uow:
            receipts = [receipt for loan_id in loans for receipt in uow.receipts.of_loan(loan_id)]
        numbers = sorted(int(receipt.receipt_no[3:]) for receipt in receipts)
        assert Counter(receipt.reference for receipt in receipts) == {
            f"pay_{n + 1}": 1 for n in range(ORDERS)
        }
        assert numbers == list(range(1, ORDERS + 1))
        assert _banked(made, loans) == sum(range(ORDERS)) * 100 + ORDERS * 200_00
        assert made.services.selfcheck.run().differences == ()
        assert made.store.platform.dead_letters() == []


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def _lent(made: Installation) -> list[LoanId]:
    made.clock.move_to(LENT_AT)
    for role in Role:
        hire(made, made.ours, role)
    found = [lend(made, made.ours, Status.DISBURSED).loan_id for _ in range(LOANS)]
    made.run_jobs(minutes=5)
    made.clock.move_to(LENT_AT + timedelta(days=50))
    return [loan_id for loan_id in found if loan_id is not None]


def _reported(made: Installation, loans: Sequence[LoanId]) -> list[Job]:
    """Return the claimed jobs of messages about orders that were paid, two of each."""
    payments, webhooks = made.fakes.payments, made.services.webhooks
    token = webhooks.address(made.ours.id, "memory").rpartition("/")[2]
    for n in range(ORDERS):
        amount = 200_00 + n * 100
        wanted = PaymentRequest(reference=f"REF{n}", amount=amount, description="")
        order_id = payments.create_order(wanted).order_id
        with made.services.begin(made.ours.id) as uow:
            uow.receipts.add_order(
                CollectionOrder(
                    reference=f"REF{n}",
                    brand_id=made.ours.id,
                    loan_id=loans[n % LOANS],
                    purpose=PaymentPurpose.INSTALMENT,
                    amount=amount,
                    provider="memory",
                    provider_account="memory-account",
                    order_id=order_id,
                    created_at=LENT_AT,
                )
            )
        headers, body = payments.pay(order_id, at=LENT_AT + timedelta(days=1 + n))
        webhooks.receive("memory", token, headers, body)
    return _claimed(made)


def _claimed(made: Installation) -> list[Job]:
    return made.store.platform.claim_jobs(
        limit=999,
        now=made.clock.now(),
        lease_s=60,
        worker="w",
        which=Which(kinds=[APPLY_WEBHOOK]),
    )


def _banked(made: Installation, loans: Sequence[LoanId]) -> int:
    entry = metadata.tables["ledger_entry"].c
    query = select(func.sum(entry.amount)).where(
        entry.account == "BANK", entry.amount > 0, entry.loan_id.in_(loans)
    )
    with reading(made.engine).connect() as connection:
        return int(connection.execute(query).scalar_one())
