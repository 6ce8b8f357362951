from datetime import date

import pytest

from los_adapters.sandbox.personas import PEOPLE, Persona
from los_adapters.sandbox.stories import persona_statement
from los_adapters.statement.local import LocalStatementReader
from los_core.domain.statement import analyse, require_period

UNTIL = date(2026, 11, 24)


@pytest.mark.parametrize("persona", PEOPLE, ids=lambda persona: persona.key)
def test_a_statement_agrees_with_what_bank_employer_and_bureau_say(persona: Persona) -> None:
    pdf = persona_statement(persona, until=UNTIL, months=6)

    read = LocalStatementReader().read(pdf, password=None)
    told = analyse(read, months=6)

    require_period(read, months=6, until=UNTIL)
    assert read.account_holder == persona.bank.name_at_bank.upper()
    assert read.account_last4 == persona.bank.account_number[-4:]
    assert read.ifsc == persona.bank.ifsc
    assert told.median_salary == persona.net_salary
    assert not told.is_tampered
    assert told.negative_balance_days == 0


def test_running_loans_of_the_bureau_are_paid_from_the_account() -> None:
    asha = next(person for person in PEOPLE if person.key == "asha")
    told = analyse(
        LocalStatementReader().read(persona_statement(asha, until=UNTIL, months=6), password=None),
        months=6,
    )

    assert told.emi_monthly == sum(
        line.emi for line in asha.bureau.tradelines if not line.closed_on
    )
    assert told.inward_bounces_6m == 0


def test_months_the_bureau_calls_late_are_bounces_on_the_statement() -> None:
    late = next(person for person in PEOPLE if "deep_dpd" in person.behaviours)
    told = analyse(
        LocalStatementReader().read(persona_statement(late, until=UNTIL, months=6), password=None),
        months=6,
    )

    assert told.inward_bounces_6m is not None
    assert told.inward_bounces_6m > 2
