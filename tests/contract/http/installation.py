"""An installation to be asked: the API over an SQL store, with two lenders and nobody yet.

Vendors are fakes; the payment gateway whose messages are to be proved is the real adapter. Who is
on file is the business of `filling`, how loans come to stand where they stand that of `lending`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import attrs
import httpx
from litestar import Litestar
from tests.contract.http.people import Borrower, Lender

from los_adapters import registry
from los_adapters.bankaccount.memory import MemoryAccounts
from los_adapters.bureau.memory import MemoryBureau
from los_adapters.cache.memory import MemoryCache
from los_adapters.cipher.aes import AesCipher
from los_adapters.cipher.index import KeyedIndex
from los_adapters.cipher.local import LocalWrap
from los_adapters.clock import FixedClock
from los_adapters.container import wired
from los_adapters.directory import FixedDirectory, ProviderRow
from los_adapters.employment.memory import MemoryEmployment
from los_adapters.entropy import SystemEntropy
from los_adapters.esign.memory import MemorySigner
from los_adapters.forms import RegistryForms
from los_adapters.heads.memory import MemoryHeads
from los_adapters.identity.memory import MemoryIdentity
from los_adapters.jobs import attempts
from los_adapters.keys import Keys, new_key
from los_adapters.limiter.divided import DividedLimiter
from los_adapters.limiter.memory import MemoryLimiter
from los_adapters.message.memory import MemoryMessages
from los_adapters.passwords.codes import KeyedHasher
from los_adapters.passwords.memory import MemoryFactor, MemoryPasswords
from los_adapters.payment.memory import MemoryPayments
from los_adapters.payout.memory import MemoryBank
from los_adapters.pdf.memory import MemoryLetters
from los_adapters.picture.memory import MemoryPictures
from los_adapters.sandbox import vendors
from los_adapters.statement.memory import MemoryStatementReader
from los_adapters.storage.disk import DiskStorage
from los_adapters.storage.links import Files
from los_adapters.storage.memory import MemoryStorage
from los_adapters.store.engine import connect
from los_adapters.store.limits import SqlLimiter
from los_adapters.store.schema import create
from los_adapters.store.work import SqlStore
from los_adapters.tokens.jwt import JwtTokens
from los_core.domain.brand import Brand, Officer, Settings
from los_core.domain.charges import FeeRule
from los_core.domain.due_rules import FixedDay
from los_core.domain.ids import JobId, LoanId, PayoutId
from los_core.domain.loan import Loan
from los_core.domain.offers import LoanProduct
from los_core.domain.policies import DayCount, Method
from los_core.domain.pricing import Product
from los_core.ports import directory as ports
from los_core.ports.audit import HeadLog
from los_core.ports.directory import Chosen
from los_core.ports.errors import ProviderError
from los_core.ports.pdf import Letters
from los_core.services import Services
from los_http.app import create_app

PASSWORD: Final = "Sahyadri-monsoon-2026"
ISSUER: Final = "http://los.test"
OFFICER: Final = Officer(name="Meera Iyer", phone="02067001234", email="care@lender.example")
PATIENCE: Final = 50
"""How many times as often as others the tests may call within a minute: the clock stands still."""
GATEWAY: Final = vendors.settings("razorpay", "http://127.0.0.1/razorpay")


@attrs.define(kw_only=True)
class Fakes:
    """The vendors that are played."""

    identity: MemoryIdentity = attrs.field(factory=MemoryIdentity)
    employment: MemoryEmployment = attrs.field(factory=MemoryEmployment)
    accounts: MemoryAccounts = attrs.field(factory=MemoryAccounts)
    bureau: MemoryBureau = attrs.field(factory=MemoryBureau)
    signer: MemorySigner = attrs.field(factory=MemorySigner)
    payments: MemoryPayments = attrs.field(factory=MemoryPayments)
    bank: MemoryBank = attrs.field(factory=MemoryBank)
    messages: MemoryMessages = attrs.field(factory=MemoryMessages)


@attrs.define(kw_only=True)
class Installation:
    """What is asked, and what is behind it."""

    store: SqlStore
    engine: Any
    services: Services
    clock: FixedClock
    factor: MemoryFactor
    keys: Keys
    fakes: Fakes
    app: Litestar
    ours: Lender
    theirs: Lender
    people: int = 0
    dead_letter: JobId | None = None

    def run_jobs(self, minutes: int = 0) -> None:
        """Run what is due now, and what falls due within some minutes."""
        handlers = self.services.handlers()
        for _ in range(minutes * 6 + 1):
            while due := self.store.platform.claim_jobs(
                limit=1, now=self.clock.now(), lease_s=attempts.LEASE_S, worker="test"
            ):
                done = attempts.run(
                    due[0],
                    handlers,
                    platform=self.store.platform,
                    clock=self.clock,
                    jitter=lambda: 1.0,
                )
                if done.error is not None and not isinstance(done.error, ProviderError):
                    raise done.error
            if minutes:
                self.clock.advance(timedelta(seconds=10))

    def payout_id(self, lender: Lender, who: Borrower) -> PayoutId | None:
        """Return the id of a borrower's first payout, None if there is none."""
        if who.loan_id is None:
            return None
        with self.services.begin(lender.id) as uow:
            found = uow.payouts.of_loan(who.loan_id)
        return found[0].id if found else None

    def loan(self, lender: Lender, loan_id: LoanId) -> Loan:
        with self.services.begin(lender.id) as uow:
            found = uow.loans.get(loan_id)
        assert found is not None
        return found

    def secrets(self) -> tuple[str, ...]:
        """What no refusal may ever show."""
        people = [
            b.person for lender in (self.ours, self.theirs) for b in lender.borrowers.values()
        ]
        staff = [secret for lender in (self.ours, self.theirs) for secret in lender.totp.values()]
        gateway = [str(GATEWAY[name]) for name in ("key_secret", "webhook_secret")]
        return (PASSWORD, *staff, *gateway, *(text for who in people for text in who.secrets))


@attrs.frozen(kw_only=True)
class Wired:
    """Every service over an SQL store, and what it is wired to."""

    store: SqlStore
    services: Services
    factor: MemoryFactor


def services_over(
    engine: Any,
    keys: Keys,
    *,
    clock: FixedClock,
    directory: FixedDirectory,
    storage: Any,
    heads: HeadLog,
    letters: Letters | None = None,
) -> Wired:
    """Wire the services over a database, with fakes for what is not asked about."""
    entropy = SystemEntropy()
    cipher = AesCipher(LocalWrap(keys.kek))
    store = SqlStore(engine, cipher=cipher, clock=clock, entropy=entropy)
    factor = MemoryFactor(entropy)
    services = wired(
        begin=store.begin,
        platform=store.platform,
        clock=clock,
        entropy=entropy,
        indexes=KeyedIndex(keys.blind_index.secret),
        secrets=store.secrets,
        tokens=JwtTokens(keys.jwt, issuer=ISSUER, clock=clock, entropy=entropy),
        hasher=KeyedHasher(keys.code.secret),
        passwords=MemoryPasswords(entropy),
        second_factor=factor,
        limiter=DividedLimiter(
            lasting=SqlLimiter(engine, clock), passing=MemoryLimiter(clock=clock, factor=PATIENCE)
        ),
        directory=directory,
        storage=storage,
        letters=letters or MemoryLetters(),
        reader=MemoryStatementReader(),
        pictures=MemoryPictures(),
        heads=heads,
        cache=MemoryCache(timer=time.monotonic),
        vendors=RegistryForms(),
        public_url=ISSUER,
    )
    return Wired(store=store, services=services, factor=factor)


@contextmanager
def opened(
    url: str,
    *,
    keys: Keys | None = None,
    folder: Path | None = None,
    letters: Letters | None = None,
) -> Iterator[Installation]:
    """Yield an installation on an empty database, with two lenders and their product."""
    engine = connect(url)
    create(engine)
    clock, fakes = FixedClock(), Fakes()
    keys = keys or Keys.parse({field.name: new_key("test") for field in attrs.fields(Keys)})
    storage: Files = MemoryStorage(clock=clock)
    if folder is not None:
        storage = DiskStorage(folder, link_key=keys.link.secret, clock=clock)
    gateway = registry.opened(
        "payment",
        ProviderRow(name="razorpay", settings=GATEWAY),
        transport=httpx.MockTransport(lambda _: httpx.Response(503)),
    )
    over = services_over(
        engine,
        keys,
        clock=clock,
        directory=_directory(fakes, gateway.adapter, gateway.account),
        storage=storage,
        heads=MemoryHeads(),
        letters=letters,
    )
    app = create_app(over.services, threads=4, files=storage)
    made = Installation(
        store=over.store,
        engine=engine,
        services=over.services,
        clock=clock,
        factor=over.factor,
        keys=keys,
        fakes=fakes,
        app=app,
        ours=Lender(brand=_brand(over.services, "bharat")),
        theirs=Lender(brand=_brand(over.services, "other")),
    )
    fakes.bureau.today = clock.business_date
    yield made
    gateway.close()
    over.store.close()


def _directory(fakes: Fakes, gateway: Any, account: str) -> FixedDirectory:
    played: dict[str, Any] = {
        ports.IDENTITY.name: fakes.identity,
        ports.EMPLOYMENT.name: fakes.employment,
        ports.BANK_ACCOUNT.name: fakes.accounts,
        ports.BUREAU.name: fakes.bureau,
        ports.ESIGN.name: fakes.signer,
        ports.PAYMENT.name: fakes.payments,
        ports.PAYOUT.name: fakes.bank,
        ports.MESSAGE.name: fakes.messages,
    }
    chosen = {port: [Chosen("memory", "memory-account", fake)] for port, fake in played.items()}
    chosen[ports.PAYMENT.name].append(Chosen("razorpay", account, gateway))
    return FixedDirectory(chosen)


def _brand(services: Services, code: str) -> Brand:
    brand = Brand(
        id=services.brands.new_brand_id(),
        code=code,
        subdomain=code,
        name=f"{code.title()} Credit",
        lender=f"{code}-finance",
        legal_name=f"{code.title()} Finance Private Limited",
        rbi_reg_no="N-13.02345",
        address="4th Floor, Sahyadri House, Pune 411016",
        gst_state="MH",
        grievance_officer=OFFICER,
        nodal_officer=OFFICER,
    )
    product = LoanProduct(
        code="SALARY_EMI",
        name="Salaried personal loan",
        min_amount=10_000_00,
        max_amount=60_000_00,
        step=1_000_00,
        tenures=(3, 6, 9, 12),
        price=Product(
            method=Method.REDUCING,
            rate_pct=Decimal(24),
            due_rule=FixedDay(cycle_days=(5,), min_first_gap_days=15),
            fee_rule=FeeRule(pct=Decimal("2.5"), minimum=500_00, maximum=5_000_00),
            day_count=DayCount.MONTHLY,
        ),
    )
    services.brands.create(brand, Settings(), products=[product])
    return brand
