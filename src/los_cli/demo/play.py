"""What every step of the demo shares: the people's API clients, the clock, the memory, the checks.

The memory is a file written after every step and every token, so that a demo that was killed knows
what it had done. It holds the demo's own secrets and lives in the demo's folder.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
import httpx
import pyotp

from los_adapters.clock import FileClock
from los_adapters.sandbox.personas import Persona, Personas
from los_cli.demo.api import PATIENCE_S, Api, public
from los_cli.demo.children import Children, Ports
from los_cli.demo.lender import PASSWORD, Lender, address_of
from los_cli.demo.show import Show

INDIA: Final = ZoneInfo("Asia/Kolkata")
CODE_GAP_S: Final = 35.0
"""How long a phone may have to wait for leave to ask for another code."""


class Failed(Exception):
    """A step did not come out as it must."""


@attrs.define
class Memory:
    """The demo's notes, on disk after every change."""

    path: Path
    notes: dict[str, Any] = attrs.field(factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Memory":
        """Return the notes of an earlier run, empty if there are none."""
        try:
            return cls(path, json.loads(path.read_text()))
        except (OSError, ValueError):
            return cls(path)

    def put(self, key: str, value: object) -> None:
        """Note something, durably."""
        self.notes[key] = value
        draft = self.path.with_suffix(".new")
        with draft.open("w") as file:
            json.dump(self.notes, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a note."""
        return self.notes.get(key, default)


@attrs.define(kw_only=True)
class Play:
    """The stage on which steps act."""

    children: Children
    ports: Ports
    memory: Memory
    lender: Lender
    clock: FileClock
    show: Show
    step: str = ""
    _clients: dict[str, Api] = attrs.field(factory=dict)
    _people: Personas = attrs.field(factory=Personas)

    def person(self, key: str) -> Persona:
        """Return one of the sandbox's people."""
        return self._people[key]

    def customer(self, key: str) -> Api:
        """Return a customer's client; logs in by OTP when first used."""
        return self._client(f"customer:{key}", lambda: self._otp(self.person(key)), "/web")

    def staff(self, key: str) -> Api:
        """Return a staff member's client; logs in with password and second factor."""
        return self._client(f"staff:{key}", lambda: self._password(key), "/partner")

    def key(self, what: str) -> str:
        """Return the idempotency key of a command of this step: the same in every run of it."""
        return f"demo|{self.step}|{what}"

    @property
    def brand(self) -> str:
        """The path of the brand's staff routes."""
        return f"/partner/brand/{self.lender.brand_id}"

    def check(self, holds: object, otherwise: str) -> None:
        """Raises: Failed: something does not hold."""
        if not holds:
            raise Failed(f"{self.step}: {otherwise}")

    def equal(self, what: str, found: object, wanted: object) -> None:
        """Raises: Failed: two values differ."""
        self.check(found == wanted, f"{what} is {found!r}, not {wanted!r}")

    def until(self, what: str, look: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
        """Look until something shows, and return it. Raises: Failed: it did not show."""
        deadline = time.monotonic() + patience_s
        while True:
            self.children.check()
            found = look()
            if found:
                return found
            self.check(time.monotonic() < deadline, f"{what} did not happen")
            time.sleep(0.05)

    def sandbox(self, method: str, path: str, **request: Any) -> Any:
        """Use the sandbox's controls."""
        url = f"{self.ports.sandbox_url}/_sandbox/{path}"
        answer = httpx.request(method, url, timeout=15.0, trust_env=False, **request)
        self.check(answer.is_success, f"the sandbox says {answer.text}")
        return answer.json()

    def vendor_state(self, table: str) -> dict[str, dict[str, Any]]:
        """Return what an imitated vendor has on its books."""
        found: dict[str, dict[str, Any]] = self.sandbox("GET", f"state/{table}")
        return found

    def messages(self, to: str) -> list[dict[str, Any]]:
        """Return what reached a phone or a mailbox, oldest first."""
        found: list[dict[str, Any]] = self.sandbox("GET", "messages", params={"to": to})
        return found

    def today(self) -> date:
        """Return the business date."""
        return self.clock.business_date()

    def go_to(self, day: date, at: str = "10:00") -> None:
        """Step the business clock forward to a time of day in India, never back."""
        target = datetime.combine(day, clock_time.fromisoformat(at), tzinfo=INDIA)
        if self.clock.business_now() < target:
            self.clock.move_to(target)

    def end_day(self, day: date) -> None:
        """Step past midnight and wait until the worker has closed the day."""
        self.go_to(date.fromordinal(day.toordinal() + 1), "00:20")

        def closed() -> bool:
            runs = self.staff("admin").get("/admin/jobs/runs")
            done = runs["dayEnds"].get(self.lender.brand_id)
            return done is not None and done >= day.isoformat()

        self.until(f"the day-end of {day}", closed)
        self.quiet()

    def quiet(self) -> None:
        """Wait until no job is due or running."""
        self.until(
            "the end of all due work", lambda: self.staff("admin").get("/admin/jobs/runs")["idle"]
        )

    def _client(self, name: str, log_in: Callable[[], Mapping[str, str]], audience: str) -> Api:
        if name not in self._clients:
            self._clients[name] = Api(
                base_url=self.ports.api_url,
                children=self.children,
                log_in=log_in,
                refresh_path=f"{audience}/auth/refresh-token",
                kept=lambda tokens: self.memory.put(f"tokens:{name}", dict(tokens)),
                tokens=self.memory.get(f"tokens:{name}", {}),
            )
        return self._clients[name]

    def _otp(self, person: Persona) -> Mapping[str, str]:
        """Register with the code that reached the person's phone.

        One that came before a crash may still be good; codes are half a minute apart.
        """
        before = self._codes(person)
        if before and (tokens := self._redeem(person, before[-1])):
            return tokens

        def asked() -> bool:
            body = {"brandId": self.lender.brand_id, "phone": person.phone}
            answer = public(self.ports.api_url, "POST", "/web/auth/register", body)
            if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                time.sleep(1)
                return False
            self.check(answer.is_success, f"no code was sent: {answer.text}")
            return True

        self.until("leave to ask for a code", asked, patience_s=CODE_GAP_S)
        codes = self.until(
            "a code by SMS", lambda: self._codes(person) if self._codes(person) != before else None
        )
        tokens = self._redeem(person, codes[-1])
        self.check(tokens, "the code was refused")
        return tokens or {}

    def _codes(self, person: Persona) -> list[str]:
        return [
            str(message["variables"]["otp"])
            for message in self.messages(person.phone)
            if message.get("vendor") == "msg91" and "otp" in (message.get("variables") or {})
        ]

    def _redeem(self, person: Persona, code: str) -> Mapping[str, str] | None:
        answer = public(
            self.ports.api_url,
            "POST",
            "/web/auth/verify-otp",
            {"brandId": self.lender.brand_id, "phone": person.phone, "otp": code},
        )
        found: Mapping[str, str] = answer.json()
        return found if answer.is_success else None

    def _password(self, key: str) -> Mapping[str, str]:
        """Log in with the password and, where the role needs it, a code not shown before."""
        body = {"email": address_of(key), "password": PASSWORD}
        if secret := self.lender.totp.get(key, ""):
            body["totp"] = self._time_code(key, pyotp.TOTP(secret))
        answer = public(self.ports.api_url, "POST", "/partner/auth/login", body)
        self.check(answer.is_success, f"the log-in of {key} was refused: {answer.text}")
        found: Mapping[str, str] = answer.json()
        return found

    def _time_code(self, key: str, totp: pyotp.TOTP) -> str:
        """Return the code of a time step that was not used: it is noted before it is shown.

        After a crash the next step is waited for, as a code shown twice counts as a wrong one.
        """

        def unused() -> int | None:
            step = int(time.time()) // totp.interval
            return step if step > self.memory.get(f"totp:{key}", 0) else None

        step: int = self.until(f"a new code for {key}", unused, patience_s=2.0 * totp.interval)
        self.memory.put(f"totp:{key}", step)
        return totp.at(step * totp.interval)
