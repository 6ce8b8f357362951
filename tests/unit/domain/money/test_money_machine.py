"""A loan's books under every command, in any order of arrival: they stay what the facts say."""

import random
from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from los_core.domain.facts import Fact, Reversed
from los_core.domain.fold import advance, apply, begin, fold, is_in_order
from los_core.domain.ledger import Entry, balances, posting, projection, totals, trial_balance
from los_core.domain.state import State
from los_core.domain.terms import Terms
from los_core.testing import money_sagas


class Books(RuleBasedStateMachine):
    """What a lender stores of one loan: facts as they arrive, postings, and a state carried on."""

    loan: Terms
    state: State

    def __init__(self) -> None:
        super().__init__()
        self.known: list[Fact] = []
        self.stored: list[Entry] = []
        self.reached: date | None = None

    @initialize(loan=money_sagas.loans())
    def sanction(self, loan: Terms) -> None:
        self.loan, self.state = loan, begin(loan)

    @precondition(lambda self: not self.known)
    @rule()
    def disburse(self) -> None:
        self.arrive(money_sagas.credit(self.loan))

    @precondition(lambda self: bool(self.known))
    @rule(data=st.data(), kind=st.sampled_from(money_sagas.USUAL + money_sagas.UNUSUAL))
    def command(self, data: st.DataObject, kind: str) -> None:
        """Record a fact of any kind and day, whatever was recorded before."""
        number = len(self.known) + 1
        made = money_sagas.any_fact(self.loan, self.known, number, kinds=(kind,))
        self.arrive(data.draw(made))

    @precondition(lambda self: len(self.known) > 1)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """Have a fact reported again: nothing is posted."""
        again = data.draw(st.sampled_from(self.known))
        assert self.reached is not None
        twice = projection(self.loan, [*self.known, again], until=self.reached)
        assert posting(totals(self.stored), twice) == ()

    @precondition(lambda self: self.reached is not None)
    @rule(days=st.integers(1, 120))
    def close_days(self, days: int) -> None:
        """Let time pass, and post what it brings."""
        assert self.reached is not None
        self.post(self.reached + timedelta(days=days))

    def arrive(self, fact: Fact) -> None:
        void = any(isinstance(one, Reversed) and one.target == fact.key for one in self.known)
        in_order = is_in_order(self.state, fact) and not void
        self.known.append(fact)
        self.state = apply(self.state, fact) if in_order else self.folded(self.known, fact)
        self.post(max(filter(None, (self.reached, fact.value_date))))

    def folded(self, facts: list[Fact], fact: Fact) -> State:
        on = max(filter(None, (self.state.on, fact.value_date)))
        return fold(self.loan, facts, on=on)

    def post(self, until: date) -> None:
        after = projection(self.loan, self.known, until=until)
        entries = posting(totals(self.stored), after)
        for day in {entry.value_date for entry in entries}:
            assert sum(entry.amount for entry in entries if entry.value_date == day) == 0
        self.stored += entries
        self.reached = until
        if self.state.on is not None and self.state.on < until:
            self.state = advance(self.state, until)

    @precondition(lambda self: self.reached is not None)
    @invariant()
    def what_is_stored_is_what_the_facts_say(self) -> None:
        assert self.reached is not None
        shuffled = random.Random(len(self.stored)).sample(self.known, len(self.known))  # noqa: S311 - an order, no secret
        assert totals(self.stored) == projection(self.loan, shuffled, until=self.reached)

    @precondition(lambda self: self.reached is not None)
    @invariant()
    def the_state_carried_on_is_the_fold(self) -> None:
        assert self.reached is not None
        state = fold(self.loan, self.known, on=self.reached)
        assert self.state == state
        assert sum(trial_balance(state).values()) == 0
        assert balances(totals(self.stored), on=self.reached) == balances(
            projection(self.loan, self.known, until=self.reached), on=self.reached
        )


PROFILE = settings.get_profile(settings.get_current_profile_name())
TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=PROFILE.max_examples // 4, stateful_step_count=20)
