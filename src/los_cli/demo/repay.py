"""Scene three: instalments as life has them, to the last one and the certificate."""

from datetime import date, timedelta
from typing import Any

from los_cli.demo.play import Play
from los_cli.demo.show import rupees


def timeline(play: Play, who: str) -> dict[str, Any]:
    """Return a loan's timeline as its customer sees it."""
    loan_id = play.memory.get(f"loan:{who}")
    found: dict[str, Any] = play.customer(who).get(f"/web/loans/{loan_id}/repayment-timeline")
    return found


def due_on(play: Play, who: str, number: int) -> date:
    """Return an instalment's due date, after holidays."""
    return date.fromisoformat(timeline(play, who)["rows"][number - 1]["adjustedDueOn"])


def pays_on_time(play: Play, who: str, number: int) -> None:
    """Pay an instalment on its due date; the gateway's signed webhook posts it.

    The day stays open: Arjun, too, has an instalment due.
    """
    play.go_to(due_on(play, who, number))
    payment = _pay(play, who, "INSTALMENT", what=f"instalment {number}")
    _row(play, who, number, "PAID")
    play.show.say(f"instalment {number}: {rupees(payment['amount'])} by signed webhook, posted")


def pays_and_is_told_twice(play: Play, who: str, number: int) -> None:
    """The same webhook comes twice; the money is posted once."""
    due = due_on(play, who, number)
    play.go_to(due)
    before = len(_receipts(play, who))
    payment = _pay(play, who, "INSTALMENT", what=f"instalment {number}")
    _row(play, who, number, "PAID")
    for post in play.sandbox("GET", "webhooks", params={"vendor": "razorpay"}):
        if payment["id"] in post["body"]:
            play.sandbox("POST", f"webhooks/{post['number']}/again")
    play.until(
        "the second delivery",
        lambda: all(
            post["state"] == "delivered" and post["tries"] >= 2
            for post in play.sandbox("GET", "webhooks", params={"vendor": "razorpay"})
            if payment["id"] in post["body"]
        ),
    )
    play.quiet()
    mine = [r for r in _receipts(play, who) if r["reference"] == payment["id"]]
    play.equal("receipts of this payment", len(mine), 1)
    play.check(len(_receipts(play, who)) <= before + 1, "a second receipt appeared")
    play.show.say(f"instalment {number}: webhook delivered twice, posted once")
    play.end_day(due)


def pays_in_parts(play: Play, who: str, number: int) -> None:
    """Half on the due date, the rest within the days of grace: no penal charge."""
    due = due_on(play, who, number)
    play.go_to(due)
    row = timeline(play, who)["rows"][number - 1]
    half = row["outstandingPaise"] // 200 * 100 or row["principalPaise"] // 200 * 100
    _pay(play, who, "INSTALMENT", amount=half, what=f"part of instalment {number}")
    _row(play, who, number, "PARTIAL", "OVERDUE", "PAID")
    play.end_day(due)
    later = due + timedelta(days=2)
    play.go_to(later)
    _pay(play, who, "INSTALMENT", what=f"rest of instalment {number}")
    row = _row(play, who, number, "PAID")
    play.equal("the penal charge within grace", row["chargesPaise"], 0)
    play.show.say(
        f"instalment {number}: {rupees(half)} on the due date, the rest two days later; "
        "within grace, no charge"
    )
    play.end_day(later)


def pays_late(play: Play, who: str, number: int) -> None:
    """Nothing on the due date: arrears on record, a reminder, a penal charge, then paid in full."""
    due = due_on(play, who, number)
    play.go_to(due)
    play.end_day(due)
    loan = play.staff("manager").get(f"{play.brand}/loans/{play.memory.get(f'loan:{who}')}")
    play.check(
        any(move["row"] == "T29" for move in loan["history"]), "the arrears are not on record"
    )
    later = due + timedelta(days=10)
    play.go_to(later)
    standing = play.memory.get(f"late:{who}") or timeline(play, who)
    play.memory.put(f"late:{who}", {key: standing[key] for key in ("dpd", "bucket")})
    play.equal("days past due", standing["dpd"], 11)
    payment = _pay(play, who, "INSTALMENT", what=f"late instalment {number}")
    row = _row(play, who, number, "PAID")
    play.check(row["chargesPaise"] > 0, "no penal charge was made")
    play.show.say(
        f"instalment {number}: ten days late, DPD {standing['dpd']}, {standing['bucket']}; "
        f"{rupees(payment['amount'])} paid, of which penal {rupees(row['chargesPaise'])}"
    )
    play.end_day(later)


def paid_by_hand(play: Play, who: str, number: int) -> None:
    """A bank transfer entered by collections and approved by accounts."""
    due = due_on(play, who, number)
    play.go_to(due)
    loan_id = play.memory.get(f"loan:{who}")
    amount = play.memory.get(f"byhand:{who}") or timeline(play, who)["totalDuePaise"]
    play.memory.put(f"byhand:{who}", amount)
    receipt = play.staff("collector").post(
        f"{play.brand}/payment/process",
        {
            "loanId": loan_id,
            "amountPaise": amount,
            "mode": "NEFT",
            "reference": f"branch-{number}",
            "utr": f"HDFCN{number:017d}",
            "valueDate": due.isoformat(),
            "note": "Paid at the branch",
        },
        key=play.key("record"),
    )
    play.staff("checker").post(
        f"{play.brand}/payment/approve/{receipt['id']}", {}, key=play.key("approve")
    )
    _row(play, who, number, "PAID")
    play.show.say(
        f"instalment {number}: {rupees(amount)} by NEFT, entered by collections, "
        "approved by accounts"
    )
    play.end_day(due)


def pays_last(play: Play, who: str, number: int) -> None:
    """The last instalment closes the loan; the no-dues certificate goes out by e-mail."""
    play.go_to(due_on(play, who, number))
    _pay(play, who, "INSTALMENT", what="last instalment")
    closed(play, who, "MATURITY")


def forecloses(play: Play, who: str) -> None:
    """Leave early: the quote of the day, paid, leaves exactly nothing."""
    first = due_on(play, who, 1)
    play.go_to(first)
    _pay(play, who, "INSTALMENT", what="instalment 1")
    _row(play, who, 1, "PAID")
    play.end_day(first)
    play.go_to(first + timedelta(days=12))
    loan_id = play.memory.get(f"loan:{who}")
    quoted = play.memory.get(f"quote:{who}")
    if quoted is None:
        quoted = play.customer(who).get(f"/web/loans/{loan_id}/foreclosure-quote")
        play.memory.put(f"quote:{who}", quoted)
    play.show.say(
        f"quote for {quoted['on']}: principal {rupees(quoted['principalPaise'])}, interest "
        f"{rupees(quoted['accruedInterestPaise'])}, fee {rupees(quoted['feePaise'])} + GST "
        f"{rupees(quoted['gstPaise'])} = {rupees(quoted['amountPaise'])}"
    )
    payment = _pay(play, who, "FORECLOSURE", what="foreclosure")
    play.equal("the amount paid", payment["amount"], quoted["amountPaise"])
    closed(play, who, "FORECLOSURE")


def closed(play: Play, who: str, how: str) -> None:
    """The loan is COMPLETED, owes nothing, and its certificate arrived."""
    loan_id = play.memory.get(f"loan:{who}")
    loan = play.until("COMPLETED", lambda: _completed(play, who))
    play.equal("the closure", loan["closureType"], how)
    standing = timeline(play, who)
    play.equal("what is owed", standing["totalOwedPaise"], 0)
    mail = play.until(
        "the no-dues certificate by e-mail",
        lambda: [
            m
            for m in play.messages(play.person(who).email)
            if "no-dues" in str(m.get("subject", m)).lower() and loan["loanNo"] in str(m)
        ],
    )
    play.quiet()
    certificate = play.staff("manager").post(f"{play.brand}/loans/{loan_id}/generate-ndc")
    play.show.say(
        f"{loan['loanNo']} COMPLETED ({how}), nothing owed; {certificate['certificateNo']} "
        f"e-mailed ({len(mail)} mail)"
    )


def _completed(play: Play, who: str) -> dict[str, Any] | None:
    loan: dict[str, Any] = play.customer(who).get(f"/web/loans/{play.memory.get(f'loan:{who}')}")
    return loan if loan["status"] == "COMPLETED" else None


def _pay(
    play: Play, who: str, purpose: str, *, what: str, amount: int | None = None
) -> dict[str, Any]:
    """Make an order, pay it at the gateway, and wait until it is posted. Once, however often."""
    loan_id = play.memory.get(f"loan:{who}")
    note = f"pay:{play.step}:{what}"
    body: dict[str, Any] = play.memory.get(f"{note}:body") or {
        "purpose": purpose,
        **({"amountPaise": amount} if amount is not None else {}),
    }
    play.memory.put(f"{note}:body", body)
    order = play.customer(who).post(f"/web/loans/{loan_id}/pay", body, key=play.key(what))
    payment = _captured(play, order["orderId"])
    if payment is None:
        play.sandbox("POST", "actions/razorpay/pay", json={"order_id": order["orderId"]})
        payment = _captured(play, order["orderId"])
    play.check(payment, "the gateway knows no payment")
    assert payment is not None, "checked"
    found = payment
    play.until(
        f"the posting of {what}",
        lambda: any(r["reference"] == found["id"] for r in _receipts(play, who)),
    )
    play.quiet()
    return payment


def _captured(play: Play, order_id: str) -> dict[str, Any] | None:
    payments = play.vendor_state("razorpay-payments").values()
    mine = [p for p in payments if p["order_id"] == order_id and p["status"] == "captured"]
    return mine[0] if mine else None


def _receipts(play: Play, who: str) -> list[dict[str, Any]]:
    loan_id = play.memory.get(f"loan:{who}")
    found: list[dict[str, Any]] = play.customer(who).get(f"/web/loans/{loan_id}/receipts")[
        "receipts"
    ]
    return found


def _row(play: Play, who: str, number: int, *statuses: str) -> dict[str, Any]:
    row: dict[str, Any] = timeline(play, who)["rows"][number - 1]
    play.check(row["status"] in statuses, f"instalment {number} is {row['status']}")
    return row
