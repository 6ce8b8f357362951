"""Clocks: the wall, the wall with a moved business date, and one that stands until it is moved.

The wall rules tokens, leases and time-outs; the business clock rules lending (design decision D15).
`FileClock` reads how far the business clock is ahead from a small file, so that the processes of a
demonstration share one business date. Nothing here decides when a clock may be moved: settings do.
"""

import contextlib
import json
import os
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import attrs

INDIA: Final = ZoneInfo("Asia/Kolkata")
_NOON: Final = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)


class WallClock:
    """The machine's clock, for lending too."""

    def now(self) -> datetime:
        """Return the instant, in UTC."""
        return datetime.now(UTC)

    def business_now(self) -> datetime:
        """Return the same instant: lending goes by the real date."""
        return self.now()

    def business_date(self) -> date:
        """Return today's date in India."""
        return self.business_now().astimezone(INDIA).date()


@attrs.define
class FileClock:
    """The wall for machines, the wall and an offset of whole seconds for lending.

    The file holds `{"offset_s": 86400}`; none means no offset. It is looked at on every reading and
    parsed again only when it was replaced. Several processes may read; one at a time may move it.
    """

    path: Path
    _seen: tuple[int, int] | None = attrs.field(default=None, init=False)
    _offset: timedelta = attrs.field(default=timedelta(0), init=False)

    def now(self) -> datetime:
        """Return the wall's instant, in UTC."""
        return datetime.now(UTC)

    def business_now(self) -> datetime:
        """Return the instant lending goes by, in UTC."""
        return self.now() + self._read()

    def business_date(self) -> date:
        """Return the date in India of `business_now`."""
        return self.business_now().astimezone(INDIA).date()

    def advance(self, by: timedelta) -> None:
        """Move the business clock on, or back for a negative duration; seconds are whole."""
        self._write(self._read() + by)

    def move_to(self, instant: datetime) -> None:
        """Have the business clock show an instant (aware) now, and go on from there."""
        self._write(instant - self.now())

    def _read(self) -> timedelta:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._seen, self._offset = None, timedelta(0)
            return self._offset
        # Replacing a file gives it another inode, so two moves within one tick are told apart.
        seen = (found.st_mtime_ns, found.st_ino)
        if seen != self._seen:
            offset_s: int = json.loads(self.path.read_text())["offset_s"]
            self._offset, self._seen = timedelta(seconds=offset_s), seen
        return self._offset

    def _write(self, offset: timedelta) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w") as file:
                json.dump({"offset_s": round(offset.total_seconds())}, file)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise


@attrs.define
class FixedClock:
    """A clock that stands still until it is moved; lending and machines see the same instant."""

    at: datetime = _NOON

    def now(self) -> datetime:
        """Return the instant, in UTC."""
        return self.at

    def business_now(self) -> datetime:
        """Return the same instant."""
        return self.at

    def business_date(self) -> date:
        """Return its date in India."""
        return self.at.astimezone(INDIA).date()

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.at += by

    def move_to(self, instant: datetime) -> None:
        """Show another instant (aware)."""
        self.at = instant.astimezone(UTC)
