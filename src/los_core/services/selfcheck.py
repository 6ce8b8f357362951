"""Recompute what is stored, and say where it differs.

Every loan that has facts, or should have, is folded again; its position, its ledger, its receipts
and its payouts must agree with them to the paisa, and its `invariants` hold. A difference names the
loan and the facts. Source: data model §5.
"""

from collections.abc import Iterator

import attrs

from los_core.domain.errors import DomainError
from los_core.domain.facts import Disbursed, Fact, Received, effective
from los_core.domain.fold import fold
from los_core.domain.ids import BrandId, LoanId
from los_core.domain.ledger import Account, Posting, posting, projection, totals
from los_core.domain.loan import Loan
from los_core.ports.work import Begin, Platform, UnitOfWork
from los_core.services import invariants
from los_core.services.bookkeeping import position_of
from los_core.services.invariants import Books

CHUNK = 200


@attrs.frozen(kw_only=True)
class Difference:
    """One broken agreement; `facts` are those it points to, as "source reference"."""

    brand_id: BrandId
    loan_no: str
    what: str
    facts: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Report:
    """What a check saw."""

    loans: int
    facts: int
    entries: int
    differences: tuple[Difference, ...]


@attrs.frozen(kw_only=True)
class Selfcheck:
    """Checks every brand."""

    begin: Begin
    platform: Platform

    def run(self) -> Report:
        """Check every loan of every brand; nothing is written."""
        loans = facts = entries = 0
        differences: list[Difference] = []
        for brand in self.platform.brands():
            for loan_id in self._loans(brand.id):
                with self.begin(brand.id) as uow:
                    loan = uow.loans.get(loan_id)
                    assert loan is not None, "facts belong to a loan"
                    seen = _check(uow, loan)
                loans, facts, entries = loans + 1, facts + seen.facts, entries + seen.entries
                differences += seen.differences
        return Report(loans=loans, facts=facts, entries=entries, differences=tuple(differences))

    def _loans(self, brand_id: BrandId) -> Iterator[LoanId]:
        after = None
        while True:
            with self.begin(brand_id) as uow:
                found = list(uow.loans.servicing(after=after, limit=CHUNK))
            yield from found
            if len(found) < CHUNK:
                return
            after = found[-1]


@attrs.define
class _Seen:
    """What was read of a loan, and what differs."""

    loan: Loan
    facts: int = 0
    entries: int = 0
    differences: list[Difference] = attrs.field(factory=list)

    def differs(self, what: str, *named: Fact) -> None:
        names = tuple(f"{fact.source} {fact.reference}" for fact in named)
        self.differences.append(
            Difference(
                brand_id=self.loan.brand_id, loan_no=self.loan.loan_no, what=what, facts=names
            )
        )


def _check(uow: UnitOfWork, loan: Loan) -> _Seen:
    """Check a loan; what cannot even be read or folded is a difference too."""
    seen = _Seen(loan)
    try:
        facts = tuple(uow.books.facts(loan.id))
        postings = tuple(uow.books.postings(loan.id))
        seen.facts = len(facts)
        seen.entries = sum(len(posting.entries) for posting in postings)
        _compare(uow, seen, facts, postings)
    except (DomainError, AssertionError, ValueError) as err:
        seen.differs(f"it cannot be worked out again: {err}")
    return seen


def _compare(
    uow: UnitOfWork, seen: _Seen, facts: tuple[Fact, ...], postings: tuple[Posting, ...]
) -> None:
    loan = seen.loan
    if loan.terms is None or loan.position is None:
        seen.differs(f"it is {loan.status} without terms or position", *facts)
        for what in invariants.history(uow, loan):
            seen.differs(what)
        return
    books = Books(
        loan=loan,
        terms=loan.terms,
        position=loan.position,
        facts=facts,
        postings=postings,
        receipts=tuple(uow.receipts.of_loan(loan.id)),
        payouts=tuple(uow.payouts.of_loan(loan.id)),
        state=fold(loan.terms, facts, on=loan.position.as_of),
    )
    suspects = list(_altered(books))
    again = position_of(books.state, noted=loan.arrears_since is not None)
    for field in ("interest", "charges", "advance", "oldest_unpaid_due_on"):
        stored, folded = getattr(loan.position, field), getattr(again, field)
        if stored != folded:
            seen.differs(f"{field} is stored as {stored} and folds to {folded}", *suspects)
    entries = [entry for posting in postings for entry in posting.entries]
    due = projection(loan.terms, facts, until=loan.position.as_of)
    for entry in posting(totals(entries), due):
        seen.differs(
            f"{entry.account} on {entry.value_date} lacks {entry.amount} paise in the ledger",
            *suspects,
        )
    for fact in suspects:
        seen.differs("what came in or went out is on record otherwise", fact)
    for what in invariants.broken(uow, books):
        seen.differs(what, *suspects)


def _altered(books: Books) -> Iterator[Fact]:
    """Yield facts that disagree with the receipt, the payout or the posting they came from."""
    receipts = {(receipt.source, receipt.reference): receipt for receipt in books.receipts}
    payouts = {(payout.provider, payout.reference): payout for payout in books.payouts}
    posted = {posting.reference: posting for posting in books.postings}
    for fact in effective(books.facts):
        record: tuple[int, object] | None = None
        moved = 0
        if isinstance(fact, Received):
            receipt = receipts.get(fact.key)
            record = (receipt.amount, receipt.value_date) if receipt else None
            moved = fact.amount
        elif isinstance(fact, Disbursed):
            payout = payouts.get(fact.key)
            record = (payout.amount, fact.value_date) if payout else None
            moved = -fact.amount
        else:
            continue
        entries = posted[str(fact.fact_id)].entries if str(fact.fact_id) in posted else ()
        banked = sum(e.amount for e in entries if e.account is Account.BANK)
        if record != (fact.amount, fact.value_date) or banked != moved:
            yield fact
