"""Keys that change while everybody works: nothing is lost, and everything ends under the new ones.

The kill of a real process at a random moment is among the faults; here a rotation is left at random
steps, and dies in the middle of its transactions.
"""

import random
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import islice
from uuid import UUID

import attrs
import pytest
from sqlalchemy import Engine, select

from los_adapters.cipher.aes import AesCipher
from los_adapters.cipher.local import LocalWrap
from los_adapters.keys import Key
from los_adapters.store.columns import sealed_columns
from los_adapters.store.keyring import Keys
from los_adapters.store.keystatus import KeyState, key_lines
from los_adapters.store.platform_tables import data_key, key_rotation
from los_adapters.store.resealing import tables_of
from los_adapters.store.rotation import Rotation
from los_adapters.store.work import SqlStore
from los_core.domain.assessment import DecisionKind, ReportKind
from los_core.domain.errors import StaleVersion
from los_core.domain.ids import PLATFORM, BrandId, CustomerId, LoanId, StaffId
from los_core.domain.staff import totp_place
from los_core.ports.cipher import Cipher, DataKey, WrappedKey
from los_core.ports.work import Answer, Once, ProviderRow, Replayed
from los_core.testing import records
from los_core.testing.store import StoreRig

OLD, NEW = (Key(name, bytes([n]) * 32) for n, name in enumerate(("kek", "kek-2"), 1))
KILLS = 20


class Killed(BaseException):
    """The process is gone: nothing catches this."""


@attrs.define(eq=False)
class Mortal:
    """A cipher whose process dies at the n-th value it seals."""

    inner: Cipher
    left: int = 1_000_000

    @property
    def wraps_by(self) -> str:
        return self.inner.wraps_by

    def key_of(self, sealed: bytes) -> bytes:
        return self.inner.key_of(sealed)

    def new_key(self, brand_id: BrandId, owner: UUID, *, under: DataKey | None) -> WrappedKey:
        self._live()
        return self.inner.new_key(brand_id, owner, under=under)

    def opened(self, key: WrappedKey, *, under: DataKey | None) -> DataKey:
        self._live()
        return self.inner.opened(key, under=under)

    def rewrapped(self, key: WrappedKey) -> WrappedKey:
        self._live()
        return self.inner.rewrapped(key)

    def _live(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed


@attrs.frozen(kw_only=True)
class Filed:
    """What was put on file, to be read again."""

    customers: tuple[CustomerId, ...]
    loans: tuple[LoanId, ...]
    event: UUID
    approval: UUID
    staff: StaffId


def store_on(engine: Engine, rig: StoreRig, *ring: Key) -> SqlStore:
    cipher = AesCipher(LocalWrap(ring))
    return SqlStore(engine, cipher=cipher, clock=rig.clock, entropy=rig.entropy)


def rig_over(engine: Engine, first: StoreRig, *ring: Key) -> StoreRig:
    store = store_on(engine, first, *ring)
    return attrs.evolve(first, begin=store.begin, platform=store.platform)


def rotation_of(engine: Engine, rig: StoreRig, *ring: Key, chunk: int = 3) -> Rotation:
    return Rotation(engine, Keys(AesCipher(LocalWrap(ring)), rig.clock), chunk)


def filed(rig: StoreRig, count: int = 7) -> Filed:
    """Put several of everything that is sealed on file."""
    new, brand_id = rig.entropy.uuid, rig.brand_id
    loans = [rig.add_loan() for _ in range(count)]
    event, approval, staff = new(), new(), StaffId(new())
    for number, loan in enumerate(loans):
        once = Once(
            scope="s", key=f"k-{number}", request_hash="h", render=lambda _: Answer(200, b"told")
        )
        with rig.begin(brand_id, once=once) as uow:
            offer = records.offer(brand_id, loan.id, new())
            uow.offers.add(offer, records.key_facts(offer, new()))
            uow.assessments.add_report(records.report(brand_id, loan.customer_id, new()))
            uow.assessments.add_decision(records.decision(brand_id, loan.id, new()))
            uow.assessments.add_cam(records.cam(brand_id, loan.id, new()))
            uow.agreements.add(records.agreement(brand_id, loan.id, new()))
            uow.agreements.add_document(records.file(brand_id, loan.customer_id, loan.id, new()))
            uow.receipts.add_order(records.order(brand_id, loan.id, f"o-{number}"))
            uow.people.add_consent(records.consent(loan.customer_id, new()))
            uow.answer(None)
    with rig.begin(brand_id) as uow:
        uow.desk.add_event(records.event(brand_id, event))
        uow.approvals.add(records.approval(brand_id, approval))
    row = ProviderRow(brand_id=brand_id, port="payment", name="p", settings={"key": "vendor"})
    rig.platform.save_provider(row)
    rig.platform.add_staff(records.staff(staff, brand_id))
    return Filed(
        customers=tuple(loan.customer_id for loan in loans),
        loans=tuple(loan.id for loan in loans),
        event=event,
        approval=approval,
        staff=staff,
    )


def read(rig: StoreRig, on_file: Filed) -> Mapping[str, object]:
    """Open everything that is sealed."""
    found: dict[str, object] = {
        "provider": rig.platform.provider_rows(rig.brand_id, "payment"),
        "answers": [_answer(rig, f"k-{number}") for number in range(len(on_file.loans))],
    }
    with rig.begin(rig.brand_id) as uow:
        found["event"] = uow.desk.event(on_file.event)
        found["approval"] = str(uow.approvals.pending(limit=9)[0].payload)
        for customer_id, loan_id in zip(on_file.customers, on_file.loans, strict=True):
            [offer] = uow.offers.of_loan(loan_id)
            found[str(loan_id)] = (
                uow.customers.get(customer_id),
                uow.people.consents(customer_id),
                uow.assessments.report(customer_id, ReportKind.BUREAU),
                uow.assessments.decision(loan_id, DecisionKind.BRE),
                uow.assessments.cam(loan_id),
                uow.agreements.of_loan(loan_id),
                uow.agreements.documents(customer_id=customer_id),
                uow.offers.key_facts(offer.id),
                uow.receipts.orders_of(loan_id),
            )
    return found


def _answer(rig: StoreRig, key: str) -> bytes:
    once = Once(scope="s", key=key, request_hash="h", render=lambda _: Answer(200, b""))
    with pytest.raises(Replayed) as replayed, rig.begin(rig.brand_id, once=once):
        pass
    return replayed.value.answer.body


def sealing_keys(engine: Engine) -> set[bytes]:
    """The ids of the keys that seal any value there is, and how many values there are."""
    with engine.connect() as connection:
        found: set[bytes] = set()
        for table in (*tables_of(PLATFORM), *tables_of(BrandId(UUID(int=1)))):
            for column in sealed_columns(table):
                values = connection.execute(select(column).where(column.is_not(None))).scalars()
                found |= {value[1:17] for value in values}
        return found


def own_keys(engine: Engine) -> dict[bytes, bool]:
    """The installation's own keys, and whether each is retired."""
    with engine.connect() as connection:
        query = select(data_key.c.id, data_key.c.retired_at.is_not(None)).where(
            data_key.c.owner == PLATFORM
        )
        return {key_id: bool(retired) for key_id, retired in connection.execute(query)}


def enrolled(engine: Engine, rig: StoreRig, *ring: Key, count: int = 5) -> dict[StaffId, str]:
    """Put staff on file, each with a second factor, one of them with a new one to come."""
    secrets = store_on(engine, rig, *ring).secrets
    told = {StaffId(rig.entropy.uuid()): f"JBSWY3DP{n}" for n in range(count)}
    for number, (staff_id, secret) in enumerate(told.items()):
        new = records.staff(staff_id, rig.brand_id)
        new.totp_secret = secrets.seal(totp_place(staff_id), secret.encode()).hex()
        if number == 0:
            new.totp_pending = secrets.seal(totp_place(staff_id), b"pending").hex()
        rig.platform.add_staff(new)
    rig.platform.add_staff(records.staff(rig.entropy.uuid(), rig.brand_id))
    return told


def factors(engine: Engine, rig: StoreRig, *ring: Key) -> dict[StaffId, tuple[str, bytes]]:
    """Open every second factor there is, with the key that sealed it."""
    secrets, found = store_on(engine, rig, *ring).secrets, {}
    for member in rig.platform.staff_of(rig.brand_id):
        if member.totp_secret:
            sealed = bytes.fromhex(member.totp_secret)
            plain = secrets.open(totp_place(member.id), sealed).decode()
            found[member.id] = plain, sealed[1:17]
            if member.totp_pending:
                pending = bytes.fromhex(member.totp_pending)
                assert secrets.open(totp_place(member.id), pending) == b"pending"
                assert pending[1:17] == sealed[1:17]
    return found


def retired_keys(engine: Engine) -> set[bytes]:
    with engine.connect() as connection:
        query = select(data_key.c.id).where(data_key.c.retired_at.is_not(None))
        return set(connection.execute(query).scalars())


def unfinished(engine: Engine) -> int:
    with engine.connect() as connection:
        query = select(key_rotation.c.key_id).where(key_rotation.c.finished_at.is_(None))
        return len(connection.execute(query).all())


@pytest.fixture
def old(engine: Engine, sql: StoreRig) -> StoreRig:
    return rig_over(engine, sql, OLD)


def test_every_value_ends_under_a_new_key_and_opens(engine: Engine, old: StoreRig) -> None:
    on_file = filed(old)
    before, keys = read(old, on_file), sealing_keys(engine)
    steps = list(rotation_of(engine, old, OLD).run(data_keys=True))
    assert {step.step for step in steps} > {"retire", "customer", "report"}
    assert not sealing_keys(engine) & keys
    assert keys <= retired_keys(engine)
    assert read(old, on_file) == before


def test_the_status_counts_keys_and_what_they_seal(engine: Engine, old: StoreRig) -> None:
    filed(old, 3)
    list(rotation_of(engine, old, OLD).run(data_keys=True))
    ours = [line for line in key_lines(engine) if line.brand == "ours"]
    of_brand = [line for line in ours if line.key]
    assert {(line.keys, line.wrapped_by) for line in of_brand} == {(1, "kek")}
    people = {line.state: (line.keys, line.values) for line in ours if not line.key}
    # Of each customer: themselves, a consent, a report and what the vendor said, a decision, a
    # memo, an agreement, a file's name and a Key Facts Statement.
    assert people == {KeyState.CURRENT: (3, 27), KeyState.RETIRED: (3, 0)}
    # Three orders, three answers, an event, an approval and a vendor's settings.
    assert {line.state: line.values for line in of_brand} == {
        KeyState.CURRENT: 9,
        KeyState.RETIRED: 0,
    }


def test_a_second_rotation_follows_the_first(engine: Engine, old: StoreRig) -> None:
    on_file = filed(old, 2)
    before = read(old, on_file)
    for _ in range(2):
        keys = sealing_keys(engine)
        list(rotation_of(engine, old, OLD).run(data_keys=True))
        assert not sealing_keys(engine) & keys
    assert read(old, on_file) == before


def test_a_new_key_encryption_key_wraps_all_and_the_old_one_can_go(
    engine: Engine, old: StoreRig
) -> None:
    on_file = filed(old, 2)
    before, keys = read(old, on_file), sealing_keys(engine)
    with pytest.raises(ValueError, match="not in the ring"):
        read(rig_over(engine, old, NEW), on_file)
    list(rotation_of(engine, old, NEW, OLD).run(data_keys=False))
    assert read(rig_over(engine, old, NEW), on_file) == before
    assert sealing_keys(engine) == keys
    assert list(rotation_of(engine, old, NEW).run(data_keys=False)) == []


def test_a_rotation_killed_at_twenty_points_loses_nothing(
    engine: Engine, old: StoreRig, request: pytest.FixtureRequest
) -> None:
    on_file, seed = filed(old, 4), int(request.config.option.hypothesis_seed)
    before, keys = read(old, on_file), sealing_keys(engine)
    chance = random.Random(seed)  # noqa: S311 - to be repeated from its seed
    for number in range(KILLS):
        cipher = Mortal(AesCipher(LocalWrap([NEW, OLD])), left=chance.randrange(1, 30))
        dying = Rotation(engine, Keys(cipher, old.clock), chunk=2)
        with suppress(Killed):
            deque(islice(dying.run(data_keys=True), chance.randrange(1, 12)), 0)
        assert read(rig_over(engine, old, NEW, OLD), on_file) == before, f"{seed=} {number=}"
    list(rotation_of(engine, old, NEW, OLD).run(data_keys=True))
    assert unfinished(engine) == 0
    assert not sealing_keys(engine) & keys, f"{seed=}"
    assert read(rig_over(engine, old, NEW), on_file) == before, f"{seed=}"


def test_second_factors_of_staff_end_under_the_installations_new_key(
    engine: Engine, old: StoreRig
) -> None:
    told = enrolled(engine, old, OLD)
    [first] = own_keys(engine)
    list(rotation_of(engine, old, OLD, chunk=2).run(data_keys=True))
    [now] = [key for key, retired in own_keys(engine).items() if not retired]
    assert now != first
    assert factors(engine, old, OLD) == {who: (secret, now) for who, secret in told.items()}


def test_a_rotation_of_second_factors_killed_anywhere_loses_none(
    engine: Engine, old: StoreRig, request: pytest.FixtureRequest
) -> None:
    told, seed = enrolled(engine, old, OLD), int(request.config.option.hypothesis_seed)
    [first] = own_keys(engine)
    chance = random.Random(seed)  # noqa: S311 - to be repeated from its seed
    for _ in range(KILLS):
        cipher = Mortal(AesCipher(LocalWrap([OLD])), left=chance.randrange(1, 8))
        dying = Rotation(engine, Keys(cipher, old.clock), chunk=1)
        with suppress(Killed):
            deque(islice(dying.run(data_keys=True), chance.randrange(1, 5)), 0)
        opened = {who: secret for who, (secret, _) in factors(engine, old, OLD).items()}
        assert opened == told, f"{seed=}"
    list(rotation_of(engine, old, OLD).run(data_keys=True))
    assert unfinished(engine) == 0
    assert {key for _, key in factors(engine, old, OLD).values()}.isdisjoint({first})


def test_who_read_a_member_of_staff_before_the_rotation_does_not_write_by_the_old_key(
    engine: Engine, old: StoreRig
) -> None:
    enrolled(engine, old, OLD)
    [plain] = [m for m in old.platform.staff_of(old.brand_id) if not m.totp_secret]
    sealed = store_on(engine, old, OLD).secrets.seal(totp_place(plain.id), b"late")
    list(rotation_of(engine, old, OLD).run(data_keys=True))
    plain.totp_pending = sealed.hex()
    with pytest.raises(StaleVersion):
        old.platform.save_staff(plain)


def test_who_writes_meanwhile_loses_nothing_and_seals_by_the_new_key(
    engine: Engine, old: StoreRig
) -> None:
    on_file = filed(old)
    keys = sealing_keys(engine)
    stop, added, faults = threading.Event(), [], []

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                added.append(old.add_customer(index=f"new-{threading.get_ident()}").id)
                with old.begin(old.brand_id) as uow:
                    known = uow.customers.lock(on_file.customers[number % 7])
                    assert known is not None
                    known.security_version += 1
                    uow.customers.save(known)
            except Exception as err:  # noqa: BLE001 - told below, with all the others
                faults.append(err)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        list(rotation_of(engine, old, OLD, chunk=5).run(data_keys=True))
    finally:
        stop.set()
        writer.join()
    assert faults == []
    assert not sealing_keys(engine) & keys
    with old.begin(old.brand_id) as uow:
        assert added
        assert all(uow.customers.get(customer_id) is not None for customer_id in added)
        versions = [uow.customers.get(customer_id) for customer_id in on_file.customers]
    assert all(known and known.version + 1 == known.security_version for known in versions)


def test_a_transaction_that_began_before_the_rotation_is_waited_for(
    pg_engine: Engine, rig_on: Callable[[Engine], StoreRig]
) -> None:
    rig = rig_over(pg_engine, rig_on(pg_engine), OLD)
    on_file = filed(rig, 2)
    keys = sealing_keys(pg_engine)
    with rig.begin(rig.brand_id) as uow:
        uow.people.add_consent(records.consent(on_file.customers[0], rig.entropy.uuid()))
        turning = threading.Thread(
            target=lambda: list(rotation_of(pg_engine, rig, OLD).run(data_keys=True))
        )
        turning.start()
        turning.join(timeout=0.5)
        assert turning.is_alive()
        uow.people.add_consent(records.consent(on_file.customers[1], rig.entropy.uuid()))
    turning.join()
    assert not sealing_keys(pg_engine) & keys
    with rig.begin(rig.brand_id) as uow:
        assert len(uow.people.consents(on_file.customers[1])) == 2
