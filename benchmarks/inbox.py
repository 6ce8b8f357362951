"""Payments that gateways report, posted many as one, against one by one.

Both post the same payments, of loans of their own, from kept and signed messages, two for each
payment: claim, post, settle, finish. By turns on the same database; after every round each payment
has one receipt, and the ledger is what the facts say (`los selfcheck`). Printed: the median of the
rounds' ratios, and their range. Limit: 3 times one by one on SQLite, 5 times on PostgreSQL.

    python benchmarks/inbox.py [--rounds 3] [--payments 400] [--postgresql]

For PostgreSQL: LOS_TEST_PG_URL, in which a database is made and dropped.
"""

import argparse
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
from pydantic import SecretStr
from sqlalchemy import create_engine, make_url, text

from los_adapters.config import DatabaseSettings, KeySettings, Settings, StorageSettings
from los_adapters.container import assemble
from los_adapters.entropy import SystemEntropy
from los_adapters.jobs import attempts
from los_adapters.sandbox import razorpay, vendors
from los_core.domain.brand import Settings as BrandSettings
from los_core.domain.facts import Disbursed
from los_core.domain.ids import BrandId, LoanId
from los_core.domain.ledger import projection, totals
from los_core.domain.lifecycle import Status
from los_core.domain.work import Job
from los_core.ports.work import ProviderRow, Which
from los_core.services import Services
from los_core.services.jobs import APPLY_WEBHOOK
from los_core.testing import records

DEFAULT_PG_URL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
ON_SQLITE, ON_POSTGRESQL = 3, 5
MOST = 256
OF_A_LOAN = 8
"""Payments of a loan in a round."""
AMOUNT = 2_000_00
KINDS = ("payment.captured", "order.paid")


def main() -> int:
    """Measure, print, and return 1 if the limit is missed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--payments", type=int, default=400)
    arguments.add_argument("--postgresql", action="store_true")
    options = arguments.parse_args()
    limit = ON_POSTGRESQL if options.postgresql else ON_SQLITE
    ratios = []
    with _database(postgresql=options.postgresql) as url, _stand(url) as stand:
        for _ in range(options.rounds):
            together = stand.measured(options.payments, most=MOST)
            alone = stand.measured(options.payments // 4, most=1)
            ratios.append(together / alone)
            print(f"together {together:6,.0f}/s   one by one {alone:6,.0f}/s")
    spread = f"{min(ratios):.1f}..{max(ratios):.1f}"
    print(f"together to one by one: {statistics.median(ratios):.1f} ({spread}), limit {limit}")
    return 0 if statistics.median(ratios) >= limit else 1


@attrs.define
class _Stand:
    """A lender with a gateway, and loans made for each turn."""

    services: Services
    brand_id: BrandId
    told: int = 0

    def measured(self, payments: int, *, most: int) -> float:
        """Return how many payments a second are posted, `most` messages as one."""
        loans = self._lend(payments // OF_A_LOAN)
        self._report(loans, payments)
        begun = time.perf_counter()
        while jobs := self._claimed(most):
            done = attempts.run_together(
                jobs,
                self.services.together()[APPLY_WEBHOOK],
                platform=self.services.platform,
                clock=self.services.clock,
                jitter=lambda: 1.0,
            )
            assert not any(attempt.error or attempt.lost for attempt in done)
        seconds = time.perf_counter() - begun
        assert sum(map(self._checked, loans)) == payments, "not every payment has one receipt"
        return payments / seconds

    def _checked(self, loan_id: LoanId) -> int:
        """Return how many receipts a loan has, whose ledger is what its facts say."""
        with self.services.begin(self.brand_id) as uow:
            loan, facts = uow.loans.get(loan_id), uow.books.facts(loan_id)
            entries = [entry for each in uow.books.postings(loan_id) for entry in each.entries]
            receipts = uow.receipts.of_loan(loan_id)
        assert loan is not None
        assert loan.terms is not None
        assert loan.position is not None
        said = projection(loan.terms, facts, until=loan.position.as_of)
        assert totals(entries) == said, "the ledger is not what the facts say"
        return len(receipts)

    def _claimed(self, most: int) -> list[Job]:
        return self.services.platform.claim_jobs(
            limit=most,
            now=self.services.clock.now(),
            lease_s=attempts.LEASE_S,
            worker="benchmark",
            which=Which(kinds=[APPLY_WEBHOOK]),
        )

    def _lend(self, count: int) -> list[LoanId]:
        """Put loans on file whose money is out."""
        uuid, found = SystemEntropy().uuid, []
        with self.services.begin(self.brand_id) as uow:
            for _ in range(count):
                customer = records.customer(self.brand_id, uuid())
                customer.person = f"person:{customer.id}"
                uow.customers.add(customer, phone_index=f"phone:{customer.id}")
                loan, first = records.begun(records.loan(self.brand_id, customer.id, uuid()))
                records.grown(loan)
                loan.status, loan.position = Status.DISBURSED, None
                uow.loans.add(loan, attrs.evolve(first, target=loan.status))
                assert loan.terms is not None
                credited = Disbursed(
                    fact_id=uuid(),
                    value_date=records.ON,
                    source="benchmark",
                    reference="credit",
                    amount=loan.terms.principal,
                )
                book = self.services.repayments.books.record
                _, moves = book(uow, loan, [credited], records.by())
                uow.loans.save(loan, *moves)
                found.append(loan.id)
        return found

    def _report(self, loans: Sequence[LoanId], payments: int) -> None:
        """Take in what the gateway tells of payments, twice of each."""
        address = self.services.webhooks.address(self.brand_id, "razorpay")
        for n in range(payments):
            self.told += 1
            name = f"{self.told:014d}"
            order = attrs.evolve(
                records.order(self.brand_id, loans[n % len(loans)], name),
                amount=AMOUNT,
                provider_account=razorpay.SANDBOX_ACCOUNT,
            )
            with self.services.begin(self.brand_id) as uow:
                uow.receipts.add_order(order)
            at = datetime.combine(records.ON, datetime.min.time(), UTC) + timedelta(days=1 + n % 90)
            for kind in KINDS:
                body = _body(kind, name, order.order_id, at)
                headers = {
                    "x-razorpay-signature": razorpay.signature(body),
                    "x-razorpay-event-id": f"{name}{kind}",
                }
                token = address.rpartition("/")[2]
                self.services.webhooks.receive("razorpay", token, headers, body)


def _body(kind: str, name: str, order_id: str, at: datetime) -> bytes:
    payment = {
        "id": f"pay_{name}",
        "entity": "payment",
        "amount": AMOUNT,
        "currency": "INR",
        "status": "captured",
        "order_id": order_id,
        "method": "upi",
        "captured": True,
        "notes": [],
        "error_code": None,
        "acquirer_data": {"rrn": name},
        "created_at": int(at.timestamp()),
    }
    told = {
        "entity": "event",
        "account_id": razorpay.SANDBOX_ACCOUNT,
        "event": kind,
        "contains": ["payment"],
        "payload": {"payment": {"entity": payment}},
        "created_at": int(at.timestamp()),
    }
    return json.dumps(told).encode()


@contextmanager
def _stand(url: str) -> Iterator[_Stand]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        installation = assemble(
            Settings(
                db=DatabaseSettings(url=SecretStr(url.format(folder=folder))),
                storage=StorageSettings(folder=place / "files"),
                keys=KeySettings(file=place / "keys.json"),
            ),
            create_schema=True,
        )
        services = installation.services
        brand = records.brand("ours")
        services.brands.create(brand, BrandSettings())
        settings = vendors.settings("razorpay", "http://127.0.0.1/razorpay")
        services.brands.connect(
            ProviderRow(
                brand_id=brand.id,
                port="payment",
                name="razorpay",
                settings=settings,
                is_primary=True,
            )
        )
        yield _Stand(services, brand.id)
        installation.close()


@contextmanager
def _database(*, postgresql: bool) -> Iterator[str]:
    """Yield the address of an empty database; {folder} in it is the run's own."""
    if not postgresql:
        yield "sqlite:///{folder}/los.db"
        return
    base = make_url(os.environ.get("LOS_TEST_PG_URL", DEFAULT_PG_URL))
    name = f"los_bench_{secrets.token_hex(4)}"
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield base.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


if __name__ == "__main__":
    sys.exit(main())
