"""A bank in memory: for tests, for `in_memory()` and for developers without a bank.

It keeps what it was asked to transfer in `transfers` and settles on the first enquiry. What it
does with an account is told by `behave`.
"""

import threading
from datetime import date
from enum import StrEnum

import attrs

from los_core.ports.errors import Rejected, Unavailable, Unknown
from los_core.ports.payout import PayoutOrder, PayoutReport, PayoutState


class Behaviour(StrEnum):
    """What happens to a transfer to an account."""

    SETTLES = "SETTLES"
    """Accepted, and settled when it is asked about."""
    LINGERS = "LINGERS"
    """Accepted, and pending for ever."""
    FAILS = "FAILS"
    """Accepted, and found failed when it is asked about."""
    REFUSED = "REFUSED"
    """Refused at once."""
    SILENT_AFTER = "SILENT_AFTER"
    """Carried out, and no answer."""
    SILENT_BEFORE = "SILENT_BEFORE"
    """Not carried out, and no answer."""
    DOWN = "DOWN"
    """Not reachable."""


@attrs.define
class MemoryBank:
    """A `PayoutBank` that moves nothing."""

    transfers: dict[str, PayoutOrder] = attrs.field(factory=dict)
    _behaviours: dict[str, Behaviour] = attrs.field(factory=dict)
    _states: dict[str, PayoutState] = attrs.field(factory=dict)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def behave(self, account_number: str, behaviour: Behaviour) -> None:
        """Say what happens to transfers to an account from now on."""
        with self._lock:
            self._behaviours[account_number] = behaviour

    def give_back(self, reference: str) -> None:
        """Return a settled transfer: from now on it is FAILED, as when a bank sends it back."""
        with self._lock:
            self._states[reference] = PayoutState.FAILED

    def send(self, order: PayoutOrder) -> PayoutReport:
        """Order a transfer; see the port."""
        with self._lock:
            if order.reference in self.transfers:
                return self._report(order.reference)
            behaviour = self._behaviours.get(order.account_number, Behaviour.SETTLES)
            if behaviour is Behaviour.DOWN:
                raise Unavailable("the bank is down", provider="memory", code="DOWN")
            if behaviour is Behaviour.REFUSED:
                raise Rejected("the bank refuses", provider="memory", code="REFUSED")
            if behaviour is Behaviour.SILENT_BEFORE:
                raise Unknown("no answer", provider="memory")
            self.transfers[order.reference] = order
            self._states[order.reference] = PayoutState.PENDING
            if behaviour is Behaviour.SILENT_AFTER:
                raise Unknown("no answer", provider="memory")
            return self._report(order.reference)

    def inquire(self, reference: str, *, sent_on: date, bank_reference: str = "") -> PayoutReport:
        """Return the transfer's state; see the port."""
        del bank_reference  # one reference is enough here
        with self._lock:
            order = self.transfers.get(reference)
            if order is None:
                return PayoutReport(state=PayoutState.NOT_FOUND)
            if self._states[reference] is PayoutState.PENDING:
                self._states[reference] = self._settled(order.account_number)
            report = self._report(reference)
        return attrs.evolve(
            report, credited_on=sent_on if report.state is PayoutState.SUCCESS else None
        )

    def _settled(self, account_number: str) -> PayoutState:
        match self._behaviours.get(account_number, Behaviour.SETTLES):
            case Behaviour.LINGERS:
                return PayoutState.PENDING
            case Behaviour.FAILS:
                return PayoutState.FAILED
            case _:
                return PayoutState.SUCCESS

    def _report(self, reference: str) -> PayoutReport:
        order = self.transfers[reference]
        serial = list(self.transfers).index(reference) + 1
        return PayoutReport(
            state=self._states[reference],
            bank_reference=f"{serial:012d}",
            beneficiary=order.beneficiary,
            amount=order.amount,
            raw_code=self._states[reference].value,
        )
