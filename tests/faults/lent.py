"""A lender with loans that run, and orders its borrowers were asked to pay, seeded in seconds.

The loans are lent by the services' own commands in this process, with fakes for vendors; then the
brand is connected to the sandbox, where the fleet's processes find it.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import attrs
from tests.contract.http.filling import hire
from tests.contract.http.installation import Installation, opened
from tests.contract.http.lending import lend
from tests.faults.driver import SANDBOX, Site

from los_adapters.clock import FileClock
from los_adapters.keys import Keys, embedded_keys
from los_adapters.sandbox import mail, razorpay, vendors
from los_core.domain.access import Role
from los_core.domain.ids import LoanId
from los_core.domain.lifecycle import Status
from los_core.domain.servicing import CollectionOrder, PaymentPurpose
from los_core.ports.work import ProviderRow

LENT_AT: Final = datetime(2026, 11, 25, 12, 0, tzinfo=ZoneInfo("Asia/Kolkata"))
DAYS: Final = 50
"""How long the loans ran when the fleet starts: a due date or two have passed."""
SMALLEST: Final = 200_00
LARGEST: Final = 3_000_00


@attrs.frozen(kw_only=True)
class Order:
    """What a borrower was asked to pay, and the payment by which he did."""

    loan_id: LoanId
    order_id: str
    payment_id: str
    rrn: str
    amount: int
    paid_at: datetime


@attrs.frozen(kw_only=True)
class Lent:
    """What the test knows: where webhooks go, and every order."""

    webhook_path: str
    orders: tuple[Order, ...]


def lent(site: Site, *, loans: int, orders: int, seed: int) -> Lent:
    """Lend, take orders on file, connect the sandbox, and move the business date on."""
    keys = Keys.parse(embedded_keys(site.keys_file))
    with opened(site.database, keys=keys) as made:
        made.clock.move_to(LENT_AT)
        for role in Role:
            hire(made, made.ours, role)
        found = [lend(made, made.ours, Status.DISBURSED).loan_id for _ in range(loans)]
        chance = random.Random(seed)  # noqa: S311 # a test's seed is no secret
        asked = tuple(_order(chance, found[n % loans], n) for n in range(orders))
        _keep(made, asked)
        made.run_jobs(minutes=5)
        _connect(made, site)
        address = made.services.webhooks.address(made.ours.id, "razorpay")
    clock = FileClock(site.clock_file)
    clock.move_to(LENT_AT + timedelta(days=DAYS))
    return Lent(webhook_path=address[address.index("/api/") :], orders=asked)


def _order(chance: random.Random, loan_id: LoanId | None, number: int) -> Order:
    assert loan_id is not None, "every borrower has a loan"
    after = timedelta(seconds=chance.randrange(86_400, DAYS * 86_400))
    return Order(
        loan_id=loan_id,
        order_id=f"order_{number:014d}",
        payment_id=f"pay_{number:014d}",
        rrn=f"6{number:011d}",
        amount=chance.randrange(SMALLEST, LARGEST),
        paid_at=(LENT_AT + after).astimezone(UTC),
    )


def _keep(made: Installation, asked: tuple[Order, ...]) -> None:
    """Put orders on file as they are once the gateway has them."""
    with made.services.begin(made.ours.id) as uow:
        for order in asked:
            uow.receipts.add_order(
                CollectionOrder(
                    reference=f"REF{order.order_id}",
                    brand_id=made.ours.id,
                    loan_id=order.loan_id,
                    purpose=PaymentPurpose.INSTALMENT,
                    amount=order.amount,
                    provider="razorpay",
                    provider_account=razorpay.SANDBOX_ACCOUNT,
                    order_id=order.order_id,
                    created_at=LENT_AT,
                )
            )


def _connect(made: Installation, site: Site) -> None:
    """Have the brand's payments and messages go through the sandbox."""
    rows = [
        (port, name, vendors.settings(name, f"{site.address(SANDBOX)}/{name}"))
        for port, name in (("payment", "razorpay"), ("message", "msg91"))
    ]
    rows.append(("message", "smtp", mail.settings("127.0.0.1", site.ports["mail"])))
    for port, name, settings in rows:
        made.services.brands.connect(
            ProviderRow(
                brand_id=made.ours.id,
                port=port,
                name=name,
                settings=settings,
                is_primary=name != "smtp",
            )
        )
