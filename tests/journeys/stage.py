"""A demo as a test sees it: a process to start, pause, kill and resume, and the books it leaves.

`Stage` runs `los demo` with real processes. `Books` reads what is true afterwards with queries of
its own: the lender's database, and the file in which the sandbox keeps what its vendors did.
"""

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import create_engine, text

TODAY = date(2026, 11, 25)
"""The business date of every play, so that their ledgers can be compared."""
CHILDREN = ("api", "worker", "sandbox")
STEP = re.compile(r"^\s*[\d.]+s\s+(\d+)/(\d+)", re.MULTILINE)

Line = tuple[int, str, str, int]
"""Of a ledger: the loan's place in the order of loans, account, value date, paise."""


@attrs.define(kw_only=True)
class Stage:
    """One play: its folder, its database, and the driver while one runs."""

    folder: Path
    db: str = ""
    driver: "subprocess.Popen[bytes] | None" = None

    def start(self, *options: str) -> None:
        """Start the driver; `options` are those of `los demo`."""
        command = [sys.executable, "-m", "los_cli", "demo", f"--folder={self.folder}"]
        command += [f"--today={TODAY}", *options]
        if self.db:
            command.append(f"--db={self.db}")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.driver = subprocess.Popen(  # noqa: S603 # our own command, no shell
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.log.parent
            )

    def wait(self) -> int | None:
        """Wait until the driver ends or stops itself; return its exit code, None if stopped."""
        assert self.driver is not None, "a driver was started"
        _, status = os.waitpid(self.driver.pid, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            return None
        self.driver.returncode = os.waitstatus_to_exitcode(status)
        return self.driver.returncode

    def run(self, *options: str) -> int:
        """Play to the end; return the exit code."""
        self.start(*options)
        code = self.wait()
        assert code is not None, "nothing asked it to stop"
        return code

    def kill(self, target: str) -> None:
        """SIGKILL the driver, a child by name, or "all" at once; then let the driver end."""
        assert self.driver is not None, "a driver was started"
        pids = {**self.children(), "driver": self.driver.pid}
        doomed = [pid for name, pid in pids.items() if target in (name, "all")]
        for pid in doomed:
            with contextlib.suppress(ProcessLookupError):  # the play may just be over
                os.kill(pid, signal.SIGKILL)
        for pid in doomed:
            _until_dead(pid)
        self.let_end()

    def let_end(self) -> int:
        """Let a stopped driver go on to its end, and return its exit code."""
        assert self.driver is not None, "a driver was started"
        code = self.driver.returncode
        while code is None:
            os.kill(self.driver.pid, signal.SIGCONT)
            code = self.wait()
        return code

    def children(self) -> dict[str, int]:
        """Return the children's process ids by name; none once the driver has ended them."""
        try:
            found: dict[str, int] = json.loads((self.folder / "pids.json").read_text())
        except FileNotFoundError:
            return {}
        return found

    def steps(self) -> int:
        """Return how many steps were begun, over all runs so far."""
        return len(STEP.findall(self.log.read_text()))

    def step(self) -> tuple[int, int]:
        """Return (the step begun last, the number of steps there are)."""
        number, of = STEP.findall(self.log.read_text())[-1]
        return int(number), int(of)

    def go_on(self) -> None:
        """Let a stopped driver go on."""
        assert self.driver is not None, "a driver was started"
        os.kill(self.driver.pid, signal.SIGCONT)

    def until(self, shows: Callable[[], bool]) -> bool:
        """Wait until something shows; False if the driver ended first."""
        while not shows():
            if self.ended():
                return False
            time.sleep(0.02)
        return True

    def until_step(self, begun: int) -> bool:
        """Wait until `begun` steps were begun over all runs; False if the driver ended first."""
        return self.until(lambda: self.steps() >= begun)

    def ended(self) -> bool:
        """Whether the driver has ended; its exit code is then in `driver.returncode`."""
        assert self.driver is not None, "a driver was started"
        return self.driver.poll() is not None

    def end(self) -> None:
        """End what still runs."""
        if self.driver is not None and self.driver.returncode is None:
            self.kill("driver")

    def said(self) -> str:
        """Return the end of what the driver printed, for a failure's message."""
        return self.log.read_text()[-3000:]

    def business_offset(self) -> int:
        """Return by how many seconds the business clock is ahead of the wall."""
        return int(json.loads((self.folder / "clock").read_text())["offset_s"])

    def books_of_vendors(self) -> dict[str, dict[str, Any]]:
        """Read what the vendors have on record now, by table and key."""
        return vendors_of(self.folder)

    @property
    def log(self) -> Path:
        """Where the driver's output goes, over all runs."""
        return self.folder.parent / f"{self.folder.name}.log"

    def books(self) -> "Books":
        """Read what is true now."""
        return Books.read(self.db or f"sqlite:///{self.folder / 'los.db'}", self.folder)


@attrs.frozen(kw_only=True)
class Books:
    """What the lender's database and the vendors have on record.

    Attributes:
        loans: (number, status, id) in the order of their numbers.
        ledger: Σ entries by loan, account and value date, without zeroes.
        facts: (loan's place, kind, value date, paise), sorted; without what names ids.
        receipts, payouts, agreements, messages, decisions: rows as dicts.
        repeats: agreement ids, once for every docket audited as a repeat.
        vendors: the vendors' records by table, then by key.
    """

    loans: list[tuple[str, str, str]]
    ledger: list[Line]
    facts: list[Line]
    receipts: list[dict[str, Any]]
    payouts: list[dict[str, Any]]
    agreements: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    decisions: list[dict[str, Any]]
    repeats: "Counter[str]"
    jobs: list[dict[str, Any]]
    vendors: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, db: str, folder: Path) -> "Books":
        """Read both."""
        engine = create_engine(db)
        with engine.connect() as connection:

            def rows(query: str) -> list[dict[str, Any]]:
                found = connection.execute(text(query)).mappings()
                return [{name: _plain(value) for name, value in row.items()} for row in found]

            loans = rows("SELECT loan_no, status, id FROM loan ORDER BY loan_no")
            place = {loan["id"]: number for number, loan in enumerate(loans)}
            entries = rows(
                "SELECT loan_id, account, value_date, SUM(amount) AS paise FROM ledger_entry"
                " GROUP BY loan_id, account, value_date HAVING SUM(amount) <> 0"
            )
            facts = rows("SELECT loan_id, kind, value_date, document FROM fact")
            repeats = rows("SELECT facts FROM audit WHERE action = 'docket.repeat'")
            books = cls(
                loans=[(loan["loan_no"], loan["status"], loan["id"]) for loan in loans],
                ledger=sorted(
                    (place[e["loan_id"]], e["account"], e["value_date"], int(e["paise"]))
                    for e in entries
                ),
                facts=sorted(
                    (
                        place[f["loan_id"]],
                        f["kind"],
                        f["value_date"],
                        int(f["document"].get("amount", 0)),
                    )
                    for f in facts
                ),
                receipts=rows("SELECT * FROM receipt"),
                payouts=rows("SELECT * FROM payout"),
                agreements=rows("SELECT id, loan_id, reference, status FROM agreement"),
                messages=rows("SELECT id, template, channel, status, repeated FROM message"),
                decisions=rows("SELECT loan_id, kind, verdict, reasons FROM decision"),
                repeats=Counter(str(row["facts"]["agreement"]) for row in repeats),
                jobs=rows("SELECT kind, state, attempts, last_error FROM job"),
                vendors=vendors_of(folder),
            )
        engine.dispose()
        return books

    def balance(self, place: int) -> int:
        """Return Σ of all entries of a loan, in paise: 0 when every posting balanced."""
        return sum(paise for loan, _, _, paise in self.ledger if loan == place)

    def mail(self, to: str) -> list[dict[str, Any]]:
        """Return what reached a phone or a mailbox, oldest first."""
        return [m for m in self.vendors["_messages"].values() if m["to"] == to]

    def delivered(self) -> "Counter[str]":
        """Return how often each of our notices reached somebody, by our message id.

        An SMS carries the id among its variables, a mail in its Message-ID.
        """
        by_mail = {sha256(m["id"].encode()).hexdigest(): m["id"] for m in self.messages}
        found: Counter[str] = Counter()
        for message in self.vendors["_messages"].values():
            if message["vendor"] == "mail":
                local = message["headers"]["Message-ID"].strip("<>").partition("@")[0]
                found[by_mail.get(local, local)] += 1
            elif message["vendor"] == "msg91" and "otp" not in message["variables"]:
                found[message["variables"]["message_id"]] += 1
        return found

    def dockets(self) -> "Counter[str]":
        """Return how many dockets the e-sign vendor has for each of our agreements, by id.

        A docket knows the agreement by its callback address, which names brand and agreement.
        """
        tokens = (
            docket["callback_url"].rpartition("/")[2] for docket in self.vendors["signzy"].values()
        )
        return Counter(str(UUID(hex=token[32:64])) for token in tokens)


def _until_dead(pid: int) -> None:
    """Wait until a killed process and its last thread are gone, but for its parent's notice."""
    process = Path(f"/proc/{pid}")
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        while not (
            (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            and len(list((process / "task").iterdir())) == 1
        ):
            time.sleep(0.005)


def vendors_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the sandbox's tables as it would load them; counters are left out."""
    found: dict[str, dict[str, Any]] = {}
    connection = sqlite3.connect(folder / "sandbox.db")
    try:
        rows = connection.execute("SELECT place, key, value FROM state ORDER BY number")
        for place, key, value in rows:
            if not key.startswith("#"):
                found.setdefault(place, {})[key] = json.loads(value)
    finally:
        connection.close()
    return found


def _plain(value: object) -> Any:
    """Return a column's value alike on SQLite and PostgreSQL: ids and dates as text, JSON read."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in ("{", "["):
        return json.loads(value)
    if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{32}", value):
        return str(UUID(hex=value))
    return value
