"""Transactions on a database: the unit of work of both SQLite and PostgreSQL.

Everything in a block commits together, or nothing does. Before the commit the postings of the block
are checked, as they are stored, to balance. Source: decisions D13 and D14, reliability design §1–2.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import attrs
from sqlalchemy import Engine

from los_adapters.store.activity import SqlSittings
from los_adapters.store.credentials import SqlApiKeys
from los_adapters.store.desk import SqlApprovals, SqlDesk
from los_adapters.store.engine import busy_told, has_written, nothing_written
from los_adapters.store.keyring import Keyring, Keys
from los_adapters.store.lender import SqlLender
from los_adapters.store.loans import SqlLoans, SqlOffers
from los_adapters.store.money import SqlBooks, SqlPayouts, SqlReceipts
from los_adapters.store.notifications import SqlNotices
from los_adapters.store.once import Taken, admit
from los_adapters.store.papers import SqlAgreements, SqlAssessments
from los_adapters.store.people import SqlCustomers, SqlPeople
from los_adapters.store.platform import SqlPlatform
from los_adapters.store.platform_tables import idempotency
from los_adapters.store.records import SqlCouponUses, SqlRecords
from los_adapters.store.scope import of_brand
from los_adapters.store.sealing import Sealer
from los_adapters.store.secrets import SqlSecrets
from los_adapters.store.trail import SqlTrail
from los_adapters.store.transaction import Row, Transaction
from los_core.domain.ids import BrandId
from los_core.ports.cipher import Cipher, Secrets
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import Answer, Begin, Once, Platform, UnitOfWork

_answer = idempotency.c.sealed


class SqlStore:
    """A store on a database whose tables `schema.create` made."""

    def __init__(self, engine: Engine, *, cipher: Cipher, clock: Clock, entropy: Entropy) -> None:
        self._engine = engine
        self.keys = Keys(cipher, clock)
        self._clock = clock
        self.begin: Begin = self._begin
        self.platform: Platform = SqlPlatform(engine, self.keys, entropy)
        self.secrets: Secrets = SqlSecrets(engine, self.keys)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _begin(self, brand_id: BrandId, *, once: Once | None = None) -> Iterator[UnitOfWork]:
        with busy_told(), self._engine.begin() as connection:
            of_brand(connection, brand_id)
            nothing_written(connection)
            sealer = Sealer(Keyring(connection, brand_id, self.keys))
            work = SqlWork(Transaction(connection, brand_id, sealer), self._clock)
            if once is not None:
                work.take(once)
            yield work
            work.books.check_balance()
        for action in work.hints:
            action()


@attrs.define(eq=False)
class SqlWork:
    """One transaction of one brand."""

    tx: Transaction
    clock: Clock
    hints: list[Callable[[], None]] = attrs.field(factory=list)
    _posted: list[UUID] = attrs.field(factory=list)
    _once: Once | None = None

    @property
    def wrote(self) -> bool:
        """Whether any row was inserted, updated or deleted."""
        return has_written(self.tx.connection)

    def take(self, once: Once) -> None:
        """Enter the key as RUNNING; a transaction that has just entered it is waited for.

        Raises: as `Begin`.
        """
        now = self.clock.now()
        row = {
            "scope": once.scope,
            "key": once.key,
            "request_hash": once.request_hash,
            "taken_at": now,
            "status": 0,
            "sealed": None,
        }
        if not self.tx.add_once(idempotency, row, "scope", "key"):
            taken = self._taken(once)
            assert taken is not None, "a key is never taken away"
            admit(taken, once, now)
            self._write(once, {"taken_at": now})
        self._once = once

    def answer(self, result: object) -> None:
        """Store what the command answers under the key of the transaction, if it has one."""
        if (once := self._once) is not None:
            answer, named = once.render(result), {"scope": once.scope, "key": once.key}
            sealed = self.tx.sealer.seal_bytes(_answer, named, answer.body)
            self._write(once, {"status": answer.status, "sealed": sealed})

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run `action` once the block was left normally."""
        self.hints.append(action)

    def _taken(self, once: Once) -> Taken | None:
        key = idempotency.c
        query = (
            self.tx.of(idempotency)
            .where(key.scope == once.scope, key.key == once.key)
            .with_for_update(key_share=True)
        )
        return self.tx.one(
            query,
            lambda row: Taken(
                row["request_hash"],
                row["taken_at"],
                Answer(row["status"], self.tx.sealer.open_bytes(_answer, row))
                if row["sealed"] is not None
                else None,
            ),
        )

    def _write(self, once: Once, new: Row) -> None:
        self.tx.replace(idempotency, new, scope=once.scope, key=once.key)

    @property
    def brand_id(self) -> BrandId:
        """The brand of the transaction."""
        return self.tx.brand_id

    @property
    def customers(self) -> SqlCustomers:
        """Customers of the brand."""
        return SqlCustomers(self.tx)

    @property
    def loans(self) -> SqlLoans:
        """Loans of the brand."""
        return SqlLoans(self.tx)

    @property
    def offers(self) -> SqlOffers:
        """Offers of the brand."""
        return SqlOffers(self.tx)

    @property
    def assessments(self) -> SqlAssessments:
        """Reports, decisions and memos of the brand."""
        return SqlAssessments(self.tx)

    @property
    def agreements(self) -> SqlAgreements:
        """Agreements and files of the brand."""
        return SqlAgreements(self.tx)

    @property
    def payouts(self) -> SqlPayouts:
        """Payouts of the brand."""
        return SqlPayouts(self.tx)

    @property
    def receipts(self) -> SqlReceipts:
        """Money that came in to the brand."""
        return SqlReceipts(self.tx)

    @property
    def books(self) -> SqlBooks:
        """Facts and ledger of the brand."""
        return SqlBooks(self.tx, self._posted)

    @property
    def approvals(self) -> SqlApprovals:
        """Items of the brand that await a second person."""
        return SqlApprovals(self.tx)

    @property
    def people(self) -> SqlPeople:
        """Consents and codes of the brand."""
        return SqlPeople(self.tx)

    @property
    def desk(self) -> SqlDesk:
        """Messages, jobs and trail of the brand."""
        return SqlDesk(self.tx, self.clock)

    @property
    def trail(self) -> SqlTrail:
        """The audit trail of the brand, for sealing and examining it."""
        return SqlTrail(self.tx)

    @property
    def keys(self) -> SqlApiKeys:
        """API keys of the brand."""
        return SqlApiKeys(self.tx)

    @property
    def records(self) -> SqlRecords:
        """Records of the brand's settings."""
        return SqlRecords(self.tx)

    @property
    def notices(self) -> SqlNotices:
        """What staff of the brand are told."""
        return SqlNotices(self.tx)

    @property
    def sittings(self) -> SqlSittings:
        """Who of the brand's staff is at work."""
        return SqlSittings(self.tx)

    @property
    def coupons(self) -> SqlCouponUses:
        """Coupons of the brand in use."""
        return SqlCouponUses(self.tx)

    @property
    def lender(self) -> SqlLender:
        """The brand itself and its rules."""
        return SqlLender(self.tx)
