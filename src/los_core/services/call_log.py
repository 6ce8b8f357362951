"""What is put on file of every call of a person or a key that was let in.

A command is told by the first transaction that writes, so that nothing is done untold. Who reads
what is personal is told before the answer goes out, in a transaction of its own. All other reads,
and what was let in and then refused, wait in a bounded buffer and are written together every few
seconds, equal ones as one row with their number; what found no room is counted, and the number is
told too. Rows hold ids, codes and routes. Who was not let in is `access_log`'s.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.errors import Busy
from los_core.domain.ids import PLATFORM, BrandId
from los_core.domain.work import AuditEvent
from los_core.ports.work import Begin, Once, Platform, UnitOfWork
from los_core.services.access_log import AccessLog
from los_core.services.callers import CustomerCaller, StaffCaller

COMMAND: Final = "access.command"
READ: Final = "access.read"
REFUSED: Final = "access.failed"
LOST: Final = "access.lost"
ROOM: Final = 10_000
"""Different calls that wait to be written, at most."""
BATCH: Final = 500


@attrs.frozen(kw_only=True)
class Call:
    """A call as it is told.

    Attributes:
        route: method and template.
        about: what its path names, if that is one thing with an id.
        entity: what kind of thing that is.
    """

    by: CustomerCaller | StaffCaller
    route: str
    entity: str = "access"
    about: UUID | None = None


@attrs.define
class _Open:
    """A command being carried out."""

    call: Call
    told: bool = False


_open: Final[ContextVar[_Open | None]] = ContextVar("command", default=None)


@attrs.frozen
class _Kind:
    """Equal calls have equal kinds."""

    brand_id: BrandId
    actor_id: UUID
    action: str
    route: str
    entity: str
    about: UUID | None
    status: int


class CallLog:
    """Tells of calls. One for a process; safe to share among threads."""

    def __init__(
        self, begin: Begin, platform: Platform, log: AccessLog, *, room: int = ROOM
    ) -> None:
        self._begin = begin
        self._platform = platform
        self._log = log
        self._room = room
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: dict[_Kind, tuple[Call, int, datetime]] = {}
        self._lost: Counter[BrandId] = Counter()
        self.lost = 0
        """Calls of this process that were not told."""

    @property
    def waiting(self) -> int:
        """How many different calls are still to be written."""
        return len(self._waiting)

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Have no command open within the block but those begun in it."""
        token = _open.set(None)
        try:
            yield
        finally:
            _open.reset(token)

    def command(self, call: Call) -> None:
        """Open a command: the first transaction of this call that writes tells of it."""
        _open.set(_Open(call))

    @contextmanager
    def telling(self, brand_id: BrandId, *, once: Once | None = None) -> Iterator[UnitOfWork]:
        """Begin a transaction, as `Begin`; the first of an open command tells of it."""
        command = _open.get()
        with self._begin(brand_id, once=once) as uow:
            yield uow
            tells = command is not None and not command.told and uow.wrote
            if command is not None and tells:
                uow.desk.audit([self._event(brand_id, COMMAND, command.call)])
        if command is not None and tells:
            command.told = True

    def finished(self, call: Call, status: int, *, personal: bool, reads: bool) -> None:
        """Tell of a call that is about to be answered; in its own transaction where that matters.

        Raises: Busy: a personal answer cannot be told of, so it may not be given.
        """
        if status >= 400:
            self._keep(REFUSED, call, status)
        elif reads and personal:
            self._put(READ, call)
        elif reads:
            self._keep(READ, call, status)
        elif (command := _open.get()) is None or not command.told:
            try:
                self._put(COMMAND, call)
            except Busy:  # it is done: what can be told later is told later
                self._keep(COMMAND, call, status)

    def flush(self) -> int:
        """Write what waits, and what was lost; return how many rows.

        What cannot be written now waits on. Raises: Busy.
        """
        written = 0
        with self._writing:
            self._bring_home()
            with self._lock:
                brands = {kind.brand_id for kind in self._waiting} | set(self._lost)
            for brand_id in sorted(brands - {PLATFORM}):
                while rows := self._write(brand_id):
                    written += rows
        return written

    def _bring_home(self) -> None:
        """Find the trail of calls that were of no brand: it is that of the person's own."""
        with self._lock:
            away = {kind: call[0] for kind, call in self._waiting.items() if _is_away(kind)}
        homes = {kind.actor_id: call for kind, call in away.items()}
        found = {actor_id: self._brand_of(call) for actor_id, call in homes.items()}
        with self._lock:
            for kind in away:
                call, times, at = self._waiting.pop(kind)
                home = found[kind.actor_id]
                if home is None:
                    self.lost += times
                else:
                    self._add(attrs.evolve(kind, brand_id=home), call, times, at)

    def _write(self, brand_id: BrandId) -> int:
        with self._lock:
            kinds = [kind for kind in self._waiting if kind.brand_id == brand_id][:BATCH]
            batch = {kind: self._waiting.pop(kind) for kind in kinds}
            lost = self._lost.pop(brand_id, 0)
        if not batch and not lost:
            return 0
        try:
            events = [
                self._event(brand_id, kind.action, call, status=kind.status, times=times, since=at)
                for kind, (call, times, at) in batch.items()
            ]
            if lost:
                events.append(self._log.event(brand_id, LOST, by=None, facts={"calls": lost}))
            with self._begin(brand_id) as uow:
                uow.desk.audit(events)
        except BaseException:
            self._put_back(brand_id, batch, lost)
            raise
        return len(events)

    def _put_back(
        self, brand_id: BrandId, batch: dict[_Kind, tuple[Call, int, datetime]], lost: int
    ) -> None:
        with self._lock:
            self._lost[brand_id] += lost
            for kind, (call, times, at) in batch.items():
                self._add(kind, call, times, at)

    def _put(self, action: str, call: Call) -> None:
        brand_id = self._brand_of(call)
        if brand_id is None:
            self.lost += 1  # an installation without a brand has no trail
            return
        with self._begin(brand_id) as uow:
            uow.desk.audit([self._event(brand_id, action, call)])

    def _keep(self, action: str, call: Call, status: int) -> None:
        kind = _Kind(
            call.by.brand_id, _id_of(call.by), action, call.route, call.entity, call.about, status
        )
        with self._lock:
            self._add(kind, call, 1, self._log.clock.now())

    def _add(self, kind: _Kind, call: Call, times: int, at: datetime) -> None:
        known = self._waiting.get(kind)
        if known is not None:
            self._waiting[kind] = (call, known[1] + times, min(at, known[2]))
        elif len(self._waiting) < self._room:
            self._waiting[kind] = (call, times, at)
        else:
            self.lost += times
            self._lost[kind.brand_id] += times

    def _brand_of(self, call: Call) -> BrandId | None:
        """Return in whose trail a call stands; None: there is no brand yet."""
        if call.by.brand_id != PLATFORM or isinstance(call.by, CustomerCaller):
            return call.by.brand_id
        member = self._platform.staff(call.by.staff_id)
        return self._log.home(member) if member else None

    def _event(
        self,
        brand_id: BrandId,
        action: str,
        call: Call,
        *,
        status: int = 0,
        times: int = 1,
        since: datetime | None = None,
    ) -> AuditEvent:
        facts: dict[str, object] = {"route": call.route}
        if status >= 400:
            facts["status"] = status
        if since is not None:
            facts |= {"times": times, "since": since.isoformat()}
        return self._log.event(
            brand_id, action, by=call.by, about=call.about, entity=call.entity, facts=facts
        )


def _is_away(kind: _Kind) -> bool:
    return kind.brand_id == PLATFORM


def _id_of(by: CustomerCaller | StaffCaller) -> UUID:
    return by.customer_id if isinstance(by, CustomerCaller) else by.staff_id
