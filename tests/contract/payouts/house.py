"""A lender whose loans wait to be paid out by a bank that misbehaves, in a process that dies.

Services, store, IDFC's adapter and its imitation are the real ones; only the wire between the last
two is shortened. Messages go to the memory fake. A death loses everything but the store and the
bank; the next process is put together over these.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import httpx
from tests.contract.payouts.kills import Death, Killed, Kills, Life
from tests.contract.store.filling import CIPHER

from los_adapters import registry
from los_adapters.cache.memory import MemoryCache
from los_adapters.cipher.index import KeyedIndex
from los_adapters.cipher.memory import MemorySecrets
from los_adapters.clock import FixedClock
from los_adapters.container import wired
from los_adapters.directory import FixedDirectory, ProviderRow
from los_adapters.entropy import SystemEntropy
from los_adapters.forms import RegistryForms
from los_adapters.heads.memory import MemoryHeads
from los_adapters.jobs import attempts
from los_adapters.limiter.memory import MemoryLimiter
from los_adapters.message.memory import MemoryMessages
from los_adapters.passwords.codes import KeyedHasher
from los_adapters.passwords.memory import MemoryFactor, MemoryPasswords
from los_adapters.pdf.memory import MemoryLetters
from los_adapters.picture.memory import MemoryPictures
from los_adapters.sandbox import idfc
from los_adapters.sandbox.courier import Courier
from los_adapters.sandbox.faults import Fault, FaultKind
from los_adapters.sandbox.personas import Personas
from los_adapters.sandbox.switchboard import Switchboard
from los_adapters.sandbox.world import MemoryState, StateStore, World
from los_adapters.statement.memory import MemoryStatementReader
from los_adapters.storage.links import Files
from los_adapters.storage.memory import MemoryStorage
from los_adapters.tokens.memory import MemoryTokens
from los_core.domain.access import Role
from los_core.domain.agreement import AgreementStatus
from los_core.domain.brand import Brand, Settings
from los_core.domain.customer import BankAccount, StepState
from los_core.domain.errors import Busy
from los_core.domain.facts import Disbursed, effective
from los_core.domain.ids import AccountId, BrandId, LoanId, PayoutId
from los_core.domain.kyc import AccountNumber, Email, Ifsc, Phone
from los_core.domain.ledger import Account, Entry
from los_core.domain.lifecycle import Status
from los_core.domain.loan import Loan
from los_core.domain.payout import UNDECIDED, Payout, PayoutStage
from los_core.domain.terms import terms_hash
from los_core.domain.work import Job
from los_core.ports.cipher import Cipher
from los_core.ports.directory import MESSAGE, PAYOUT, Chosen
from los_core.ports.errors import ProviderError
from los_core.ports.work import Begin, Platform
from los_core.services import Services
from los_core.services.callers import CustomerCaller, StaffCaller
from los_core.testing import records

INDIA: Final = ZoneInfo("Asia/Kolkata")
NOON: Final = datetime(2026, 1, 5, 12, tzinfo=INDIA)
SEND: Final = "POST /paymenttxns/v1/fundTransfer"
PATIENCE: Final[Mapping[str, object]] = {
    "ask_after_s": [10, 600, 3600],
    "not_found_window_h": 2,
    "ask_for_h": 6,
}
"""Short, so that a thousand orders can be waited for."""
LOST_AFTER: Final = (
    FaultKind.DROP_AFTER,
    FaultKind.CUT_AFTER,
    FaultKind.STATUS_5XX_AFTER,
    FaultKind.GARBAGE_AFTER,
)
LOST_BEFORE: Final = (FaultKind.DROP_BEFORE, FaultKind.CUT_BEFORE)

OpenStore = Callable[[FixedClock, Cipher], tuple[Begin, Platform]]


@attrs.define(kw_only=True)
class Case:
    """A loan to be paid out, and what is to go wrong with it."""

    number: int
    loan_id: LoanId
    story: str
    fault: FaultKind | None = None
    life: Life = attrs.field(factory=Life)


@attrs.define
class House:
    """The lender's processes, one after another, and the bank."""

    open_store: OpenStore
    state: StateStore = attrs.field(factory=MemoryState)
    clock: FixedClock = attrs.field(factory=lambda: FixedClock(NOON))
    kills: Kills = attrs.field(factory=Kills)
    cipher: Cipher = CIPHER
    secrets: MemorySecrets = attrs.field(factory=MemorySecrets)
    deaths: int = 0
    cases: dict[LoanId, Case] = attrs.field(factory=dict)
    messages: MemoryMessages = attrs.field(factory=MemoryMessages)
    files: Files = attrs.field(factory=lambda: MemoryStorage(clock=FixedClock(NOON)))
    settings: Mapping[str, object] = attrs.field(
        factory=lambda: {**idfc.settings("http://127.0.0.1/idfc"), **PATIENCE}
    )
    services: Services = attrs.field(init=False)
    platform: Platform = attrs.field(init=False)
    bank: Switchboard = attrs.field(init=False)
    brand: Brand = attrs.field(init=False)
    maker: StaffCaller = attrs.field(init=False)
    checker: StaffCaller = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        world = World(self.state, Personas(), self.clock.business_now, Courier(lambda _: 200))
        self.bank = Switchboard(world, pause=lambda _: None)
        self.rise()

    @property
    def brand_id(self) -> BrandId:
        return self.brand.id

    def rise(self) -> None:
        """Put a new process together over what lasts."""
        begin, platform = self.open_store(self.clock, self.cipher)
        bank = registry.opened(
            PAYOUT.name,
            ProviderRow(name="idfc", settings=self.settings),
            transport=httpx.MockTransport(self.kills.line(self.bank)),
        )
        entropy = SystemEntropy()
        self.platform = self.kills.platform(platform)
        self.services = wired(
            begin=self.kills.begin(begin),
            platform=platform,
            clock=self.clock,
            entropy=entropy,
            indexes=KeyedIndex(b"0" * 32),
            secrets=self.secrets,
            tokens=MemoryTokens(clock=self.clock, entropy=entropy),
            hasher=KeyedHasher(b"0" * 32),
            passwords=MemoryPasswords(entropy),
            second_factor=MemoryFactor(entropy),
            limiter=MemoryLimiter(clock=self.clock),
            directory=FixedDirectory(
                {
                    PAYOUT.name: [Chosen("idfc", bank.account, bank.adapter)],
                    MESSAGE.name: [Chosen("memory", "memory", self.messages)],
                }
            ),
            storage=self.files,
            letters=MemoryLetters(),
            reader=MemoryStatementReader(),
            pictures=MemoryPictures(),
            heads=MemoryHeads(),
            cache=MemoryCache(timer=time.monotonic),
            vendors=RegistryForms(),
            public_url="http://los.test",
        )

    def die(self) -> None:
        """Lose the process; the next one gives back what it had claimed."""
        self.deaths += 1
        self.rise()
        self.platform.give_back("worker", now=self.clock.now())

    def found(self) -> None:
        """Create the lender and the two people."""
        self.brand = records.brand("house")
        self.services.platform.add_brand(self.brand, Settings())
        staff = []
        for role in (Role.DISBURSEMENT, Role.ACCOUNTS):
            hired = self.services.brands.hire(
                email=Email.parse(f"{role.lower()}@house.example"),
                name=role.title(),
                password="Sahyadri-monsoon-2026",
                roles=frozenset({role}),
                brands=frozenset({self.brand_id}),
            )
            staff.append(StaffCaller.of(hired.staff, self.brand_id))
        self.maker, self.checker = staff

    def add(self, number: int, story: str, *, fault: FaultKind | None = None) -> Case:
        """Put a loan on file whose agreement is signed; `story` "returned" is of one whose
        credit the customer's bank sends back a day later.
        """
        entropy = SystemEntropy()
        persona = Personas()["dev" if story == "returned" else "asha"]
        customer = records.customer(self.brand_id, entropy.uuid())
        customer.person = f"person:{number}"
        customer.phone = Phone(f"98{number:08d}")
        account = BankAccount(
            id=AccountId(entropy.uuid()),
            holder=persona.bank.name_at_bank,
            number=AccountNumber.parse(persona.bank.account_number),
            ifsc=Ifsc.parse(persona.bank.ifsc),
            state=StepState.VERIFIED,
            verified_at=self.clock.now(),
        )
        customer.accounts = (account,)
        terms = records.terms(20_000_00 + number * 1_00)
        loan, first = records.begun(
            records.loan(
                self.brand_id,
                customer.id,
                entropy.uuid(),
                status=Status.AGREEMENT_SIGNED,
                terms=terms,
                terms_hash=terms_hash(terms),
                net_disbursal=terms.principal,
            )
        )
        loan.status = Status.AGREEMENT_SIGNED
        first = attrs.evolve(first, target=loan.status)
        offer = records.offer(self.brand_id, loan.id, entropy.uuid(), of=terms)
        statement = records.key_facts(offer, entropy.uuid())
        loan.offer_id = offer.id
        signed = records.agreement(self.brand_id, loan.id, entropy.uuid())
        signed.status, signed.terms_hash = AgreementStatus.SIGNED, loan.terms_hash
        signed.callback_token = f"token-{number}"
        decision = attrs.evolve(
            records.decision(self.brand_id, loan.id, entropy.uuid()), at=self.clock.now()
        )
        with self.services.begin(self.brand_id) as uow:
            uow.customers.add(customer, phone_index=f"phone:{number}")
            uow.loans.add(loan, first)
            uow.offers.add(offer, statement)
            uow.offers.acknowledge(statement.id, self.clock.now())
            uow.agreements.add(signed)
            uow.assessments.add_decision(decision)
        case = Case(number=number, loan_id=loan.id, story=story, fault=fault)
        self.cases[loan.id] = case
        return case

    def loan(self, case: Case) -> Loan:
        with self.services.begin(self.brand_id) as uow:
            found = uow.loans.get(case.loan_id)
        assert found is not None
        return found

    def customer(self, case: Case) -> CustomerCaller:
        customer_id = self.loan(case).customer_id
        return CustomerCaller(customer_id=customer_id, brand_id=self.brand_id)

    def payouts(self, case: Case) -> Sequence[Payout]:
        with self.services.begin(self.brand_id) as uow:
            return uow.payouts.of_loan(case.loan_id)

    def undecided(self) -> int:
        with self.services.begin(self.brand_id) as uow:
            return len(uow.payouts.undecided(limit=10_000))

    def mornings(self, count: int) -> None:
        """Live so many mornings, each with the nightly task."""
        for _ in range(count):
            over = self.clock.business_date()
            morning = over + timedelta(days=1)
            self.clock.move_to(
                datetime(morning.year, morning.month, morning.day, 4, 30, tzinfo=INDIA)
            )
            self.services.transfers.watch(self.brand_id, over)
            self.run_due()

    def order(self, case: Case) -> None:
        """Have two people pay a loan out, whatever of it was done before a death."""
        if self.loan(case).status in (Status.AGREEMENT_SIGNED, Status.DISBURSEMENT_FAILED):
            version = self.loan(case).version
            self._act(
                case,
                "prepare",
                lambda: self.services.disbursals.prepare(self.maker, case.loan_id, version=version),
            )
        if self.loan(case).status is Status.DISBURSEMENT_PENDING:
            pending = self.payouts(case)[-1].id
            with self.services.begin(self.brand_id) as uow:
                waiting = uow.approvals.pending(limit=10_000)
            [approval_id] = [each.id for each in waiting if each.entity_id == pending]
            self._act(
                case,
                "approve",
                lambda: self.services.approvals.approve(self.checker, approval_id),
            )
        if self.loan(case).status not in (Status.DISBURSEMENT_INITIATED, Status.DISBURSED):
            self.order(case)  # death came before the commit: people try again

    def run_due(self) -> None:
        """Run every job that is due, and those they lead to."""
        while jobs := self.platform.claim_jobs(
            limit=1, now=self.clock.now(), lease_s=60, worker="worker"
        ):
            self._run(jobs[0])

    def _run(self, job: Job) -> None:
        handlers = self.services.handlers()

        def run() -> None:
            done = attempts.run(
                job, handlers, platform=self.platform, clock=self.clock, jitter=lambda: 1.0
            )
            if done.error is not None and not isinstance(done.error, ProviderError | Busy):
                raise done.error

        if not job.kind.startswith("payout."):
            run()
            return
        with self.services.begin(self.brand_id) as uow:
            payout = uow.payouts.get(PayoutId(UUID(job.payload["payout_id"])))
        assert payout is not None
        case = self.cases[payout.loan_id]
        if job.kind == "payout.send" and case.fault is not None:
            self.bank.faults.switch_on(
                Fault(vendor="idfc", kind=case.fault, operation=SEND, times=1)
            )
        self._act(case, job.kind, run)
        if job.kind == "payout.send" and case.fault is not None:
            case.fault = case.fault if self.bank.faults.on() else None
            self.bank.faults.switch_off()

    def _act(self, case: Case, name: str, do: Callable[[], object]) -> None:
        try:
            with self.kills.watching(case.life, name):
                do()
        except Killed:
            self.die()

    def transfers(self) -> dict[int, list[Mapping[str, object]]]:
        """Return the bank's transfers by the case they pay."""
        by_amount = {20_000_00 + c.number * 1_00: c.number for c in self.cases.values()}
        found: dict[int, list[Mapping[str, object]]] = {}
        vendor = self.bank.vendor("idfc")
        assert isinstance(vendor, idfc.Idfc)
        for transfer in vendor.transfers():
            paise = int(str(transfer["amount"]).replace(".", ""))
            found.setdefault(by_amount[paise], []).append(transfer)
        return found


def verdict(house: House) -> Iterator[str]:
    """Yield everything that is wrong at the end of the play."""
    transfers = house.transfers()
    for case in house.cases.values():
        name = f"{case.number} ({case.story}, {case.life.death})"
        loan, payouts = house.loan(case), house.payouts(case)
        credits_ = transfers.get(case.number, [])
        stays = [each for each in credits_ if each["status"] == "SUCCESS"]
        if any(payout.stage in UNDECIDED for payout in payouts):
            yield f"{name}: undecided: {[payout.stage for payout in payouts]}"
        if any(each["asked"] != 1 for each in credits_):
            yield f"{name}: an order reached the bank twice"
        if len(credits_) != 1:
            yield f"{name}: {len(credits_)} transfers at the bank"
        wanted = Status.DISBURSEMENT_FAILED if case.story == "returned" else Status.DISBURSED
        if loan.status is not wanted:
            yield f"{name}: the loan is {loan.status}: {[(p.stage, p.why) for p in payouts]}"
        with house.services.begin(house.brand_id) as uow:
            facts = uow.books.facts(case.loan_id)
            entries = [e for p in uow.books.postings(case.loan_id) for e in p.entries]
        paid = [fact.amount for fact in effective(facts) if isinstance(fact, Disbursed)]
        if paid != [loan.net_disbursal] * len(stays):
            yield f"{name}: facts say {paid}, the bank keeps {len(stays)}"
        if not stays and any(_sums(entries).values()):
            yield f"{name}: the ledger of a returned credit is not empty"
    for difference in house.services.selfcheck.run().differences:
        yield f"{difference.loan_no}: {difference.what}"
    for letter in house.services.platform.dead_letters():
        yield f"a dead letter: {letter.kind}: {letter.last_error}"


def stories(count: int, rng: random.Random) -> list[tuple[str, FaultKind | None]]:
    """Return what goes wrong: 20 % silent after success, 10 % before, 5 % returned late."""
    told: list[tuple[str, FaultKind | None]] = [("returned", None)] * max(1, count // 20)
    told += [("silent after", rng.choice(LOST_AFTER)) for _ in range(count // 5)]
    told += [("silent before", rng.choice(LOST_BEFORE)) for _ in range(count // 10)]
    told += [("sound", None)] * (count - len(told))
    rng.shuffle(told)
    return told


def play(
    house: House, told: Sequence[tuple[str, FaultKind | None]], deaths: Sequence[Death] = ()
) -> None:
    """Pay so many loans out, to the last word about each; each dies its death on the way."""
    house.found()
    for number, (story, fault) in enumerate(told):
        case = house.add(number, story, fault=fault)
        case.life.death = deaths[number] if deaths else None
    live(house)


def live(house: House) -> None:
    """Let people and time do their part until nothing is undecided, and some mornings more."""
    while open_cases := [case for case in house.cases.values() if _to_be_ordered(house, case)]:
        for case in open_cases:
            house.order(case)
            house.run_due()
        for seconds in (10, 600, 3600, 3600, 3600):
            house.clock.advance(timedelta(seconds=seconds))
            house.run_due()
    house.mornings(3)


def with_deaths(
    told: Sequence[tuple[str, FaultKind | None]], rng: random.Random, dry: House
) -> list[Death]:
    """Return a death for each case, over every boundary that its story met in a dry play."""
    met = {case.story: case.life.met for case in dry.cases.values()}
    ways = {story: sorted(boundaries) for story, boundaries in met.items()}
    turn = dict.fromkeys(ways, 0)
    deaths = []
    for story, _ in told:
        boundary = ways[story][turn[story] % len(ways[story])]
        first = turn[story] < len(ways[story])
        turn[story] += 1
        deaths.append(Death(boundary, 1 if first else rng.randint(1, met[story][boundary])))
    return deaths


def boundaries(house: House, story: str = "") -> set[str]:
    """Return the boundaries at which a process died, of one story or of all."""
    deaths = (case.life.death for case in house.cases.values() if story in ("", case.story))
    return {death.boundary for death in deaths if death is not None and death.died}


def _to_be_ordered(house: House, case: Case) -> bool:
    status = house.loan(case).status
    if status is Status.DISBURSEMENT_FAILED:
        stages = [payout.stage for payout in house.payouts(case)]
        return PayoutStage.RETURNED not in stages
    return status in (Status.AGREEMENT_SIGNED, Status.DISBURSEMENT_PENDING)


def _sums(entries: Sequence[Entry]) -> dict[Account, int]:
    sums: dict[Account, int] = {}
    for entry in entries:
        sums[entry.account] = sums.get(entry.account, 0) + entry.amount
    return sums
