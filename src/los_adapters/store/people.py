"""Customers, their consents and one-time codes, in SQL."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import attrs
from sqlalchemy import RowMapping, case, func, or_, select, true, update

from los_adapters.store import finding, forgetting, rows, tables
from los_adapters.store.transaction import Transaction
from los_core.domain.consent import Consent
from los_core.domain.customer import Customer
from los_core.domain.ids import CustomerId
from los_core.domain.search import wanted
from los_core.domain.staff import Guess, OtpChallenge

_customer = tables.customer.c
_account = tables.customer_account.c
_otp = tables.otp.c


@attrs.frozen
class SqlCustomers:
    """Customers of one brand."""

    tx: Transaction

    def get(self, customer_id: CustomerId) -> Customer | None:
        return self.tx.get(tables.customer, customer_id, self._read)

    def lock(self, customer_id: CustomerId) -> Customer | None:
        return self.tx.get(tables.customer, customer_id, self._read, lock=True)

    def by_phone(self, phone_index: str) -> Customer | None:
        query = self.tx.of(tables.customer).where(_customer.phone_index == phone_index)
        return self.tx.one(query, self._read)

    def sharing(self, *, person: str = "", account_index: str = "") -> Sequence[CustomerId]:
        accounts = select(_account.customer_id).where(
            _account.brand_id == self.tx.brand_id, _account.account_index == account_index
        )
        same = []
        if person:
            same.append(_customer.person == person)
        if account_index:
            same.append(_customer.id.in_(accounts))
        if not same:
            return ()
        query = self.tx.of(tables.customer).where(or_(*same)).with_only_columns(_customer.id)
        return self.tx.many(query.order_by(_customer.id), lambda row: CustomerId(row["id"]))

    def add(
        self, customer: Customer, *, phone_index: str, account_indexes: Sequence[str] = ()
    ) -> None:
        row = rows.customer_to_row(customer, self.tx.sealer)
        self.tx.add_or_refuse(tables.customer, {**row, "phone_index": phone_index})
        finding.index(self.tx, customer)
        self._index_accounts(customer.id, account_indexes)

    def save(self, customer: Customer, *, account_indexes: Sequence[str] = ()) -> None:
        row = rows.customer_to_row(customer, self.tx.sealer)
        self.tx.save(tables.customer, customer, row)
        finding.index(self.tx, customer)
        self._index_accounts(customer.id, account_indexes)

    def page(self, *, after: CustomerId | None, limit: int) -> Sequence[Customer]:
        query = self.tx.of(tables.customer).where(_customer.erased_at.is_(None))
        query = query.order_by(_customer.id.desc()).limit(limit)
        if after is not None:
            query = query.where(_customer.id < after)
        return self.tx.many(query, self._read)

    def registered(self, *, since: datetime, until: datetime) -> int:
        query = select(func.count()).where(
            _customer.brand_id == self.tx.brand_id,
            _customer.created_at >= since,
            _customer.created_at < until,
        )
        counted: int = self.tx.connection.execute(query).scalar_one()
        return counted

    def search(self, text: str, *, after: CustomerId | None, limit: int) -> Sequence[Customer]:
        sought = wanted(text)
        if sought is None:
            return ()
        ids = finding.found(self.tx, sought, after=after, limit=limit)
        query = self.tx.of(tables.customer).where(_customer.id.in_(ids))
        return self.tx.many(query.order_by(_customer.id.desc()), self._read)

    def index(self, customer: Customer) -> None:
        # Held, so that nobody who is being forgotten is written down again.
        held = self.tx.of(tables.customer).where(_customer.id == customer.id)
        if self.tx.one(held.with_for_update(read=True), lambda row: row["erased_at"]) is None:
            finding.index(self.tx, customer)

    def forget(self, customer_id: CustomerId, at: datetime) -> None:
        forgetting.forget(self.tx, customer_id, at)

    def _read(self, row: RowMapping) -> Customer:
        return rows.customer_from_row(row, self.tx.sealer)

    def _index_accounts(self, customer_id: CustomerId, indexes: Sequence[str]) -> None:
        for index in indexes:
            row = {"account_index": index, "customer_id": customer_id}
            self.tx.add_once(tables.customer_account, row, "account_index", "customer_id")


@attrs.frozen
class SqlPeople:
    """Consents and one-time codes of one brand."""

    tx: Transaction

    def add_consent(self, consent: Consent) -> None:
        self.tx.add(tables.consent, rows.consent_to_row(consent, self.tx.sealer))

    def save_consent(self, consent: Consent) -> None:
        row = rows.consent_to_row(consent, self.tx.sealer)
        self.tx.replace(tables.consent, row, id=consent.id)

    def consents(self, customer_id: CustomerId) -> Sequence[Consent]:
        found = tables.consent.c
        query = self.tx.of(tables.consent).where(found.customer_id == customer_id)
        read = partial(rows.consent_from_row, sealer=self.tx.sealer)
        return self.tx.many(query.order_by(found.granted_at, found.id), read)

    def add_otp(self, challenge: OtpChallenge) -> None:
        self.tx.add(tables.otp, rows.columns_of(challenge))

    def otps_since(self, phone_index: str, since: datetime) -> Sequence[datetime]:
        query = self.tx.of(tables.otp).where(_otp.phone_index == phone_index, _otp.sent_at >= since)
        return self.tx.many(query.order_by(_otp.sent_at), lambda row: row["sent_at"])

    def try_otp(
        self, *, phone_index: str, purpose: str, code_hash: str, at: datetime, limit: int
    ) -> Guess:
        latest = (
            self.tx.of(tables.otp)
            .where(_otp.phone_index == phone_index, _otp.purpose == purpose)
            .order_by(_otp.sent_at.desc(), _otp.id.desc())
            .limit(1)
        )
        guess = (
            update(tables.otp)
            .where(
                _otp.brand_id == self.tx.brand_id,
                _otp.id == latest.with_only_columns(_otp.id).scalar_subquery(),
                ~_otp.used,
                _otp.tries < limit,
                _otp.expires_at > at,
            )
            .values(
                tries=_otp.tries + 1,
                used=case((_otp.code_hash == code_hash, true()), else_=_otp.used),
            )
            .returning(_otp.used)
        )
        right = self.tx.connection.execute(guess).scalar()
        if right is not None:
            return Guess.RIGHT if right else Guess.WRONG
        spent = latest.with_only_columns(_otp.tries, _otp.used)
        kept = self.tx.connection.execute(spent).first()
        return Guess.SPENT if kept and kept.tries >= limit and not kept.used else Guess.WRONG
