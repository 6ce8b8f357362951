"""Recompute what is stored, and say where it differs.

Every loan with facts is folded again; its position, its ledger, its receipts and its payouts must
agree with them to the paisa. A difference names the loan and the facts. Source: data model §5.
"""

from collections.abc import Iterator, Sequence

import attrs

from los_core.domain.facts import Disbursed, Fact, Received, effective
from los_core.domain.fold import fold
from los_core.domain.ids import BrandId, LoanId
from los_core.domain.ledger import Account, posting, projection, totals
from los_core.domain.lifecycle import Status
from los_core.domain.loan import Loan
from los_core.domain.payout import PayoutStage
from los_core.domain.servicing import ReceiptStatus
from los_core.domain.state import State
from los_core.ports.work import Begin, Platform, UnitOfWork
from los_core.services.bookkeeping import position_of

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
                    known = list(uow.books.facts(loan.id))
                    differences += _check(uow, loan, known)
                    entries += sum(len(p.entries) for p in uow.books.postings(loan.id))
                loans, facts = loans + 1, facts + len(known)
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


def _check(uow: UnitOfWork, loan: Loan, facts: Sequence[Fact]) -> list[Difference]:
    found: list[Difference] = []

    def differs(what: str, *named: Fact) -> None:
        names = tuple(f"{fact.source} {fact.reference}" for fact in named)
        found.append(
            Difference(brand_id=loan.brand_id, loan_no=loan.loan_no, what=what, facts=names)
        )

    if loan.terms is None or loan.position is None:
        differs("it has facts but no terms or position", *facts)
        return found
    suspects = list(_altered(uow, loan, facts))
    state = fold(loan.terms, facts, on=loan.position.as_of)
    again = position_of(state, noted=loan.arrears_since is not None)
    for field in ("principal", "interest", "charges", "advance", "oldest_unpaid_due_on"):
        stored, folded = getattr(loan.position, field), getattr(again, field)
        if stored != folded:
            differs(f"{field} is stored as {stored} and folds to {folded}", *suspects)
    stored_entries = [entry for p in uow.books.postings(loan.id) for entry in p.entries]
    due = projection(loan.terms, facts, until=loan.position.as_of)
    for entry in posting(totals(stored_entries), due):
        differs(
            f"{entry.account} on {entry.value_date} lacks {entry.amount} paise in the ledger",
            *suspects,
        )
    for fact in suspects:
        differs("what came in or went out is on record otherwise", fact)
    found += _invariants(uow, loan, state)
    return found


def _altered(uow: UnitOfWork, loan: Loan, facts: Sequence[Fact]) -> Iterator[Fact]:
    """Yield facts that disagree with the receipt, the payout or the posting they came from."""
    receipts = {(r.source, r.reference): r for r in uow.receipts.of_loan(loan.id)}
    payouts = {(p.provider, p.reference): p for p in uow.payouts.of_loan(loan.id)}
    posted = {p.reference: p for p in uow.books.postings(loan.id)}
    for fact in effective(facts):
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


def _invariants(uow: UnitOfWork, loan: Loan, state: State) -> list[Difference]:
    found: list[str] = []
    attempts = uow.payouts.of_loan(loan.id)
    paid_out = [payout for payout in attempts if payout.stage is PayoutStage.SUCCESS]
    due = 0 if state.disbursed_on is None else 1
    if len(paid_out) != due:
        found.append(f"it has {len(paid_out)} payouts that succeeded, not {due}")
    if loan.status is Status.COMPLETED and state.total_owed:
        found.append(f"it is completed and owes {state.total_owed} paise")
    if loan.status is Status.DISBURSED and state.closure is not None:
        found.append("it is running and owes nothing")
    posted = sum(
        r.amount for r in uow.receipts.of_loan(loan.id) if r.status is ReceiptStatus.POSTED
    )
    if posted != sum(receipt.amount for receipt in state.receipts):
        found.append(f"receipts of {posted} paise are posted, facts say otherwise")
    return [Difference(brand_id=loan.brand_id, loan_no=loan.loan_no, what=what) for what in found]
