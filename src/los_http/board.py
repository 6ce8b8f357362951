"""Who listens to notifications in this process, and what they are told as it happens.

An open stream holds a place on the event loop and no thread: one look at the store each second, in
one thread, is for all listeners together. Any process may have written what is told, so that the
store is the only place it can come from. A listener who reads too slowly, whose session has ended
or whose process drains is let go, and takes up by the last event's id elsewhere.
Source: design decision D5 (asynchronous where many connections are held), threat row 13.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from typing import Final
from uuid import UUID

import attrs
import structlog

from los_core.domain.errors import Busy, TooMany
from los_core.domain.notification import Notification
from los_core.services.notifying import LATE, Notifications, Reader

LISTENERS: Final = 1_000
"""Streams that one process holds open."""
OF_ONE: Final = 5
"""Streams of one person in one process: tabs."""
WAITING: Final = 200
"""Notifications that wait for a slow reader before it is let go."""
LOOK_S: Final = 1.0
BEAT_S: Final = 15.0
"""Silence after which a comment is sent, so that nobody between takes the stream for dead."""
AGAIN_MS: Final = 2_000
"""What a client waits before it comes back."""

_END: Final = None


@attrs.define(eq=False)
class Listener:
    """One open stream."""

    who: Reader
    waiting: "asyncio.Queue[Notification | None]"
    seen: dict[UUID, datetime] = attrs.field(factory=dict)

    def offer(self, notification: Notification) -> None:
        """Have the stream tell it, once; a full stream is let go instead."""
        mine = notification.staff_id == self.who.staff_id
        if mine and notification.brand_id in self.who.brands and self.new(notification):
            try:
                self.waiting.put_nowait(notification)
            except asyncio.QueueFull:
                self.end()

    def new(self, notification: Notification) -> bool:
        """Whether it was not told before; it is from now on."""
        if notification.id in self.seen:
            return False
        self.seen[notification.id] = notification.created_at
        return True

    def forget(self, before: datetime) -> None:
        """Drop what no look finds any more."""
        self.seen = {told: at for told, at in self.seen.items() if at >= before}

    def end(self) -> None:
        """Have the stream end, whatever still waits."""
        while not self.waiting.empty():
            self.waiting.get_nowait()
        self.waiting.put_nowait(_END)


class Board:
    """The listeners of a process. All but `_ask` runs on the event loop."""

    def __init__(
        self,
        notifications: Notifications,
        now: Callable[[], datetime],
        *,
        draining: Callable[[], bool] = lambda: False,
        most: int = LISTENERS,
        of_one: int = OF_ONE,
        waiting: int = WAITING,
        look_s: float = LOOK_S,
        beat_s: float = BEAT_S,
    ) -> None:
        self._notifications = notifications
        self._now = now
        self._draining = draining
        self._most, self._of_one, self._waiting = most, of_one, waiting
        self._look_s, self._beat_s = look_s, beat_s
        self._listeners: set[Listener] = set()
        self._looking: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """Return how many streams are open."""
        return len(self._listeners)

    def check(self, who: Reader) -> None:
        """Raises: Busy: the process has no room; TooMany: the person has enough streams open."""
        if self._draining() or len(self._listeners) >= self._most:
            raise Busy("no more streams here", details={"retry_after_s": 5})
        if Counter(each.who.staff_id for each in self._listeners)[who.staff_id] >= self._of_one:
            raise TooMany("too many streams are open", details={"retry_after_s": 30})

    async def stream(
        self,
        who: Reader,
        write: Callable[[Notification], bytes],
        *,
        last: UUID | None = None,
    ) -> AsyncGenerator[bytes, None]:
        """Yield a stream's bytes: how many are unread, what was missed since `last`, what comes.

        It ends with the session, with the process, and for a reader who is too slow.
        """
        try:
            self.check(who)
        except (Busy, TooMany):  # others were faster since the request was let in
            return
        listener = Listener(who, asyncio.Queue(self._waiting))
        self._listeners.add(listener)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            unread = await asyncio.to_thread(self._notifications.unread, who)
            yield f'retry: {AGAIN_MS}\nevent: unread\ndata: {{"unread":{unread}}}\n\n'.encode()
            if last is not None:
                for each in await asyncio.to_thread(self._notifications.missed, who, last):
                    if listener.new(each):
                        yield write(each)
            while True:
                try:
                    told = await asyncio.wait_for(listener.waiting.get(), self._beat_s)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if told is _END:
                    return
                yield write(told)
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """End every stream."""
        for listener in self._listeners:
            listener.end()

    async def _look(self) -> None:
        """Look for everybody until nobody listens."""
        while self._listeners:
            await asyncio.sleep(self._look_s)
            if self._draining():
                self.close()
                continue
            people = [listener.who for listener in self._listeners]
            since = self._now() - LATE
            try:
                fresh, good = await asyncio.to_thread(self._ask, people, since)
            except Exception as err:  # noqa: BLE001 - the edge: a lost database comes back
                structlog.get_logger("los.http").warning("board", said=type(err).__name__)
                continue
            for listener in list(self._listeners):
                if listener.who.session_id not in good and listener.who in people:
                    listener.end()
                    continue
                for each in fresh:
                    listener.offer(each)
                listener.forget(since)

    def _ask(
        self, people: list[Reader], since: datetime
    ) -> tuple[list[Notification], set[UUID | None]]:
        fresh = self._notifications.fresh(people, since=since)
        return list(fresh), set(self._notifications.signed_in(people))
