"""What is lived through while the process dies: short lives of loans, and the books they leave.

A life is a list of steps that people, vendors and the clock take; who did not get an answer takes
the step again, as a client with the same key or a gateway would.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import attrs
from sqlalchemy import create_engine, text
from tests.contract.http.filling import hire
from tests.contract.http.installation import Installation, opened
from tests.contract.http.lending import lend
from tests.contract.http.people import Borrower, Lender
from tests.faults.dying import Process, Step, World, apart

from los_core.domain.access import Role
from los_core.domain.errors import Conflict, DomainError
from los_core.domain.ids import LoanId, OfferId
from los_core.domain.lifecycle import Status
from los_core.domain.servicing import PaymentPurpose
from los_core.ports.work import Answer, Once, Replayed
from los_workers.cron import Cron, tasks

PAID: Final = 3_000_00
OVERDUE_AFTER: Final = timedelta(days=62)
"""From the disbursal: the first due date is over by then."""


Lives = tuple[World, dict[str, Borrower]]
"""A world, and the borrower of each life by its name."""


@attrs.frozen(kw_only=True)
class Life:
    """A borrower whose loan stands somewhere, and what comes next."""

    begins: Status
    steps: Callable[[Lender, Borrower], tuple[Step, ...]]
    plays: Mapping[str, Callable[[World], Any]] = attrs.field(factory=dict)


def world(folder: Path, *names: str) -> Lives:
    """Return the world in which some lives, or all, are about to begin, with their borrowers."""
    file = folder / "los.db"
    with opened(f"sqlite:///{file}") as made:
        for role in Role:
            hire(made, made.ours, role)
        borrowers = {name: lend(made, made.ours, LIVES[name].begins) for name in names or LIVES}
        made.clock.advance(timedelta(hours=2))  # no question of the past is left to be asked
        made.run_jobs()
        found = _world(made, file)
    return found, borrowers


def _world(made: Installation, file: Path) -> World:
    plays = {name: play for life in LIVES.values() for name, play in life.plays.items()}
    storage: Any = made.services.storage
    return World(
        file=file,
        clock=made.clock,
        keys=made.keys,
        fakes=made.fakes,
        storage=storage,
        lender=made.ours,
        plays=plays,
    )


def live(lives: Lives, name: str, point: str) -> tuple[list[str], "Books"]:
    """Live a life, dying once at a point ("": never), in a copy of the world.

    Returns the points reached and the books left.
    """
    known, borrowers = lives
    steps = LIVES[name].steps(known.lender, borrowers[name])

    def lived(copy: World) -> tuple[list[str], Books]:
        copy.calls.clear()
        reached = copy.live(steps, point)
        return reached, Books.of(copy)

    answer: tuple[list[str], Books] = apart(known, lived)
    return answer


@attrs.frozen(kw_only=True)
class Books:
    """What is true afterwards, at the lender and at the vendors, without random ids and instants.

    Attributes:
        rows: what has to be the same however often the process died, by table.
        waiting: jobs yet to come, by kind.
        stuck: jobs that are neither done nor yet to come, and what went wrong with them.
        notices: (id, status, repeated) of every message on record.
        sent, dockets, transfers, orders: how often the vendors did each thing.
        repeats: agreements on record as repeated.
        asked: calls the vendors got, by "port.method".
    """

    rows: Mapping[str, Counter[tuple[Any, ...]]]
    waiting: Counter[tuple[Any, ...]]
    stuck: list[tuple[Any, ...]]
    notices: list[tuple[Any, ...]]
    sent: Counter[str]
    dockets: Counter[str]
    transfers: list[str]
    orders: Counter[str]
    repeats: int
    asked: Counter[str]

    @classmethod
    def of(cls, world: World) -> "Books":
        """Read them."""
        engine = create_engine(f"sqlite:///{world.file}")
        with engine.connect() as connection:

            def rows(query: str) -> list[tuple[Any, ...]]:
                return [tuple(row) for row in connection.execute(text(query))]

            found = cls(
                rows={
                    name: Counter(map(_without_numbers, rows(query)))
                    for name, query in _SAME.items()
                },
                waiting=Counter(rows("SELECT kind FROM job WHERE state = 'READY'")),
                stuck=rows(
                    "SELECT kind, state, attempts, last_error FROM job"
                    " WHERE state NOT IN ('READY', 'DONE')"
                ),
                notices=[
                    _without_numbers(row)
                    for row in rows("SELECT id, status, repeated FROM message ORDER BY id")
                ],
                sent=Counter(
                    _DOCKET_NO.sub("docket", message.id) for message in world.fakes.messages.sent
                ),
                dockets=Counter(r.reference for r in world.fakes.signer.requests.values()),
                transfers=sorted(world.fakes.bank.transfers),
                orders=Counter(o.reference for o in world.fakes.payments.orders.values()),
                repeats=len(rows("SELECT id FROM audit WHERE action = 'docket.repeat'")),
                asked=Counter(world.calls),
            )
        engine.dispose()
        return found


_SAME: Final[Mapping[str, str]] = {
    "loan": "SELECT loan_no, status FROM loan",
    "fact": "SELECT loan_id, kind, value_date, source, reference FROM fact",
    "ledger": (
        "SELECT loan_id, account, value_date, SUM(amount) FROM ledger_entry"
        " GROUP BY 1, 2, 3 HAVING SUM(amount) <> 0"
    ),
    "receipt": "SELECT loan_id, source, reference, amount, status FROM receipt",
    "payout": "SELECT loan_id, attempt, stage, amount FROM payout",
    "agreement": "SELECT loan_id, version_no, status FROM agreement",
    "document": "SELECT loan_id, type FROM file",
    "no_dues": "SELECT loan_id, version_no FROM no_dues",
    "approval": "SELECT entity, status FROM approval",
    "event": "SELECT provider, kind, status FROM webhook_event",
    "message": "SELECT id, status FROM message",
    "number": "SELECT series, value FROM counter",
    "trail": (
        "SELECT action, entity_id FROM audit"
        " WHERE action NOT IN ('docket.repeat', 'payout.unknown')"
    ),
}


_DOCKET_NO: Final = re.compile(r"\bdocket-\d+\b")
"""What a vendor calls a docket: one that was made anew bears another number, in its notices too."""


def points_of(reached: Sequence[str]) -> list[str]:
    """Return each point reached, with which time it was: "commit job:3"."""
    times: Counter[str] = Counter()
    found = []
    for name in reached:
        times[name] += 1
        found.append(f"{name}:{times[name]}")
    return found


def differences(books: Books, undisturbed: Books) -> list[str]:
    """Return what is not as it would be had nobody died, in words."""
    found = [
        f"{table}: {dict(books.rows[table] - rows)} for {dict(rows - books.rows[table])}"
        for table, rows in undisturbed.rows.items()
        if books.rows[table] != rows
    ]
    if books.stuck or books.waiting != undisturbed.waiting:
        found.append(f"jobs: {books.stuck} {books.waiting} for {undisturbed.waiting}")
    if books.transfers != undisturbed.transfers or books.asked["payout.send"] > 1:
        found.append(f"transfers: {books.transfers}, ordered {books.asked['payout.send']} times")
    if books.orders != undisturbed.orders:
        found.append(f"orders at the gateway: {books.orders}")
    marked = {notice for notice, _, repeated in books.notices if repeated}
    found += [
        f"{notice} went out {times} times"
        for notice, times in books.sent.items()
        if times > undisturbed.sent[notice] + (notice in marked)
    ]
    found += [f"{notice} never went out" for notice in undisturbed.sent - books.sent]
    if books.dockets.total() - undisturbed.dockets.total() > books.repeats:
        found.append(f"dockets: {books.dockets}, {books.repeats} on record as repeated")
    return found


def _without_numbers(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(_DOCKET_NO.sub("docket", v) if isinstance(v, str) else v for v in row)


def _loan(who: Borrower) -> LoanId:
    assert who.loan_id is not None, "every borrower has a loan"
    return who.loan_id


def _once(what: str) -> Once:
    return Once(
        scope="lives", key=what, request_hash=what, render=lambda _: Answer(status=200, body=b"{}")
    )


@contextmanager
def _said_before(*codes: str) -> Iterator[None]:
    """Let a repeat be told that the thing is done."""
    try:
        yield
    except Replayed:
        return
    except DomainError as told:
        if told.code not in codes:
            raise


def _pays(purpose: PaymentPurpose, amount: int | None) -> Any:
    def steps(lender: Lender, who: Borrower) -> tuple[Step, ...]:
        def orders(process: Process) -> None:
            with _said_before():
                process.services.repayments.order(
                    who.caller, _loan(who), purpose=purpose, amount=amount, once=_once("order")
                )

        def reported(process: Process) -> None:
            headers, body = process.play.pay()
            address = process.services.webhooks.address(lender.id, "memory")
            token = address.rpartition("/")[2]
            process.services.webhooks.receive("memory", token, headers, body)

        return orders, reported

    return steps


def _approved(lender: Lender, who: Borrower) -> tuple[Step, ...]:
    def approves(process: Process) -> None:
        assert who.approval_id is not None, "the payout awaits approval"
        with _said_before("ALREADY_DECIDED", "APPROVAL_DECIDED"):
            process.services.approvals.approve(lender.staff[Role.ACCOUNTS], who.approval_id)

    return (approves,)


def _signs(_: Lender, who: Borrower) -> tuple[Step, ...]:
    offer_id = who.offer_id

    def acknowledges(process: Process) -> None:
        with _said_before():
            process.services.offering.acknowledge(
                who.caller, _loan(who), _known(offer_id), once=_once("acknowledge")
            )

    def accepts(process: Process) -> None:
        with _said_before():
            process.services.offering.accept(
                who.caller, _loan(who), _known(offer_id), once=_once("accept")
            )

    def asks_to_sign(process: Process) -> None:
        process.services.agreements.sign(who.caller, _loan(who))

    def reported(process: Process) -> None:
        process.play.sign()
        with process.services.begin(who.caller.brand_id) as uow:
            agreement = uow.agreements.of_loan(_loan(who))
        assert agreement is not None, "it was sent to be signed"
        process.services.agreements.callback(
            agreement.callback_token, {"authorization": agreement.callback_secret}, b"{}"
        )

    return acknowledges, accepts, asks_to_sign, reported


def _known(offer_id: OfferId | None) -> OfferId:
    assert offer_id is not None, "the offers are made"
    return offer_id


def _at_the_counter(lender: Lender, who: Borrower) -> tuple[Step, ...]:
    def records(process: Process) -> None:
        with _said_before():
            process.services.repayments.record(
                lender.staff[Role.COLLECTION_MANAGER],
                _loan(who),
                amount=PAID,
                mode="UPI",
                reference="counter-7",
                utr="UTRCOUNTER7",
                value_date=process.clock.business_date(),
                once=_once("record"),
            )

    def approves(process: Process) -> None:
        with process.services.begin(lender.id) as uow:
            awaiting = [r for r in uow.receipts.of_loan(_loan(who)) if r.approval_id]
        [approval_id] = [r.approval_id for r in awaiting]
        assert approval_id is not None
        with _said_before("ALREADY_DECIDED", "APPROVAL_DECIDED"):
            process.services.approvals.approve(lender.staff[Role.ACCOUNTS], approval_id)

    return records, approves


def _sleeps(_: Lender, who: Borrower) -> tuple[Step, ...]:
    del who  # the night falls for everybody

    def night(process: Process) -> None:
        dawn = process.play.dawn()
        if process.clock.now() < dawn:
            process.clock.move_to(dawn)
        cron = Cron(process.services.platform, tasks(process.services), process.clock)
        if not cron.tick():
            raise Conflict("the dead still hold the night's run", code="IN_PROGRESS")

    return (night,)


def _pay(world: World) -> Any:
    order_id = list(world.fakes.payments.orders)[-1]
    return world.fakes.payments.pay(order_id, at=world.clock.now())


def _sign(world: World) -> None:
    """The borrower signs the docket he has; of two he signs the last, which he was sent."""
    world.fakes.signer.sign(list(world.fakes.signer.requests)[-1], at=world.clock.now())


LIVES: Final[Mapping[str, Life]] = {
    "pays an instalment": Life(
        begins=Status.DISBURSED,
        steps=_pays(PaymentPurpose.INSTALMENT, PAID),
        plays={"pay": _pay},
    ),
    "pays everything": Life(begins=Status.DISBURSED, steps=_pays(PaymentPurpose.FORECLOSURE, None)),
    "is paid out": Life(begins=Status.DISBURSEMENT_PENDING, steps=_approved),
    "accepts and signs": Life(begins=Status.APPROVED, steps=_signs, plays={"sign": _sign}),
    "pays at the counter": Life(begins=Status.DISBURSED, steps=_at_the_counter),
    "sleeps past a due date": Life(
        begins=Status.DISBURSED,
        steps=_sleeps,
        plays={"dawn": lambda world: world.clock.now() + OVERDUE_AFTER},
    ),
}
