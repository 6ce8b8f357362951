"""Which step of onboarding is next, by a brand's flags, and what a second look undoes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.brand import Settings
from los_core.domain.customer import Step, StepState
from los_core.domain.errors import Conflict
from los_core.domain.ids import BrandId, CustomerId
from los_core.domain.onboarding import (
    DONE_STATES,
    RESTS_ON,
    current_step,
    is_mandatory,
    next_step,
    onboarding,
    reopened,
)
from los_core.testing import records

FLAGS: Mapping[Step, str] = {
    Step.AADHAAR: "is_aadhaar_required",
    Step.MOBILE: "is_mobile_verification_required",
    Step.SELFIE: "is_selfie_required",
    Step.BANK_ACCOUNT: "is_bank_step_early",
    Step.EMPLOYMENT: "is_employment_required",
    Step.BANK_STATEMENT: "is_bank_statement_required",
}
ASKED: list[Step] = [step for step in Step if step not in (Step.EVALUATION, Step.DONE)]


def settings_of(wanted: frozenset[Step]) -> Settings:
    flags: dict[str, Any] = {flag: step in wanted for step, flag in FLAGS.items()}
    return attrs.evolve(Settings(), **flags)


settings = st.frozensets(st.sampled_from(sorted(FLAGS))).map(settings_of)
states = st.dictionaries(st.sampled_from(ASKED), st.sampled_from(StepState))


@pytest.mark.parametrize(("step", "flag"), FLAGS.items())
def test_each_flag_asks_for_its_own_step_and_no_other(step: Step, flag: str) -> None:
    brand = settings_of(frozenset({step}))
    assert [each for each in Step if is_mandatory(each, brand)] == sorted(
        [Step.PAN, step], key=list(Step).index
    )
    assert getattr(brand, flag)


def test_the_pan_is_asked_whatever_the_flags() -> None:
    assert next_step({}, settings_of(frozenset())) is Step.PAN


def test_the_steps_are_asked_in_their_order() -> None:
    everything = settings_of(frozenset(FLAGS))
    done: dict[Step, StepState] = {}
    seen = []
    while (step := next_step(done, everything)) is not Step.EVALUATION:
        seen.append(step)
        done[step] = StepState.VERIFIED
    assert seen == ASKED


@given(states, settings)
def test_the_next_step_is_the_first_that_the_brand_asks_and_nobody_proved(
    known: Mapping[Step, StepState], brand: Settings
) -> None:
    open_steps = [
        step
        for step in ASKED
        if is_mandatory(step, brand)
        and known.get(step) not in (StepState.VERIFIED, StepState.SKIPPED)
    ]
    assert next_step(known, brand) is (open_steps[0] if open_steps else Step.EVALUATION)


@given(states, settings, st.sampled_from(ASKED))
def test_a_proof_never_leads_back(
    known: Mapping[Step, StepState], brand: Settings, step: Step
) -> None:
    order = list(Step)
    before = next_step(known, brand)
    after = next_step({**known, step: StepState.VERIFIED}, brand)
    assert order.index(after) >= order.index(before)


def test_opening_the_pan_again_undoes_what_was_compared_with_it() -> None:
    done: dict[Step, StepState] = dict.fromkeys(ASKED, StepState.VERIFIED)
    again = reopened(done, Step.PAN)
    assert {step for step, state in again.items() if state is StepState.VERIFIED} == {Step.MOBILE}


def test_opening_a_later_step_leaves_the_earlier_ones() -> None:
    done: dict[Step, StepState] = dict.fromkeys(ASKED, StepState.VERIFIED)
    again = reopened(done, Step.BANK_ACCOUNT)
    fresh = {step for step, state in again.items() if state is StepState.NOT_STARTED}
    assert fresh == {Step.BANK_ACCOUNT, Step.BANK_STATEMENT}


def test_a_skipped_step_stays_skipped() -> None:
    done: dict[Step, StepState] = dict.fromkeys(ASKED, StepState.VERIFIED)
    done[Step.SELFIE] = StepState.SKIPPED
    assert reopened(done, Step.AADHAAR)[Step.SELFIE] is StepState.SKIPPED


def test_a_step_that_has_not_begun_is_not_opened_again() -> None:
    with pytest.raises(Conflict) as refusal:
        reopened({}, Step.SELFIE)
    assert refusal.value.code == "STEP_NOT_DONE"


@given(states.filter(bool), st.data())
def test_a_reopened_step_is_next_unless_an_earlier_one_is_open(
    known: Mapping[Step, StepState], data: st.DataObject
) -> None:
    begun = [step for step, state in known.items() if state is not StepState.NOT_STARTED]
    if not begun:
        return
    step = data.draw(st.sampled_from(begun))
    again = reopened(known, step)
    assert again[step] not in DONE_STATES
    for later, base in RESTS_ON.items():
        if later in known and again.get(base) is StepState.NOT_STARTED and base == step:
            assert again[later] in (StepState.NOT_STARTED, StepState.SKIPPED)


def test_a_customers_steps_follow_from_what_is_on_file() -> None:
    known = records.customer(BrandId(UUID(int=2)), CustomerId(UUID(int=3)))
    brand = Settings()
    views = onboarding(known, brand)
    assert [view.step for view in views] == ASKED
    assert current_step(known, brand) is next_step({v.step: v.state for v in views}, brand)
