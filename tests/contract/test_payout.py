"""The laws of payouts, tried on every bank."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import attrs
import pytest

from los_adapters import registry
from los_adapters.payout.memory import Behaviour
from los_adapters.sandbox.faults import Fault as Switch
from los_adapters.sandbox.faults import FaultKind
from los_core.ports.payout import PayoutOrder
from los_core.testing.payout import PayoutLaws, PayoutRig, Transferred
from los_core.testing.provider import Call, Fault

TODAY = date(2026, 11, 25)
WIRES = {
    "idfc": {
        "send": "POST /paymenttxns/v1/fundTransfer",
        "inquire": "POST /paymentenqs/v1/paymentTransactionStatus",
    }
}


@pytest.fixture(params=registry.cases("payout"))
def rig(request: pytest.FixtureRequest, stand: Any) -> PayoutRig:
    name = request.param
    place = stand("payout", name, effects=frozenset({"send"}), wire=WIRES.get(name))
    personas = place.world.personas
    good, closed = personas["asha"].bank, personas["kiran"].bank
    order = PayoutOrder(
        reference="LOS00000A001",
        amount=48_500_75,
        account_number=good.account_number,
        ifsc=good.ifsc,
        beneficiary=good.name_at_bank,
        phone="9822010101",
        narration="LN-000042",
    )
    refused = attrs.evolve(order, reference="LOS00000A002", ifsc="NO-SUCH-IFSC")
    failing = attrs.evolve(
        order,
        reference="LOS00000A003",
        account_number=closed.account_number,
        ifsc=closed.ifsc,
        beneficiary=closed.name_at_bank,
    )
    if place.fake:
        refused = attrs.evolve(refused, account_number="REFUSED")
        place.adapter.behave("REFUSED", Behaviour.REFUSED)
        place.adapter.behave(failing.account_number, Behaviour.FAILS)

    def meet(fault: Fault, operation: str) -> bool:
        if name == "idfc" and fault is Fault.UNAUTHORISED:
            # A first 401 only makes it fetch another token: the next meets it again.
            kind, wire = FaultKind.STATUS_401, WIRES[name][operation]
            switch = Switch(vendor=name, kind=kind, operation=wire, times=2)
            place.switchboard.faults.switch_on(switch)
            return True
        return bool(place.meet(fault, operation))

    def transfers() -> Sequence[Transferred]:
        if place.fake:
            return [_in_books(one) for one in place.adapter.transfers.values()]
        return [_on_wire(one) for one in place.switchboard.vendor(name).transfers()]

    def give_word(reference: str) -> bool:
        if not place.fake:
            place.switchboard.vendor(name).set_status(reference, "AWAITING_MOON")
        return not place.fake

    return PayoutRig(
        name=name,
        adapter=place.adapter,
        calls=(
            Call("send", effect=True, make=lambda bank: bank.send(order)),
            Call(
                "inquire",
                effect=False,
                make=lambda bank: bank.inquire(order.reference, sent_on=TODAY),
            ),
        ),
        meet=meet,
        secrets=(*place.secrets, good.account_number, "9822010101", good.name_at_bank),
        order=order,
        refused=refused,
        failing=failing,
        today=TODAY,
        transfers=transfers,
        give_word=give_word,
        give_back=place.adapter.give_back
        if place.fake
        else place.switchboard.vendor(name).give_back,
    )


class TestPayout(PayoutLaws):
    pass


def _in_books(order: PayoutOrder) -> Transferred:
    return Transferred(
        reference=order.reference, amount=order.amount, account_number=order.account_number
    )


def _on_wire(transfer: dict[str, Any]) -> Transferred:
    return Transferred(
        reference=transfer["reference"],
        amount=int(transfer["amount"].replace(".", "")),
        account_number=transfer["account"],
    )
