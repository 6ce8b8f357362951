"""Settings of one installation: their names, where they come from, what production refuses.

`LOS_ENV` selects the file `.env.<env>` of the current folder; the process environment wins over it.
The embedded default needs no variable at all. What a brand may choose for itself lives in its rows,
and vendors' credentials beside them: neither is here. `python -m los_adapters.config` prints
`.env.example`.
"""

import os
import sys
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import attrs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from los_adapters.keys import EMBEDDED_KEY_ID, KEY_BYTES, Keys, embedded_keys, parse_ring

PREFIX = "LOS_"
PRODUCTION = "production"
TEST_DATABASE = "los_test_"
_TEST_CREDENTIALS = ("rzp_test_",)


class SettingsRefused(Exception):
    """The settings cannot be used: every fault, each with the variable that mends it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n  ".join(["the settings are refused:", *faults]))
        self.faults = faults


_GROUP = ConfigDict(
    extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
)


def _checked_database(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("starts with sqlite:/// or postgresql+psycopg://")
    return url


def _checked_redis(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("starts with redis://, rediss:// or unix://")
    return url


def _checked_broker(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("amqp://", "amqps://")):
        raise ValueError("starts with amqp:// or amqps://")
    return url


def _checked_ring(text: SecretStr) -> SecretStr:
    parse_ring(text.get_secret_value())
    return text


def _checked_key(text: SecretStr) -> SecretStr:
    if len(parse_ring(text.get_secret_value())) > 1:
        raise ValueError("holds one key: changing it means computing again what it made")
    return text


DatabaseUrl = Annotated[SecretStr, AfterValidator(_checked_database)]
RedisUrl = Annotated[SecretStr, AfterValidator(_checked_redis)]
BrokerUrl = Annotated[SecretStr, AfterValidator(_checked_broker)]
RingText = Annotated[SecretStr, AfterValidator(_checked_ring)]
KeyText = Annotated[SecretStr, AfterValidator(_checked_key)]


def _split(text: object) -> object:
    return tuple(filter(None, map(str.strip, text.split(",")))) if isinstance(text, str) else text


CommaText = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_split)]


class DatabaseSettings(BaseModel):
    """Where the rows are."""

    model_config = _GROUP

    url: DatabaseUrl = SecretStr("sqlite:///var/los.db")
    """The database, as the application's own role: sqlite:/// or postgresql+psycopg://."""
    owner_url: DatabaseUrl | None = None
    """The same database as the owner of its tables, for `los migrate`; unset: the URL above."""
    pool: Annotated[int, Field(ge=1)] = 20
    """Connections per process, no overflow; processes times pool stay below max_connections."""
    pool_wait_s: Annotated[float, Field(gt=0)] = 2.0
    """Seconds to wait for a free connection; then the answer is 503."""


class RedisSettings(BaseModel):
    """A cache shared by several processes."""

    model_config = _GROUP

    url: RedisUrl | None = None
    """redis:// or rediss://…; unset: each process keeps a cache of its own."""


class BrokerSettings(BaseModel):
    """A queue in front of the job table."""

    model_config = _GROUP

    url: BrokerUrl | None = None
    """amqp:// or amqps://user:password@host/vhost; unset: workers look into the job table."""


class JobSettings(BaseModel):
    """What happens later."""

    model_config = _GROUP

    kept_days: Annotated[int, Field(ge=7, le=3650)] = 30
    """Days a finished job is kept; for as long it cannot be asked for a second time."""


class StorageSettings(BaseModel):
    """Where files are."""

    model_config = _GROUP

    kind: Literal["disk", "s3"] = "disk"
    """disk: a folder of this machine; s3: a bucket of an object store."""
    folder: Path = Path("var/files")
    """The folder, for disk."""
    bucket: str | None = None
    """The bucket, for s3."""
    region: str = "ap-south-1"
    """The bucket's region: borrowers' data stay in India."""
    endpoint_url: str | None = None
    """An S3-compatible store's address; unset: AWS itself."""
    access_key_id: str | None = None
    """Unset: what the AWS SDK finds by itself (a role, a profile)."""
    secret_access_key: SecretStr | None = None
    """The secret of the access key."""

    @model_validator(mode="after")
    def _bucket_is_named(self) -> Self:
        if self.kind == "s3" and not self.bucket:
            raise ValueError("s3 needs the name of a bucket")
        return self


class KeySettings(BaseModel):
    """Keys as `<id>:<32 bytes in base64url>`; `los keys new` makes one."""

    model_config = _GROUP

    file: Path = Path("var/keys.json")
    """Where keys that are not set here are made once and kept; never in production."""
    jwt: RingText | None = None
    """Signs access tokens. Several, by comma: the first signs, the others are still believed."""
    kek: RingText | None = None
    """Wraps each brand's data key. Several, by comma: the first wraps, all of them unwrap."""
    kek_file: Path | None = None
    """A file with that text, which only its owner can read, in place of the variable."""
    blind_index: KeyText | None = None
    """Makes PAN and phone findable by full value."""
    code: KeyText | None = None
    """Keys the hash of one-time codes."""
    link: KeyText | None = None
    """Signs the download addresses of files on disk."""
    audit: RingText | None = None
    """Proves heads of the audit chain. Several, by comma: the first signs, all of them prove."""

    @model_validator(mode="before")
    @classmethod
    def _kek_is_read(cls, given: object) -> object:
        """Read the ring that is kept in a file, as secrets are mounted into a machine."""
        if not isinstance(given, dict) or not (name := given.get("kek_file")):
            return given
        if given.get("kek"):
            raise ValueError("kek and kek_file: one of them")
        path = Path(name)
        if not path.is_file():
            raise ValueError("kek_file: there is no such file")
        if path.stat().st_mode & 0o077:
            raise ValueError(f"kek_file: others can read it: chmod 600 {path}")
        return {**given, "kek": path.read_text().strip()}


class KmsSettings(BaseModel):
    """A key of AWS KMS that wraps each brand's data key; `pip install 'los[aws]'`."""

    model_config = _GROUP

    key: Annotated[str, Field(pattern="^arn:aws:kms:")] | None = None
    """The key's ARN; unset: LOS_KEYS__KEK wraps. Set, the keys named there only unwrap."""
    region: str = "ap-south-1"
    """The key's region."""
    endpoint_url: str | None = None
    """Another address of the service, such as a private one; unset: AWS itself."""
    access_key_id: str | None = None
    """Unset: what the AWS SDK finds by itself (a role, a profile)."""
    secret_access_key: SecretStr | None = None
    """The secret of the access key."""


class HttpSettings(BaseModel):
    """The API's server."""

    model_config = _GROUP

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """The port to listen on; 0: any free one."""
    public_url: str = "http://127.0.0.1:8000"
    """How vendors and customers reach this API: callbacks and links begin with it."""
    brand_domain: Annotated[str, Field(pattern=r"^([a-z0-9-]+(\.[a-z0-9-]+)*)?$")] = "localhost"
    """Hosts one label below it are brands' own, by their subdomain; empty: there are none."""
    hosts: CommaText = ()
    """Other host names that are served, by comma; empty: any."""
    trusted_proxies: Networks = ()
    """Networks of our own reverse proxies, by comma: only they may tell a client's address."""
    threads: Annotated[int, Field(ge=1)] = 64
    """Handlers that run at the same time in one process."""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    """Processes that serve the port together; each has its own threads and database pool."""
    notice_s: Annotated[float, Field(ge=0, le=20)] = 0.0
    """Seconds between being no longer ready and accepting no more: the balancer's interval."""


class ProviderSettings(BaseModel):
    """Which outside world the vendors' adapters speak to."""

    model_config = _GROUP

    mode: Literal["embedded", "live"] = "embedded"
    """embedded: the sandbox imitates every vendor; live: the vendors themselves."""
    sandbox_url: str = "http://127.0.0.1:8900"
    """Where the sandbox listens, for embedded."""


class AuditSettings(BaseModel):
    """What the audit chain is proved by."""

    model_config = _GROUP

    folder: Path | None = None
    """Where heads of the chain are written, best append-only; unset: `audit` among the files."""


class CronSettings(BaseModel):
    """What happens by the clock."""

    model_config = _GROUP

    lease_s: Annotated[float, Field(gt=0)] = 60.0
    """Seconds without a word after which another worker takes over a scheduled run."""


class MetricsSettings(BaseModel):
    """Figures for Prometheus; `pip install 'los[metrics]'`."""

    model_config = _GROUP

    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """The port of `los serve` they are told on, for one process; unset: they are not told."""
    host: str = "127.0.0.1"
    """The address to listen on: nothing guards it but who can reach it."""


class LogSettings(BaseModel):
    """What the processes say."""

    model_config = _GROUP

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least severe level that is written."""
    format: Literal["console", "json"] = "console"
    """console: for people; json: one object a line, for machines."""


class Settings(BaseSettings):
    """Everything an installation can be told; use `load`, which also checks it as a whole."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    env: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")] = "embedded"
    """The name of this installation: its settings are read from .env.<name>."""
    clock_file: Path | None = None
    """A file that moves the business date (var/clock), where database and vendors are embedded."""
    failpoint: Annotated[str, Field(pattern=r"^([a-z][a-z_. ]*(:[1-9]\d*)?)?$")] = ""
    """Where the process is to die, for tests: a name of los_adapters.failpoints, or name:nth."""
    db: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    broker: BrokerSettings = BrokerSettings()
    jobs: JobSettings = JobSettings()
    storage: StorageSettings = StorageSettings()
    keys: KeySettings = KeySettings()
    kms: KmsSettings = KmsSettings()
    http: HttpSettings = HttpSettings()
    providers: ProviderSettings = ProviderSettings()
    audit: AuditSettings = AuditSettings()
    cron: CronSettings = CronSettings()
    metrics: MetricsSettings = MetricsSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 # ours reads .env.<env>
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 # one place is enough
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then the process environment, then the file that LOS_ENV names."""
        env = os.environ.get(f"{PREFIX}ENV") or cls.model_fields["env"].default
        file = DotEnvSettingsSource(settings_cls, env_file=f".env.{env}")
        return init_settings, env_settings, file

    @property
    def is_production(self) -> bool:
        """Whether this installation moves real money."""
        return self.env == PRODUCTION


def load() -> Settings:
    """Read the settings for `LOS_ENV` and check them as a whole.

    Raises: SettingsRefused: names every fault and the variable that mends it, never a value.
    """
    try:
        settings = Settings()
    except ValidationError as err:
        raise SettingsRefused(
            [f"{_variable(*fault['loc'])}: {fault['msg']}" for fault in err.errors()]
        ) from None
    find = _production_faults if settings.is_production else _clock_faults
    if faults := list(find(settings)):
        raise SettingsRefused(faults)
    return settings


def load_keys(settings: Settings) -> Keys:
    """Return the keys that are set; those that are not are made once and kept in `keys.file`.

    Raises: SettingsRefused: production makes no keys; the file has become readable by others.
    """
    names = [field.name for field in attrs.fields(Keys)]
    found: dict[str, SecretStr | None] = {name: getattr(settings.keys, name) for name in names}
    texts = {name: text.get_secret_value() for name, text in found.items() if text is not None}
    if settings.kms.key is not None:
        names = [name for name in names if name != "kek"]
    if not texts.keys() >= set(names):
        if settings.is_production:
            raise SettingsRefused(list(_key_faults(settings)))
        try:
            texts = embedded_keys(settings.keys.file) | texts
        except PermissionError as err:
            raise SettingsRefused([f"{_variable('keys', 'file')}: {err}"]) from err
    return Keys.parse(texts)


def is_test_credential(value: str) -> bool:
    """Say whether a vendor gave this credential for trying things out: production refuses it."""
    return value.startswith(_TEST_CREDENTIALS)


def example() -> str:
    """Return `.env.example`: every variable with what it means, its default commented out."""
    head = (
        "# Made by `python -m los_adapters.config`: do not edit. Copy to .env.<name> and start\n"
        "# with LOS_ENV=<name>. A variable of the process wins. The defaults work as they stand;\n"
        "# LOS_ENV=production refuses the embedded ones.\n"
    )
    return "\n".join([head, *_example_lines(Settings, ())])


def _variable(*path: str | int) -> str:
    """Return the variable that sets a field; a variable that names no field is its own name."""
    name = "__".join(str(part) for part in path).upper()
    return name if name.startswith(PREFIX) else PREFIX + name


def _clock_faults(settings: Settings) -> Iterator[str]:
    url = urlsplit(settings.db.url.get_secret_value())
    embedded_store = url.scheme == "sqlite" or url.path.startswith(f"/{TEST_DATABASE}")
    embedded = embedded_store and settings.providers.mode == "embedded"
    if settings.clock_file is not None and not embedded:
        yield f"{_variable('clock_file')}: only with an embedded database and embedded vendors"


def _production_faults(settings: Settings) -> Iterator[str]:
    if settings.db.url.get_secret_value().startswith("sqlite"):
        yield f"{_variable('db', 'url')}: SQLite is for trying out: postgresql+psycopg://…"
    if settings.providers.mode == "embedded":
        yield f"{_variable('providers', 'mode')}: the sandbox moves no money: live"
    if urlsplit(settings.http.public_url).scheme != "https":
        yield f"{_variable('http', 'public_url')}: customers and vendors are reached by https://…"
    if settings.failpoint:
        yield f"{_variable('failpoint')}: production dies of itself: unset it"
    if settings.clock_file is not None:
        yield f"{_variable('clock_file')}: production goes by the real date: unset it"
    yield from _key_faults(settings)
    for path, value in _values(settings, ()):
        if is_test_credential(value):
            yield f"{_variable(*path)}: a vendor's test credential: use the live one"


def _key_faults(settings: Settings) -> Iterator[str]:
    """Find keys that are missing, made for the embedded default, guessable or used twice."""
    used: dict[bytes, str] = {}
    for field in attrs.fields(Keys):
        variable = _variable("keys", field.name)
        text: SecretStr | None = getattr(settings.keys, field.name)
        if text is None:
            if field.name != "kek" or settings.kms.key is None:
                yield f"{variable}: missing: `los keys new` makes one"
            continue
        for key in parse_ring(text.get_secret_value()):
            if key.id == EMBEDDED_KEY_ID:
                yield f"{variable}: made for the embedded default: `los keys new` makes another"
            elif len(set(key.secret)) < KEY_BYTES // 2:
                yield f"{variable}: not random: `los keys new` makes another"
            elif used.setdefault(key.secret, variable) != variable:
                yield f"{variable}: the same key as {used[key.secret]}: one key, one use"


def _values(group: BaseModel, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Walk all the text in the settings, secrets opened."""
    for name, value in group:
        if isinstance(value, BaseModel):
            yield from _values(value, (*path, name))
        elif isinstance(value, SecretStr):
            yield (*path, name), value.get_secret_value()
        elif isinstance(value, str):
            yield (*path, name), value


def _example_lines(group: type[BaseModel], path: tuple[str, ...]) -> Iterator[str]:
    for name, field in group.model_fields.items():
        default = field.default
        if isinstance(default, BaseModel):
            yield f"# --- {(type(default).__doc__ or '').strip()}\n"
            yield from _example_lines(type(default), (*path, name))
            continue
        shown = default.get_secret_value() if isinstance(default, SecretStr) else default
        yield f"# {field.description}"
        if isinstance(shown, tuple):
            shown = ",".join(map(str, shown))
        yield f"# {_variable(*path, name)}={'' if shown is None else shown}\n"


if __name__ == "__main__":
    sys.stdout.write(example())
