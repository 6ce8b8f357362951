"""Refusals by a rule, of requests that are sound in form: their code, and what they leave behind.

Most leave nothing. The few that do are attempts that are counted so that nobody guesses for ever,
or what an authority said when it was asked; each names the tables, and why.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import attrs
import pytest
from sqlalchemy import select
from structlog.testing import capture_logs
from tests.contract.http.asking import Asker
from tests.contract.http.asks import Ask, Case
from tests.contract.http.bad_requests import JSON
from tests.contract.http.installation import GATEWAY, PASSWORD, Installation
from tests.contract.http.lending import BORN_ON, log_in
from tests.contract.http.people import Borrower, Lender
from tests.contract.http.samples import SAMPLES
from tests.contract.http.verdicts import TRACES, changed, faults_of, told_values

from los_adapters.store.columns import metadata
from los_adapters.store.engine import reading
from los_core.domain.access import Role
from los_core.domain.kyc import Aadhaar, Pan, Phone
from los_core.domain.lifecycle import Status
from los_core.domain.work import Job, WebhookStatus
from los_core.ports.identity import AadhaarRecord, PanRecord

ADMIN: Final = {"email": "admin@bharat.example", "password": PASSWORD}
WRONG: Final = "Konkan-express-0111"
NOBODYS: Final = "00000000-0000-4000-8000-000000000001"

Made = Installation
Body = Callable[[Made, Borrower], Mapping[str, Any]]


@attrs.frozen(kw_only=True)
class Rule:
    """A refusal.

    Attributes:
        path: with the loan's and the brand's ids to be filled in.
        loan: whose it is about, by its status; a customer's request is that borrower's own.
        role: staff who ask; None: a customer, or nobody where the path needs none.
        fields: named in the message, where it names any.
        leaves: the tables that change, all of them, and why.
    """

    name: str
    path: str
    status: int
    code: str
    body: Body = lambda _m, _w: {}
    loan: Status = Status.DISBURSED
    role: Role | None = None
    fields: tuple[str, ...] | None = None
    leaves: frozenset[str] = frozenset()
    why: str = ""
    prepare: Callable[[Made, Borrower], object] = lambda _m, _w: None

    def __str__(self) -> str:
        return self.name


def _phone(lender: Lender, who: Borrower, **more: str) -> dict[str, str]:
    return {"brandId": str(lender.id), "phone": who.person.phone, **more}


def _code_goes_out(made: Made, who: Borrower) -> None:
    made.clock.advance(timedelta(seconds=31))
    made.services.identity.send_code(made.ours.id, Phone.parse(who.person.phone))


def _wrong_code(made: Made, who: Borrower) -> dict[str, str]:
    return _phone(made.ours, who, otp=f"{(int(_latest_code(made)) + 1) % 1_000_000:06d}")


def _latest_code(made: Made) -> str:
    return made.fakes.messages.sent[-1].variables["otp"]


def _refreshed_long_ago(made: Made, who: Borrower) -> None:
    made.clock.advance(timedelta(seconds=31))
    _, who.refresh = log_in(made, made.ours, who.person)
    made.services.sessions.refresh(who.refresh, audience="web")
    made.clock.advance(timedelta(seconds=11))


def _aadhaar_code_goes_out(made: Made, who: Borrower) -> None:
    person, record = who.person, PanRecord(valid=True, status="ACTIVE", born_on=BORN_ON)
    identity, onboarding = made.fakes.identity, made.services.onboarding
    identity.knows_pan(person.pan, attrs.evolve(record, full_name=person.name.upper()))
    last4 = person.aadhaar[-4:]
    told = AadhaarRecord(last4=last4, reference="uidai", full_name=person.name)
    identity.knows_aadhaar(person.aadhaar, told)
    onboarding.verify_pan(who.caller, Pan.parse(person.pan), name=person.name, born_on=BORN_ON)
    onboarding.start_aadhaar(who.caller, Aadhaar.parse(person.aadhaar))


def _sample(route: str, **changes: Any) -> Body:
    return lambda made, who: SAMPLES[f"POST /api/v1{route}"](made, who) | changes


def _payment(**changes: Any) -> Body:
    return _sample("/partner/brand/{brand_id}/payment/process", **changes)


def _desk(target: Status, **changes: Any) -> Body:
    route = "/partner/brand/{brand_id}/loans/{loan_id}/status"
    return _sample(route, targetStatus=target, **changes)


_LOAN: Final = "/web/loans/{loan_id}"
_DESK: Final = "/partner/brand/{brand_id}/loans/{loan_id}"
_PAY: Final = "/partner/brand/{brand_id}/payment/process"
_APPROVE: Final = "/partner/brand/{brand_id}/approvals/{approval_id}/approve"
_RULING: Final = "/partner/brand/{brand_id}/loans/{loan_id}/payouts/{payout_id}/ruling"
_GUESS: Final = "guesses are counted, so that nobody has more than five"

# fmt: off
RULES: Final = (
    Rule(name="a code for an unknown lender", path="/web/auth/register", status=404,
         code="NOT_FOUND", body=lambda m, w: _phone(m.ours, w, brandId=NOBODYS)),
    Rule(name="a code too soon after another", path="/web/auth/resend-otp", status=429,
         code="TOO_MANY_REQUESTS", body=lambda m, w: _phone(m.ours, w), prepare=_code_goes_out),
    Rule(name="a wrong code", path="/web/auth/verify-otp", status=401, code="OTP_REFUSED",
         body=_wrong_code, prepare=_code_goes_out, leaves=frozenset({"otp"}), why=_GUESS),
    Rule(name="a code that was never sent", path="/web/auth/verify-otp", status=401,
         code="OTP_REFUSED", body=_sample("/web/auth/verify-otp")),
    Rule(name="a code of another lender", path="/web/auth/verify-otp", status=401,
         code="OTP_REFUSED", prepare=_code_goes_out,
         body=lambda m, w: _phone(m.theirs, w, otp=_latest_code(m))),
    Rule(name="an unknown refresh token", path="/web/auth/refresh-token", status=401,
         code="SESSION_ENDED", body=_sample("/web/auth/refresh-token")),
    Rule(name="a customer's refresh token at the desk", path="/partner/auth/refresh-token",
         status=401, code="SESSION_ENDED", body=lambda _m, w: {"refreshToken": w.refresh}),
    Rule(name="a refresh token shown again", path="/web/auth/refresh-token", status=401,
         code="SESSION_ENDED", loan=Status.EXPIRED, prepare=_refreshed_long_ago,
         body=lambda _m, w: {"refreshToken": w.refresh},
         leaves=frozenset({"session"}), why="a token shown twice was stolen: its session ends"),
    Rule(name="an unknown address", path="/partner/auth/login", status=401, code="LOGIN_REFUSED",
         body=_sample("/partner/auth/login")),
    Rule(name="a wrong password", path="/partner/auth/login", status=401, code="LOGIN_REFUSED",
         body=lambda _m, _w: ADMIN | {"password": WRONG}, leaves=frozenset({"staff"}), why=_GUESS),
    Rule(name="a wrong second factor", path="/partner/auth/login", status=401,
         code="LOGIN_REFUSED", body=lambda _m, _w: ADMIN | {"totp": "000000"},
         leaves=frozenset({"staff"}), why=_GUESS),
    Rule(name="no second factor", path="/partner/auth/login", status=401, code="TOTP_REQUIRED",
         body=lambda _m, _w: ADMIN),
    Rule(name="another PAN", path="/web/kyc/verify-pan", status=409, code="PAN_VERIFIED",
         body=_sample("/web/kyc/verify-pan")),
    Rule(name="a PAN that the authority does not know", path="/web/kyc/verify-pan", status=400,
         code="PAN_INVALID", loan=Status.WRITTEN_OFF, body=_sample("/web/kyc/verify-pan"),
         fields=("pan",), leaves=frozenset({"customer", "customer_search"}),
         why="what the authority said is kept"),
    Rule(name="Aadhaar again", path="/web/kyc/initiate-aadhaar-otp", status=409, code="STEP_DONE",
         body=_sample("/web/kyc/initiate-aadhaar-otp")),
    Rule(name="Aadhaar before PAN", path="/web/kyc/initiate-aadhaar-otp", status=409,
         code="STEP_ORDER", loan=Status.SETTLED, body=_sample("/web/kyc/initiate-aadhaar-otp")),
    Rule(name="an Aadhaar code nobody sent", path="/web/kyc/submit-aadhaar-otp", status=409,
         code="OTP_EXPIRED", loan=Status.SETTLED, body=_sample("/web/kyc/submit-aadhaar-otp")),
    Rule(name="a wrong Aadhaar code", path="/web/kyc/submit-aadhaar-otp", status=400,
         code="OTP_REFUSED", loan=Status.ON_HOLD, body=_sample("/web/kyc/submit-aadhaar-otp"),
         fields=("otp",), prepare=_aadhaar_code_goes_out, leaves=frozenset({"customer"}),
         why=_GUESS),
    Rule(name="a fund's record before an employment", path="/web/employment/verify-uan",
         status=409, code="STEP_ORDER", loan=Status.SETTLED,
         body=_sample("/web/employment/verify-uan")),
    Rule(name="a second open application", path="/web/loans", status=422, code="G-DEDUP",
         body=_sample("/web/loans")),
    Rule(name="an application too soon after a rejection", path="/web/loans", status=422,
         code="G-COOL", loan=Status.REJECTED, body=_sample("/web/loans")),
    Rule(name="a product that is not offered", path="/web/loans", status=400,
         code="VALIDATION_FAILED", body=_sample("/web/loans", product="GOLD"), fields=("product",)),
    Rule(name="an incomplete application", path=f"{_LOAN}/submit", status=422, code="G-STEPS",
         loan=Status.DRAFT),
    Rule(name="a cancellation without a reason", path=f"{_LOAN}/cancel", status=400,
         code="VALIDATION_FAILED", loan=Status.DRAFT, body=lambda _m, _w: {"reasonCodes": []},
         fields=("reasonCodes",)),
    Rule(name="an offer whose statement was not acknowledged", path=f"{_LOAN}/accept-offer",
         status=422, code="G-KFS", loan=Status.APPROVED,
         body=lambda _m, w: {"offerId": str(w.offer_id)}),
    Rule(name="more than is owed", path=f"{_LOAN}/pay", status=400, code="VALIDATION_FAILED",
         body=_sample(f"{_LOAN}/pay", amountPaise=90_000_00), fields=("amountPaise",)),
    Rule(name="not what was quoted", path=f"{_LOAN}/pay", status=400, code="VALIDATION_FAILED",
         body=_sample(f"{_LOAN}/pay", purpose="FORECLOSURE"), fields=("amountPaise",)),
    Rule(name="a payment of a closed loan", path=f"{_LOAN}/pay", status=422, code="NOTHING_DUE",
         loan=Status.COMPLETED, body=_sample(f"{_LOAN}/pay")),
    Rule(name="a recommendation without a memo", path=f"{_DESK}/status", status=422, code="G-CAM",
         loan=Status.MANUAL_REVIEW, role=Role.ADMIN, body=_desk(Status.RECOMMENDED)),
    Rule(name="a rejection without a reason", path=f"{_DESK}/status", status=400,
         code="VALIDATION_FAILED", loan=Status.MANUAL_REVIEW, role=Role.ADMIN,
         body=_desk(Status.REJECTED, reasonCodes=[]), fields=("reasonCodes",)),
    Rule(name="a sanction of what nobody argued for", path=f"{_DESK}/sanction", status=422,
         code="G-CAM", loan=Status.RECOMMENDED, role=Role.CREDIT_MANAGER,
         body=_sample(f"{_DESK}/sanction", amountPaise=21_000_00)),
    Rule(name="one's own payout", path=_APPROVE, status=403, code="G-4EYES",
         loan=Status.DISBURSEMENT_PENDING, role=Role.DISBURSEMENT),
    Rule(name="a payout by who may not", path=_APPROVE, status=403, code="FORBIDDEN",
         loan=Status.DISBURSEMENT_PENDING, role=Role.CREDIT_MANAGER),
    Rule(name="a failure of a payout that was paid", path=_RULING, status=409,
         code="PAYOUT_STAGE", role=Role.DISBURSEMENT,
         body=lambda _m, _w: {"ruling": "FAILED", "remark": "not on the statement"}),
    Rule(name="cash of twenty thousand", path=_PAY, status=400, code="VALIDATION_FAILED",
         role=Role.COLLECTION_MANAGER, body=_payment(mode="CASH", amountPaise=20_000_00),
         fields=("amountPaise",)),
    Rule(name="an unknown mode", path=_PAY, status=400, code="VALIDATION_FAILED",
         role=Role.COLLECTION_MANAGER, body=_payment(mode="BARTER"), fields=("mode",)),
    Rule(name="a transfer without its number", path=_PAY, status=400, code="VALIDATION_FAILED",
         role=Role.COLLECTION_MANAGER, body=_payment(utr=""), fields=("utr",)),
    Rule(name="a payment of tomorrow", path=_PAY, status=400, code="VALIDATION_FAILED",
         role=Role.COLLECTION_MANAGER, body=_payment(valueDate="2026-11-26"),
         fields=("valueDate",)),
    Rule(name="a payment from before the loan", path=_PAY, status=400, code="VALIDATION_FAILED",
         role=Role.COLLECTION_MANAGER, body=_payment(valueDate="2026-11-24"),
         fields=("valueDate",)),
    Rule(name="a payment that is on file", path=_PAY, status=409, code="PAYMENT_ON_FILE",
         role=Role.COLLECTION_MANAGER, body=_payment(reference="counter-1", utr="UTR8")),
    Rule(name="a transfer that is on file", path=_PAY, status=409, code="UTR_ON_FILE",
         role=Role.COLLECTION_MANAGER, body=_payment(reference="counter-8", utr="UTRbharat1")),
    Rule(name="a lender's code that is taken", path="/admin/brands", status=409,
         code="BRAND_CODE_TAKEN", role=Role.SUPER_ADMIN,
         body=_sample("/admin/brands", code="other")),
    Rule(name="an address that is taken", path="/admin/users/create", status=409,
         code="EMAIL_TAKEN", role=Role.SUPER_ADMIN,
         body=_sample("/admin/users/create", email="admin@bharat.example")),
    Rule(name="a weak password", path="/admin/users/create", status=400, code="VALIDATION_FAILED",
         role=Role.SUPER_ADMIN, body=_sample("/admin/users/create", password="Password-1234"),
         fields=("password",)),
    Rule(name="a brand there is not", path="/admin/users/create", status=404,
         code="NOT_FOUND", role=Role.SUPER_ADMIN,
         body=_sample("/admin/users/create", brandIds=[NOBODYS])),
)
# fmt: on


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_refuses_and_leaves_what_it_says(asker: Asker, rule: Rule) -> None:
    made = asker.made
    who = made.ours.borrowers[rule.loan]
    rule.prepare(made, who)
    body = rule.body(made, who)
    ask = _ask(made, rule, who, body)
    case = Case(name=rule.name, ask=ask, status=(rule.status,), code=rule.code, fields=rule.fields)
    secrets = (*made.secrets(), *told_values(body))

    before = asker.books.read()
    with capture_logs() as log:
        answer = asker(ask)
    left = changed(before, asker.books.read()) - TRACES

    assert list(faults_of(case, answer, secrets)) == []
    assert left == rule.leaves, rule.why
    assert not [secret for secret in secrets if secret in str(log)]


def _captured(**changes: object) -> bytes:
    """Return a captured payment as the gateway words it, with fields changed."""
    payment = {"id": "pay_1", "order_id": "order_1", "amount": 1, "currency": "INR"}
    told = {**payment, "status": "captured", "created_at": 1, **changes}
    event = {"event": "payment.captured", "payload": {"payment": {"entity": told}}}
    return json.dumps(event).encode()


MESSAGES: Final = (
    b"",
    b"null",
    b"{}",
    b"[]",
    b"7",
    b'"text"',
    b"{",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"event":null,"payload":[]}',
    b'{"event":"payment.captured"}',
    b'{"event":"' + b"x" * 100_000 + b'"}',
    b'{"event":"\\u0000"}',
    b'{"event":"\\ud800"}',
    _captured(amount="much"),
    _captured(amount=10**30),
    _captured(created_at=10**30),
    _captured(id=None),
    *(_captured(**{name: text}) for name in ("id", "order_id", "status") for text in "\0\ud800"),
)


def test_what_is_left_behind_has_a_reason() -> None:
    assert all(bool(rule.leaves) == bool(rule.why) for rule in RULES)


@pytest.mark.parametrize("content", MESSAGES, ids=lambda content: repr(content[-60:]))
def test_a_proven_message_that_says_nothing_is_kept_all_the_same(
    asker: Asker, content: bytes
) -> None:
    made = asker.made
    secret = str(GATEWAY["webhook_secret"]).encode()
    path = made.services.webhooks.address(made.ours.id, "razorpay").partition("//los.test")[2]
    signature = hmac.new(secret, content, hashlib.sha256).hexdigest()
    headers = {"X-Razorpay-Signature": signature, "Content-Type": JSON}

    before = asker.books.read()
    answer = asker(Ask(method="POST", path=path, headers=headers, content=content))
    left = changed(before, asker.books.read())

    assert (answer.status_code, answer.json()) == (200, {})
    # Kept to be looked at, as it is proved; what it means is the job's business.
    assert left == {"webhook_event", "job"}
    assert _applied(made) in {WebhookStatus.IGNORED, WebhookStatus.PARKED}


def _applied(made: Made) -> WebhookStatus:
    """Run the job of the latest message; return what became of the message."""
    job = metadata.tables["job"]
    with reading(made.engine).connect() as connection:
        latest = select(job.c.id, job.c.payload).order_by(job.c.id.desc()).limit(1)
        job_id, payload = connection.execute(latest).one()
    now = made.clock.now()
    made.services.webhooks.apply(
        Job(
            id=job_id,
            brand_id=made.ours.id,
            kind="webhook.apply",
            key=payload["event_id"],
            payload=payload,
            due_at=now,
            created_at=now,
        )
    )
    with made.services.begin(made.ours.id) as uow:
        found = uow.desk.event(UUID(payload["event_id"]))
    assert found is not None
    return found.status


def _ask(made: Made, rule: Rule, who: Borrower, body: Mapping[str, Any]) -> Ask:
    path = f"/api/v1{rule.path}"
    for name, value in {
        "brand_id": made.ours.id,
        "loan_id": who.loan_id,
        "approval_id": who.approval_id,
        "payout_id": made.payout_id(made.ours, who),
    }.items():
        path = path.replace(f"{{{name}}}", str(value))
    token = made.ours.tokens[rule.role] if rule.role else who.token
    headers = {"Content-Type": JSON, "Idempotency-Key": rule.name}
    if "/auth/" not in path:
        headers["Authorization"] = f"Bearer {token}"
    return Ask(method="POST", path=path, headers=headers, content=json.dumps(body).encode())
