"""A gateway's address and secret are read once in five seconds, and no older ones are good."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, cast

import attrs
import pytest

from los_adapters.container import ACCOUNT, InMemory, in_memory
from los_adapters.directory import BrandDirectory, Opened, ProviderRow
from los_adapters.payment.memory import MemoryPayments
from los_core.domain.brand import Brand, Settings
from los_core.domain.errors import NotFound
from los_core.domain.ids import BrandId
from los_core.ports.errors import BadSignature
from los_core.ports.payment import PaymentRequest
from los_core.ports.work import Platform
from los_core.services.webhooks import REMEMBERED, Webhooks
from los_core.testing import records

MOMENT = timedelta(milliseconds=1)


@attrs.define
class Counted:
    """A platform that counts how often brands are read, and may have closed them."""

    platform: Platform
    read: int = 0
    closed: bool = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.platform, name)

    def brands(self) -> Sequence[Brand]:
        self.read += 1
        return [attrs.evolve(brand, active=not self.closed) for brand in self.platform.brands()]


@attrs.define
class Rows:
    """A brand's one row for payments, and how often it was read."""

    secret: str
    read: int = 0
    version: int = 1

    def __call__(self, _brand_id: BrandId, _port: str) -> Sequence[ProviderRow]:
        self.read += 1
        settings = {"secret": self.secret}
        return [ProviderRow(name="memory", settings=settings, version=self.version)]

    def rotate(self, secret: str) -> None:
        self.secret, self.version = secret, self.version + 1


@attrs.frozen
class Gate:
    """Where a gateway's messages come in."""

    memory: InMemory
    webhooks: Webhooks
    brand_id: BrandId
    platform: Counted
    rows: Rows

    def deliver(self, *, secret: str) -> None:
        """Deliver a new message that is signed with a secret."""
        gateway = MemoryPayments(secret=secret)
        name = str(self.memory.entropy.uuid())
        made = gateway.create_order(PaymentRequest(reference=name, amount=100_00, description=""))
        message = gateway.pay(made.order_id, at=self.memory.clock.now())
        token = self.webhooks.address(self.brand_id, "memory").rpartition("/")[2]
        self.webhooks.receive("memory", token, *message)


def _open(_port: str, row: ProviderRow) -> Opened:
    return Opened(MemoryPayments(secret=str(row.settings["secret"])), ACCOUNT, lambda: None)


@pytest.fixture
def gate() -> Gate:
    memory = in_memory()
    brand = records.brand("ours")
    memory.services.platform.add_brand(brand, Settings())
    platform, rows = Counted(memory.services.platform), Rows("first")
    webhooks = attrs.evolve(
        memory.services.webhooks,
        platform=cast("Platform", platform),
        directory=BrandDirectory(rows, _open),
    )
    return Gate(memory, webhooks, brand.id, platform, rows)


def test_a_good_address_is_read_once_in_five_seconds(gate: Gate) -> None:
    for _ in range(9):
        gate.deliver(secret="first")
    assert (gate.platform.read, gate.rows.read) == (1, 1)
    gate.memory.clock.advance(REMEMBERED)
    for _ in range(9):
        gate.deliver(secret="first")
    assert (gate.platform.read, gate.rows.read) == (2, 2)
    assert timedelta(seconds=5) == REMEMBERED


def test_a_secret_that_was_changed_is_good_for_five_seconds_at_the_most(gate: Gate) -> None:
    gate.deliver(secret="first")
    gate.rows.rotate("second")
    gate.memory.clock.advance(REMEMBERED - MOMENT)
    gate.deliver(secret="first")
    gate.memory.clock.advance(MOMENT)
    with pytest.raises(BadSignature):
        gate.deliver(secret="first")
    gate.deliver(secret="second")


def test_a_new_secret_is_good_at_once_and_the_old_one_no_more_from_then(gate: Gate) -> None:
    gate.deliver(secret="first")
    gate.rows.rotate("second")
    gate.deliver(secret="second")
    with pytest.raises(BadSignature):
        gate.deliver(secret="first")


def test_a_brand_that_was_closed_is_no_address_after_five_seconds(gate: Gate) -> None:
    gate.deliver(secret="first")
    gate.platform.closed = True
    gate.memory.clock.advance(REMEMBERED)
    with pytest.raises(NotFound):
        gate.deliver(secret="first")


@pytest.mark.parametrize(
    "wrong",
    [lambda token: token[:-1], lambda token: token.upper(), lambda _: "", lambda _: "x" * 32],
)
def test_a_token_that_is_nobodys_is_no_address_though_others_are(
    gate: Gate, wrong: Callable[[str], str]
) -> None:
    gate.deliver(secret="first")
    token = gate.webhooks.address(gate.brand_id, "memory").rpartition("/")[2]
    with pytest.raises(NotFound):
        gate.webhooks.receive("memory", wrong(token), {}, b"{}")
    with pytest.raises(NotFound):
        gate.webhooks.receive("cashfree", token, {}, b"{}")


def test_what_is_refused_is_kept_nowhere(gate: Gate) -> None:
    with pytest.raises(BadSignature):
        gate.deliver(secret="guessed")
    assert gate.memory.services.platform.idle(gate.memory.clock.now() + timedelta(days=1))
