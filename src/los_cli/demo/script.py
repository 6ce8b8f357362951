"""The play, step by step. A step that was done is not done again; one that was begun is.

Each step can be run from any point of itself: commands carry keys, the rest looks before it acts.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import attrs

from los_cli.demo import apply, lend, others, repay
from los_cli.demo.play import Play

AMOUNT: Final = 50_000_00
TENURE: Final = 6


@attrs.frozen
class Step:
    """One step: its name, which is also its key in memory, and what it does."""

    name: str
    act: Callable[[Play], None]


def _lent(who: str, *, amount: int, tenure: int, note: str = "") -> list[Step]:
    """The way of one customer from a phone number to money on the account."""
    name = who.title()
    what: list[tuple[str, Callable[[Play], None]]] = [
        ("registers with a code by SMS", partial(apply.register, who=who)),
        ("proves who they are: PAN and Aadhaar", partial(apply.prove_identity, who=who)),
        (
            "proves account, work and income",
            partial(apply.prove_account_and_work, who=who),
        ),
        ("applies", partial(apply.apply, who=who, amount=amount, tenure=tenure)),
        ("is decided by rules and score", partial(lend.decided, who=who)),
        ("is appraised", partial(lend.appraised, who=who, amount=amount, tenure=tenure)),
        (
            "is approved by a second person",
            partial(lend.approved, who=who, amount=amount, tenure=tenure),
        ),
        (
            "reads the Key Facts Statement and accepts",
            partial(lend.accepted, who=who, tenure=tenure),
        ),
        ("signs", partial(lend.signed, who=who)),
        (f"is paid out{note}", partial(lend.disbursed, who=who)),
    ]
    return [Step(f"{name} {text}", act) for text, act in what]


def steps() -> list[Step]:
    """Return all steps in order."""
    asha, ravi, meena, arjun = "asha", "ravi", "meena", "arjun"
    return [
        *_lent(asha, amount=AMOUNT, tenure=TENURE),
        Step(
            "Ravi applies with bad debts behind him",
            partial(apply.ready, who=ravi, amount=30_000_00, tenure=TENURE),
        ),
        Step("Ravi is rejected by the rules", partial(others.rejected, who=ravi)),
        *_lent(meena, amount=40_000_00, tenure=3, note=" by a bank that falls silent"),
        Step("Meena's payout is found by inquiry", partial(others.found_by_inquiry, who=meena)),
        *_lent(arjun, amount=45_000_00, tenure=TENURE),
        Step("Asha pays instalment 1 by UPI", partial(repay.pays_on_time, who=asha, number=1)),
        Step("Arjun forecloses", partial(repay.forecloses, who=arjun)),
        Step(
            "Asha pays instalment 2, reported twice",
            partial(repay.pays_and_is_told_twice, who=asha, number=2),
        ),
        Step("Asha pays instalment 3 in parts", partial(repay.pays_in_parts, who=asha, number=3)),
        Step("Asha pays instalment 4 late", partial(repay.pays_late, who=asha, number=4)),
        Step(
            "Asha pays instalment 5 at the branch",
            partial(repay.paid_by_hand, who=asha, number=5),
        ),
        Step("Asha pays the last instalment", partial(repay.pays_last, who=asha, number=6)),
    ]
