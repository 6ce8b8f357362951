"""How a loan's status follows its money, whatever was learnt in which order.

The fold says what the facts amount to today; the status of a running or closed loan must say the
same. A late or voided payment may undo an end that was reached before, so there is a way between
any two. Who is told, and what is written, is the services' business. Source: loan lifecycle T28 to
T42, design decision D3.
"""

from types import MappingProxyType
from typing import Final

from los_core.domain.holdings import ClosureKind
from los_core.domain.lifecycle import Command, Status
from los_core.domain.state import State

_S, _C = Status, Command

_AT_ONCE: Final = MappingProxyType(
    {
        (_S.SETTLEMENT_IN_PROGRESS, _S.SETTLED): _C.PAY_SETTLEMENT,
        (_S.SETTLEMENT_IN_PROGRESS, _S.COMPLETED): _C.COMPLETE,
        (_S.WRITTEN_OFF, _S.SETTLED): _C.SETTLE_WRITTEN_OFF,
        (_S.SETTLED, _S.SETTLEMENT_IN_PROGRESS): _C.REVERSE_SETTLEMENT,
    }
)
_BACK: Final = MappingProxyType(
    {
        _S.DISBURSED: (),
        _S.COMPLETED: (_C.REOPEN_COMPLETED,),
        _S.SETTLED: (_C.REVIVE_SETTLED,),
        _S.SETTLEMENT_IN_PROGRESS: (_C.MISS_SETTLEMENT,),
        _S.WRITTEN_OFF: (_C.REVIVE_WRITTEN_OFF,),
    }
)
_ON: Final = MappingProxyType(
    {
        _S.DISBURSED: (),
        _S.COMPLETED: (_C.COMPLETE,),
        _S.SETTLED: (_C.APPROVE_SETTLEMENT, _C.PAY_SETTLEMENT),
        _S.SETTLEMENT_IN_PROGRESS: (_C.APPROVE_SETTLEMENT,),
        _S.WRITTEN_OFF: (_C.WRITE_OFF,),
    }
)
FOLLOWING: Final = frozenset(_BACK)
"""The statuses that follow the money; before the credit people and vendors move a loan."""


def status_of(state: State) -> Status:
    """Return the status that the money of a disbursed loan calls for."""
    if state.closure is None:
        return _S.DISBURSED if state.settlement is None else _S.SETTLEMENT_IN_PROGRESS
    if state.closure.kind is ClosureKind.SETTLED:
        return _S.SETTLED
    if state.closure.kind is ClosureKind.WRITTEN_OFF:
        return _S.WRITTEN_OFF
    return _S.COMPLETED


def moves_to_follow(status: Status, state: State) -> tuple[Command, ...]:
    """Return the moves from `status` to what the money calls for; none where it stands there.

    `status` is one of FOLLOWING. The way is direct where the table has one, else by DISBURSED.
    """
    wanted = status_of(state)
    if status is wanted:
        return ()
    if (status, wanted) in _AT_ONCE:
        return (_AT_ONCE[status, wanted],)
    onward = _ON[wanted]
    if wanted is _S.COMPLETED and _is_cooling_off(state):
        onward = (_C.EXIT_COOLING_OFF,)
    return _BACK[status] + onward


def _is_cooling_off(state: State) -> bool:
    return state.closure is not None and state.closure.kind is ClosureKind.COOLING_OFF
