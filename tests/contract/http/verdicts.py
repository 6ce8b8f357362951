"""Whether an answer is a refusal as it must be, and whether it left everything as it was."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import attrs
import httpx
from sqlalchemy import Connection
from tests.contract.http.asks import Case
from tests.contract.http.installation import Installation
from tests.contract.http.samples import SENSITIVE

from los_adapters.store.columns import metadata
from los_adapters.store.engine import reading
from los_http.middleware import SECURITY_HEADERS

LARGEST: Final = 20_000
"""Bytes of a refusal: whatever was sent, it is not sent back."""
PHRASES: Final = {known.value: known.phrase for known in HTTPStatus} | {
    413: "Content Too Large",
    422: "Unprocessable Content",
}
"""As RFC 9110 has them; some releases of the library have the words of its predecessor."""
TRACES: Final = frozenset(("audit", "audit_unsealed", "rate_limit"))
"""Where it is written that somebody was refused, and how often they tried."""
KEYS: Final = {"statusCode", "message", "error", "timestamp", "path", "code"}
INSIDES: Final = re.compile(
    r"Traceback|File \"|sqlalchemy|sqlite|psycopg|postgres|litestar|msgspec"
    r"|los_(core|http|adapters)|SELECT |INSERT |UPDATE |DELETE |WHERE | at 0x|\.py\b|Errno",
    re.IGNORECASE,
)


def faults_of(case: Case, answer: httpx.Response, secrets: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with the answer to a case, nothing if it is as it must be."""
    if answer.status_code not in case.status:
        yield f"status {answer.status_code}, not {case.status}: {answer.text[:200]}"
        return
    yield from _header_faults(case, answer)
    if case.ask.method == "HEAD":
        return
    yield from _body_faults(case, answer)
    text = answer.text
    if len(answer.content) > LARGEST:
        yield f"an answer of {len(answer.content)} bytes"
    if found := INSIDES.search(text):
        yield f"tells of its insides: {found[0]!r} in {text[:200]}"
    yield from (f"tells {secret!r}" for secret in secrets if secret in text)


def told_values(sample: Any) -> Iterator[str]:
    """Yield the values of a body that are nobody's business but the sender's."""
    if isinstance(sample, dict):
        for name, value in sample.items():
            if name in SENSITIVE and isinstance(value, str):
                yield value
            yield from told_values(value)


def essence(answer: httpx.Response) -> dict[str, Any]:
    """Return what of a refusal must be the same for what is missing and what is foreign."""
    body: dict[str, Any] = answer.json()
    return {
        name: body.get(name) for name in (*KEYS, "details") if name not in ("timestamp", "path")
    }


def _header_faults(case: Case, answer: httpx.Response) -> Iterator[str]:
    wanted = [(name.decode(), value.decode()) for name, value in SECURITY_HEADERS]
    for name, value in (*wanted, ("cache-control", "no-store")):
        if answer.headers.get(name) != value:
            yield f"header {name}: {answer.headers.get(name)}"
    if answer.headers.get("content-type") != "application/json":
        yield f"content type {answer.headers.get('content-type')}"
    if not answer.headers.get("x-request-id"):
        yield "no request id"
    wanted_401 = answer.status_code == 401 and case.code != "BAD_SIGNATURE"
    if wanted_401 and "www-authenticate" not in answer.headers:
        yield "no WWW-Authenticate"
    if answer.status_code == 405 and not answer.headers.get("allow"):
        yield "no Allow"
    if "server" in answer.headers or "x-powered-by" in answer.headers:
        yield "names the server"


def _body_faults(case: Case, answer: httpx.Response) -> Iterator[str]:
    body = json.loads(answer.content)
    if set(body) - {"details"} != KEYS:
        yield f"fields {sorted(body)}"
        return
    status = answer.status_code
    if (body["statusCode"], body["error"]) != (status, PHRASES.get(status)):
        yield f"{body['statusCode']} {body['error']}"
    if datetime.fromisoformat(body["timestamp"]).utcoffset() is None:
        yield f"timestamp {body['timestamp']}"
    if body["path"] != answer.request.url.path:
        yield f"path {body['path']!r}, not {answer.request.url.path!r}"
    if case.code and body["code"] != case.code:
        yield f"code {body['code']}, not {case.code}: {body['message']}"
    yield from _message_faults(case, body["message"])


def _message_faults(case: Case, message: Any) -> Iterator[str]:
    if isinstance(message, str):
        if case.fields is not None or not message:
            yield f"fields {case.fields} are not named: {message!r}"
        return
    if not message or any(set(fault) != {"field", "message"} for fault in message):
        yield f"message {message}"
    named = {re.sub(r"\[.*", "", fault["field"]) for fault in message}
    if case.fields is not None and named != set(case.fields):
        yield f"names {sorted(named)}, not {case.fields}"
    if not all(fault["message"] for fault in message):
        yield f"says nothing: {message}"


@attrs.define
class Books:
    """All tables, and what was asked of vendors: to be compared before and after a request.

    Both databases can tell whether anything was written at all; where nothing was, the tables are
    not read again. SQLite counts commits; on PostgreSQL a trigger of our own counts statements.
    """

    made: Installation
    _reader: Connection = attrs.field(init=False)
    _seen: int = attrs.field(init=False, default=-1)
    _latest: dict[str, tuple[int, str]] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self._reader = reading(self.made.engine).connect()
        if self._on_postgresql:
            with self._reader.begin():
                self._count_statements()

    def close(self) -> None:
        self._reader.close()

    def read(self) -> dict[str, tuple[int, str]]:
        """Return (rows, hash of the rows in order) by table, and the outside's counts."""
        with self._reader.begin():
            asked = (
                "SELECT last_value FROM touched" if self._on_postgresql else "PRAGMA data_version"
            )
            [version] = self._reader.exec_driver_sql(asked).one()
            if version != self._seen:
                self._seen, self._latest = version, self._tables()
        return self._latest | self._outside()

    @property
    def _on_postgresql(self) -> bool:
        return self._reader.dialect.name == "postgresql"

    def _tables(self) -> dict[str, tuple[int, str]]:
        if self._on_postgresql:
            return {name: (rows, hashed) for name, rows, hashed in self._hashed_there()}
        driver = self._reader.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        found = {}
        for name in metadata.tables:
            rows = sorted(map(repr, driver.execute(f'SELECT * FROM "{name}"')))  # noqa: S608 - our own names
            found[name] = len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return found

    def _hashed_there(self) -> Iterable[Any]:
        """Let PostgreSQL hash its tables, in one question."""
        each = (
            f"SELECT '{name}', count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE"  # noqa: S608
            f' "C")) FROM "{name}" AS t'
            for name in metadata.tables
        )
        return self._reader.exec_driver_sql(" UNION ALL ".join(each))

    def _count_statements(self) -> None:
        """Have every statement that writes raise a sequence, which no rollback takes back."""
        run = self._reader.exec_driver_sql
        run("CREATE SEQUENCE touched")
        run(
            "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
            " $$ BEGIN PERFORM nextval('touched'); RETURN NULL; END $$"
        )
        for name in metadata.tables:
            run(
                f'CREATE TRIGGER touch AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{name}"'
                " FOR EACH STATEMENT EXECUTE FUNCTION touch()"
            )

    def _outside(self) -> dict[str, tuple[int, str]]:
        fakes = self.made.fakes
        counts = {
            "messages sent": len(fakes.messages.sent),
            "orders": len(fakes.payments.orders),
            "transfers": len(fakes.bank.transfers),
            "dockets": len(fakes.signer.requests),
            "account checks": len(fakes.accounts.checks),
            "bureau pulls": len(fakes.bureau.pulls),
        }
        return {name: (count, "") for name, count in counts.items()}


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return the tables that differ."""
    return {name for name in before if before[name] != after[name]}
