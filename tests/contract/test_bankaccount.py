"""The laws of penny drops, tried on every vendor."""

from typing import Any

import attrs
import pytest

from los_adapters import registry
from los_core.ports.bankaccount import AccountState
from los_core.testing.bankaccount import AccountLaws, AccountRig, Claim
from los_core.testing.provider import Call

WIRES = {
    "razorpayx": {
        "start": "POST /v1/fund_accounts/validations",
        "inquire": "GET /v1/fund_accounts/validations/{id}",
        "find": "GET /v1/fund_accounts/validations",
    }
}


@pytest.fixture(params=registry.cases("bankaccount"))
def rig(request: pytest.FixtureRequest, stand: Any) -> AccountRig:
    name = request.param
    place = stand("bankaccount", name, effects=frozenset({"start"}), wire=WIRES.get(name))
    personas = place.world.personas
    asha, kiran = personas["asha"].bank, personas["kiran"].bank
    good = Claim(account_number=asha.account_number, ifsc=asha.ifsc, holder=asha.name_at_bank)
    bad = Claim(account_number=kiran.account_number, ifsc=kiran.ifsc, holder=kiran.name_at_bank)
    earlier = good.start(place.adapter, "BA-0")
    if place.fake:
        place.adapter.know(kiran.account_number, state=AccountState.INVALID)

    def accounts(reference: str) -> list[str]:
        if place.fake:
            return list(place.adapter.accounts(reference))
        return [
            check["fund_account"]["bank_account"]["account_number"]
            for check in place.switchboard.vendor(name).checks()
            if check["reference_id"] == reference
        ]

    def give_word(check_id: str, word: str) -> bool:
        return not place.fake and bool(place.switchboard.vendor(name).set_status(check_id, word))

    return AccountRig(
        name=name,
        adapter=place.adapter,
        calls=(
            Call("start", effect=True, make=lambda vendor: good.start(vendor, "BA-9")),
            Call("inquire", effect=False, make=lambda vendor: vendor.inquire(earlier.provider_ref)),
            Call("find", effect=False, make=lambda vendor: vendor.find("BA-0")),
        ),
        meet=place.meet,
        secrets=(*place.secrets, asha.account_number, asha.name_at_bank),
        good=good,
        name_at_bank=asha.name_at_bank,
        bad=bad,
        refused=None if place.fake else attrs.evolve(good, ifsc="HDFC"),
        accounts=accounts,
        give_word=give_word,
    )


class TestBankAccount(AccountLaws):
    pass
