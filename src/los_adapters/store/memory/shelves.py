"""What the memory store keeps: shelves of values by key, copied in and out, restored on rollback.

A key begins with the brand, as every key in the database does. Copies make an object that was not
saved differ from the stored one, so that tests meet what a database would show.
"""

import copy
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeAlias, TypeVar
from uuid import UUID

import attrs

from los_adapters.store.once import JobState, Taken
from los_core.domain.activity import Sitting
from los_core.domain.agreement import Agreement, DocumentOnFile, KeyFactsOnFile, NoDues
from los_core.domain.api_key import ApiKey
from los_core.domain.approval import Approval
from los_core.domain.assessment import CamOnFile, DecisionOnFile, ReportOnFile
from los_core.domain.audit import Seal
from los_core.domain.brand import Brand, Settings
from los_core.domain.consent import Consent
from los_core.domain.coupon import Redemption
from los_core.domain.customer import Customer
from los_core.domain.errors import StaleVersion
from los_core.domain.evaluation_items import Config
from los_core.domain.facts import Fact
from los_core.domain.ids import CustomerId
from los_core.domain.ledger import Posting
from los_core.domain.loan import Loan, Move
from los_core.domain.notification import Notification
from los_core.domain.offers import Offer
from los_core.domain.payout import Payout
from los_core.domain.record import Record
from los_core.domain.rule import Rule
from los_core.domain.servicing import CollectionOrder, Receipt
from los_core.domain.staff import OtpChallenge, SecureCode, Session, Staff
from los_core.domain.work import AuditEvent, Job, SentMessage, WebhookEvent
from los_core.ports.work import ProviderRow

Key: TypeAlias = tuple[Any, ...]
Snapshot: TypeAlias = dict[str, dict[Key, Any]]
V = TypeVar("V")


class Versioned(Protocol):
    """An aggregate that refuses a stale write."""

    version: int


A = TypeVar("A", bound=Versioned)


@attrs.define
class Shelf(Generic[V]):
    """Values of one kind, in the order they were added."""

    rows: dict[Key, V] = attrs.field(factory=dict)

    def get(self, *key: object) -> V | None:
        """Return a copy of the value, or None."""
        return copy.deepcopy(self.rows.get(key))

    def has(self, *key: object) -> bool:
        """Whether the key is on the shelf."""
        return key in self.rows

    def put(self, value: V, *key: object) -> None:
        """Keep a copy under the key, in place of what was there."""
        brand_id = getattr(value, "brand_id", None)
        assert brand_id is None or len(key) == 1 or key[0] == brand_id, "a row of another brand"
        self.rows[key] = copy.deepcopy(value)

    def add(self, value: V, *key: object) -> bool:
        """Keep a copy under a new key; False, and nothing changed, if the key is there."""
        if key in self.rows:
            return False
        self.put(value, *key)
        return True

    def replace(self, value: V, *key: object) -> None:
        """Keep a copy in place of what must be there."""
        assert key in self.rows, f"nothing to save at {key}"
        self.put(value, *key)

    def take(self, *key: object) -> None:
        """Take off what must be there."""
        del self.rows[key]

    def purge(self, *start: object, where: Callable[[V], bool], limit: int) -> int:
        """Take values whose key begins so off the shelf, `limit` at most; return how many."""
        size = len(start)
        found = [key for key, value in self.rows.items() if key[:size] == start and where(value)]
        for key in found[:limit]:
            del self.rows[key]
        return len(found[:limit])

    def of(self, *start: object, where: Callable[[V], bool] = lambda _: True) -> list[V]:
        """Return copies of the values whose key begins so, in the order they were added."""
        return [copy.deepcopy(value) for value in self.peek(*start) if where(value)]

    def peek(self, *start: object) -> Iterator[V]:
        """Yield the values themselves, to be looked at only."""
        size = len(start)
        return (value for key, value in list(self.rows.items()) if key[:size] == start)


def save(shelf: Shelf[A], value: A, *key: object) -> None:
    """Write an aggregate that is on the shelf, and raise its version. Raises: StaleVersion."""
    kept = shelf.rows.get(key)
    if kept is None or kept.version != value.version:
        raise stale(None if kept is None else kept.version)
    value.version += 1
    shelf.put(value, *key)


def stale(version: int | None) -> StaleVersion:
    """Return the refusal of a write that read another version than today's."""
    return StaleVersion(
        "somebody changed this since it was read; read it again", details={"version": version}
    )


@attrs.define
class JobRow:
    """A job and where it stands."""

    job: Job
    state: JobState = JobState.READY
    lease_until: datetime | None = None
    queued: bool = False


@attrs.define
class SlotRow:
    """A scheduled run: leased, then finished."""

    lease_until: datetime
    worker: str
    fence: int = 1
    finished: bool = False


@attrs.define
class Shelves:
    """Everything, by the name of its table."""

    brands: Shelf[Brand] = attrs.field(factory=Shelf)
    settings: Shelf[Settings] = attrs.field(factory=Shelf)
    rules: Shelf[tuple[int, tuple[Rule, ...]]] = attrs.field(factory=Shelf)
    evaluations: Shelf[Config] = attrs.field(factory=Shelf)
    records: Shelf[Record[Any]] = attrs.field(factory=Shelf)
    coupon_uses: Shelf[Redemption] = attrs.field(factory=Shelf)
    providers: Shelf[ProviderRow] = attrs.field(factory=Shelf)
    staff: Shelf[Staff] = attrs.field(factory=Shelf)
    sessions: Shelf[Session] = attrs.field(factory=Shelf)
    secure_codes: Shelf[SecureCode] = attrs.field(factory=Shelf)
    api_keys: Shelf[ApiKey] = attrs.field(factory=Shelf)
    customers: Shelf[Customer] = attrs.field(factory=Shelf)
    erased: Shelf[datetime] = attrs.field(factory=Shelf)
    phones: Shelf[CustomerId] = attrs.field(factory=Shelf)
    accounts: Shelf[CustomerId] = attrs.field(factory=Shelf)
    loans: Shelf[Loan] = attrs.field(factory=Shelf)
    history: Shelf[Move] = attrs.field(factory=Shelf)
    offers: Shelf[Offer] = attrs.field(factory=Shelf)
    key_facts: Shelf[KeyFactsOnFile] = attrs.field(factory=Shelf)
    reports: Shelf[ReportOnFile] = attrs.field(factory=Shelf)
    decisions: Shelf[DecisionOnFile] = attrs.field(factory=Shelf)
    cams: Shelf[CamOnFile] = attrs.field(factory=Shelf)
    agreements: Shelf[Agreement] = attrs.field(factory=Shelf)
    documents: Shelf[DocumentOnFile] = attrs.field(factory=Shelf)
    no_dues: Shelf[NoDues] = attrs.field(factory=Shelf)
    payouts: Shelf[Payout] = attrs.field(factory=Shelf)
    orders: Shelf[CollectionOrder] = attrs.field(factory=Shelf)
    receipts: Shelf[Receipt] = attrs.field(factory=Shelf)
    facts: Shelf[Fact] = attrs.field(factory=Shelf)
    postings: Shelf[tuple[Posting, date]] = attrs.field(factory=Shelf)
    approvals: Shelf[Approval] = attrs.field(factory=Shelf)
    consents: Shelf[Consent] = attrs.field(factory=Shelf)
    otps: Shelf[OtpChallenge] = attrs.field(factory=Shelf)
    jobs: Shelf[JobRow] = attrs.field(factory=Shelf)
    slots: Shelf[SlotRow] = attrs.field(factory=Shelf)
    inbox: Shelf[bool] = attrs.field(factory=Shelf)
    events: Shelf[WebhookEvent] = attrs.field(factory=Shelf)
    event_owners: Shelf[UUID] = attrs.field(factory=Shelf)
    messages: Shelf[SentMessage] = attrs.field(factory=Shelf)
    sittings: Shelf[Sitting] = attrs.field(factory=Shelf)
    notifications: Shelf[Notification] = attrs.field(factory=Shelf)
    audit: Shelf[AuditEvent] = attrs.field(factory=Shelf)
    unsealed: Shelf[UUID] = attrs.field(factory=Shelf)
    seals: Shelf[Seal] = attrs.field(factory=Shelf)
    numbers: Shelf[int] = attrs.field(factory=Shelf)
    keys: Shelf[Taken] = attrs.field(factory=Shelf)

    def snapshot(self) -> Snapshot:
        """Return what `restore` needs to undo everything done from now on."""
        return {field.name: dict(self._shelf(field.name).rows) for field in attrs.fields(Shelves)}

    def restore(self, snapshot: Snapshot) -> None:
        """Put every shelf back to a snapshot."""
        for name, rows in snapshot.items():
            self._shelf(name).rows = rows

    def _shelf(self, name: str) -> Shelf[Any]:
        shelf: Shelf[Any] = getattr(self, name)
        return shelf


def parent(shelf: Shelf[Any], *key: object) -> None:
    """Assert what a foreign key would: the row that another one belongs to is on file."""
    assert shelf.has(*key), f"add its parent first: {key}"
