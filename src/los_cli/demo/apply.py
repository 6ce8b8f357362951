"""Scene one: from a phone number to an application on an executive's desk."""

from datetime import date
from typing import Any

from los_adapters.sandbox.personas import Persona
from los_adapters.sandbox.stories import persona_statement
from los_cli.demo.api import Api
from los_cli.demo.lender import PRODUCT
from los_cli.demo.play import Play
from los_cli.demo.show import rupees

CONSENTS = [
    "PRIVACY_NOTICE",
    "BUREAU_PULL",
    "KYC",
    "BANK_DATA",
    "TERMS",
    "EMPLOYMENT_DATA",
]
STATEMENT_MONTHS = 7


def register(play: Play, who: str) -> None:
    """Register by phone, with the code that the SMS vendor delivered, and give consents."""
    api = play.customer(who)
    given = api.post(
        "/web/consents", {"purposes": CONSENTS, "textVersion": "2026-01", "language": "en"}
    )["consents"]
    play.equal("consents in force", sum(c["inForce"] for c in given), len(CONSENTS))
    play.show.say(f"{_short(play.person(who))} registered by OTP; {len(given)} consents on file")


def prove_identity(play: Play, who: str) -> None:
    """PAN, then Aadhaar by the authority's OTP."""
    api, person = play.customer(who), play.person(who)
    progress = api.post(
        "/web/kyc/verify-pan",
        {"pan": person.pan, "name": person.full_name, "dateOfBirth": person.born_on.isoformat()},
    )
    play.equal("the PAN step", _state(progress, "PAN"), "VERIFIED")
    if _state(progress, "AADHAAR") != "VERIFIED":
        progress = _aadhaar(play, who)
    play.equal("the Aadhaar step", _state(progress, "AADHAAR"), "VERIFIED")
    play.show.say(
        f"PAN {progress['pan']['panMasked']} is {progress['pan']['name']}, "
        f"name match {progress['pan']['nameMatchPct']} %; Aadhaar XXXX XXXX "
        f"{progress['aadhaar']['last4']} agrees"
    )


def prove_account_and_work(play: Play, who: str) -> None:
    """Bank account by penny drop, employment by the provident fund, and the bank statement."""
    api, person = play.customer(who), play.person(who)
    _details(api, person)
    progress = api.get("/web/onboarding")
    if not progress["accounts"]:
        progress = api.post(
            "/web/bank/add-account",
            {
                "holder": person.full_name,
                "accountNumber": person.bank.account_number,
                "ifsc": person.bank.ifsc,
            },
        )
    account = progress["accounts"][0]["id"]
    progress = play.until(
        "the penny drop",
        lambda: _settled(api.post("/web/bank/verify", {"accountId": account})),
    )
    found = progress["accounts"][0]
    play.equal("the account", found["state"], "VERIFIED")
    play.show.say(
        f"₹1 reached {found['accountMasked']}: the bank knows the holder, "
        f"name match {found['nameMatchPct']} %"
    )
    if progress["employment"] is None:
        api.post(
            "/web/employment/add",
            {
                "employer": person.employer,
                "joinedOn": person.joined_on.isoformat(),
                "netSalaryPaise": person.net_salary,
                "salaryDay": person.salary_day,
            },
        )
    progress = api.post("/web/employment/verify-uan", {})
    play.equal("the employment step", _state(progress, "EMPLOYMENT"), "VERIFIED")
    play.show.say(f"the provident fund confirms {person.employer}")
    if _state(progress, "BANK_STATEMENT") != "VERIFIED":
        pdf = persona_statement(person, until=_month_end(play.today()), months=STATEMENT_MONTHS)
        (play.children.folder / f"{who}-statement.pdf").write_bytes(pdf)
        progress = api.upload("/web/bank/upload-statement", pdf, f"{who}-statement.pdf")
    play.equal("the statement step", _state(progress, "BANK_STATEMENT"), "VERIFIED")
    statement = progress["statement"]
    play.show.say(
        f"{statement['bank']} statement of {statement['periodFrom']} to {statement['periodTo']} "
        "read, every row proved by its balance"
    )


def apply(play: Play, who: str, *, amount: int, tenure: int) -> None:
    """Apply and submit."""
    api = play.customer(who)
    loan = api.post(
        "/web/loans",
        {"product": PRODUCT, "amountPaise": amount, "tenure": tenure, "purpose": "Medical"},
        key=play.key("apply"),
    )
    play.memory.put(f"loan:{who}", loan["id"])
    loan = api.post(f"/web/loans/{loan['id']}/submit", key=play.key("submit"))
    play.check(loan["submittedAt"], "the application is not submitted")
    play.show.say(f"{loan['loanNo']}: {rupees(amount)} over {tenure} months, submitted")


def ready(play: Play, who: str, *, amount: int, tenure: int) -> None:
    """Take a customer all the way to a submitted application."""
    register(play, who)
    prove_identity(play, who)
    prove_account_and_work(play, who)
    apply(play, who, amount=amount, tenure=tenure)


def _aadhaar(play: Play, who: str) -> dict[str, Any]:
    api, person = play.customer(who), play.person(who)

    def codes() -> list[str]:
        return [
            str(message["variables"]["otp"])
            for message in play.messages(person.phone)
            if message.get("vendor") == "uidai"
        ]

    before = codes()
    api.post("/web/kyc/initiate-aadhaar-otp", {"aadhaar": person.aadhaar})
    code = play.until("the authority's code", lambda: codes()[len(before) :])[-1]
    progress: dict[str, Any] = api.post("/web/kyc/submit-aadhaar-otp", {"otp": code})
    return progress


def _details(api: Api, person: Persona) -> None:
    home = person.address
    api.post(
        "/web/personal-details/update",
        {
            "email": person.email,
            "residence": {
                "line1": home.line1,
                "line2": home.locality,
                "city": home.city,
                "state": home.state_code,
                "pincode": home.pincode,
                "residenceType": "RENTED",
            },
            "language": "en",
            "householdIncomePaise": person.net_salary * 12,
        },
    )


def _settled(progress: dict[str, Any]) -> dict[str, Any] | None:
    return progress if progress["accounts"][0]["state"] != "IN_PROGRESS" else None


def _state(progress: dict[str, Any], step: str) -> str:
    return next(str(s["state"]) for s in progress["steps"] if s["step"] == step)


def _short(person: Persona) -> str:
    return person.first_name.title()


def _month_end(today: date) -> date:
    """Return the last day of the month before: what a bank would print today."""
    return date.fromordinal(today.replace(day=1).toordinal() - 1)
