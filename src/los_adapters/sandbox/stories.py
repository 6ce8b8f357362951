"""What the sandbox's people do with their accounts, so that statement, employer and bureau agree.

The salary is the employer's, instalments are the running loans the bureau knows, and a month the
bureau calls late is a month in which the instalment bounced. Rent and living are invented.
"""

from datetime import date

from los_adapters.sandbox.personas import Persona, Tradeline
from los_adapters.sandbox.statements import Emi, StatementStory, statement_pdf

_EMI_DAYS = (5, 7, 10, 12, 15)
_RUPEES_500 = 500_00


def persona_statement(
    persona: Persona, *, until: date, months: int, password: str | None = None
) -> bytes:
    """Return the person's e-statement for the months ending with `until`, as their bank prints it.

    Equal arguments without a password give equal bytes.
    """
    story = story_of(persona)
    return statement_pdf(
        story, until=until, months=months, layout=persona.bank.layout, password=password
    )


def story_of(persona: Persona) -> StatementStory:
    """Return how the person lives from the account: a quarter is rent, a third everyday life."""
    home, bank = persona.address, persona.bank
    running = [line for line in persona.bureau.tradelines if line.emi and line.closed_on is None]
    return StatementStory(
        holder=bank.name_at_bank.upper(),
        account_no=bank.account_number,
        ifsc=bank.ifsc,
        branch=bank.branch.upper(),
        address=(home.line1.upper(), home.locality.upper(), f"{home.city.upper()} {home.pincode}"),
        employer=persona.employer.upper(),
        salary=persona.net_salary,
        salary_day=persona.salary_day,
        opening=bank.opening_balance,
        rent=persona.net_salary // 4 // _RUPEES_500 * _RUPEES_500,
        living=persona.net_salary // 3,
        emis=tuple(
            _instalment(line, _EMI_DAYS[index % len(_EMI_DAYS)])
            for index, line in enumerate(running)
        ),
    )


def _instalment(line: Tradeline, day: int) -> Emi:
    """Return the mandate; `history` begins with last month, so this month is one earlier."""
    late = [months_ago for months_ago, dpd in enumerate(line.history, start=1) if dpd]
    if late[:1] == [1]:
        late.insert(0, 0)
    return Emi(lender=line.lender, amount=line.emi, day=day, bounced=tuple(late))
