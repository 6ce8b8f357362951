"""Scene four: the customers for whom it goes otherwise."""

from los_cli.demo.play import Play


def rejected(play: Play, who: str) -> None:
    """The rules say no: the customer hears it in plain words, staff rule by rule."""
    loan_id = play.memory.get(f"loan:{who}")

    def ended() -> object:
        loan = play.customer(who).get(f"/web/loans/{loan_id}")
        return loan if loan["status"] == "REJECTED" else None

    loan = play.until("REJECTED", ended)
    found = play.staff("manager").get(f"{play.brand}/loans/{loan_id}/evaluation")["bre"]
    play.equal("the verdict", found["verdict"], "REJECT")
    play.check(loan["reasons"], "the customer is not told why")
    failed = [rule for rule in found["rules"] if rule["outcome"] == "FAIL"]
    for rule in failed:
        play.show.say(
            f"staff see: {rule['code']}: {rule['field']} {rule['operator']} "
            f"{rule['threshold']}, actual {rule['actual']}"
        )
    for reason in loan["reasons"]:
        play.show.say(f"the customer reads: {reason}")
    play.check(len(loan["reasons"]) <= 3, "more than three reasons")
    again = play.customer(who).get("/web/loans")["loans"]
    play.check(again[0]["reapplyAfter"], "no date to apply again")
    play.show.say(f"may apply again from {again[0]['reapplyAfter']}")


def found_by_inquiry(play: Play, who: str) -> None:
    """The bank paid and fell silent: found by inquiry, and paid once."""
    loan_id = play.memory.get(f"loan:{who}")
    loan = play.staff("manager").get(f"{play.brand}/loans/{loan_id}")
    payout = loan["payouts"][-1]
    play.equal("attempts", len(loan["payouts"]), 1)
    play.check(payout["inquiries"] >= 1, "the payout was not asked about")
    play.show.say(
        f"the bank carried {payout['reference']} out and did not answer; "
        f"inquiry {payout['inquiries']} found {payout['bankReference']}: one transfer"
    )
