"""A command that a loan's status does not allow: 409 with what it allows, and nothing is changed.

Asked of every command in every status there is. What each route asks of a loan is written down
here; a route that changes something and stands in neither list fails the test.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
import pytest
from tests.contract.http.asking import Asker
from tests.contract.http.asks import Ask
from tests.contract.http.bad_requests import Table
from tests.contract.http.installation import Installation
from tests.contract.http.lending import AMOUNT, TENURE
from tests.contract.http.operations import Operation, operations
from tests.contract.http.people import Borrower
from tests.contract.http.verdicts import changed

from los_adapters.container import in_memory
from los_core.domain.access import Role
from los_core.domain.lifecycle import BY_COMMAND, Command, Status, allowed_from
from los_http.app import create_app

OPERATIONS: Final = {op.name: op for op in operations(create_app(in_memory().services))}
_WEB: Final = "POST /api/v1/web/loans/{loan_id}"
_DESK: Final = "POST /api/v1/partner/brand/{brand_id}/loans/{loan_id}"
_STATUS: Final = f"{_DESK}/status"

OUT: Final = frozenset(
    (
        Status.AGREEMENT_SENT,
        Status.AGREEMENT_SIGNED,
        Status.DISBURSEMENT_PENDING,
        Status.DISBURSEMENT_INITIATED,
        Status.DISBURSEMENT_FAILED,
        Status.DISBURSED,
        Status.COMPLETED,
    )
)
"""Whose docket is out or signed: asking for it again gives the same one."""
NOBODYS: Final = frozenset((Status.DRAFT, Status.CANCELLED))
"""Given to no executive yet: for those who see their own cases only there is no such loan."""
PAID_OUT: Final = frozenset((Status.DISBURSED, Status.COMPLETED))
"""Whose money was paid out, as far as this installation's loans went."""


@attrs.frozen(kw_only=True)
class Move:
    """What a route asks of a loan.

    Attributes:
        commands: those of the table, one of which the loan must allow.
        also: statuses that take the request besides.
        code: of the refusal.
    """

    route: str
    commands: tuple[Command, ...] = ()
    body: Mapping[str, Any] = attrs.field(factory=dict)
    also: frozenset[Status] = frozenset()
    code: str = "INVALID_TRANSITION"
    role: Role = Role.ADMIN

    def refused_in(self) -> Iterator[Status]:
        """Yield the statuses in which the request is refused."""
        for status in Status:
            sources = {known for c in self.commands for known in BY_COMMAND[c].sources}
            if status not in sources | self.also:
                yield status

    def __str__(self) -> str:
        return f"{self.route.rpartition('/')[2]} {self.body.get('targetStatus', '')}".strip()


def _to(target: Status, *commands: Command) -> Move:
    body = {"targetStatus": target, "reasonCodes": ["R001_AGE"]}
    return Move(route=_STATUS, commands=commands, body=body)


_COLLECTION: Final = "POST /api/v1/partner/brand/{brand_id}/collection/{loan_id}"
_WHY: Final = {"reasonCodes": ["HARDSHIP"]}
_MONEY: Final = {"amountPaise": AMOUNT, "tenure": TENURE}
_PAYMENT: Final = {"amountPaise": 100_00, "mode": "UPI", "reference": "c-7", "utr": "UTR7"}
_BY_STATUS: Final = {
    Status.RECOMMENDED: (Command.RECOMMEND,),
    Status.MANUAL_REVIEW: (Command.RETURN_RECOMMENDATION, Command.REOPEN_REJECTED),
    Status.INFO_REQUIRED: (Command.ASK_INFORMATION,),
    Status.ON_HOLD: (Command.HOLD,),
    Status.REJECTED: (Command.REJECT,),
    Status.CANCELLED: (Command.CANCEL,),
}
MOVES: Final = (
    Move(route=f"{_WEB}/submit", commands=(Command.SUBMIT,)),
    Move(route=f"{_WEB}/cancel", commands=(Command.CANCEL,), body={"reasonCodes": ["NOT_NEEDED"]}),
    Move(route=f"{_WEB}/accept-offer", commands=(Command.ACCEPT_OFFER,)),
    Move(
        route=f"{_WEB}/key-facts/acknowledge",
        commands=(Command.ACCEPT_OFFER, Command.SEND_AGREEMENT),
    ),
    Move(route=f"{_WEB}/agreement/sign", commands=(Command.SEND_AGREEMENT,), also=OUT),
    *(_to(target, *_BY_STATUS.get(target, ())) for target in Status),
    Move(route=f"{_DESK}/sanction", commands=(Command.APPROVE,), body=_MONEY),
    Move(
        route="POST /api/v1/loans/brand/{brand_id}/cam-calculator/save",
        commands=(Command.RECOMMEND,),
        body=_MONEY,
        also=NOBODYS,
        role=Role.CREDIT_EXECUTIVE,
    ),
    Move(
        route=f"{_DESK}/disburse",
        commands=(Command.PREPARE_PAYOUT, Command.RETRY_PAYOUT),
        role=Role.DISBURSEMENT,
    ),
    Move(
        route=f"{_WEB}/pay",
        body={"purpose": "INSTALMENT", "amountPaise": 100_00},
        also=PAID_OUT,
        code="NOT_DISBURSED",
    ),
    Move(
        route="POST /api/v1/partner/brand/{brand_id}/payment/process",
        body=_PAYMENT,
        also=PAID_OUT,
        code="NOT_DISBURSED",
        role=Role.COLLECTION_MANAGER,
    ),
    Move(
        route=f"{_COLLECTION}/foreclosure",
        also=PAID_OUT,
        code="NOT_DISBURSED",
    ),
    Move(
        route=f"{_COLLECTION}/settlement",
        commands=(Command.APPROVE_SETTLEMENT, Command.SETTLE_WRITTEN_OFF),
        body={"payments": [{"on": "2031-01-01", "amountPaise": 100_00}], **_WHY},
        role=Role.COLLECTION_MANAGER,
    ),
    Move(
        route=f"{_COLLECTION}/writeoff",
        commands=(Command.WRITE_OFF,),
        body={"kind": "TECHNICAL", **_WHY},
        role=Role.COLLECTION_MANAGER,
    ),
    Move(route=f"{_DESK}/generate-ndc", also=frozenset({Status.COMPLETED}), code="NOT_COMPLETED"),
)
STATELESS: Final[Mapping[str, str]] = {
    "POST /api/v1/web/auth/": "sessions know no loan",
    "POST /api/v1/partner/auth/": "sessions know no loan",
    "POST /api/v1/web/consents": "consents are the customer's",
    "POST /api/v1/web/personal-details/": "details are the customer's",
    "POST /api/v1/web/employment/": "steps of onboarding",
    "POST /api/v1/web/kyc/": "steps of onboarding",
    "POST /api/v1/web/bank/": "steps of onboarding",
    "POST /api/v1/web/loans": "begins a loan",
    f"{_DESK}/payouts/{{payout_id}}/ruling": "what is said of a payout goes by its own stage",
    "POST /api/v1/partner/brand/{brand_id}/customers/": "what stands against it: test_forgetting",
    "POST /api/v1/partner/brand/{brand_id}/approvals/": "decided once: below",
    "POST /api/v1/partner/brand/{brand_id}/payment/approve/": "decided once: below",
    "POST /api/v1/partner/brand/{brand_id}/payment/reject/": "decided once: below",
    "POST /api/v1/partner/brand/{brand_id}/user/": "staff",
    "PUT /api/v1/partner/brand/{brand_id}/user/": "staff",
    "DELETE /api/v1/partner/brand/{brand_id}/user/": "staff",
    "POST /api/v1/partner/brand/{brand_id}/api-keys": "keys",
    "POST /api/v1/partner/brand/{brand_id}/api-keys/": "keys",
    "DELETE /api/v1/partner/brand/{brand_id}/api-keys/": "keys",
    "POST /api/v1/partner/brand/{brand_id}/settings/": "settings",
    "PUT /api/v1/partner/brand/{brand_id}/settings/": "settings",
    "DELETE /api/v1/partner/brand/{brand_id}/settings/": "settings",
    "DELETE /api/v1/partner/auth/": "sessions know no loan",
    "POST /api/v1/partner/brand/{brand_id}/activity/ping": "a sign of life",
    "POST /api/v1/partner/brand/{brand_id}/uploads": "pictures",
    "PATCH /api/v1/notifications/": "what somebody is told",
    "DELETE /api/v1/notifications/": "what somebody is told",
    "POST /api/v1/admin/": "lenders, staff and jobs",
    "PUT /api/v1/admin/": "lenders, staff and jobs",
    "POST /api/v1/webhook/": "a message is kept in any status; what it means is a job's",
}


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_a_wrong_status_is_409_with_the_allowed_ones_and_changes_nothing(
    asker: Asker, move: Move
) -> None:
    faults = []
    for status in move.refused_in():
        who = asker.made.ours.borrowers[status]
        before = asker.books.read()
        answer = asker(_ask(asker.made, move, who, status))
        told = answer.json()
        wanted = {"status": status, "allowed": [str(known) for known in allowed_from(status)]}
        if (answer.status_code, told.get("code")) != (409, move.code):
            faults.append(f"{status}: {answer.status_code} {answer.text}")
        elif told["details"] != wanted:
            faults.append(f"{status}: {told['details']}, not {wanted}")
        faults += [f"{status}: {name} changed" for name in changed(before, asker.books.read())]

    assert not faults, "\n".join(faults)


def test_every_route_that_changes_something_is_asked_or_says_why_not() -> None:
    asked = {move.route for move in MOVES}
    left = {
        name
        for name in OPERATIONS
        if not name.startswith("GET ")
        and name not in asked
        and not any(
            name == known or (known.endswith("/") and name.startswith(known)) for known in STATELESS
        )
    }

    assert left == set()
    assert asked <= OPERATIONS.keys()


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_what_was_decided_is_not_decided_again(asker: Asker, verb: str) -> None:
    made = asker.made
    decided = made.ours.borrowers[Status.DISBURSED].approval_id
    op = OPERATIONS[f"POST /api/v1/partner/brand/{{brand_id}}/approvals/{{approval_id}}/{verb}"]
    sound = Table(made=made, op=op).sound()
    path = f"/api/v1/partner/brand/{made.ours.id}/approvals/{decided}/{verb}"

    before = asker.books.read()
    answer = asker(attrs.evolve(sound, path=path, content=b'{"remark":"again"}'))

    assert (answer.status_code, answer.json()["code"]) == (409, "APPROVAL_DECIDED")
    assert answer.json()["details"]["status"] == "APPROVED"
    assert changed(before, asker.books.read()) == set()


@pytest.mark.parametrize("route", ["status", "sanction", "disburse"])
def test_a_version_that_is_not_the_loans_is_409_with_the_present_one(
    asker: Asker, route: str
) -> None:
    made = asker.made
    status = {"status": Status.MANUAL_REVIEW, "sanction": Status.RECOMMENDED}.get(
        route, Status.AGREEMENT_SIGNED
    )
    target = Status.RECOMMENDED if route == "status" else None
    move = next(
        m
        for m in MOVES
        if m.route == f"{_DESK}/{route}" and (target is None or m.body["targetStatus"] is target)
    )
    who = made.ours.borrowers[status]
    sound = _ask(made, move, who, status)
    assert who.loan_id is not None
    present = made.loan(made.ours, who.loan_id).version
    content = json.dumps(json.loads(sound.content) | {"version": present + 1}).encode()

    before = asker.books.read()
    answer = asker(attrs.evolve(sound, content=content))

    assert (answer.status_code, answer.json()["code"]) == (409, "STALE_VERSION")
    assert answer.json()["details"] == {"version": present}
    assert changed(before, asker.books.read()) == set()


def _ask(made: Installation, move: Move, who: Borrower, status: Status) -> Ask:
    """Return the move asked of a borrower's loan; nothing else is wrong with the request."""
    op: Operation = OPERATIONS[move.route]
    assert who.loan_id is not None
    fields = op.body.get("properties", {})
    known = {
        "version": made.loan(made.ours, who.loan_id).version,
        "loanId": str(who.loan_id),
        "offerId": str(made.ours.borrowers[Status.APPROVED].offer_id),
        "valueDate": made.clock.business_date().isoformat(),
    }
    body = {**move.body, **{name: value for name, value in known.items() if name in fields}}
    token = who.token if op.audience == "web" else made.ours.tokens[move.role]
    path = op.path.replace("{brand_id}", str(made.ours.id)).replace("{loan_id}", str(who.loan_id))
    content = json.dumps(body).encode() if fields else b""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{move}-{status}"}
    if fields:
        headers["Content-Type"] = "application/json"
    return Ask(method=op.method, path=path, headers=headers, content=content)
