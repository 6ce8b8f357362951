"""Customers, their consents and one-time codes, in memory."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Sequence
from datetime import datetime

import attrs

from los_adapters.store.memory.forgetting import forget, of_customer
from los_adapters.store.memory.shelves import Shelves, parent, save
from los_core.domain.consent import Consent
from los_core.domain.customer import Customer
from los_core.domain.errors import Conflict
from los_core.domain.ids import BrandId, CustomerId
from los_core.domain.search import findable, finds, wanted
from los_core.domain.staff import Guess, OtpChallenge


@attrs.frozen
class MemoryCustomers:
    """Customers of one brand."""

    shelves: Shelves
    brand_id: BrandId

    def get(self, customer_id: CustomerId) -> Customer | None:
        found = self.shelves.customers.get(self.brand_id, customer_id)
        return of_customer(self.shelves, self.brand_id, customer_id, found)

    def lock(self, customer_id: CustomerId) -> Customer | None:
        return self.get(customer_id)

    def by_phone(self, phone_index: str) -> Customer | None:
        found = self.shelves.phones.get(self.brand_id, phone_index)
        return None if found is None else self.get(found)

    def sharing(self, *, person: str = "", account_index: str = "") -> Sequence[CustomerId]:
        found = {
            customer.id
            for customer in self.shelves.customers.peek(self.brand_id)
            if person and customer.person == person
        }
        if account_index:
            found |= set(self.shelves.accounts.peek(self.brand_id, account_index))
        return sorted(found)

    def add(
        self, customer: Customer, *, phone_index: str, account_indexes: Sequence[str] = ()
    ) -> None:
        parent(self.shelves.brands, self.brand_id)
        if not self.shelves.phones.add(customer.id, self.brand_id, phone_index):
            raise Conflict("this phone is registered already", code="PHONE_ON_FILE")
        assert self.shelves.customers.add(customer, self.brand_id, customer.id)
        self._index_accounts(customer.id, account_indexes)

    def save(self, customer: Customer, *, account_indexes: Sequence[str] = ()) -> None:
        of_customer(self.shelves, self.brand_id, customer.id, customer)
        others = self.sharing(person=customer.person)
        if any(other != customer.id for other in others):
            raise Conflict("another customer has this PAN", code="PAN_ON_FILE")
        save(self.shelves.customers, customer, self.brand_id, customer.id)
        self._index_accounts(customer.id, account_indexes)

    def page(self, *, after: CustomerId | None, limit: int) -> Sequence[Customer]:
        found = self.shelves.customers.of(
            self.brand_id,
            where=lambda customer: (
                (after is None or customer.id < after) and not self._is_erased(customer.id)
            ),
        )
        return sorted(found, key=lambda customer: customer.id, reverse=True)[:limit]

    def registered(self, *, since: datetime, until: datetime) -> int:
        return sum(
            since <= customer.created_at < until
            for customer in self.shelves.customers.peek(self.brand_id)
        )

    def search(self, text: str, *, after: CustomerId | None, limit: int) -> Sequence[Customer]:
        sought = wanted(text)
        if sought is None:
            return ()
        found = self.shelves.customers.of(
            self.brand_id,
            where=lambda customer: (
                (after is None or customer.id < after)
                and not self._is_erased(customer.id)
                and finds(sought, findable(customer))
            ),
        )
        return sorted(found, key=lambda customer: customer.id, reverse=True)[:limit]

    def index(self, customer: Customer) -> None:
        assert self.shelves.customers.has(self.brand_id, customer.id), "a customer on file"

    def forget(self, customer_id: CustomerId, at: datetime) -> None:
        forget(self.shelves, self.brand_id, customer_id, at)

    def _is_erased(self, customer_id: CustomerId) -> bool:
        return self.shelves.erased.has(self.brand_id, customer_id)

    def _index_accounts(self, customer_id: CustomerId, indexes: Sequence[str]) -> None:
        for index in indexes:
            self.shelves.accounts.add(customer_id, self.brand_id, index, customer_id)


@attrs.frozen
class MemoryPeople:
    """Consents and one-time codes of one brand."""

    shelves: Shelves
    brand_id: BrandId

    def add_consent(self, consent: Consent) -> None:
        parent(self.shelves.customers, self.brand_id, consent.customer_id)
        of_customer(self.shelves, self.brand_id, consent.customer_id, consent)
        assert self.shelves.consents.add(consent, self.brand_id, consent.id)

    def save_consent(self, consent: Consent) -> None:
        self.shelves.consents.replace(consent, self.brand_id, consent.id)

    def consents(self, customer_id: CustomerId) -> Sequence[Consent]:
        found = self.shelves.consents.of(
            self.brand_id, where=lambda consent: consent.customer_id == customer_id
        )
        ordered = sorted(found, key=lambda consent: (consent.granted_at, consent.id))
        return of_customer(self.shelves, self.brand_id, customer_id, ordered or None) or []

    def add_otp(self, challenge: OtpChallenge) -> None:
        assert self.shelves.otps.add(challenge, self.brand_id, challenge.id)

    def otps_since(self, phone_index: str, since: datetime) -> Sequence[datetime]:
        return sorted(
            challenge.sent_at
            for challenge in self.shelves.otps.peek(self.brand_id)
            if challenge.phone_index == phone_index and challenge.sent_at >= since
        )

    def try_otp(
        self, *, phone_index: str, purpose: str, code_hash: str, at: datetime, limit: int
    ) -> Guess:
        sent = self.shelves.otps.of(
            self.brand_id,
            where=lambda each: (each.phone_index, each.purpose) == (phone_index, purpose),
        )
        latest = max(sent, key=lambda each: (each.sent_at, each.id), default=None)
        if latest is None or latest.used:
            return Guess.WRONG
        if latest.tries >= limit:
            return Guess.SPENT
        if latest.expires_at <= at:
            return Guess.WRONG
        latest.tries += 1
        latest.used = latest.code_hash == code_hash
        self.shelves.otps.put(latest, self.brand_id, latest.id)
        return Guess.RIGHT if latest.used else Guess.WRONG
