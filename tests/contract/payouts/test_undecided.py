"""What nobody decided in time has an end, and can be asked for again."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contract.payouts.house import Case, House, live
from tests.contract.payouts.test_payouts_killed import on

from los_adapters.clock import FixedClock
from los_adapters.entropy import SystemEntropy
from los_adapters.store.engine import connect
from los_adapters.store.memory import MemoryStore
from los_adapters.store.schema import create
from los_core.domain.approval import LIFETIME, Approval, ApprovalStatus
from los_core.domain.errors import Conflict
from los_core.domain.lifecycle import Actor, Command, Status
from los_core.domain.payout import PayoutStage, Why
from los_core.ports.cipher import Cipher
from los_core.ports.work import Begin, Platform

MOMENT = timedelta(seconds=1)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    if request.param == "memory":
        kept: list[MemoryStore] = []

        def opened(clock: FixedClock, _: Cipher) -> tuple[Begin, Platform]:
            kept.append(MemoryStore(clock=clock, entropy=SystemEntropy()))
            return kept[0].begin, kept[0].platform

        made = House(opened)
        made.found()
        yield made
        return
    url = f"sqlite:///{tmp_path / 'los.db'}"
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("make_pg_url")
        url = make()
    engine = connect(url)
    create(engine)
    made = House(on(engine))
    made.found()
    yield made
    engine.dispose()


def prepared(house: House, case: Case) -> Approval:
    return house.services.disbursals.prepare(
        house.maker, case.loan_id, version=house.loan(case).version
    )


def test_a_payout_that_nobody_checks_goes_back_to_its_maker(house: House) -> None:
    case, other = house.add(1, "sound"), house.add(2, "sound")
    approval = prepared(house, case)
    house.clock.advance(timedelta(hours=1))
    prepared(house, other)
    house.clock.advance(LIFETIME - timedelta(hours=1) - MOMENT)
    assert house.services.approvals.run_out(house.brand_id) == 0
    house.clock.advance(MOMENT)
    assert house.services.approvals.run_out(house.brand_id) == 1
    assert house.services.approvals.run_out(house.brand_id) == 0
    with house.services.begin(house.brand_id) as uow:
        kept = uow.approvals.get(approval.id)
        last = uow.loans.history(case.loan_id)[-1]
    assert kept is not None
    assert kept.status is ApprovalStatus.EXPIRED
    assert house.loan(case).status is Status.AGREEMENT_SIGNED
    assert (last.command, last.actor) == (Command.RETURN_PAYOUT, Actor.SYSTEM)
    assert last.reasons == ("APPROVAL_EXPIRED",)
    [payout] = house.payouts(case)
    assert (payout.stage, payout.why) == (PayoutStage.FAILED, Why.NOBODY_CHECKED)
    assert house.loan(other).status is Status.DISBURSEMENT_PENDING


def test_it_can_be_prepared_again_and_is_paid_once(house: House) -> None:
    case = house.add(1, "sound")
    first = prepared(house, case)
    house.clock.advance(LIFETIME)
    house.services.approvals.run_out(house.brand_id)
    with pytest.raises(Conflict) as refused:
        house.services.approvals.approve(house.checker, first.id)
    assert refused.value.code == "APPROVAL_EXPIRED"
    house.order(case)
    live(house)
    assert house.loan(case).status is Status.DISBURSED
    assert [payout.attempt for payout in house.payouts(case)] == [1, 2]
    assert {number: len(sent) for number, sent in house.transfers().items()} == {1: 1}


def test_a_payout_withdrawn_meanwhile_stays_withdrawn(house: House) -> None:
    case = house.add(1, "sound")
    prepared(house, case)
    house.services.applications.cancel(house.customer(case), case.loan_id, reasons=["NOT_NEEDED"])
    house.clock.advance(LIFETIME)
    assert house.services.approvals.run_out(house.brand_id) == 1
    assert house.loan(case).status is Status.CANCELLED
    assert [payout.why for payout in house.payouts(case)] == [Why.WITHDRAWN]
