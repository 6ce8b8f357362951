"""What must be true of a play's books, however often its processes were killed.

Each check is made of the lender's own records and the vendors', never of what the demo printed.
`verdict` returns the cases in which a message or a docket went out twice, after seeing that each of
them is on record as repeated.
"""

from collections import Counter

from tests.journeys.stage import Books

BORROWERS = {"asha": "COMPLETED", "meena": "DISBURSED", "arjun": "COMPLETED"}
BY_LOAN = ("COMPLETED", "REJECTED", "DISBURSED", "COMPLETED")
"""The statuses of Asha's, Ravi's, Meena's and Arjun's loans, in the order of their numbers."""


def verdict(books: Books) -> list[str]:
    """Check everything, and return the repeats that are allowed, in words."""
    assert tuple(status for _, status, _ in books.loans) == BY_LOAN, books.loans
    assert [books.balance(place) for place in range(len(books.loans))] == [0, 0, 0, 0]
    nobody_was_paid_twice(books)
    no_money_was_posted_twice(books)
    every_account_was_checked_once(books)
    assert not [job for job in books.jobs if job["state"] in ("DEAD", "RUNNING")], books.jobs
    return [*repeated_messages(books), *repeated_dockets(books)]


def nobody_was_paid_twice(books: Books) -> None:
    """One transfer per loan, ordered once, and the lender knows it as the bank does."""
    transfers = books.vendors["idfc"]
    paid = {p["reference"]: p for p in books.payouts if p["stage"] == "SUCCESS"}
    assert set(transfers) == set(paid), "the bank's transfers are not the payouts on record"
    assert Counter(p["loan_id"] for p in paid.values()) == {
        loan_id: 1 for _, status, loan_id in books.loans if status != "REJECTED"
    }
    for reference, transfer in transfers.items():
        assert transfer["asked"] == 1, f"{reference} was ordered {transfer['asked']} times"
        assert transfer["status"] == "SUCCESS"
        assert int(transfer["amount"].replace(".", "")) == paid[reference]["amount"]
        assert transfer["bank_reference"] == paid[reference]["bank_reference"]


def no_money_was_posted_twice(books: Books) -> None:
    """Every captured payment has one receipt of its amount, and every receipt one fact."""
    captured = {
        key: payment["amount"]
        for key, payment in books.vendors["razorpay-payments"].items()
        if payment["status"] == "captured"
    }
    online = [r for r in books.receipts if r["source"] == "razorpay"]
    assert Counter(r["reference"] for r in online) == dict.fromkeys(captured, 1)
    assert {r["reference"]: r["amount"] for r in online} == captured
    orders = Counter(p["order_id"] for p in books.vendors["razorpay-payments"].values())
    assert set(orders.values()) == {1}, "an order was paid twice"
    assert all(r["status"] == "POSTED" for r in books.receipts)
    received = [paise for _, kind, _, paise in books.facts if kind == "received"]
    assert sorted(received) == sorted(r["amount"] for r in books.receipts)
    lent = [paise for _, kind, _, paise in books.facts if kind == "disbursed"]
    assert len(lent) == len(BORROWERS)


def every_account_was_checked_once(books: Books) -> None:
    """A penny drop is a payout too: one rupee per account."""
    checks = Counter(
        check["fund_account"]["bank_account"]["account_number"]
        for check in books.vendors["razorpayx"].values()
    )
    assert set(checks.values()) == {1}, checks


def repeated_messages(books: Books) -> list[str]:
    """Return messages that reached somebody twice; each is on record as repeated."""
    on_record = {m["id"]: m for m in books.messages}
    cases = []
    for message_id, times in books.delivered().items():
        assert message_id in on_record, f"{message_id} went out and is not on record"
        message = on_record[message_id]
        if times > 1:
            assert message["repeated"], f"{message_id} went out {times} times, unrecorded"
            cases.append(f"{message['channel']} {message['template']} went out {times} times")
    return cases


def repeated_dockets(books: Books) -> list[str]:
    """Return agreements with more than one docket; each repeat is in the audit trail."""
    names = {a["id"]: a["reference"] for a in books.agreements}
    cases = []
    for agreement_id, dockets in books.dockets().items():
        extra = dockets - 1
        assert books.repeats[agreement_id] >= extra, f"{names[agreement_id]}: {dockets} dockets"
        if extra:
            cases.append(f"agreement {names[agreement_id]} has {dockets} dockets at the vendor")
    return cases
