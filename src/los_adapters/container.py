"""The composition root: every adapter, port and service is put together here and nowhere else.

`in_memory` needs the core's dependencies alone and is what a test of another project would use;
`embedded` and `production` build the same services over the real adapters. What they need beyond
the core is imported when they are called.
"""
# ruff: noqa: PLC0415 - in_memory() works where only the core's dependencies are installed

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from los_adapters import failpoints
from los_adapters.bankaccount.memory import MemoryAccounts
from los_adapters.bureau.memory import MemoryBureau
from los_adapters.cache.memory import MemoryCache
from los_adapters.cipher.index import KeyedIndex
from los_adapters.cipher.memory import MemorySecrets
from los_adapters.clock import FileClock, FixedClock, WallClock
from los_adapters.directory import BrandDirectory, FixedDirectory, Opened
from los_adapters.directory import ProviderRow as DirectoryRow
from los_adapters.employment.memory import MemoryEmployment
from los_adapters.entropy import SeededEntropy, SystemEntropy
from los_adapters.esign.memory import MemorySigner
from los_adapters.forms_memory import MemoryForms
from los_adapters.heads.memory import MemoryHeads
from los_adapters.identity.memory import MemoryIdentity
from los_adapters.jobs import attempts
from los_adapters.jobs.table import TableSource
from los_adapters.limiter.divided import DividedLimiter
from los_adapters.limiter.memory import MemoryLimiter
from los_adapters.message.memory import MemoryMessages
from los_adapters.passwords.codes import KeyedHasher
from los_adapters.passwords.memory import MemoryFactor, MemoryPasswords
from los_adapters.payment.memory import MemoryPayments
from los_adapters.payout.memory import MemoryBank
from los_adapters.pdf.memory import MemoryLetters
from los_adapters.picture.memory import MemoryPictures
from los_adapters.statement.memory import MemoryStatementReader
from los_adapters.storage.links import Files
from los_adapters.storage.memory import MemoryStorage
from los_adapters.store.memory import MemoryStore
from los_adapters.tokens.memory import MemoryTokens
from los_core.domain.errors import Busy
from los_core.domain.ids import BrandId
from los_core.domain.record_kinds import BLOCKLIST, COUPONS, HOLIDAYS, OWN_ACCOUNTS
from los_core.ports.audit import HeadLog
from los_core.ports.blindindex import BlindIndex
from los_core.ports.cache import Cache
from los_core.ports.cipher import KeyWrap, Secrets
from los_core.ports.clock import Clock
from los_core.ports.directory import (
    BANK_ACCOUNT,
    BUREAU,
    EMPLOYMENT,
    ESIGN,
    IDENTITY,
    MESSAGE,
    PAYMENT,
    PAYOUT,
    Chosen,
    Directory,
)
from los_core.ports.entropy import Entropy
from los_core.ports.errors import ProviderError, Unavailable
from los_core.ports.jobs import JobPublisher, JobSource
from los_core.ports.limiter import Limiter
from los_core.ports.passwords import CodeHasher, Passwords, SecondFactor
from los_core.ports.pdf import Letters
from los_core.ports.pictures import Pictures
from los_core.ports.statement import StatementReader
from los_core.ports.tokens import Tokens
from los_core.ports.vendors import Vendors
from los_core.ports.work import Begin, Platform
from los_core.services import Services, coupons, jobs, settings_checks
from los_core.services.access_log import AccessLog
from los_core.services.agreements import Agreements
from los_core.services.applications import Applications
from los_core.services.appraisal import Appraisal
from los_core.services.approvals import Approvals
from los_core.services.arrears import Arrears
from los_core.services.attendance import Attendance
from los_core.services.audit import Audit
from los_core.services.banking import Banking
from los_core.services.belongings import Belongings
from los_core.services.blocklist import Blocklist
from los_core.services.bookkeeping import Bookkeeping
from los_core.services.brand_rules import BrandRules
from los_core.services.brands import Brands
from los_core.services.calendar_changes import CalendarChanges
from los_core.services.call_log import CallLog
from los_core.services.casework import Casework
from los_core.services.catalogue import Catalogue
from los_core.services.closure import Closure
from los_core.services.composing import Composer
from los_core.services.decisions import Decisions
from los_core.services.disbursals import Disbursals
from los_core.services.erasures import Erasures
from los_core.services.housekeeping import JOBS_KEPT, Housekeeping
from los_core.services.identity import Identity
from los_core.services.keys import Keys
from los_core.services.messaging import Messaging
from los_core.services.notifying import Notifications
from los_core.services.offering import Offering
from los_core.services.onboarding import Onboarding
from los_core.services.own_accounts import OwnAccounts
from los_core.services.payout_outcomes import PayoutOutcomes
from los_core.services.providers import Providers
from los_core.services.published import Published
from los_core.services.record_approvals import RecordApprovals
from los_core.services.records import Records
from los_core.services.remembered import Remembered
from los_core.services.repayments import Repayments
from los_core.services.rulings import Rulings
from los_core.services.selfcheck import Selfcheck
from los_core.services.sessions import Sessions
from los_core.services.settlements import Settlements
from los_core.services.staff import Staffing
from los_core.services.staff_login import StaffLogin
from los_core.services.staff_secrets import StaffSecrets
from los_core.services.targets import Targets
from los_core.services.trails import Trails
from los_core.services.transfers import Transfers
from los_core.services.underwriting import Underwriting
from los_core.services.uploads import Uploads
from los_core.services.webhooks import Webhooks

if TYPE_CHECKING:
    from dependency_injector.containers import DynamicContainer
    from pydantic import SecretStr

    from los_adapters.config import Settings
    from los_adapters.keys import Key
    from los_adapters.metrics import Figure, Metrics
    from los_adapters.store.rotation import Rotation

MEMORY_URL: Final = "http://los.test"
ACCOUNT: Final = "memory-account"
_SQLITE: Final = "sqlite:///"


@attrs.frozen(kw_only=True)
class InMemory:
    """The services over fakes that can be scripted, asked and looked into.

    The fakes carry the names of their ports; each has a `script` of failures to come.
    """

    services: Services
    clock: FixedClock
    entropy: Entropy
    store: MemoryStore
    storage: MemoryStorage
    second_factor: MemoryFactor
    bank_account: MemoryAccounts
    bureau: MemoryBureau
    employment: MemoryEmployment
    esign: MemorySigner
    identity: MemoryIdentity
    message: MemoryMessages
    payment: MemoryPayments
    payout: MemoryBank

    def run_jobs(self, limit: int = 1000) -> int:
        """Run jobs that are due, and those they lead to, until none is; return how many ran.

        A job whose vendor could not serve it waits in the table for its next run: let the clock
        advance and run again. Any other error is raised: in a test it is a finding.
        """
        handlers = self.services.handlers()
        ran = 0
        while ran < limit:
            due = self.store.platform.claim_jobs(
                limit=1, now=self.clock.now(), lease_s=attempts.LEASE_S, worker="in-memory"
            )
            if not due:
                return ran
            [job] = due
            done = attempts.run(
                job,
                handlers,
                platform=self.store.platform,
                clock=self.clock,
                jitter=lambda: 1.0,
            )
            if done.error is not None and not isinstance(done.error, ProviderError | Busy):
                raise done.error
            ran += 1
        return ran


def in_memory(
    *,
    clock: FixedClock | None = None,
    entropy: Entropy | None = None,
    public_url: str = MEMORY_URL,
    patience: int = 1,
) -> InMemory:
    """Return every service over fakes, and the fakes. Nothing outlives the object.

    Unless given, the clock stands at noon of 25 November 2026 in India, and ids repeat themselves
    from run to run. A brand has to be created first, as anywhere. Limits on attempts are `patience`
    times as wide as a lender's, for tests that call often while the clock stands.
    """
    clock = clock or FixedClock()
    entropy = entropy or SeededEntropy()
    store = MemoryStore(clock=clock, entropy=entropy)
    storage = MemoryStorage(clock=clock)
    factor = MemoryFactor(entropy)
    fakes: dict[str, Any] = {
        BANK_ACCOUNT.name: MemoryAccounts(),
        BUREAU.name: MemoryBureau(today=clock.business_date),
        EMPLOYMENT.name: MemoryEmployment(),
        ESIGN.name: MemorySigner(),
        IDENTITY.name: MemoryIdentity(),
        MESSAGE.name: MemoryMessages(),
        PAYMENT.name: MemoryPayments(),
        PAYOUT.name: MemoryBank(),
    }
    directory = FixedDirectory(
        {port: [Chosen("memory", ACCOUNT, fake)] for port, fake in fakes.items()}
    )
    services = wired(
        begin=store.begin,
        platform=store.platform,
        clock=clock,
        entropy=entropy,
        indexes=KeyedIndex(entropy.token().encode()),
        secrets=MemorySecrets(),
        tokens=MemoryTokens(clock=clock, entropy=entropy),
        hasher=KeyedHasher(entropy.token().encode()),
        passwords=MemoryPasswords(entropy),
        second_factor=factor,
        limiter=MemoryLimiter(clock=clock, factor=patience),
        directory=directory,
        storage=storage,
        letters=MemoryLetters(),
        reader=MemoryStatementReader(),
        pictures=MemoryPictures(),
        heads=MemoryHeads(),
        cache=MemoryCache(timer=lambda: clock.now().timestamp()),
        vendors=MemoryForms(),
        public_url=public_url,
    )
    return InMemory(
        services=services,
        clock=clock,
        entropy=entropy,
        store=store,
        storage=storage,
        second_factor=factor,
        bank_account=fakes[BANK_ACCOUNT.name],
        bureau=fakes[BUREAU.name],
        employment=fakes[EMPLOYMENT.name],
        esign=fakes[ESIGN.name],
        identity=fakes[IDENTITY.name],
        message=fakes[MESSAGE.name],
        payment=fakes[PAYMENT.name],
        payout=fakes[PAYOUT.name],
    )


def wired(
    *,
    begin: Begin,
    platform: Platform,
    clock: Clock,
    entropy: Entropy,
    indexes: BlindIndex,
    secrets: Secrets,
    tokens: Tokens,
    hasher: CodeHasher,
    passwords: Passwords,
    second_factor: SecondFactor,
    limiter: Limiter,
    directory: Directory,
    storage: Files,
    letters: Letters,
    reader: StatementReader,
    pictures: Pictures,
    heads: HeadLog,
    cache: Cache,
    vendors: Vendors,
    public_url: str,
    jobs_kept: timedelta = JOBS_KEPT,
) -> Services:
    """Return the services over given ports; for others' adapters too."""
    log = AccessLog(begin=begin, platform=platform, clock=clock, entropy=entropy, limiter=limiter)
    calls = CallLog(begin, platform, log)
    begin = calls.telling
    base: dict[str, Any] = {"begin": begin, "clock": clock, "entropy": entropy}
    secure: dict[str, Any] = {**base, "platform": platform}
    sessions = Sessions(
        **base, platform=platform, tokens=tokens, hasher=hasher, limiter=limiter, log=log
    )
    login = StaffLogin(
        platform=platform,
        clock=clock,
        secrets=secrets,
        passwords=passwords,
        second_factor=second_factor,
        limiter=limiter,
        sessions=sessions,
        log=log,
    )
    brands = Brands(**secure, secrets=secrets, passwords=passwords, second_factor=second_factor)
    own_accounts = OwnAccounts(indexes=indexes)
    blocklist = Blocklist(begin=begin, clock=clock, indexes=indexes, log=log)
    appraisal = Appraisal(indexes=indexes, blocklist=blocklist)
    messaging = Messaging(**base, directory=directory, composer=Composer(storage=storage))
    books = Bookkeeping(clock=clock, entropy=entropy, messaging=messaging)
    calendar_changes = CalendarChanges(**base, books=books)
    records = Records(
        **base,
        log=log,
        prepared={
            BLOCKLIST.name: blocklist.prepare,
            OWN_ACCOUNTS.name: own_accounts.prepare,
        },
        effects={
            **settings_checks.EFFECTS,
            HOLIDAYS.name: calendar_changes.changed,
            COUPONS.name: coupons.changed,
        },
    )
    brand_rules = BrandRules(**base, log=log)
    record_approvals = RecordApprovals(records=records, rules=brand_rules)
    onboarding = Onboarding(**base, indexes=indexes, directory=directory, blocklist=blocklist)
    offering = Offering(**base, letters=letters, messaging=messaging)
    agreements = Agreements(
        **base,
        directory=directory,
        storage=storage,
        letters=letters,
        messaging=messaging,
        public_url=public_url,
    )
    disbursals = Disbursals(**base, appraisal=appraisal)
    outcomes = PayoutOutcomes(
        clock=clock,
        entropy=entropy,
        storage=storage,
        letters=letters,
        books=books,
        messaging=messaging,
    )
    rulings = Rulings(**base, outcomes=outcomes)
    repayments = Repayments(
        **base, directory=directory, letters=letters, books=books, messaging=messaging
    )
    decisions = Decisions(**base, directory=directory, appraisal=appraisal, messaging=messaging)
    belongings = Belongings(begin=begin, directory=directory)
    erasures = Erasures(**base, storage=storage, books=books, belongings=belongings)
    settlements = Settlements(**base, platform=platform, books=books, messaging=messaging)
    return Services(
        begin=begin,
        platform=platform,
        clock=clock,
        storage=storage,
        limiter=limiter,
        access_log=log,
        calls=calls,
        sessions=sessions,
        identity=Identity(
            **secure,
            indexes=indexes,
            hasher=hasher,
            limiter=limiter,
            messaging=messaging,
            sessions=sessions,
        ),
        staff_login=login,
        staff_secrets=StaffSecrets(
            **base,
            platform=platform,
            hasher=hasher,
            passwords=passwords,
            limiter=limiter,
            messaging=messaging,
            login=login,
            log=log,
        ),
        staffing=Staffing(platform=platform, clock=clock, brands=brands, log=log),
        keys=Keys(**base, hasher=hasher, limiter=limiter, log=log),
        records=records,
        calendar_changes=calendar_changes,
        onboarding=onboarding,
        banking=Banking(
            **base,
            indexes=indexes,
            directory=directory,
            storage=storage,
            reader=reader,
            onboarding=onboarding,
        ),
        applications=Applications(**base, messaging=messaging),
        decisions=decisions,
        casework=Casework(**base, decisions=decisions, messaging=messaging),
        underwriting=Underwriting(**base, messaging=messaging, offering=offering),
        offering=offering,
        agreements=agreements,
        disbursals=disbursals,
        transfers=Transfers(**base, directory=directory, outcomes=outcomes),
        rulings=rulings,
        approvals=Approvals(
            begin=begin,
            clock=clock,
            disbursals=disbursals,
            rulings=rulings,
            repayments=repayments,
            settlements=settlements,
            settings=record_approvals,
            erasures=erasures,
        ),
        record_approvals=record_approvals,
        brand_rules=brand_rules,
        providers=Providers(platform=platform, vendors=vendors, log=log),
        repayments=repayments,
        settlements=settlements,
        erasures=erasures,
        belongings=belongings,
        arrears=Arrears(
            **base, platform=platform, books=books, settlements=settlements, messaging=messaging
        ),
        catalogue=Catalogue(
            begin=begin, platform=platform, clock=clock, remembered=Remembered(cache)
        ),
        closure=Closure(**base, storage=storage, letters=letters, books=books, messaging=messaging),
        housekeeping=Housekeeping(begin=begin, clock=clock, jobs_kept=jobs_kept),
        messaging=messaging,
        notifications=Notifications(platform=platform, clock=clock),
        published=Published(begin=begin),
        targets=Targets(begin=begin, clock=clock),
        uploads=Uploads(begin=begin, storage=storage, pictures=pictures, log=log),
        trails=Trails(begin=begin, platform=platform),
        attendance=Attendance(**base, platform=platform),
        webhooks=Webhooks(
            **base,
            platform=platform,
            directory=directory,
            hasher=hasher,
            repayments=repayments,
            public_url=public_url,
        ),
        brands=brands,
        audit=Audit(begin=begin, platform=platform, clock=clock, heads=heads),
        selfcheck=Selfcheck(begin=begin, platform=platform),
    )


@attrs.frozen(kw_only=True)
class Installation:
    """The services over real adapters, and what their processes need beside them.

    Attributes:
        rotation: changes the keys that personal data are sealed by.
        files: the storage, where its download addresses are served by ourselves.
        connections_in_use: how many of the store's pool are.
        cache_ping: asks the cache's server whether it answers; None: there is none.
        close: lets go of connections; nothing may be called afterwards.
    """

    settings: "Settings"
    services: Services
    rotation: "Rotation"
    files: Files
    cache_ping: Callable[[], None] | None
    connections_in_use: Callable[[], int]
    close: Callable[[], None]

    def source(self, *, worker: str, queues: Collection[str], prefetch: int) -> JobSource:
        """Return where a worker gets the jobs of some queues.

        `worker` is its name; of `prefetch` jobs at most it hears before it claims them.
        """
        platform, clock = self.services.platform, self.services.clock
        kinds = [kind for kind in self.services.handlers() if jobs.queue_of(kind) in queues]
        if (url := self.settings.broker.url) is None:
            return TableSource(platform, clock, worker=worker, kinds=kinds)
        from los_adapters.jobs.rabbitmq import RabbitSource

        return RabbitSource(
            url.get_secret_value(),
            platform,
            clock,
            worker=worker,
            queues=queues,
            kinds=kinds,
            prefetch=prefetch,
        )

    def metrics(self) -> "Metrics | None":
        """Return the figures of this process; None where none are told.

        Raises: SettingsRefused: the library is not installed.
        """
        if self.settings.metrics.port is None:
            return None
        from los_adapters.config import SettingsRefused

        try:
            from los_adapters.metrics import Metrics
        except ImportError as err:
            raise SettingsRefused(["LOS_METRICS__PORT: pip install 'los[metrics]'"]) from err
        return Metrics(self._figures)

    def _figures(self) -> "Iterator[Figure]":
        """Yield what is asked for when somebody looks; nothing of the store while it is away."""
        from los_adapters.metrics import Figure

        calls, now = self.services.calls, self.services.clock.now()
        yield Figure("los_calls_waiting", "Calls not yet in the audit trail", calls.waiting)
        yield Figure("los_calls_lost", "Calls that never came into the audit trail", calls.lost)
        yield Figure("los_store_connections_in_use", "Of the pool", self.connections_in_use())
        try:
            backlog = self.services.platform.backlog(now)
        except Busy:
            return
        for queue in jobs.queues():
            kinds = [each for each in backlog if jobs.queue_of(each.kind) == queue]
            since = min((each.since for each in kinds if each.since is not None), default=now)
            due, buried = sum(e.due for e in kinds), sum(e.buried for e in kinds)
            age = (now - since).total_seconds()
            yield Figure("los_jobs_due", "Jobs that are due and wait", due, queue)
            yield Figure("los_jobs_oldest_seconds", "Age of the oldest of them", age, queue)
            yield Figure("los_jobs_buried", "Dead letters", buried, queue)

    def queue_ping(self) -> Callable[[], None] | None:
        """Return what asks the broker whether it answers; None where there is none."""
        if (url := self.settings.broker.url) is None:
            return None
        from los_adapters.jobs.rabbitmq import ping

        return partial(ping, url.get_secret_value())

    def publisher(self) -> JobPublisher | None:
        """Return what tells the broker of jobs; None where there is no broker."""
        if (url := self.settings.broker.url) is None:
            return None
        from los_adapters.jobs.rabbitmq import RabbitPublisher

        return RabbitPublisher(url.get_secret_value(), queues=jobs.queues(), queue_of=jobs.queue_of)


def embedded(settings: "Settings") -> Services:
    """Return the services for one machine: makes the tables that are missing."""
    return assemble(settings, create_schema=True).services


def production(settings: "Settings") -> Services:
    """Return the services over a database whose tables exist (`los migrate`)."""
    return assemble(settings, create_schema=False).services


@contextmanager
def owning(settings: "Settings") -> Iterator[Any]:
    """Open the store's engine as the owner of its tables, where the settings name one."""
    engine = _engine(settings, settings.db.owner_url or settings.db.url)
    try:
        yield engine
    finally:
        engine.dispose()


def assemble(settings: "Settings", *, create_schema: bool | None = None) -> Installation:
    """Return the installation that the settings describe.

    The schema is brought up to date unless this is production or `create_schema` says otherwise;
    then it has to be. Raises: SettingsRefused: keys are missing; SchemaRefused: the database is of
        another release; OperationalError: no database.
    """
    from los_adapters.store import schema
    from los_adapters.store.rotation import Rotation

    graph = _graph(settings)
    if create_schema if create_schema is not None else not settings.is_production:
        with owning(settings) as owner:
            schema.create(owner)
    else:
        schema.check(graph.engine())
    directory, store, cache = graph.directory(), graph.store(), graph.cache()

    def close() -> None:
        directory.close()
        cache.close()
        store.close()

    return Installation(
        settings=settings,
        services=graph.services(),
        rotation=Rotation(graph.engine(), store.keys),
        files=graph.storage(),
        cache_ping=None if settings.redis.url is None else cache.ping,
        connections_in_use=graph.engine().pool.checkedout,
        close=close,
    )


def _graph(settings: "Settings") -> "DynamicContainer":
    """Return the providers of every shared object; each is made once, when first asked for."""
    from dependency_injector.containers import DynamicContainer
    from dependency_injector.providers import ThreadSafeSingleton as Shared

    from los_adapters import registry
    from los_adapters.cipher.aes import AesCipher
    from los_adapters.config import SettingsRefused, load_keys
    from los_adapters.forms import RegistryForms
    from los_adapters.heads.disk import DiskHeads
    from los_adapters.passwords.bcrypt import BcryptPasswords
    from los_adapters.passwords.totp import TotpFactor
    from los_adapters.pdf.letters import PdfLetters
    from los_adapters.picture.pillow import PillowPictures
    from los_adapters.statement.local import LocalStatementReader
    from los_adapters.storage.disk import DiskStorage
    from los_adapters.store.limits import SqlLimiter
    from los_adapters.store.work import SqlStore
    from los_adapters.tokens.jwt import JwtTokens

    if settings.storage.kind != "disk":
        raise SettingsRefused(["LOS_STORAGE__KIND: this release keeps files on disk: disk"])
    keys = load_keys(settings)
    opener = (
        _refusing_test_credentials(registry.opened) if settings.is_production else registry.opened
    )
    reach = failpoints.dying_at(settings.failpoint) if settings.failpoint else None
    if reach is not None:
        opener = _watching(opener, reach)
    graph = DynamicContainer()
    graph.clock = Shared(_clock, settings.clock_file)
    graph.entropy = Shared(SystemEntropy)
    graph.cipher = Shared(AesCipher, Shared(_keywrap, settings, keys.kek))
    graph.engine = Shared(_engine, settings, settings.db.url, reach)
    graph.store = Shared(
        SqlStore, graph.engine, cipher=graph.cipher, clock=graph.clock, entropy=graph.entropy
    )
    graph.directory = Shared(_directory, graph.store, opener)
    graph.storage = Shared(
        DiskStorage, settings.storage.folder, link_key=keys.link.secret, clock=graph.clock
    )
    graph.cache = Shared(_cache, settings.redis.url)
    graph.services = Shared(
        wired,
        begin=graph.store.provided.begin,
        platform=graph.store.provided.platform,
        clock=graph.clock,
        entropy=graph.entropy,
        indexes=Shared(KeyedIndex, keys.blind_index.secret),
        secrets=graph.store.provided.secrets,
        tokens=Shared(
            JwtTokens,
            keys.jwt,
            issuer=settings.http.public_url,
            clock=graph.clock,
            entropy=graph.entropy,
        ),
        hasher=Shared(KeyedHasher, keys.code.secret),
        passwords=Shared(BcryptPasswords),
        second_factor=Shared(TotpFactor),
        limiter=Shared(
            DividedLimiter,
            lasting=Shared(SqlLimiter, graph.engine, clock=graph.clock),
            passing=Shared(MemoryLimiter, clock=graph.clock),
        ),
        directory=graph.directory,
        storage=graph.storage if reach is None else Shared(_watched_storage, graph.storage, reach),
        letters=Shared(PdfLetters),
        reader=Shared(LocalStatementReader),
        pictures=Shared(PillowPictures),
        heads=Shared(
            DiskHeads, settings.audit.folder or settings.storage.folder / "audit", keys.audit
        ),
        cache=graph.cache,
        vendors=RegistryForms(),
        public_url=settings.http.public_url,
        jobs_kept=timedelta(days=settings.jobs.kept_days),
    )
    return graph


def _cache(url: "SecretStr | None") -> Cache:
    if url is None:
        return MemoryCache(timer=time.monotonic)
    from los_adapters.cache.redis import RedisCache

    return RedisCache(url.get_secret_value())


def _keywrap(settings: "Settings", ring: "Sequence[Key]") -> KeyWrap:
    """Return what wraps the brands' keys: the key service if there is one, else our own keys."""
    from los_adapters.cipher.local import LocalWrap
    from los_adapters.config import SettingsRefused

    kms = settings.kms
    if kms.key is None:
        return LocalWrap(ring)
    try:
        from los_adapters.cipher.kms import KmsWrap, Succession, connect
    except ImportError as err:
        raise SettingsRefused(["LOS_KMS__KEY: pip install 'los[aws]'"]) from err
    secret = kms.secret_access_key
    client = connect(
        region=kms.region,
        endpoint_url=kms.endpoint_url,
        access_key_id=kms.access_key_id,
        secret=secret.get_secret_value() if secret is not None else None,
    )
    kept = KmsWrap(client, key=kms.key)
    return Succession(kept, LocalWrap(ring)) if ring else kept


def _clock(path: Path | None) -> Clock:
    return WallClock() if path is None else FileClock(path)


def _engine(
    settings: "Settings", database: "SecretStr", reach: failpoints.Reach | None = None
) -> Any:
    """Return the store's engine; what it is, is the store's business."""
    from los_adapters.store.engine import connect
    from los_adapters.store.watching import watch

    url = database.get_secret_value()
    if url.startswith(_SQLITE):
        Path(url.removeprefix(_SQLITE)).parent.mkdir(parents=True, exist_ok=True)
    engine = connect(url, pool_size=settings.db.pool, pool_wait_s=settings.db.pool_wait_s)
    if reach is not None:
        watch(engine, reach)
    return engine


def _directory(store: Any, opener: Callable[[str, DirectoryRow], Opened]) -> BrandDirectory:
    platform: Platform = store.platform

    def rows(brand_id: BrandId, port: str) -> list[DirectoryRow]:
        return [
            DirectoryRow(
                name=row.name,
                settings=row.settings,
                is_primary=row.is_primary,
                is_active=row.is_active,
                version=row.version,
            )
            for row in platform.provider_rows(brand_id, port)
        ]

    return BrandDirectory(rows, opener)


def _watched_storage(storage: Files, reach: failpoints.Reach) -> Files:
    watched: Files = failpoints.watched(storage, failpoints.STORAGE, reach)
    return watched


def _watching(
    opener: Callable[[str, DirectoryRow], Opened], reach: failpoints.Reach
) -> Callable[[str, DirectoryRow], Opened]:
    """Return an opener whose adapters tell of every call."""

    def opened(port: str, row: DirectoryRow) -> Opened:
        found = opener(port, row)
        return attrs.evolve(found, adapter=failpoints.watched(found.adapter, port, reach))

    return opened


def _refusing_test_credentials(
    opener: Callable[[str, DirectoryRow], Opened],
) -> Callable[[str, DirectoryRow], Opened]:
    """Return an opener that will not use what a vendor gave for trying things out."""
    from los_adapters.config import is_test_credential

    def opened(port: str, row: DirectoryRow) -> Opened:
        for field, value in row.settings.items():
            if isinstance(value, str) and is_test_credential(value):
                raise Unavailable(
                    f"{row.name}: {field} is a test credential",
                    provider=row.name,
                    code="TEST_CREDENTIAL",
                    misconfigured=True,
                )
        return opener(port, row)

    return opened
