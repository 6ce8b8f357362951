"""Telling staff in the console, in the transaction of the cause; and what they do with it.

`notify` and its kin are called by whoever causes something. Reading is across all the brands a
person works for, own rows only. Source: notifications (operations §9), threat row 13.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.access import Role
from los_core.domain.brand import Settings
from los_core.domain.errors import NotFound
from los_core.domain.ids import BrandId, StaffId
from los_core.domain.loan import By, Loan
from los_core.domain.notification import Notification, NotificationKind, versions_changed, words
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import Platform, UnitOfWork
from los_core.services.callers import StaffCaller

LATE: Final = timedelta(seconds=15)
"""How long after it was created a notification may be committed: looked back for by who streams."""
REPLAYED: Final = 100
"""Most notifications read at once."""


def notify(
    uow: UnitOfWork,
    recipients: Iterable[StaffId | None],
    kind: NotificationKind,
    *,
    at: datetime,
    entropy: Entropy,
    loan: Loan | None = None,
    metadata: dict[str, str] | None = None,
    but: UUID | None = None,
    **facts: object,
) -> None:
    """Tell members of staff of the brand, each once, at an instant of the wall clock.

    None among the recipients is nobody, as a loan may have no executive; `but` is who caused it, as
    nobody is told what they have just done. `loan` is what it is about, `metadata` has further ids
    to lead on by, `facts` are what the kind's words name.
    """
    told = notes(
        uow.brand_id,
        recipients,
        kind,
        at=at,
        entropy=entropy,
        loan=loan,
        metadata=metadata,
        but=but,
        **facts,
    )
    uow.notices.add(told)


def notes(
    brand_id: BrandId,
    recipients: Iterable[StaffId | None],
    kind: NotificationKind,
    *,
    at: datetime,
    entropy: Entropy,
    loan: Loan | None = None,
    metadata: dict[str, str] | None = None,
    but: UUID | None = None,
    **facts: object,
) -> list[Notification]:
    """Return what `notify` adds, for those who tell of many things at once."""
    told = dict(metadata or {})
    if loan is not None:
        told = {"loanId": str(loan.id), "userId": str(loan.customer_id)} | told
        facts = {"loan_no": loan.loan_no} | facts
    title, body = words(kind, facts)
    people = dict.fromkeys(each for each in recipients if each is not None and each != but)
    return [
        Notification(
            id=entropy.uuid(),
            brand_id=brand_id,
            staff_id=staff_id,
            kind=kind,
            title=title,
            body=body,
            metadata=told,
            created_at=at,
        )
        for staff_id in people
    ]


def tell_of_move(uow: UnitOfWork, entropy: Entropy, by: By, loan: Loan) -> None:
    """Tell a loan's executive where it stands now, unless they moved it themselves."""
    uow.notices.add(notes_of_move(entropy, by, loan))


def notes_of_move(entropy: Entropy, by: By, loan: Loan) -> list[Notification]:
    """Return what `tell_of_move` adds, for those who move many loans at once."""
    return notes(
        loan.brand_id,
        [loan.assigned_to],
        NotificationKind.LOAN_STATUS_CHANGED,
        at=by.at,
        entropy=entropy,
        loan=loan,
        but=by.actor_id,
        status=loan.status.value,
    )


def tell_of_versions(
    uow: UnitOfWork, before: Settings, after: Settings, *, at: datetime, entropy: Entropy
) -> None:
    """Tell all staff of a brand which parts of the console changed their version."""
    changed = versions_changed(before, after)
    people = [each.id for each in uow.lender.colleagues()] if changed else []
    for part, version in changed:
        notify(
            uow,
            people,
            NotificationKind.VERSION_UPDATE,
            at=at,
            entropy=entropy,
            metadata={"part": part, "version": str(version)},
            part=part,
            version=version,
        )


@attrs.frozen(kw_only=True)
class Page:
    """A page of a person's notifications, newest first, and how many there are in all."""

    notifications: Sequence[Notification]
    total: int
    unread: int


@attrs.frozen(kw_only=True)
class Reader:
    """Somebody whose notifications are read: which person, and which brands they work for."""

    staff_id: StaffId
    brands: frozenset[BrandId]
    session_id: UUID | None


@attrs.frozen(kw_only=True)
class Notifications:
    """A person's own notifications."""

    platform: Platform
    clock: Clock

    def reader(self, caller: StaffCaller) -> Reader:
        """Return the caller with the brands they work for."""
        staff = self.platform.staff(caller.staff_id)
        assert staff is not None, "the caller is signed in"
        brands = staff.brands
        if Role.SUPER_ADMIN in staff.roles:
            brands = frozenset(brand.id for brand in self.platform.brands())
        return Reader(staff_id=staff.id, brands=brands, session_id=caller.session_id)

    def page(self, caller: StaffCaller, *, page: int, limit: int) -> Page:
        """Return a page, the first is 1."""
        who, box = self.reader(caller), self.platform.mailbox
        total, unread = box.counts(who.staff_id, who.brands)
        found = box.page(who.staff_id, who.brands, skip=(page - 1) * limit, limit=limit)
        return Page(notifications=found, total=total, unread=unread)

    def unread(self, who: Reader) -> int:
        """Return how many a person has not read."""
        return self.platform.mailbox.counts(who.staff_id, who.brands)[1]

    def read(self, caller: StaffCaller, notification_id: UUID) -> None:
        """Mark one as read; a second time changes nothing. Raises: NotFound."""
        who = self.reader(caller)
        if not self.platform.mailbox.read(
            who.staff_id, who.brands, self.clock.now(), only=notification_id
        ):
            raise _none()

    def read_all(self, caller: StaffCaller) -> int:
        """Mark all as read; return how many were not."""
        who = self.reader(caller)
        return self.platform.mailbox.read(who.staff_id, who.brands, self.clock.now())

    def dismiss(self, caller: StaffCaller, notification_id: UUID) -> None:
        """Take one from the list. Raises: NotFound."""
        who = self.reader(caller)
        if not self.platform.mailbox.dismiss(
            who.staff_id, who.brands, notification_id, self.clock.now()
        ):
            raise _none()

    def missed(self, who: Reader, last: UUID) -> list[Notification]:
        """Return what a person has not read of what came after one of theirs, oldest first.

        From a little before it: what was created earlier may have been committed later, and is told
        twice rather than never. One that is not theirs, or gone, is as if nothing was missed.
        """
        box = self.platform.mailbox
        known = box.get(who.staff_id, who.brands, last)
        if known is None:
            return []
        found: list[Notification] = []
        after: tuple[datetime, UUID] | None = None
        while True:
            some = box.since(
                [who.staff_id],
                who.brands,
                since=known.created_at - LATE,
                limit=REPLAYED,
                after=after,
            )
            found += [each for each in some if each.id != last]
            if len(some) < REPLAYED:
                return found
            after = some[-1].created_at, some[-1].id

    def fresh(self, people: Collection[Reader], *, since: datetime) -> Sequence[Notification]:
        """Return what several people have not read of what was created since, oldest first."""
        brands = frozenset[BrandId]().union(*(who.brands for who in people))
        staff = {who.staff_id for who in people}
        found: list[Notification] = []
        after: tuple[datetime, UUID] | None = None
        while True:
            some = self.platform.mailbox.since(
                staff, brands, since=since, limit=REPLAYED, after=after
            )
            found += some
            if len(some) < REPLAYED:
                return found
            after = some[-1].created_at, some[-1].id

    def signed_in(self, people: Collection[Reader]) -> set[UUID]:
        """Return the sessions of these people that are still good."""
        ids = {who.session_id for who in people if who.session_id is not None}
        return self.platform.alive(ids, self.clock.now())


def _none() -> NotFound:
    return NotFound("no such notification")
