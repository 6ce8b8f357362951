"""Transactions: how a service reads and writes as one. Source: design decisions D13 and D14.

A service opens its own unit of work and closes it before it calls any vendor. Leaving the block
normally commits everything, leaving it by an error undoes everything.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

import attrs

from los_core.domain.brand import Brand, PolicyLinks, Settings
from los_core.domain.evaluation_items import Config
from los_core.domain.ids import BrandId, JobId, StaffId
from los_core.domain.rule import Rule
from los_core.domain.staff import Guess, SecureCode, Session, Staff
from los_core.domain.work import AuditEvent, Due, Job, Run
from los_core.ports.activity import Sittings
from los_core.ports.audit import Trail
from los_core.ports.notifications import Mailbox, Notices
from los_core.ports.records import CouponUses, Records
from los_core.ports.repositories import (
    Agreements,
    ApiKeys,
    Approvals,
    Assessments,
    Books,
    Customers,
    Desk,
    Loans,
    Offers,
    Payouts,
    People,
    Receipts,
)


@attrs.frozen
class Answer:
    """What a command answered, as bytes, so that a repeat gets the same ones."""

    status: int
    body: bytes


class Replayed(Exception):
    """The command with this key was carried out before; `answer` is what it answered."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("replayed")
        self.answer = answer


@attrs.frozen(kw_only=True)
class Once:
    """A client's promise that a command with this key is the same command.

    Attributes:
        scope: actor and route: another's key is another key.
        request_hash: of the request's content: the same key with another content is refused.
        render: makes the stored answer of what the service returns.
        resume: the command goes on after its vendor call (`going_on`), it does not begin.
    """

    scope: str
    key: str
    request_hash: str
    render: Callable[[Any], Answer] = attrs.field(eq=False, repr=False)
    resume: bool = False


class UnitOfWork(Protocol):
    """One transaction of one brand."""

    @property
    def brand_id(self) -> BrandId: ...
    @property
    def customers(self) -> Customers: ...
    @property
    def loans(self) -> Loans: ...
    @property
    def offers(self) -> Offers: ...
    @property
    def assessments(self) -> Assessments: ...
    @property
    def agreements(self) -> Agreements: ...
    @property
    def payouts(self) -> Payouts: ...
    @property
    def receipts(self) -> Receipts: ...
    @property
    def books(self) -> Books: ...
    @property
    def approvals(self) -> Approvals: ...
    @property
    def people(self) -> People: ...
    @property
    def desk(self) -> Desk: ...
    @property
    def trail(self) -> Trail: ...
    @property
    def lender(self) -> "LenderRules": ...
    @property
    def keys(self) -> ApiKeys: ...
    @property
    def records(self) -> Records: ...
    @property
    def coupons(self) -> CouponUses: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def sittings(self) -> Sittings: ...

    @property
    def wrote(self) -> bool:
        """Whether anything was written so far: what has only read has nothing to tell."""
        ...

    def answer(self, result: object) -> None:
        """Store `once.render(result)` under the key given to `begin`; without a key, no effect."""
        ...

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run a hint (such as waking the job runner) once the commit stands; it may be lost."""
        ...


class Begin(Protocol):
    """Opens a unit of work."""

    def __call__(
        self, brand_id: BrandId, *, once: Once | None = None
    ) -> AbstractContextManager[UnitOfWork]:
        """Begin a transaction.

        A key whose transaction commits without an answer stays RUNNING: a repeat is refused until
        the command resumes and answers, or 60 s have passed and the repeat takes it over.
        Raises: Replayed: `once` was carried out before; Conflict: the same key is being worked on
            (code IN_PROGRESS); Invalid: the key was used for another content (code KEY_REUSED);
            Busy: others held what the transaction needs for too long, and nothing was written.
        """
        ...


class LenderRules(Protocol):
    """The brand itself and the rules it lends by; each set is replaced whole, with a version.

    Each change raises the brand's generation in the same transaction.
    """

    def brand(self) -> Brand: ...

    def settings(self) -> Settings: ...

    def save_settings(self, settings: Settings) -> None:
        """Raises: StaleVersion."""
        ...

    def save_links(self, links: PolicyLinks, *, version: int) -> None:
        """Write the brand's policy links and raise its version. Raises: StaleVersion."""
        ...

    def rules(self) -> tuple[int, Sequence[Rule]]:
        """The hard rules in force, with their version."""
        ...

    def save_rules(self, rules: Sequence[Rule]) -> int:
        """Replace the hard rules; return the new version."""
        ...

    def evaluation(self) -> Config: ...

    def save_evaluation(self, config: Config) -> None: ...

    def executives(self) -> Sequence[Staff]:
        """Active staff of the brand, by id, held against other writers.

        `brands` is this one: for whom else they work is not the brand's to see.
        """
        ...

    def colleagues(self) -> Sequence[Staff]:
        """Return the same, held against nobody."""
        ...

    def colleague(self, staff_id: StaffId) -> Staff | None:
        """Return an active member of the brand's staff, None if they are none, as above."""
        ...

    def save_staff(self, staff: Staff) -> None:
        """Write all but the brands. Raises: StaleVersion."""
        ...


@attrs.frozen(kw_only=True)
class Which:
    """Which jobs a worker wants.

    Attributes:
        kinds: of these alone; None: of any.
        ids: these alone; None: any.
        due_by: due by this instant, where that is not now.
    """

    kinds: Collection[str] | None = None
    ids: Collection[JobId] | None = None
    due_by: datetime | None = None


ANY: Final = Which()


@attrs.frozen(kw_only=True)
class Backlog:
    """Jobs of a kind: how many are due, since when the oldest is, and how many are buried."""

    kind: str
    due: int = 0
    since: datetime | None = None
    buried: int = 0


class Platform(Protocol):
    """What belongs to no single brand: brands, staff, sessions, the queue, the calendar of runs.

    Each method is one transaction of its own.
    """

    @property
    def mailbox(self) -> Mailbox:
        """What members of staff are told, across the brands they work for."""
        ...

    def brands(self) -> Sequence[Brand]: ...

    def brand(self, brand_id: BrandId) -> Brand | None: ...

    def brand_by_code(self, code: str) -> Brand | None: ...

    def brand_at(self, subdomain: str) -> Brand | None:
        """Return the brand whose customers come by this subdomain."""
        ...

    def add_brand(self, brand: Brand, settings: Settings) -> None:
        """Raises: Conflict: code or subdomain is taken."""
        ...

    def generation(self, brand_id: BrandId) -> int:
        """Return a number that rises with every change of a brand's own rules (`LenderRules`).

        What was worked out from them at one number is good as long as it stands.
        """
        ...

    def staff(self, staff_id: StaffId) -> Staff | None: ...

    def staff_by_email(self, email: str) -> Staff | None: ...

    def staff_of(self, brand_id: BrandId | None) -> Sequence[Staff]:
        """Return who works or worked for a brand, or everybody, by name and id."""
        ...

    def add_staff(self, staff: Staff, *, trail: Sequence[AuditEvent] = ()) -> None:
        """Add somebody, and what is told of it. Raises: Conflict: the address is taken."""
        ...

    def save_staff(self, staff: Staff, *, trail: Sequence[AuditEvent] = ()) -> None:
        """Write somebody, and what is told of it, as one. Raises: StaleVersion."""
        ...

    def count_failure(self, staff_id: StaffId, *, limit: int, lock_until: datetime) -> None:
        """Count a wrong password in one update; at `limit` in a row, lock the log-in."""
        ...

    def add_session(self, session: Session) -> None: ...

    def session(self, session_id: UUID) -> Session | None: ...

    def session_by_token(self, token_hash: str) -> Session | None:
        """Find by the present or the previous refresh token's hash."""
        ...

    def rotate(
        self, session_id: UUID, *, old_hash: str, new_hash: str, at: datetime, expires_at: datetime
    ) -> bool:
        """Exchange the refresh token in one conditional update; False for the loser of a race."""
        ...

    def revoke(self, session_id: UUID, at: datetime) -> None: ...

    def sessions_of(self, staff_id: StaffId, at: datetime) -> Sequence[Session]:
        """Return the log-ins of a member of staff that are good at an instant, newest first."""
        ...

    def alive(self, sessions: Collection[UUID], at: datetime) -> set[UUID]:
        """Return those of the sessions that are good at an instant."""
        ...

    def revoke_all(self, staff_id: StaffId, at: datetime, *, but: UUID | None = None) -> None:
        """End every log-in of a member of staff, save one if it is named."""
        ...

    def add_secure_code(self, code: SecureCode) -> None:
        """Store a code; an older one of the same person is void."""
        ...

    def secure_code(self, code_id: UUID) -> SecureCode | None: ...

    def latest_secure_code(self, staff_id: StaffId) -> SecureCode | None: ...

    def try_secure_code(self, code_id: UUID, *, right: bool, at: datetime, limit: int) -> Guess:
        """Count one guess at a code, of which the caller says whether it is right.

        One conditional update, as for one-time codes.
        """
        ...

    def provider_rows(self, brand_id: BrandId, port: str) -> Sequence["ProviderRow"]: ...

    def providers(self, brand_id: BrandId) -> Sequence["ProviderRow"]:
        """Return a brand's vendors of every port, by port, the primary first, then by name."""
        ...

    def save_provider(
        self,
        row: "ProviderRow",
        *,
        seen: int | None = None,
        trail: Sequence[AuditEvent] = (),
    ) -> None:
        """Add or replace by (brand, port, name); a primary one demotes the port's others.

        `seen` is the version that the caller saw, 0 for none; None: whatever is there. What is told
        of it is written as one. Raises: StaleVersion.
        """
        ...

    def claim_jobs(
        self,
        *,
        limit: int,
        now: datetime,
        lease_s: float,
        worker: str,
        which: Which = ANY,
    ) -> list[Job]:
        """Lease due jobs, oldest first; a lease that ran out is claimed again."""
        ...

    def queue_jobs(self, *, limit: int, now: datetime) -> list[Due]:
        """Mark due jobs that have not been put into a broker's queue, oldest first; return them.

        A job that comes back for another run is to be put there again.
        """
        ...

    def unqueue_jobs(self, ids: Collection[JobId]) -> None:
        """Take the mark back: the broker did not take them."""
        ...

    def finish_job(self, job: Job) -> bool:
        """Mark done; False if the lease was lost."""
        ...

    def finish_jobs(self, jobs: Sequence[Job]) -> Collection[JobId]:
        """Mark jobs of one claim as done; return those whose lease was not lost."""
        ...

    def fail_job(
        self, job: Job, *, error: str, again_at: datetime | None, dead: bool = False
    ) -> bool:
        """Give back for another run at `again_at`, or bury as a dead letter."""
        ...

    def idle(self, now: datetime) -> bool:
        """Whether no job is due or running."""
        ...

    def backlog(self, now: datetime) -> Sequence["Backlog"]:
        """What waits though it is due, and what is buried, by kind of job, in its order."""
        ...

    def dead_letters(self) -> Sequence[Job]: ...

    def replay_job(self, job_id: JobId, now: datetime) -> bool:
        """Make a dead letter due again, with its attempts forgotten."""
        ...

    def workers(self) -> Sequence[str]:
        """Those that have something claimed, by the names they claimed it under, sorted."""
        ...

    def give_back(self, worker: str, *, now: datetime) -> int:
        """End every claim of a worker that is known to be dead, and return how many there were.

        Its jobs are due again at once and its runs of business dates can be claimed; the runs it
        had begun stay counted.
        """
        ...

    def claim_slot(
        self,
        brand_id: BrandId,
        task: str,
        slot: datetime,
        *,
        now: datetime,
        worker: str,
        lease_s: float,
    ) -> Run | None:
        """Claim a scheduled run; None while another holds it, and once it is finished.

        A claim whose lease ran out is taken over: the new run's `fence` is higher.
        """
        ...

    def finish_slot(self, run: Run, *, now: datetime) -> bool:
        """Mark a run as done, a second time too; False if another worker took it over."""
        ...

    def last_slot(self, brand_id: BrandId, task: str) -> datetime | None:
        """The latest slot finished; None before the first."""
        ...

    def forget_slots(self, brand_id: BrandId, task: str, *, before: datetime) -> int:
        """Drop what is known of a task's slots before an instant; return how many there were."""
        ...


@attrs.frozen(kw_only=True)
class ProviderRow:
    """A vendor of a brand. `settings` is plain here and sealed at rest."""

    brand_id: BrandId
    port: str
    name: str
    settings: dict[str, object] = attrs.field(repr=False)
    is_primary: bool = False
    is_active: bool = True
    version: int = 0
