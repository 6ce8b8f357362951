"""People and clients who want the same thing at once, over the API of an installation.

Requests are under way together, each in a thread of the application's and a transaction of its own.
What must be true is asserted after each round, by the answers and by the books.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final

import attrs
import httpx
from litestar import Litestar
from tests.contract.http.installation import PASSWORD, Installation, opened
from tests.contract.http.lending import AMOUNT, TENURE, lend

from los_core.domain.access import Role
from los_core.domain.ids import LoanId
from los_core.domain.kyc import Email
from los_core.domain.lifecycle import Status
from los_core.domain.servicing import ReceiptStatus
from los_core.services.callers import StaffCaller
from los_http.app import create_app

CHECKERS: Final = ("admin", "accounts", "super")
_PEOPLE: Final = {
    "admin": {Role.ADMIN},
    "accounts": {Role.ACCOUNTS},
    "super": {Role.SUPER_ADMIN},
    "maker": {Role.COLLECTION_MANAGER, Role.ACCOUNTS},
    "executive": {Role.CREDIT_EXECUTIVE},
    "manager": {Role.CREDIT_MANAGER},
    "payer": {Role.DISBURSEMENT},
}
THREADS: Final = 16
"""Below the pool, so that nobody is turned away for want of a connection."""


@attrs.define
class Arena:
    """An installation whose staff is logged in, with one loan running and one under review."""

    made: Installation
    http: httpx.AsyncClient
    runner: asyncio.Runner
    tokens: dict[str, str]
    running: LoanId
    reviewed: LoanId
    rounds: int = 0

    def approvals(self, racers: int) -> None:
        """Many approve one payment: one does; who entered it never can."""
        self.rounds += 1
        entered = self._enter(f"cash-{self.rounds}", key=f"enter-{self.rounds}")
        assert entered.status_code == 202, entered.text
        path = f"payment/approve/{entered.json()['id']}"
        own = self._at_once([self._post("maker", path, key=f"own-{self.rounds}")])
        assert [answer.status_code for answer in own] == [403], own[0].text
        assert own[0].json()["code"] == "G-4EYES"
        answers = self._at_once(
            [
                self._post(CHECKERS[n % len(CHECKERS)], path, key=f"yes-{self.rounds}-{n}")
                for n in range(racers)
            ]
        )
        told = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
        assert told == {(200, None): 1, (409, "APPROVAL_DECIDED"): racers - 1}, told
        self._counted(self.rounds)

    def stale_writers(self) -> None:
        """Two recommend a loan they both read in the same version: one does, one is told 409."""
        self.rounds += 1
        version = self.made.loan(self.made.ours, self.reviewed).version
        body = {"targetStatus": "RECOMMENDED", "version": version}
        path = f"loans/{self.reviewed}/status"
        answers = self._at_once([self._post("executive", path, body) for _ in range(2)])
        assert sorted(answer.status_code for answer in answers) == [200, 409], answers
        loan = self.made.loan(self.made.ours, self.reviewed)
        assert (loan.status, loan.version) == (Status.RECOMMENDED, version + 1)
        manager = self.made.ours.staff[Role.CREDIT_MANAGER]
        self.made.services.underwriting.send_back(
            manager, loan.id, version=loan.version, reasons=["INCOME_UNCLEAR"]
        )

    def repeats(self, racers: int) -> None:
        """Many send one command under one key: it is carried out once and answered alike."""
        self.rounds += 1
        reference = f"repeat-{self.rounds}"
        answers = self._at_once([self._entering(reference, key=reference) for _ in range(racers)])
        assert {answer.status_code for answer in answers} == {202}, answers
        assert len({answer.content for answer in answers}) == 1
        replays = Counter(answer.headers.get("Idempotent-Replay") for answer in answers)
        assert replays == {None: 1, "true": racers - 1}
        with self.made.services.begin(self.made.ours.id) as uow:
            of_loan = uow.receipts.of_loan(self.running)
        assert sum(receipt.reference == reference for receipt in of_loan) == 1

    def books_agree(self) -> None:
        """Nothing that was raced for left the books in disagreement."""
        assert self.made.services.selfcheck.run().differences == ()

    def _counted(self, number: int) -> None:
        """The payment of a round is posted, in one receipt and one fact."""
        with self.made.services.begin(self.made.ours.id) as uow:
            receipts = uow.receipts.of_loan(self.running)
            facts = uow.books.facts(self.running)
        reference = f"cash-{number}"
        assert [r.status for r in receipts if r.reference == reference] == [ReceiptStatus.POSTED]
        assert sum(fact.reference == reference for fact in facts) == 1

    def _enter(self, reference: str, *, key: str) -> httpx.Response:
        return self._at_once([self._entering(reference, key=key)])[0]

    def _entering(self, reference: str, *, key: str) -> Coroutine[Any, Any, httpx.Response]:
        body = {
            "loanId": str(self.running),
            "amountPaise": 100,
            "mode": "UPI",
            "reference": reference,
            "utr": reference.replace("-", ""),
            "valueDate": self.made.clock.business_date().isoformat(),
        }
        return self._post("maker", "payment/process", body, key=key)

    async def _post(
        self, who: str, path: str, body: object = None, *, key: str = ""
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        if key:
            headers["Idempotency-Key"] = key
        url = f"/api/v1/partner/brand/{self.made.ours.id}/{path}"
        return await self.http.post(url, json=body, headers=headers)

    def _at_once(self, asked: list[Coroutine[Any, Any, httpx.Response]]) -> list[httpx.Response]:
        async def together() -> list[httpx.Response]:
            return await asyncio.gather(*asked)

        return self.runner.run(together())


@contextmanager
def arena(url: str) -> Iterator[Arena]:
    """Yield an arena on an empty database."""
    with opened(url) as made, asyncio.Runner() as runner:
        totp = {name: _hired(made, name, roles) for name, roles in _PEOPLE.items()}
        running = lend(made, made.ours, Status.DISBURSED).loan_id
        reviewed = lend(made, made.ours, Status.MANUAL_REVIEW).loan_id
        assert running is not None
        assert reviewed is not None
        tokens = {name: _log_in(made, name, secret) for name, secret in totp.items()}
        executive = made.ours.staff[Role.CREDIT_EXECUTIVE]
        made.services.underwriting.save_cam(executive, reviewed, amount=AMOUNT, tenure=TENURE)
        app = create_app(made.services, threads=THREADS)
        http, over, serving = runner.run(_served(app))
        yield Arena(made, http, runner, tokens, running, reviewed)
        over.set()
        runner.run(_ended(http, serving))


async def _served(
    app: Litestar,
) -> tuple[httpx.AsyncClient, asyncio.Event, "asyncio.Task[None]"]:
    ready, over = asyncio.Event(), asyncio.Event()

    async def serve() -> None:
        async with app.lifespan():
            ready.set()
            await over.wait()

    serving = asyncio.create_task(serve())
    await ready.wait()
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]  # the same protocol
    return httpx.AsyncClient(transport=transport, base_url="http://los.test"), over, serving


async def _ended(http: httpx.AsyncClient, serving: "asyncio.Task[None]") -> None:
    await serving
    await http.aclose()


def _hired(made: Installation, name: str, roles: set[Role]) -> str:
    hired = made.services.brands.hire(
        email=Email.parse(f"{name}@bharat.example"),
        name=name.title(),
        password=PASSWORD,
        roles=frozenset(roles),
        brands=frozenset({made.ours.id}),
        second_factor=True,
    )
    for role in roles:
        made.ours.staff[role] = StaffCaller.of(hired.staff, made.ours.id)
    return hired.totp_secret


def _log_in(made: Installation, name: str, totp: str) -> str:
    code = made.factor.code(totp, made.clock.now())
    _, pair = made.services.staff_login.log_in(f"{name}@bharat.example", PASSWORD, code)
    return pair.access
