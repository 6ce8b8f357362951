"""What must be true of a loan as it is stored, each told in words where it is not.

Each question reads one loan in its transaction and writes nothing. The numbers are those of the
data model. Nothing is stored yet for 6 (partner's and own share make the whole) and for the mandate
in 3; 5 (no penalty on a charge) cannot be stored: a penal charge is computed, and a fact of one is
refused where it is read. Source: data model §5.
"""

from collections.abc import Iterator
from itertools import pairwise

import attrs

from los_core.domain import guards
from los_core.domain.errors import Erased
from los_core.domain.facts import Fact
from los_core.domain.invoice import charged
from los_core.domain.ledger import Account, Posting, balances, totals
from los_core.domain.lifecycle import CREDITED, Status
from los_core.domain.loan import Loan, Position
from los_core.domain.payout import Payout, PayoutStage
from los_core.domain.servicing import Receipt, ReceiptStatus
from los_core.domain.state import State
from los_core.domain.terms import Terms, terms_hash
from los_core.ports.work import UnitOfWork


@attrs.frozen(kw_only=True)
class Books:
    """A loan with everything that has to agree: as stored, and folded again on its day."""

    loan: Loan
    terms: Terms
    position: Position
    facts: tuple[Fact, ...]
    postings: tuple[Posting, ...]
    receipts: tuple[Receipt, ...]
    payouts: tuple[Payout, ...]
    state: State


def broken(uow: UnitOfWork, books: Books) -> Iterator[str]:
    """Yield, in words, every invariant that a loan breaks."""
    yield from _principal(books)
    yield from _receipts(books)
    yield from _ends(books)
    yield from _credit(uow, books)
    yield from _tax(books)
    yield from history(uow, books.loan)


def history(uow: UnitOfWork, loan: Loan) -> Iterator[str]:
    """The history of a loan leads, without a gap, to the status it has."""
    moves = uow.loans.history(loan.id)
    if [move.seq for move in moves] != list(range(1, loan.seq + 1)):
        yield f"its history has {len(moves)} lines, not {loan.seq} without a gap"
    elif moves and moves[-1].target is not loan.status:
        yield f"it is {loan.status}, its history ends in {moves[-1].target}"
    for before, move in pairwise(moves):
        if move.source is not before.target:
            yield f"line {move.seq} of its history starts from {move.source}, not {before.target}"


def _principal(books: Books) -> Iterator[str]:
    """1: outstanding principal is the schedule's unpaid principal is the ledger's balance."""
    entries = [entry for posting in books.postings for entry in posting.entries]
    found = balances(totals(entries), on=books.position.as_of)[Account.PRINCIPAL]
    schedule = books.state.outstanding_principal
    if not books.position.principal == schedule == found:
        yield (
            f"principal is stored as {books.position.principal}, the schedule leaves {schedule},"
            f" the ledger {found} paise"
        )


def _receipts(books: Books) -> Iterator[str]:
    """2: what a receipt paid and what is left of it is the receipt."""
    state = books.state
    for receipt in state.receipts:
        lots = (*state.advance, *state.suspense, *state.recovered)
        left = sum(lot.amount for lot in lots if lot.key == receipt.key)
        paid = sum(state.paid_by(receipt.key).values())
        if paid + left != receipt.kept:
            yield (
                f"receipt {receipt.key[1]} of {receipt.kept} paise paid {paid} and has {left} left"
            )
    for kept in books.receipts:
        if sum(amount for _, amount in kept.split) > kept.amount:
            yield f"receipt {kept.receipt_no} is split into more than its {kept.amount} paise"
    posted = sum(r.amount for r in books.receipts if r.status is ReceiptStatus.POSTED)
    if posted != sum(receipt.amount for receipt in state.receipts):
        yield f"receipts of {posted} paise are posted, facts say otherwise"


def _ends(books: Books) -> Iterator[str]:
    """3: a completed loan owes nothing, a running one something."""
    loan, state = books.loan, books.state
    if loan.status is Status.COMPLETED and state.total_owed:
        yield f"it is completed and owes {state.total_owed} paise"
    if loan.status is Status.DISBURSED and state.closure is not None:
        yield "it is running and owes nothing"


def _credit(uow: UnitOfWork, books: Books) -> Iterator[str]:
    """4: money went out once, on signed terms that were put before the customer."""
    loan = books.loan
    succeeded = sum(payout.stage is PayoutStage.SUCCESS for payout in books.payouts)
    due = 0 if books.state.disbursed_on is None else 1
    if succeeded != due:
        yield f"it has {succeeded} payouts that succeeded, not {due}"
    if (loan.status in CREDITED) is not bool(due):
        yield f"it is {loan.status}, and its facts say {'' if due else 'not '}that it was paid out"
    if loan.status not in CREDITED:
        return
    if loan.terms_hash != terms_hash(books.terms):
        yield "its terms are not those that were accepted"
    try:
        agreement = uow.agreements.of_loan(loan.id)
        statement = uow.offers.key_facts(loan.offer_id) if loan.offer_id else None
    except Erased:
        return  # the papers went with the customer; the money is checked all the same
    unmet = [
        guards.signed(agreement, loan.terms_hash),
        guards.key_facts(statement, loan.terms_hash),
    ]
    yield from (f"it is {loan.status}; {each.guard}: {each.why}" for each in unmet if each)


def _tax(books: Books) -> Iterator[str]:
    """7: GST in the ledger is that of the tax invoices which the facts call for."""
    on = books.position.as_of
    entries = [entry for posting in books.postings for entry in posting.entries]
    payable = -balances(totals(entries), on=on)[Account.GST_PAYABLE]
    documents = charged(books.terms, books.facts, until=on)
    invoiced = sum(each.gst.total - each.waived_gst.total for each in documents)
    if payable != invoiced:
        yield f"the ledger has {payable} paise of GST, its invoices {invoiced}"
