"""The steps of onboarding: which a brand asks for, which comes next, and what a second look undoes.

Pure: the states of the steps and the brand's flags say what is next; a customer's states follow
from what is on file. What a step checks, and how often it may be tried, is the services' matter.
Source: loan lifecycle §1.5.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from los_core.domain.brand import Settings
from los_core.domain.customer import Customer, Step, StepState
from los_core.domain.errors import Conflict

DONE_STATES: Final = frozenset({StepState.VERIFIED, StepState.SKIPPED})
"""States that let the next step begin."""

RESTS_ON: Final[Mapping[Step, Step]] = MappingProxyType(
    {
        Step.AADHAAR: Step.PAN,
        Step.SELFIE: Step.AADHAAR,
        Step.BANK_ACCOUNT: Step.PAN,
        Step.EMPLOYMENT: Step.PAN,
        Step.BANK_STATEMENT: Step.BANK_ACCOUNT,
    }
)
"""What each step was compared with: names and birth date with the PAN's, the face with Aadhaar's
photograph, the statement's account with the one the penny drop proved."""


@attrs.frozen
class StepView:
    """One step as customer and staff see it."""

    step: Step
    state: StepState
    mandatory: bool


def is_mandatory(step: Step, settings: Settings) -> bool:
    """Return whether a brand asks for a step. EVALUATION and DONE are no steps of the customer's.

    The PAN always; a bank account may wait until disbursal (`is_bank_step_early`), which no loan
    passes without one (guard G-PENNY).
    """
    return {
        Step.PAN: True,
        Step.AADHAAR: settings.is_aadhaar_required,
        Step.MOBILE: settings.is_mobile_verification_required,
        Step.SELFIE: settings.is_selfie_required,
        Step.BANK_ACCOUNT: settings.is_bank_step_early,
        Step.EMPLOYMENT: settings.is_employment_required,
        Step.BANK_STATEMENT: settings.is_bank_statement_required,
    }.get(step, False)


def next_step(states: Mapping[Step, StepState], settings: Settings) -> Step:
    """Return the first mandatory step that is not VERIFIED or SKIPPED; EVALUATION when all are.

    A step without a state has not begun. `settings` are the brand's flags.
    """
    for step in Step:
        done = states.get(step, StepState.NOT_STARTED) in DONE_STATES
        if is_mandatory(step, settings) and not done:
            return step
    return Step.EVALUATION


def reopened(states: Mapping[Step, StepState], step: Step) -> Mapping[Step, StepState]:
    """Return the states after staff opened a step again: what rests on it begins anew as well.

    Steps that were skipped stay so. Raises: Conflict: STEP_NOT_DONE, there is nothing to re-open.
    """
    if states.get(step, StepState.NOT_STARTED) is StepState.NOT_STARTED:
        raise Conflict(f"{step} has not begun", code="STEP_NOT_DONE")
    again = {step}
    for later, base in RESTS_ON.items():
        if base in again and states.get(later) is not StepState.SKIPPED:
            again.add(later)
    return {
        each: StepState.NOT_STARTED if each in again else state for each, state in states.items()
    }


def step_states(customer: Customer) -> Mapping[Step, StepState]:
    """Return the states that follow from what is on file of a customer."""
    none = StepState.NOT_STARTED
    account = customer.primary_account
    aadhaar = customer.aadhaar.state if customer.aadhaar else none
    if aadhaar is none and customer.aadhaar_session:
        aadhaar = StepState.IN_PROGRESS
    return {
        Step.PAN: customer.pan.state if customer.pan else none,
        Step.AADHAAR: aadhaar,
        Step.MOBILE: StepState.VERIFIED if customer.phone_verified_at else none,
        Step.SELFIE: none,
        Step.BANK_ACCOUNT: account.state if account else none,
        Step.EMPLOYMENT: customer.employment.state if customer.employment else none,
        Step.BANK_STATEMENT: customer.statement.state if customer.statement else none,
    }


def onboarding(customer: Customer, settings: Settings) -> tuple[StepView, ...]:
    """Return every step that the brand knows, in order, with its state; optional ones included."""
    return tuple(
        StepView(step, state, is_mandatory(step, settings))
        for step, state in step_states(customer).items()
    )


def current_step(customer: Customer, settings: Settings) -> Step:
    """Return a customer's next step: the first mandatory one that is not proved."""
    return next_step(step_states(customer), settings)
