"""Kinds of reminders and a brand's rules for them, as data.

What each kind is for, which hours it keeps, what stops it, and how many days from which date it
goes. Which of them a loan is due on a day is `reminder`'s question.
Sources: reminder rules (operations §2); RBI penal charges circular of 18-Aug-2023 (a reminder of
dues names the penal charge).
"""

import string
from collections.abc import Set as AbstractSet
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from los_core.domain.contact import Traffic, Window, window_of
from los_core.domain.errors import Invalid
from los_core.domain.notices import Channel


class Kind(StrEnum):
    """What is reminded of."""

    PRE_DUE = "PRE_DUE"
    DUE_TODAY = "DUE_TODAY"
    PRE_DEBIT = "PRE_DEBIT"
    OVERDUE = "OVERDUE"
    BROKEN_PROMISE = "BROKEN_PROMISE"
    SETTLEMENT_INSTALMENT = "SETTLEMENT_INSTALMENT"
    ESIGN_PENDING = "ESIGN_PENDING"
    DOCUMENT_PENDING = "DOCUMENT_PENDING"
    INCOMPLETE_APPLICATION = "INCOMPLETE_APPLICATION"
    OFFER_EXPIRY = "OFFER_EXPIRY"
    MANDATE_EXPIRY = "MANDATE_EXPIRY"
    CLASS_NOTICE = "CLASS_NOTICE"
    NDC_READY = "NDC_READY"
    RELOAN_INVITE = "RELOAN_INVITE"


_K, _T = Kind, Traffic
TRAFFIC: Final = MappingProxyType(
    {
        _K.PRE_DUE: _T.PRE_DUE_SERVICE,
        _K.DUE_TODAY: _T.PRE_DUE_SERVICE,
        _K.PRE_DEBIT: _T.TRANSACTIONAL,
        _K.OVERDUE: _T.RECOVERY,
        _K.BROKEN_PROMISE: _T.RECOVERY,
        _K.SETTLEMENT_INSTALMENT: _T.RECOVERY,
        _K.ESIGN_PENDING: _T.PRE_DUE_SERVICE,
        _K.DOCUMENT_PENDING: _T.PRE_DUE_SERVICE,
        _K.INCOMPLETE_APPLICATION: _T.PRE_DUE_SERVICE,
        _K.OFFER_EXPIRY: _T.PRE_DUE_SERVICE,
        _K.MANDATE_EXPIRY: _T.PRE_DUE_SERVICE,
        _K.CLASS_NOTICE: _T.RECOVERY,
        _K.NDC_READY: _T.TRANSACTIONAL,
        _K.RELOAN_INVITE: _T.PROMOTIONAL,
    }
)
"""The hours each kind keeps."""

BINDING: Final = frozenset({Kind.PRE_DEBIT, Kind.CLASS_NOTICE, Kind.NDC_READY})
"""Notices the law asks for: no daily cap holds them back, and a late one goes the next day."""

STATES_PENAL: Final = frozenset({Kind.OVERDUE, Kind.BROKEN_PROMISE})
"""Kinds whose words must name the penal charge that applies."""


class Halt(StrEnum):
    """What stops reminders at once; DND stops promotions alone."""

    DISPUTE = "DISPUTE"
    DECEASED = "DECEASED"
    BANKRUPTCY = "BANKRUPTCY"
    DND = "DND"


PENAL_FIELD: Final = "penal_terms"
"""The field of a template that the penal charge is written into."""


_FARTHEST: Final = 366
_SIDES: Final = MappingProxyType(
    {
        _K.PRE_DUE: (-_FARTHEST, -1),
        _K.DUE_TODAY: (0, 0),
        _K.PRE_DEBIT: (-_FARTHEST, -1),
        _K.OVERDUE: (1, _FARTHEST),
        _K.BROKEN_PROMISE: (1, _FARTHEST),
    }
)
"""First and last offset of a kind whose name says on which side of the date it lies."""


@attrs.frozen(kw_only=True)
class Rule:
    """One line of a brand's reminder settings.

    `offset_days` counts from the occasion's date, below zero before it. `template` is the code the
    words are registered under; `window` narrows the hours of the law.
    Raises: Invalid: no channel, no template, an offset on the wrong side of the date, or a window
    outside the hours of the law.
    """

    kind: Kind
    offset_days: int
    channels: tuple[Channel, ...]
    template: str
    window: Window | None = None
    active: bool = True

    def __attrs_post_init__(self) -> None:
        if not self.channels or not self.template:
            raise Invalid("a reminder rule names at least one channel and a template")
        first, last = _SIDES.get(self.kind, (-_FARTHEST, _FARTHEST))
        if not first <= self.offset_days <= last:
            raise Invalid(f"{self.kind} cannot be {self.offset_days} days from its date")
        window_of(TRAFFIC[self.kind], own=self.window)


def halted(kind: Kind, halts: AbstractSet[Halt]) -> Halt | None:
    """Return what stops a message of this kind; None: nothing does.

    To be asked again right before sending. A certificate of no dues goes whatever is in dispute.
    """
    for halt in Halt:
        stops = kind is not Kind.NDC_READY
        if halt is Halt.DND:
            stops = TRAFFIC[kind] is Traffic.PROMOTIONAL
        if halt in halts and stops:
            return halt
    return None


def lacks_penal_terms(kind: Kind, words: str) -> bool:
    """Return whether a template for `kind` fails to name the penal charge although it must.

    Raises: ValueError: the braces of the words do not pair.
    """
    fields = {name for _, name, _, _ in string.Formatter().parse(words) if name}
    return kind in STATES_PENAL and PENAL_FIELD not in fields


_OVERDUE_DAYS: Final = (1, 3, 7, 15, 30, 37, 44, 51, 58, 65, 72, 79, 86)
"""After a month weekly, up to ninety days."""

_DEFAULT_DAYS: Final = MappingProxyType(
    {
        _K.PRE_DUE: (-7, -3, -1),
        _K.DUE_TODAY: (0,),
        _K.PRE_DEBIT: (-1,),
        _K.OVERDUE: _OVERDUE_DAYS,
        _K.BROKEN_PROMISE: (1,),
        _K.SETTLEMENT_INSTALMENT: (-3, -1, 0),
        _K.ESIGN_PENDING: (1, 3, 6),
        _K.DOCUMENT_PENDING: (1, 3, 7),
        _K.INCOMPLETE_APPLICATION: (1, 3, 7),
        _K.OFFER_EXPIRY: (-3, -1),
        _K.MANDATE_EXPIRY: (-30, -7),
        _K.CLASS_NOTICE: (0,),
        _K.NDC_READY: (0,),
        _K.RELOAN_INVITE: (1,),
    }
)
_BY_EMAIL_TOO: Final = frozenset({Kind.PRE_DEBIT, Kind.OVERDUE, Kind.CLASS_NOTICE, Kind.NDC_READY})


def default_rules() -> tuple[Rule, ...]:
    """Return the rules of a brand that has set none; a template's code is its kind's name."""
    return tuple(
        Rule(
            kind=kind,
            offset_days=days,
            channels=(Channel.SMS, Channel.EMAIL) if kind in _BY_EMAIL_TOO else (Channel.SMS,),
            template=kind.value,
        )
        for kind, offsets in _DEFAULT_DAYS.items()
        for days in offsets
    )
