"""A brand's rows of configuration turned into vendors ready for use, the primary first.

Reading the rows and opening their secrets is the store's; which names exist is in `registry`,
whose `opened` is passed in here. This file needs none of the vendors' libraries, so that the
fakes can be used without them.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import attrs

from los_core.domain.ids import BrandId
from los_core.ports.directory import Chosen, Port
from los_core.ports.errors import Unavailable

P = TypeVar("P")
_log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class ProviderRow:
    """One vendor in a brand's configuration.

    Attributes:
        settings: as the vendor's settings model reads them, secrets opened.
        is_active: chosen for new work.
        is_disabled: switched off by the platform, for new work too.
        version: changes with every change of the row.
    """

    name: str
    settings: Mapping[str, object] = attrs.field(repr=False)
    is_primary: bool = False
    is_active: bool = True
    is_disabled: bool = False
    version: int = 1


@attrs.frozen
class Opened:
    """An adapter with the settings in it, and how to let go of its connections."""

    adapter: Any
    account: str
    close: Callable[[], None]


Opener = Callable[[str, ProviderRow], Opened]
"""(port's name, row) → adapter. Raises: Unavailable, misconfigured: the settings do not serve."""


class BrandDirectory:
    """The `Directory` over stored rows. Safe to share among threads.

    An adapter is opened once per (brand, port, name, version of the row); another version takes
    its place, and the connections of the old one are closed when its last call is over.
    """

    def __init__(
        self, rows: Callable[[BrandId, str], Sequence[ProviderRow]], opener: Opener
    ) -> None:
        """`rows` returns a brand's rows for a port's name, in order of preference."""
        self._rows = rows
        self._opener = opener
        self._lock = threading.Lock()
        self._open: dict[tuple[BrandId, str, str], tuple[ProviderRow, Opened]] = {}

    def find(self, brand_id: BrandId, port: Port[P]) -> Sequence[Chosen[P]]:
        """Return the active vendors, the primary first.

        One whose settings do not serve is left out and logged: the next provider takes over.
        """
        rows = [
            row for row in self._rows(brand_id, port.name) if row.is_active and not row.is_disabled
        ]
        chosen = []
        for row in sorted(rows, key=lambda row: not row.is_primary):
            try:
                chosen.append(self._chosen(brand_id, port, row))
            except Unavailable as err:
                _log.error("brand %s cannot use %s:%s: %s", brand_id, port.name, row.name, err)
        return chosen

    def named(self, brand_id: BrandId, port: Port[P], name: str) -> Chosen[P] | None:
        """Return one vendor, active or not; None if the brand has no such row.

        Raises: Unavailable, misconfigured: its settings do not serve.
        """
        for row in self._rows(brand_id, port.name):
            if row.name == name:
                return self._chosen(brand_id, port, row)
        return None

    def close(self) -> None:
        """Let go of every connection."""
        with self._lock:
            opened = [kept for _, kept in self._open.values()]
            self._open.clear()
        for kept in opened:
            kept.close()

    def _chosen(self, brand_id: BrandId, port: Port[P], row: ProviderRow) -> Chosen[P]:
        opened = self._opened(brand_id, port.name, row)
        return Chosen(row.name, opened.account, cast("P", opened.adapter))

    def _opened(self, brand_id: BrandId, port_name: str, row: ProviderRow) -> Opened:
        key = (brand_id, port_name, row.name)
        with self._lock:
            known, kept = self._open.get(key, (None, None))
            if known is not None and kept is not None and _same(known, row):
                return kept
            opened = self._opener(port_name, row)
            self._open[key] = (row, opened)
        if kept is not None:
            kept.close()
        return opened


def _same(known: ProviderRow, row: ProviderRow) -> bool:
    """Say whether an adapter still serves: versions of a row made anew start again."""
    return known.version == row.version and known.settings == row.settings


class FixedDirectory:
    """The same vendors for every brand, given when it is made: for fakes."""

    def __init__(self, vendors: Mapping[str, Sequence[Chosen[Any]]]) -> None:
        """`vendors` holds the chosen by a port's name, the primary first."""
        self._vendors = {name: tuple(chosen) for name, chosen in vendors.items()}

    def find(self, brand_id: BrandId, port: Port[P]) -> Sequence[Chosen[P]]:  # noqa: ARG002 # the same for all
        """Return the vendors of the port."""
        return self._vendors.get(port.name, ())

    def named(self, brand_id: BrandId, port: Port[P], name: str) -> Chosen[P] | None:
        """Return one of them by name."""
        return next((one for one in self.find(brand_id, port) if one.name == name), None)
