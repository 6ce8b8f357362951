"""What a lender offers: the figures of its pricing, worked out once, and anew after each change."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import attrs
import pytest

from los_adapters.cache.memory import MemoryCache
from los_adapters.container import InMemory, in_memory
from los_core.domain.brand import Brand, Settings
from los_core.domain.errors import NotFound
from los_core.domain.ids import BrandId
from los_core.domain.pricing import Pricing, price
from los_core.domain.record_kinds import PRODUCTS
from los_core.services.catalogue import OnOffer
from los_core.services.remembered import TTL_S, Remembered
from los_core.testing import records


@pytest.fixture
def brand() -> Brand:
    return records.brand("ours")


@pytest.fixture
def memory(brand: Brand) -> InMemory:
    made = in_memory()
    made.services.brands.create(brand, Settings(), products=[records.product()])
    return made


def _offered(memory: InMemory) -> list[OnOffer]:
    [ours] = memory.services.platform.brands()
    return list(memory.services.catalogue.of(ours.id)[2])


def _priced_today(memory: InMemory) -> Pricing:
    product = records.product()
    return price(
        product.price,
        amount=product.max_amount,
        credited_on=memory.clock.business_date(),
        instalments=max(product.tenures),
    )


def test_a_product_is_shown_with_what_its_largest_loan_costs(memory: InMemory) -> None:
    [shown] = _offered(memory)
    product, pricing = records.product(), _priced_today(memory)
    assert (shown.code, shown.tenures) == (product.code, product.tenures)
    assert (shown.example.emi, shown.example.apr_pct) == (pricing.emi, pricing.apr_pct)
    assert shown.example.fee == pricing.terms.fee.total > 0


def test_a_brand_that_does_not_exist_is_not_found(memory: InMemory) -> None:
    with pytest.raises(NotFound):
        memory.services.catalogue.of(BrandId(uuid4()))


def test_a_change_is_seen_by_the_next_reader(memory: InMemory, brand: Brand) -> None:
    [before] = _offered(memory)
    with memory.services.begin(brand.id) as uow:
        [record] = uow.records.all(PRODUCTS)
        festival = attrs.evolve(record.value, name="Festival loan")
        uow.records.save(PRODUCTS, attrs.evolve(record, value=festival))
    [after] = _offered(memory)
    assert (before.name, after.name) == (record.value.name, "Festival loan")


def test_an_example_is_of_today(memory: InMemory) -> None:
    _offered(memory)
    memory.clock.advance(timedelta(days=20))
    [shown] = _offered(memory)
    assert shown.example.apr_pct == _priced_today(memory).apr_pct


class Making:
    """Makes an answer when it is let, and counts."""

    def __init__(self) -> None:
        self.made = 0
        self.begun = threading.Event()
        self.go = threading.Event()

    def __call__(self) -> bytes:
        self.made += 1
        self.begun.set()
        assert self.go.wait(10)
        return b"answer"


def _fails() -> bytes:
    raise RuntimeError("bug")


def test_of_many_who_ask_at_once_one_makes_the_answer() -> None:
    remembered = Remembered(MemoryCache(timer=lambda: 0.0))
    making = Making()
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(remembered.get, "key", making) for _ in range(20)]
        assert making.begun.wait(10)
        making.go.set()
        assert {each.result(10) for each in asked} == {b"answer"}
    assert making.made == 1


def test_an_answer_that_could_not_be_made_is_made_by_the_next() -> None:
    remembered = Remembered(MemoryCache(timer=lambda: 0.0))
    with pytest.raises(RuntimeError):
        remembered.get("key", _fails)
    assert remembered.get("key", lambda: b"answer") == b"answer"
    assert remembered.get("key", _fails) == b"answer"


def test_without_a_cache_answers_are_made_each_time() -> None:
    remembered = Remembered(MemoryCache(timer=lambda: 0.0, size_bytes=0))
    answers = iter([b"one", b"two"])
    assert [remembered.get("key", lambda: next(answers)) for _ in range(2)] == [b"one", b"two"]


def test_no_answer_is_older_than_a_minute() -> None:
    now = 0.0
    remembered = Remembered(MemoryCache(timer=lambda: now))
    answers = iter([b"one", b"two"])
    assert remembered.get("key", lambda: next(answers)) == b"one"
    now = TTL_S - 1
    assert remembered.get("key", _fails) == b"one"
    now = TTL_S
    assert remembered.get("key", lambda: next(answers)) == b"two"


class Dying:
    """A cache whose server can be killed: then nothing is found and nothing is kept."""

    def __init__(self) -> None:
        self.alive = True
        self.kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key) if self.alive else None

    def put(self, key: str, value: bytes, *, ttl_s: float) -> None:  # noqa: ARG002 # for good
        if self.alive:
            self.kept[key] = value

    def ping(self) -> None:
        """It is not asked."""

    def close(self) -> None:
        """Nothing is open."""


def test_a_change_is_seen_though_the_cache_was_dead_meanwhile(
    memory: InMemory, brand: Brand
) -> None:
    cache = Dying()
    catalogue = attrs.evolve(memory.services.catalogue, remembered=Remembered(cache))
    seen = [catalogue.of(brand.id)[-1][0].name]
    for name, alive in (("Festival loan", False), ("Winter loan", True)):
        cache.alive = alive
        with memory.services.begin(brand.id) as uow:
            [record] = uow.records.all(PRODUCTS)
            renamed = attrs.evolve(record.value, name=name)
            uow.records.save(PRODUCTS, attrs.evolve(record, value=renamed))
        cache.alive = True
        seen.append(catalogue.of(brand.id)[-1][0].name)
    assert seen[1:] == ["Festival loan", "Winter loan"]


def test_what_one_brand_offers_is_never_shown_as_anothers(memory: InMemory, brand: Brand) -> None:
    other = records.brand("theirs")
    product = attrs.evolve(records.product(), name="Their loan")
    memory.services.brands.create(other, Settings(), products=[product])
    catalogue = memory.services.catalogue
    for _ in range(2):
        assert [each.name for each in catalogue.of(other.id)[-1]] == ["Their loan"]
        assert [each.name for each in catalogue.of(brand.id)[-1]] == [records.product().name]


def test_a_hundred_who_miss_at_once_ask_the_store_once() -> None:
    remembered, making = Remembered(Dying()), Making()
    with ThreadPoolExecutor(100) as pool:
        asked = [pool.submit(remembered.get, "key", making) for _ in range(100)]
        assert making.begun.wait(10)
        making.go.set()
        assert {each.result(10) for each in asked} == {b"answer"}
    assert making.made == 1
