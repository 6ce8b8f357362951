"""A bank in memory: for tests, for `in_memory()` and for developers without a bank.

What it was asked to transfer is in `transfers`; a transfer settles when it is asked about. `behave`
says otherwise for an account, `script` makes calls fail.
"""

import threading
from datetime import date
from enum import StrEnum

import attrs

from los_adapters.script import Script
from los_core.domain.payout import Patience
from los_core.ports.errors import Rejected
from los_core.ports.payout import PayoutOrder, PayoutReport, PayoutState


class Behaviour(StrEnum):
    """What becomes of transfers to an account."""

    SETTLES = "SETTLES"
    LINGERS = "LINGERS"
    """Accepted, and pending for ever."""
    FAILS = "FAILS"
    """Accepted, and found failed when it is asked about."""
    REFUSED = "REFUSED"
    """Refused at once, nothing is transferred."""


@attrs.define
class MemoryBank:
    """A `PayoutBank` that moves nothing."""

    script: Script = attrs.field(factory=Script)
    patience: Patience = attrs.field(factory=Patience)
    transfers: dict[str, PayoutOrder] = attrs.field(factory=dict)
    _behaviours: dict[str, Behaviour] = attrs.field(factory=dict, repr=False)
    _states: dict[str, PayoutState] = attrs.field(factory=dict)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def behave(self, account_number: str, behaviour: Behaviour) -> None:
        """Say what becomes of transfers to an account from now on."""
        with self._lock:
            self._behaviours[account_number] = behaviour

    def give_back(self, reference: str) -> None:
        """Return a transfer: from now on it is FAILED, as when a bank sends it back."""
        with self._lock:
            self._states[reference] = PayoutState.FAILED

    def state_of(self, reference: str) -> PayoutState:
        """Return where a transfer stands; looking does not settle it."""
        with self._lock:
            return self._states.get(reference, PayoutState.NOT_FOUND)

    def send(self, order: PayoutOrder) -> PayoutReport:
        """Order a transfer; see the port."""
        with self._lock, self.script.call("send"):
            if order.reference not in self.transfers:
                if self._behaviour(order) is Behaviour.REFUSED:
                    raise Rejected("the bank refuses", provider="memory", code="REFUSED")
                self.transfers[order.reference] = order
                self._states[order.reference] = PayoutState.PENDING
            return self._report(order.reference)

    def inquire(self, reference: str, *, sent_on: date, bank_reference: str = "") -> PayoutReport:
        """Return the transfer's state; see the port."""
        del bank_reference  # ours is enough here
        with self._lock, self.script.call("inquire"):
            order = self.transfers.get(reference)
            if order is None:
                return PayoutReport(state=PayoutState.NOT_FOUND)
            if self._states[reference] is PayoutState.PENDING:
                self._states[reference] = _SETTLED[self._behaviour(order)]
            report = self._report(reference)
        if report.state is PayoutState.SUCCESS:
            return attrs.evolve(report, credited_on=sent_on)
        return report

    def _behaviour(self, order: PayoutOrder) -> Behaviour:
        return self._behaviours.get(order.account_number, Behaviour.SETTLES)

    def _report(self, reference: str) -> PayoutReport:
        order, state = self.transfers[reference], self._states[reference]
        serial = list(self.transfers).index(reference) + 1
        return PayoutReport(
            state=state,
            bank_reference=f"{serial:012d}",
            beneficiary=order.beneficiary,
            amount=order.amount,
            raw_code=state.value,
        )


_SETTLED = {
    Behaviour.SETTLES: PayoutState.SUCCESS,
    Behaviour.LINGERS: PayoutState.PENDING,
    Behaviour.FAILS: PayoutState.FAILED,
    Behaviour.REFUSED: PayoutState.FAILED,
}
