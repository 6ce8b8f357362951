"""One loan from registration to its certificate, over HTTP alone and through fakes.

Every route that the journey uses is called here, so that every view is made of real values.
"""

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from los_adapters.statement.memory import file_of
from los_core.domain.bureau import CreditReport, MonthStatus, Outcome, Ownership, Score, Tradeline
from los_core.domain.lifecycle import Status, allowed_from
from los_core.domain.statement import Row, Statement
from los_core.ports.identity import AadhaarRecord, Address, PanRecord

INDIA = ZoneInfo("Asia/Kolkata")
WEB = "/api/v1/web"
PAN, AADHAAR, ACCOUNT, PHONE = "ABCPE1234F", "234123412346", "50100123456789", "9822010101"
NAME, BORN, EMPLOYER = "Asha Kulkarni", "1994-05-17", "ACME INFOTECH PRIVATE LIMITED"
SALARY, AMOUNT, TENURE = 62_000_00, 30_000_00, 3
PURPOSES = ["PRIVACY_NOTICE", "BUREAU_PULL", "KYC", "BANK_DATA", "TERMS", "EMPLOYMENT_DATA"]


class Life:
    """A customer's loan, step by step; each step answers with what the API said."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.token = world.customer(PHONE)
        self.loan_id = ""
        self.tokens: dict[str, str] = {}
        self.seen: list[str] = []

    def get(self, path: str, status: int = 200, **kwargs: Any) -> Any:
        return self._told(self.world.client("GET", WEB + path, token=self.token, **kwargs), status)

    def post(self, path: str, body: Any = None, status: int = 200, **kwargs: Any) -> Any:
        if body is not None:
            kwargs["json"] = body
        return self._told(self.world.client("POST", WEB + path, token=self.token, **kwargs), status)

    def staff(self, name: str, method: str, path: str, status: int = 200, **kwargs: Any) -> Any:
        if name not in self.tokens:
            self.tokens[name] = self.world.staff(name)
        if not path.startswith("/api"):
            path = self.world.brand + path
        return self._told(
            self.world.client(method, path, token=self.tokens[name], **kwargs), status
        )

    def _told(self, answer: Any, status: int) -> Any:
        assert answer.status_code == status, answer.text
        self.seen.append(answer.text)
        is_json = answer.headers.get("content-type") == "application/json"
        return answer.json() if is_json and answer.content else answer

    @property
    def loan(self) -> str:
        return f"/loans/{self.loan_id}"

    def jobs(self) -> None:
        self.world.fakes.run_jobs()

    def onboard(self) -> None:
        fakes = self.world.fakes
        today = fakes.clock.business_date()
        born_on = date.fromisoformat(BORN)
        fakes.identity.knows_pan(
            PAN,
            PanRecord(
                valid=True,
                status="ACTIVE",
                full_name=NAME.upper(),
                born_on=born_on,
                gender="F",
                holder_type="INDIVIDUAL",
                aadhaar_linked=True,
            ),
        )
        fakes.identity.knows_aadhaar(
            AADHAAR,
            AadhaarRecord(
                last4=AADHAAR[-4:],
                reference="uidai-1",
                full_name=NAME,
                born_on=born_on,
                gender="F",
                address=Address(city="Pune", state="Maharashtra", pincode="411038"),
            ),
        )
        fakes.bureau.reports[PAN] = _report(today)
        consents = {"purposes": PURPOSES, "textVersion": "2026-01", "language": "en"}
        assert len(self.post("/consents", consents, 201)["consents"]) == len(PURPOSES)
        self.post("/kyc/verify-pan", {"pan": PAN, "name": NAME, "dateOfBirth": BORN})
        self.post("/kyc/initiate-aadhaar-otp", {"aadhaar": AADHAAR}, 202)
        otp = fakes.identity.otp("memory-aadhaar-1")
        assert self.post("/kyc/submit-aadhaar-otp", {"otp": otp})["aadhaar"]["last4"] == "2346"
        home = {"line1": "12 Karve Road", "city": "Pune", "state": "MH", "pincode": "411038"}
        details = {
            "email": "Asha@Mail.example",
            "residence": home,
            "householdIncomePaise": SALARY * 12,
        }
        assert self.post("/personal-details/update", details)["email"] == "asha@mail.example"
        account = {"holder": NAME, "accountNumber": ACCOUNT, "ifsc": "hdfc0000123"}
        [added] = self.post("/bank/add-account", account, 201)["accounts"]
        self.post("/bank/verify", {"accountId": added["id"]})
        checked = self.post("/bank/verify", {"accountId": added["id"]})
        assert checked["accounts"][0]["state"] == "VERIFIED"
        job = {
            "employer": EMPLOYER,
            "joinedOn": "2021-06-01",
            "netSalaryPaise": SALARY,
            "salaryDay": 1,
        }
        self.post("/employment/add", job)
        self.post("/employment/verify-uan", {})
        pdf = ("statement.pdf", file_of(_statement(today)), "application/pdf")
        read = self.post("/bank/upload-statement", files={"file": pdf}, data={"password": ""})
        assert read["statement"]["state"] == "VERIFIED"

    def apply(self) -> None:
        body = {"product": "SALARY_EMI", "amountPaise": AMOUNT, "tenure": TENURE}
        self.loan_id = self.post("/loans", body, 201)["id"]
        self.post(f"{self.loan}/submit")
        self.jobs()

    def sanction(self) -> None:
        memo = {"loanId": self.loan_id, "amountPaise": AMOUNT, "tenure": TENURE}
        path = f"/api/v1/loans/brand/{self.world.brand_id}/cam-calculator/save"
        self.staff("executive", "POST", path, 201, json=memo)
        memo = self.staff("executive", "GET", f"/api/v1/loans/cam-calculator/{self.loan_id}")
        assert memo["content"]["medianSalaryPaise"] == SALARY
        version = self.staff("executive", "GET", self.loan)["version"]
        moved = self.staff(
            "executive",
            "POST",
            f"{self.loan}/status",
            json={"targetStatus": "RECOMMENDED", "version": version, "remark": "stable"},
        )
        assert moved["status"] == "RECOMMENDED"
        sanction = {"version": moved["version"], "amountPaise": AMOUNT, "tenure": TENURE}
        made = self.staff("manager", "POST", f"{self.loan}/sanction", json=sanction)
        assert made["offers"][0]["keyFacts"] is None

    def accept(self) -> None:
        offer = self.get(f"{self.loan}/offers")["offers"][0]
        body = {"offerId": offer["id"]}
        facts = self.get(f"{self.loan}/key-facts", params=body)
        assert facts["hash"] == offer["keyFacts"]["hash"]
        assert facts["content"]["aprPct"] == offer["aprPct"]
        assert len(facts["content"]["rows"]) == offer["tenure"]
        pdf = self.get(f"{self.loan}/key-facts", params=body, headers={"Accept": "application/pdf"})
        assert pdf.headers["content-type"] == "application/pdf"
        assert pdf.headers["content-disposition"].startswith("attachment;")
        assert self.post(f"{self.loan}/key-facts/acknowledge", body)["acknowledgedAt"]
        assert self.post(f"{self.loan}/accept-offer", body)["status"] == "SANCTIONED"
        self.jobs()

    def sign(self) -> None:
        sent = self.post(f"{self.loan}/agreement/sign")
        assert sent["agreement"]["status"] == "SENT"
        esign = self.world.fakes.esign
        [(docket, request)] = esign.requests.items()
        esign.sign(docket, at=self.world.fakes.clock.now())
        path = request.callback_url.removeprefix("http://los.test")
        send = self.world.client
        assert send("POST", path, content=b"{}").status_code == 401
        proof = {"Authorization": request.callback_secret}
        answer = send("POST", path, content=b'{"state": "signed"}', headers=proof)
        assert (answer.status_code, answer.json()) == (200, {})
        self.jobs()
        assert self.get(f"{self.loan}/agreement")["agreement"]["status"] == "SIGNED"

    def disburse(self) -> None:
        version = self.staff("maker", "GET", self.loan)["version"]
        asked = self.staff(
            "maker",
            "POST",
            f"{self.loan}/disburse",
            202,
            json={"version": version},
            headers={"Idempotency-Key": "payout-1"},
        )
        [waiting] = self.staff("checker", "GET", "/approvals")["approvals"]
        assert waiting == asked
        decided = self.staff(
            "checker",
            "POST",
            f"/approvals/{asked['id']}/approve",
            json={"remark": "checked"},
            headers={"Idempotency-Key": "payout-1-yes"},
        )
        assert decided["status"] == "APPROVED"
        for _ in range(20):
            self.jobs()
            self.world.fakes.clock.advance(timedelta(seconds=5))
        assert self.get(self.loan)["status"] == "DISBURSED"

    def pay(self, **body: Any) -> None:
        order = self.post(f"{self.loan}/pay", body, 201)
        headers, content = self.world.fakes.payment.pay(
            order["orderId"], at=self.world.fakes.clock.now()
        )
        services = self.world.fakes.services
        address = services.webhooks.address(self.world.brand_id, "memory")
        path = address.removeprefix("http://los.test")
        send = self.world.client
        assert send("POST", path, content=content + b" ", headers=headers).status_code == 401
        assert send("POST", path + "x", content=content, headers=headers).status_code == 404
        for _ in range(2):
            answer = send("POST", path, content=content, headers=headers)
            assert (answer.status_code, answer.json()) == (200, {})
        self.jobs()

    def go_to(self, day: str) -> None:
        fakes = self.world.fakes
        last = fakes.clock.business_date()
        while last < date.fromisoformat(day):
            fakes.services.arrears.day_end(self.world.brand_id, last)
            last += timedelta(days=1)
            fakes.clock.move_to(datetime(last.year, last.month, last.day, 12, tzinfo=INDIA))
        self.jobs()
        self.token = self.world.customer(PHONE)
        self.tokens.clear()


@pytest.fixture
def life(world: Any) -> Life:
    return Life(world)


def test_a_loan_lives_over_http_from_registration_to_its_certificate(life: Life) -> None:
    life.onboard()
    life.apply()
    assert life.get("/onboarding")["currentStep"] == "EVALUATION"
    assert [each["id"] for each in life.get("/loans")["loans"]] == [life.loan_id]
    desk = life.staff("executive", "GET", "/loans", params={"status": "MANUAL_REVIEW"})
    assert [each["id"] for each in desk["loans"]] == [life.loan_id]
    decided = life.staff("manager", "GET", f"{life.loan}/evaluation")
    assert decided["bre"]["verdict"] == "PASS"
    assert decided["evaluation"]["grading"]
    life.sanction()
    life.accept()
    life.sign()
    life.disburse()
    first = life.get(f"{life.loan}/repayment-timeline")["rows"][0]
    life.go_to(first["dueOn"])
    due = life.get(f"{life.loan}/repayment-timeline")
    life.pay(purpose="INSTALMENT")
    paid = life.get(f"{life.loan}/repayment-timeline")
    assert (due["totalDuePaise"], paid["totalDuePaise"]) == (first["outstandingPaise"], 0)
    by_hand(life)
    quote = life.get(f"{life.loan}/foreclosure-quote")
    assert life.staff("manager", "POST", f"/collection/{life.loan_id}/foreclosure") == quote
    life.pay(purpose="FORECLOSURE", amountPaise=quote["amountPaise"])
    assert life.get(life.loan)["closureType"] == "FORECLOSURE"
    certificate = life.staff("manager", "POST", f"{life.loan}/generate-ndc")
    assert certificate["certificateNo"]
    the_papers_are_there(life)
    nothing_personal_was_told(life)


def by_hand(life: Life) -> None:
    """Enter a payment by one person and approve it by another."""
    payment = {
        "loanId": life.loan_id,
        "amountPaise": 1_000_00,
        "mode": "UPI",
        "reference": "desk-1",
        "utr": "412345678901",
        "valueDate": str(life.world.fakes.clock.business_date()),
    }
    key = {"Idempotency-Key": "desk-1"}
    receipt = life.staff("collector", "POST", "/payment/process", 202, json=payment, headers=key)
    assert receipt["status"] == "PENDING_APPROVAL"
    assert life.staff("checker", "GET", "/payment/approval")["receipts"] == [receipt]
    life.staff("checker", "POST", f"/payment/approve/{receipt['id']}", headers=key)
    receipts = life.get(f"{life.loan}/receipts")["receipts"]
    assert [each["status"] for each in receipts] == ["POSTED", "POSTED"]


def the_papers_are_there(life: Life) -> None:
    schedule = life.get(
        f"{life.loan}/repayment-timeline", headers={"Accept": "application/pdf, */*;q=0.1"}
    )
    assert schedule.content.startswith(b"%PDF-")
    kept = life.staff("manager", "GET", f"{life.loan}/documents")["documents"]
    assert {"KFS", "AGREEMENT", "SIGNED_AGREEMENT", "NDC"} <= {each["type"] for each in kept}
    own = life.get("/kyc/documents")["documents"]
    link = next(each["url"] for each in own if each["type"] == "BANK_STATEMENT")
    file = life.world.client("GET", link)
    assert file.status_code == 200
    assert file.headers["content-disposition"] == 'attachment; filename="Bank statement.pdf"'
    assert life.world.client("GET", link + "x").status_code == 404
    postings = life.staff("manager", "GET", f"{life.loan}/ledger")["postings"]
    for posting in postings:
        assert sum(entry["amountPaise"] for entry in posting["entries"]) == 0
    assert life.staff("root", "GET", "/api/v1/admin/jobs/runs")["deadLetters"] == 0
    assert life.staff("root", "GET", "/api/v1/admin/dead-letters") == {"deadLetters": []}
    brand = {"brandId": str(life.world.brand_id)}
    assert life.staff("root", "GET", "/api/v1/admin/webhooks/parked", params=brand) == {
        "events": []
    }


def nothing_personal_was_told(life: Life) -> None:
    told = "".join(life.seen)
    for secret in (PAN, AADHAAR, ACCOUNT, PHONE):
        assert secret not in told


def test_a_wrong_move_tells_what_is_allowed(life: Life) -> None:
    life.onboard()
    life.apply()
    version = life.staff("manager", "GET", life.loan)["version"]

    for target in ("DISBURSED", "COMPLETED", "APPROVED"):
        body = {"targetStatus": target, "version": version}
        told = life.staff("manager", "POST", f"{life.loan}/status", 409, json=body)
        assert told["code"] == "INVALID_TRANSITION"
        assert told["details"]["status"] == "MANUAL_REVIEW"
        assert "RECOMMENDED" in told["details"]["allowed"]
    offer = {"offerId": life.loan_id}
    told = life.post(f"{life.loan}/accept-offer", offer, 409)
    assert told["details"]["allowed"] == list(allowed_from(Status.MANUAL_REVIEW))


def test_a_stale_version_is_refused_with_todays(life: Life) -> None:
    life.onboard()
    life.apply()
    body = {"targetStatus": "REJECTED", "version": 0, "reasonCodes": ["R060_LOW_SCORE"]}

    told = life.staff("manager", "POST", f"{life.loan}/status", 409, json=body)

    assert told["code"] == "STALE_VERSION"


def test_staff_cancel_with_a_reason_and_not_without(life: Life) -> None:
    life.onboard()
    life.apply()
    version = life.staff("manager", "GET", life.loan)["version"]
    body: dict[str, Any] = {"targetStatus": "CANCELLED", "version": version}

    told = life.staff("manager", "POST", f"{life.loan}/status", 400, json=body)
    moved = life.staff(
        "manager", "POST", f"{life.loan}/status", json=body | {"reasonCodes": ["CUSTOMER_ASKED"]}
    )

    assert told["message"][0]["field"] == "reasonCodes"
    assert moved["status"] == "CANCELLED"
    assert life.get(life.loan)["reasons"] == []


def test_a_rejected_customer_is_told_why_in_plain_words(life: Life) -> None:
    life.onboard()
    life.apply()
    version = life.staff("manager", "GET", life.loan)["version"]
    body = {"targetStatus": "REJECTED", "version": version, "reasonCodes": ["R021_LOW_SALARY"]}
    life.staff("manager", "POST", f"{life.loan}/status", json=body)

    loan = life.get(life.loan)

    assert loan["reasons"] == ["Your monthly income is below our minimum."]
    assert "R021" not in json.dumps(loan["history"])


def test_an_executive_sees_only_loans_of_their_own(life: Life) -> None:
    life.onboard()
    life.apply()
    services = life.world.fakes.services
    with services.begin(life.world.brand_id) as uow:
        loan = uow.loans.page(limit=1)[0]
        loan.assigned_to = None
        uow.loans.save(loan)

    assert life.staff("executive", "GET", "/loans")["loans"] == []
    assert life.staff("executive", "GET", life.loan, 404)["code"] == "NOT_FOUND"
    assert life.staff("manager", "GET", life.loan)["assignedTo"] is None


def _statement(until: date) -> Statement:
    rows: list[Row] = []
    balance = 40_000_00
    for month in (date(2026, number, 1) for number in range(5, 12)):
        balance += SALARY
        pay = f"NEFT CR-CITI0000004-{EMPLOYER}-SALARY {month:%b %Y}".upper()
        rows.append(Row(on=month, narration=pay, debit=0, credit=SALARY, balance=balance))
        balance -= 25_000_00
        rent = month.replace(day=3)
        rows.append(Row(on=rent, narration="UPI-RENT", debit=25_000_00, credit=0, balance=balance))
    return Statement(
        account_holder=NAME.upper(),
        account_last4=ACCOUNT[-4:],
        bank="HDFC",
        ifsc="HDFC0000123",
        period_from=date(2026, 5, 1),
        period_to=until - timedelta(days=1),
        opening=40_000_00,
        closing=balance,
        rows=tuple(rows),
    )


def _report(on: date) -> CreditReport:
    ends = on.year * 12 + on.month - 1
    months = [f"{month // 12}-{month % 12 + 1:02d}" for month in range(ends - 1, ends - 25, -1)]
    card = Tradeline(
        ref="1",
        lender="HDFC BANK",
        type_code="10",
        type_label="Credit Card",
        ownership=Ownership.INDIVIDUAL,
        open=True,
        opened_on=date(2020, 1, 15),
        reported_on=on - timedelta(days=20),
        credit_limit=1_00_000_00,
        balance=5_000_00,
        overdue=0,
        history=tuple(MonthStatus(month, 0) for month in months),
    )
    return CreditReport(
        bureau="MEMORY",
        report_id="report-1",
        bureau_date=on,
        outcome=Outcome.HIT,
        scores=(Score(name="ERS", value=780),),
        tradelines=(card,),
        names=(NAME.upper(),),
    )
