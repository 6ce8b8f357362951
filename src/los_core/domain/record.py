"""A record of a brand's settings: what it holds, who wrote it when, what no two may share.

Each module of the settings is a `Kind`: the class whose own rules say what is valid, and what no
two records of a brand may have in common. The kinds are listed in `record_kinds`; what a change
causes elsewhere is the services' business. Source: data model §1 and §4 (config).
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import attrs

from los_core.domain.documents import to_document
from los_core.domain.ids import StaffId
from los_core.domain.redaction import HIDDEN, covered

T = TypeVar("T")

ONLY: Final = "only"
"""The key of a kind of which a brand has one record."""
_LONG: Final = 200


@attrs.frozen(kw_only=True)
class Kind(Generic[T]):
    """What records of one kind have in common.

    Attributes:
        name: as in the address of its settings, such as "brand-cards".
        holds: the class of the values; making one checks it.
        called: what people call one, such as "card".
        key: what no two records of a brand share; None: nothing is unique.
        chief: the group whose one chief the value is, "" if it is none; None: there are no chiefs.
        demoted: a chief as it is once another took its place.
        sealed: fields that are personal or secret: sealed at rest, covered in the trail.
        dual: fields whose change takes a second person.
        first: what a brand has before it wrote any: the kind is then of one record per brand.
    """

    name: str
    holds: type[T]
    called: str
    key: Callable[[T], str] | None = None
    chief: Callable[[T], str] | None = None
    demoted: Callable[[T], T] | None = None
    sealed: frozenset[str] = frozenset()
    dual: frozenset[str] = frozenset()
    first: Callable[[], T] | None = None

    def key_of(self, value: T) -> str | None:
        """Return what is unique of a value; None: nothing is."""
        if self.first is not None:
            return ONLY
        return None if self.key is None else self.key(value)

    def chief_of(self, value: T) -> str | None:
        """Return the group whose chief a value is; None: it is none."""
        return None if self.chief is None else self.chief(value) or None

    def plain(self, value: T) -> dict[str, Any]:
        """Return the part of a value's document that is neither personal nor secret."""
        return {name: v for name, v in to_document(value).items() if name not in self.sealed}

    def private(self, value: T) -> dict[str, Any]:
        """Return the part that is."""
        return {name: v for name, v in to_document(value).items() if name in self.sealed}

    def changes(self, before: T | None, after: T | None) -> dict[str, object]:
        """Return what differs, for the trail: [before, after] by field, nothing personal told.

        Of what is added or removed, every field that says something.
        """
        old, new = ({} if value is None else to_document(value) for value in (before, after))
        told: dict[str, object] = {}
        for name in {**old, **new}:
            pair = [old.get(name), new.get(name)]
            if pair[0] != pair[1]:
                told[name] = [self._told(name, each) for each in pair]
        return told

    def needs_second(self, before: T, after: T) -> bool:
        """Whether the change takes a second person."""
        return any(getattr(before, name) != getattr(after, name) for name in self.dual)

    def _told(self, name: str, value: object) -> object:
        if name in self.sealed:
            return None if value is None else HIDDEN
        return _covered(value)


@attrs.frozen(kw_only=True)
class Record(Generic[T]):
    """A value on file.

    `version` 0: the brand never wrote any and this is the kind's first, without dates. `created_by`
    None: it was put there as the brand was set up.
    """

    id: UUID
    value: T
    created_at: datetime | None = None
    created_by: StaffId | None = None
    updated_at: datetime | None = None
    updated_by: StaffId | None = None
    version: int = 1


@attrs.frozen(kw_only=True)
class Coming:
    """A change that two people agreed to and that holds from a day on.

    Attributes:
        record_id: of what is changed; None: it is added then.
        version: of the record as it was seen; in another one by then, the change lapses.
        document: of the value to be.
    """

    kind: str
    record_id: UUID | None
    version: int
    document: Any = attrs.field(repr=False)
    from_on: date
    maker: StaffId
    approval_id: UUID


COMING: Final = Kind(
    name="coming-changes",
    holds=Coming,
    called="coming change",
    key=lambda coming: str(coming.approval_id),
    sealed=frozenset({"document"}),
)


@attrs.frozen(kw_only=True)
class Page(Generic[T]):
    """Some of the records of a kind, `total` of all of them."""

    records: tuple[Record[T], ...]
    total: int


def _covered(value: object) -> object:
    """Cover numbers of people in texts, and shorten what is long."""
    if isinstance(value, str):
        text = covered(value)
        return text if len(text) <= _LONG else f"{text[:_LONG]}…"
    if isinstance(value, list):
        return [_covered(each) for each in value]
    if isinstance(value, Mapping):
        return {str(name): _covered(each) for name, each in value.items()}
    return value
