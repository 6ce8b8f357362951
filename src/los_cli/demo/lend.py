"""Scene two: decided by rules and by people, offered, signed, paid out."""

from datetime import date, timedelta
from typing import Any

import httpx

from los_cli.demo.play import Play
from los_cli.demo.show import rupees


def decided(play: Play, who: str) -> None:
    """Wait for the machine's part, and say rule by rule what it found."""
    loan = _until(play, who, {"MANUAL_REVIEW", "REJECTED"})
    play.equal("the status after the rules", loan["status"], "MANUAL_REVIEW")
    play.check(loan["assignedTo"], "nobody was given the case")
    found = play.staff("executive").get(f"{play.brand}/loans/{loan['id']}/evaluation")
    bre, evaluation = found["bre"], found["evaluation"]
    passed = sum(rule["outcome"] == "PASS" for rule in bre["rules"])
    play.show.say(
        f"BRE {bre['verdict']}: {passed} of {len(bre['rules'])} rules passed"
        + _because(bre["reasons"])
    )
    play.show.say(
        f"evaluation V1: {evaluation['score']} of 100, {evaluation['grading']} "
        f"(coverage {evaluation['coveragePct']} %)"
    )
    play.show.say("a credit executive was given the case; the brand wants an appraisal memo")


def appraised(play: Play, who: str, *, amount: int, tenure: int) -> None:
    """Save the memo and recommend."""
    executive = play.staff("executive")
    loan = _desk(play, who)
    if loan["status"] == "MANUAL_REVIEW":
        memo = executive.post(
            f"/loans/brand/{play.lender.brand_id}/cam-calculator/save",
            {
                "loanId": loan["id"],
                "amountPaise": amount,
                "tenure": tenure,
                "endUse": "Medical",
                "remarks": "Steady salary, account well kept",
            },
            key=play.key("cam"),
        )
        play.show.say(
            f"memo {memo['versionNo']}: {rupees(memo['recommendedAmountPaise'])}, "
            f"FOIR deviation {memo['foirDeviationPct']} points"
        )
    loan = executive.post(
        f"{play.brand}/loans/{loan['id']}/status",
        {
            "targetStatus": "RECOMMENDED",
            "version": play.memory.get(f"version:{who}:recommend") or _note(play, who, "recommend"),
            "remark": "As argued in the memo",
        },
        key=play.key("recommend"),
    )
    play.equal("the status", loan["status"], "RECOMMENDED")


def approved(play: Play, who: str, *, amount: int, tenure: int) -> None:
    """A second person approves, and offers are made; the first may not."""
    loan_id = play.memory.get(f"loan:{who}")
    version = play.memory.get(f"version:{who}:approve") or _note(play, who, "approve")
    offers = play.staff("manager").post(
        f"{play.brand}/loans/{loan_id}/sanction",
        {"version": version, "amountPaise": amount, "tenure": tenure},
        key=play.key("sanction"),
    )["offers"]
    play.check(offers, "no offer was made")
    for offer in offers:
        play.show.say(
            f"offer: {rupees(offer['amountPaise'])}, {offer['tenure']} × "
            f"{rupees(offer['emiPaise'])}, APR {offer['aprPct']} %, "
            f"{rupees(offer['netDisbursalPaise'])} to the account"
        )


def accepted(play: Play, who: str, *, tenure: int) -> None:
    """Read the Key Facts Statement, acknowledge it, accept the offer."""
    api, loan_id = play.customer(who), play.memory.get(f"loan:{who}")
    offers = api.get(f"/web/loans/{loan_id}/offers")["offers"]
    offer = next(o for o in offers if o["tenure"] == tenure and o["status"] != "SUPERSEDED")
    facts = api.get(f"/web/loans/{loan_id}/key-facts", offerId=offer["id"])
    play.equal("the APR of the statement", facts["content"]["aprPct"], offer["aprPct"])
    body = {"offerId": offer["id"]}
    acknowledged = api.post(
        f"/web/loans/{loan_id}/key-facts/acknowledge", body, key=play.key("acknowledge")
    )
    play.check(acknowledged["acknowledgedAt"], "the acknowledgement is not on file")
    loan = api.post(f"/web/loans/{loan_id}/accept-offer", body, key=play.key("accept"))
    play.equal("the principal", loan["principalPaise"], offer["amountPaise"])
    play.show.say(
        f"{facts['proposalNo']} acknowledged (valid until {facts['validUntil']}), offer accepted"
    )


def signed(play: Play, who: str) -> None:
    """Have the agreement signed at the e-sign vendor, whose callback moves the loan."""
    api, loan_id = play.customer(who), play.memory.get(f"loan:{who}")
    state = api.post(f"/web/loans/{loan_id}/agreement/sign")
    if state["agreement"]["status"] == "SENT":
        docket = state["signingUrl"].rstrip("/").rpartition("/")[2]
        _sign(play, docket, state["signingUrl"], who)
    agreement = play.until(
        "the signed agreement",
        lambda: _if(api.get(f"/web/loans/{loan_id}/agreement"), "SIGNED"),
    )
    file = httpx.get(_absolute(play, agreement["url"]), timeout=15, trust_env=False)
    play.check(file.content.startswith(b"%PDF"), "the signed file is no PDF")
    (play.children.folder / f"{who}-agreement-signed.pdf").write_bytes(file.content)
    play.show.say(
        f"agreement {agreement['agreement']['reference']} signed at "
        f"{agreement['agreement']['provider']}, SHA-256 "
        f"{agreement['agreement']['signedSha256'][:16]}…"
    )


def disbursed(play: Play, who: str) -> None:
    """Prepared by one, approved by another, paid by the bank, settled by inquiry."""
    loan_id = play.memory.get(f"loan:{who}")
    version = play.memory.get(f"version:{who}:disburse") or _note(play, who, "disburse")
    approval = play.staff("maker").post(
        f"{play.brand}/loans/{loan_id}/disburse", {"version": version}, key=play.key("prepare")
    )
    play.staff("checker").post(
        f"{play.brand}/approvals/{approval['id']}/approve", {}, key=play.key("approve")
    )
    loan = _settled(play, who)
    if loan["status"] == "DISBURSEMENT_FAILED":
        loan = _paid_again(play, who)
    play.equal("the status", loan["status"], "DISBURSED")
    payout = loan["payouts"][-1]
    play.equal("payouts that live", sum(p["stage"] == "SUCCESS" for p in loan["payouts"]), 1)
    transfers = [t for t in play.vendor_state("idfc").values() if payout["reference"] in str(t)]
    play.equal("transfers at the bank", len(transfers), 1)
    play.show.say(
        f"{rupees(payout['amountPaise'])} paid, bank reference {payout['bankReference']}, "
        f"settled after {payout['inquiries']} inquir{'y' if payout['inquiries'] == 1 else 'ies'}"
    )


def _settled(play: Play, who: str) -> dict[str, Any]:
    """Wait for the end of a payout.

    An order that was cut off on its way stays in doubt until the bank has not heard of it for a
    day: that day is let go by.
    """

    def look() -> dict[str, Any] | None:
        loan = _desk(play, who)
        if loan["status"] in ("DISBURSED", "DISBURSEMENT_FAILED"):
            return loan
        payout = loan["payouts"][-1]
        lost = payout["stage"] == "UNKNOWN" and payout["inquiries"] >= 2
        if lost and payout["reference"] not in play.vendor_state("idfc"):
            sent_on = date.fromisoformat(payout["sentAt"][:10])
            play.go_to(sent_on + timedelta(days=2))
        return None

    found: dict[str, Any] = play.until("the end of the payout", look, patience_s=120)
    return found


def _paid_again(play: Play, who: str) -> dict[str, Any]:
    """Prepare and approve a second attempt, after the bank never heard of the first."""
    loan_id = play.memory.get(f"loan:{who}")
    play.show.say("the order never reached the bank: prepared and approved again")
    version = play.memory.get(f"version:{who}:disburse again") or _note(play, who, "disburse again")
    approval = play.staff("maker").post(
        f"{play.brand}/loans/{loan_id}/disburse", {"version": version}, key=play.key("again")
    )
    play.staff("checker").post(
        f"{play.brand}/approvals/{approval['id']}/approve", {}, key=play.key("approve again")
    )
    return _settled(play, who)


def _sign(play: Play, docket: str, url: str, who: str) -> None:
    """Sign as the customer does, on the vendor's page: last digits, then the authority's code."""
    person = play.person(who)
    last4 = {"last4": person.aadhaar[-4:]}

    def codes() -> list[str]:
        return [
            str(message["variables"]["otp"])
            for message in play.messages(person.phone)
            if message.get("vendor") == "signzy" and "otp" in (message.get("variables") or {})
        ]

    before = len(codes())
    asked = httpx.post(url, data=last4, timeout=15, trust_env=False)
    if asked.status_code == httpx.codes.GONE:
        return  # signed before a crash; the callback or an inquiry tells
    code = play.until("the signing code", lambda: codes()[before:])[-1]
    done = httpx.post(url, data={**last4, "otp": code}, timeout=15, trust_env=False)
    play.check(done.status_code < httpx.codes.BAD_REQUEST, f"the page says {done.text}")
    play.show.say(f"signed on the vendor's page, docket {docket[:8]}…")


def _if(state: dict[str, Any], status: str) -> dict[str, Any] | None:
    agreement = state["agreement"]
    return state if agreement and agreement["status"] == status else None


def _desk(play: Play, who: str) -> dict[str, Any]:
    loan_id = play.memory.get(f"loan:{who}")
    found: dict[str, Any] = play.staff("manager").get(f"{play.brand}/loans/{loan_id}")
    return found


def _note(play: Play, who: str, what: str) -> int:
    """Note the version a command is for, before it is given: a repeat must be the same command."""
    version: int = _desk(play, who)["version"]
    play.memory.put(f"version:{who}:{what}", version)
    return version


def _until(play: Play, who: str, statuses: set[str], *, patience_s: float = 20.0) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        loan = _desk(play, who)
        return loan if loan["status"] in statuses else None

    found: dict[str, Any] = play.until(f"{' or '.join(sorted(statuses))}", look, patience_s)
    return found


def _absolute(play: Play, url: str) -> str:
    return url if url.startswith("http") else f"{play.ports.api_url}{url}"


def _because(reasons: list[dict[str, Any]]) -> str:
    told = ", ".join(str(reason["staff"]) for reason in reasons)
    return f"; {told}" if told else ""
