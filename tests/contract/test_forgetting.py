"""Forgetting a customer on a database: what is left names nobody, and everything still answers.

A customer's whole life is lived, eight years go by, two people decide; then the database, its
files and everything that our keys still open are searched for what was known of the person.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import attrs
import pytest
from sqlalchemy import select
from tests.contract.http.asking import Asker
from tests.contract.http.asks import Ask
from tests.contract.http.filling import hire, staff_token
from tests.contract.http.installation import Installation, opened
from tests.contract.http.lending import lend, log_in
from tests.contract.http.operations import Operation, operations
from tests.contract.http.people import Borrower, Person
from tests.contract.laid_open import layers, normalised, statements

from los_adapters.pdf.letters import PdfLetters
from los_adapters.store.columns import metadata, sealed_columns
from los_adapters.store.keyring import Keyring
from los_adapters.store.scope import of_brand
from los_adapters.store.sealing import Sealer
from los_core.domain.access import Role
from los_core.domain.errors import Conflict, DomainError, Erased, Forbidden, MustBeKept
from los_core.domain.ids import ApprovalId, CustomerId
from los_core.domain.lifecycle import Status
from los_core.domain.servicing import PaymentPurpose
from los_core.domain.work import Job
from los_core.ports.payment import PaymentState
from los_core.ports.work import Which
from los_core.services.jobs import ERASE_FILES

EIGHT_YEARS = timedelta(days=8 * 366)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'los.db'}"
    made: str = request.getfixturevalue("make_pg_url")()
    return made


@pytest.fixture
def made(url: str, tmp_path: Path) -> Iterator[Installation]:
    with opened(url, folder=tmp_path / "files", letters=PdfLetters()) as new:
        for role in Role:
            hire(new, new.ours, role)
        yield new


def lived(made: Installation) -> Borrower:
    """Return a customer whose loan is over, and whom vendors have named in their messages."""
    who = lend(made, made.ours, Status.DISBURSED)
    loan_id = _loan_id(who)
    order = made.services.repayments.order(who.caller, loan_id, purpose=PaymentPurpose.FORECLOSURE)
    for state in (PaymentState.FAILED, PaymentState.CAPTURED):
        _paid(made, who, order.order_id, state)
    made.run_jobs()
    assert made.loan(made.ours, loan_id).status is Status.COMPLETED
    return who


def _paid(made: Installation, who: Borrower, order_id: str, state: PaymentState) -> None:
    """Have the gateway report a payment, with all it knows of who paid."""
    gateway = made.fakes.payments
    _, body = gateway.pay(order_id, at=made.clock.now(), state=state)
    told = json.dumps(json.loads(body) | {"payer": [*who.person.secrets]}).encode()
    proof = hmac.new(gateway.secret.encode(), told, hashlib.sha256).hexdigest()
    token = made.services.webhooks.address(made.ours.id, "memory").rpartition("/")[2]
    made.services.webhooks.receive("memory", token, {"x-memory-signature": proof}, told)


def _loan_id(who: Borrower) -> Any:
    assert who.loan_id is not None
    return who.loan_id


def ask(made: Installation, customer_id: CustomerId) -> ApprovalId:
    support = made.ours.staff[Role.SUPPORT]
    return made.services.erasures.ask(support, customer_id, remark="asked by letter").id


def approve(made: Installation, approval_id: ApprovalId) -> None:
    made.services.approvals.approve(made.ours.staff[Role.ADMIN], approval_id)


def forget(made: Installation, who: Borrower) -> None:
    """Have two people forget somebody, and the files deleted, both times."""
    approve(made, ask(made, who.caller.customer_id))
    made.run_jobs()
    made.clock.advance(timedelta(hours=1))
    made.run_jobs()


def planted(person: Person) -> set[bytes]:
    """Return what was known of a person, as `normalised` bytes."""
    told = (*person.secrets, person.name.upper(), "12 Karve Road")
    return {normalised(text.encode()) for text in told}


def found(data: bytes, values: set[bytes]) -> set[bytes]:
    """Return which of some values stand in bytes, however they are wrapped."""
    plain = [normalised(layer) for layer in layers(data)]
    return {value for value in values if any(value in layer for layer in plain)}


def opened_by_our_keys(made: Installation) -> dict[str, bytes]:
    """Return everything sealed that can still be read, by its column."""
    read: dict[str, list[bytes]] = {}
    for lender in (made.ours, made.theirs):
        with made.engine.begin() as connection:
            of_brand(connection, lender.id)
            sealer = Sealer(Keyring(connection, lender.id, made.store.keys))
            for table in metadata.tables.values():
                columns = sealed_columns(table)
                if not columns or "brand_id" not in table.columns:
                    continue
                query = select(table).where(table.c.brand_id == lender.id)
                for row in connection.execute(query).mappings().all():
                    for column in columns:
                        if row[column.name] is not None:
                            name = f"{table.name}.{column.name}"
                            read.setdefault(name, []).append(_open(sealer, column, row))
    return {name: b"\n".join(values) for name, values in read.items()}


def _open(sealer: Sealer, column: Any, row: Any) -> bytes:
    try:
        return sealer.open_bytes(column, row)
    except Erased:
        return b""


def test_what_is_left_of_a_forgotten_customer_names_nobody(
    made: Installation, url: str, tmp_path: Path
) -> None:
    who, stays = lived(made), lived(made)
    made.clock.advance(EIGHT_YEARS)
    values = planted(who.person)
    whole = {**opened_by_our_keys(made), "dump": "\n".join(statements(url)).encode()}
    assert {name for name, data in whole.items() if found(data, values)} >= {
        *("customer.sealed", "report.sealed", "webhook_event.sealed", "dump"),
    }
    forget(made, who)
    left = {**opened_by_our_keys(made), "dump": "\n".join(statements(url)).encode()}
    files = _files(tmp_path)
    left |= {str(path.relative_to(tmp_path)): path.read_bytes() for path in files}
    own = planted(stays.person)
    values -= own  # the street is where the other lives too
    assert {name for name, data in left.items() if found(data, values)} == set()
    assert found(left["customer.sealed"], own)
    assert any(str(_loan_id(stays)) in str(path) for path in files)
    assert not [path for path in files if str(_loan_id(who)) in str(path)]
    if url.startswith("sqlite"):
        made.engine.dispose()
        assert found((tmp_path / "los.db").read_bytes(), values) == set()


def test_books_stay_and_balance_and_late_money_is_still_booked(made: Installation) -> None:
    who = lived(made)
    loan_id = _loan_id(who)
    with made.services.begin(made.ours.id) as uow:
        [order] = uow.receipts.orders_of(loan_id)
        before = list(uow.books.postings(loan_id))
        moves = list(uow.loans.history(loan_id))
    made.services.audit.seal(made.ours.id)
    made.clock.advance(EIGHT_YEARS)
    forget(made, who)
    with made.services.begin(made.ours.id) as uow:
        assert list(uow.books.postings(loan_id)) == before
        assert list(uow.loans.history(loan_id)) == moves
    _paid(made, who, order.order_id, PaymentState.CAPTURED)
    made.run_jobs()
    made.services.belongings.sort(made.ours.id)
    with made.services.begin(made.ours.id) as uow:
        assert len(uow.books.postings(loan_id)) == len(before) + 1
    read = opened_by_our_keys(made)["webhook_event.sealed"]
    assert found(read, planted(who.person)) == set()
    assert made.services.selfcheck.run().differences == ()
    assert made.services.platform.dead_letters() == []
    made.services.audit.seal(made.ours.id)
    made.services.audit.anchor(made.ours.id)
    assert all(not seen.findings for seen in made.services.audit.verify())


def test_every_read_about_a_forgotten_customer_has_a_documented_answer(made: Installation) -> None:
    who = lived(made)
    made.clock.advance(EIGHT_YEARS)
    tokens = {role: staff_token(made, made.ours, role) for role in Role}
    asker = Asker(made)
    _forget_over_http(asker, who, by=tokens[Role.SUPPORT], checked_by=tokens[Role.ADMIN])
    made.run_jobs()
    answers = {}
    for op in operations(made.app):
        endless = op.path.endswith("/stream")
        if op.method != "GET" or op.audience not in ("web", "partner") or endless:
            continue
        token = who.token if op.audience == "web" else tokens[Role.ADMIN]
        if op.access.audience == "admin":
            token = tokens[Role.SUPER_ADMIN]
        answers[op.name] = answer = asker(_read(made, op, who, token))
        assert answer.status_code in op.responses, (op.name, answer.status_code, answer.text)
        assert answer.status_code < 500, (op.name, answer.text)
        assert found(answer.content, planted(who.person)) == set(), op.name
    asker.close()
    desk = "/api/v1/partner/brand/{brand_id}"
    told = {name.removeprefix(f"GET {desk}"): answer for name, answer in answers.items()}
    assert {told[path].status_code for path in ("/loans", "/completed", "/approvals")} == {200}
    erased = told["/loans/{loan_id}"]
    assert (erased.status_code, erased.json()["code"]) == (404, "ERASED")
    assert {name for name, answer in answers.items() if answer.status_code == 401} == {
        op.name for op in operations(made.app) if op.method == "GET" and op.audience == "web"
    }


def _forget_over_http(asker: Asker, who: Borrower, *, by: str, checked_by: str) -> None:
    brand = f"/api/v1/partner/brand/{asker.made.ours.id}"
    asked = f"{brand}/customers/{who.caller.customer_id}/erasure"
    answer = asker(_post(asked, by, {"remark": "by letter"}))
    assert (answer.status_code, answer.json()["status"]) == (202, "PENDING")
    approval = f"{brand}/approvals/{answer.json()['id']}/approve"
    answer = asker(_post(approval, checked_by, {"remark": ""}))
    assert (answer.status_code, answer.json()["status"]) == (200, "APPROVED")
    answer = asker(_post(asked, by, {"remark": "by letter"}))
    assert (answer.status_code, answer.json()["code"]) == (404, "ERASED")


def _post(path: str, token: str, body: dict[str, str]) -> Ask:
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": uuid4().hex,
    }
    return Ask(method="POST", path=path, headers=headers, content=json.dumps(body).encode())


def _read(made: Installation, op: Operation, who: Borrower, token: str) -> Ask:
    values = {
        "brand_id": made.ours.id,
        "loan_id": who.loan_id,
        "customer_id": who.caller.customer_id,
        "user_id": made.ours.staff[Role.SUPPORT].staff_id,
    }
    path = op.path
    for parameter in op.inside("path"):
        path = path.replace(f"{{{parameter.name}}}", str(values.get(parameter.name, uuid4())))
    query = f"brandId={made.ours.id}&offerId={who.offer_id}"
    named = {parameter.name for parameter in op.inside("query")}
    query = "&".join(part for part in query.split("&") if part.partition("=")[0] in named)
    return Ask(method="GET", path=path, query=query, headers={"Authorization": f"Bearer {token}"})


def test_the_same_person_comes_back_as_a_new_customer(made: Installation) -> None:
    who = lend(made, made.ours, Status.REJECTED)
    forget(made, who)
    made.people = who.person.number - 1
    again = lend(made, made.ours, Status.DISBURSED)
    assert again.person == who.person
    assert again.caller.customer_id != who.caller.customer_id
    with made.services.begin(made.ours.id) as uow:
        assert [loan.id for loan in uow.loans.of_customer(again.caller.customer_id)] == [
            again.loan_id
        ]


def test_log_ins_and_codes_end_with_the_customer(made: Installation) -> None:
    who = lend(made, made.ours, Status.CANCELLED)
    made.clock.advance(timedelta(seconds=31))
    token, refresh = log_in(made, made.ours, who.person)
    approve(made, ask(made, who.caller.customer_id))
    for dead in (who.token, token):
        with pytest.raises(DomainError) as refused:
            made.services.identity.customer(dead)
        assert refused.value.code == "SESSION_ENDED"
    with pytest.raises(DomainError) as refused:
        made.services.sessions.refresh(refresh, audience="web")
    assert refused.value.code == "SESSION_ENDED"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.DRAFT, "APPLICATION_OPEN"),
        (Status.MANUAL_REVIEW, "APPLICATION_OPEN"),
        (Status.DISBURSEMENT_INITIATED, "APPLICATION_OPEN"),
        (Status.DISBURSED, "LOAN_RUNNING"),
        (Status.COMPLETED, "RETENTION"),
    ],
)
def test_what_has_to_be_kept_is_named_with_its_last_day(
    made: Installation, status: Status, reason: str
) -> None:
    who = lend(made, made.ours, status)
    with pytest.raises(MustBeKept) as refused:
        ask(made, who.caller.customer_id)
    told: Any = refused.value.details["obstacles"]
    first = told[0]
    assert (first["reason"], first["loanId"]) == (reason, str(who.loan_id))
    until = refused.value.details["until"]
    if status is Status.COMPLETED:
        closed = made.loan(made.ours, _loan_id(who)).closed_on
        assert closed is not None
        assert until == closed.replace(year=closed.year + 8).isoformat()
    else:
        assert until is None


def test_nobody_forgets_a_customer_alone_or_without_the_permission(made: Installation) -> None:
    who = lend(made, made.ours, Status.REJECTED)
    customer_id, staff = who.caller.customer_id, made.ours.staff
    with pytest.raises(Forbidden):
        made.services.erasures.ask(staff[Role.ADMIN], customer_id, remark="no")
    approval_id = ask(made, customer_id)
    with pytest.raises(Conflict) as twice:
        ask(made, customer_id)
    assert twice.value.code == "APPROVAL_PENDING"
    both = attrs.evolve(
        staff[Role.SUPPORT], permissions=staff[Role.ADMIN].permissions, roles=frozenset(Role)
    )
    for caller in (both, staff[Role.COMPLIANCE]):
        with pytest.raises(Forbidden):
            made.services.approvals.approve(caller, approval_id)
    made.services.approvals.reject(staff[Role.ADMIN], approval_id, remark="a mistake")
    with made.services.begin(made.ours.id) as uow:
        assert uow.customers.get(customer_id) is not None
    approve(made, ask(made, customer_id))
    with pytest.raises(Erased):
        ask(made, customer_id)


def test_an_approval_looks_again(made: Installation) -> None:
    who = lend(made, made.ours, Status.CANCELLED)
    approval_id = ask(made, who.caller.customer_id)
    made.services.applications.apply(who.caller, product="SALARY_EMI", amount=20_000_00, tenure=3)
    with pytest.raises(MustBeKept):
        approve(made, approval_id)
    with made.services.begin(made.ours.id) as uow:
        assert uow.customers.get(who.caller.customer_id) is not None


def test_of_an_application_and_a_forgetting_at_once_one_is_refused(made: Installation) -> None:
    for _ in range(4):
        who = lend(made, made.ours, Status.CANCELLED)
        approval_id, gate = ask(made, who.caller.customer_id), Barrier(2)

        def together(act: Callable[[], object], gate: Barrier = gate) -> str:
            gate.wait()
            try:
                act()
            except DomainError as err:
                return err.code
            return ""

        def applies(who: Borrower = who) -> object:
            return made.services.applications.apply(
                who.caller, product="SALARY_EMI", amount=20_000_00, tenure=3
            )

        def forgets(approval_id: ApprovalId = approval_id) -> object:
            approve(made, approval_id)
            return None

        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(together, (applies, forgets)))
        assert told in (["", "MUST_BE_KEPT"], ["ERASED", ""])


class Died(BaseException):
    """The process ends here."""


@attrs.define
class Dying:
    """A storage whose process dies at one of its steps."""

    behind: Any
    steps: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.behind, name)

    def remove(self, folder: str) -> None:
        if self.steps == 0:
            raise Died
        self.steps -= 1
        self.behind.remove(folder)


def test_files_left_by_a_process_that_died_are_deleted_by_the_next(
    made: Installation, tmp_path: Path
) -> None:
    who = lived(made)
    made.clock.advance(EIGHT_YEARS)
    approve(made, ask(made, who.caller.customer_id))
    services = made.services
    [job] = _jobs(made)
    dying = attrs.evolve(services.erasures, storage=Dying(services.storage, steps=1))
    with pytest.raises(Died):
        dying.delete_files(job)
    assert _files(tmp_path), "it died before it was through"
    made.clock.advance(timedelta(minutes=2))
    made.run_jobs()
    assert _files(tmp_path) == set()


def _files(folder: Path) -> set[Path]:
    return {path for path in (folder / "files").rglob("*") if path.is_file()}


def _jobs(made: Installation) -> list[Job]:
    """Claim what is due, as the process that is going to die."""
    return made.store.platform.claim_jobs(
        limit=9,
        now=made.clock.now(),
        lease_s=60,
        worker="dying",
        which=Which(kinds=(ERASE_FILES,)),
    )
