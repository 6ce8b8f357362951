"""RazorpayX, imitated: fund-account validation by penny drop. The real test mode has none.

Checks: key and secret, the source account, kind of validation, reference (at most 40 characters),
name, branch code and account number. Answers `created` with nothing known; asked again, the check
is over: `active` with the bank's name if a persona has that account and branch, `invalid` if none
has or it is a `closed_account`. The action `set_status` gives a check any other end, such as
`failed`: the bank could not tell.
"""

import json
import re
import secrets
import string
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx
from rapidfuzz import fuzz

from los_adapters.sandbox.razorpay_wire import collection, entitled, error, segments, unknown_id
from los_adapters.sandbox.world import World

SANDBOX_ACCOUNT: Final = "7878780080316316"
SANDBOX_KEY_ID: Final = "rzp_test_LOSSandboxX001"
SANDBOX_KEY_SECRET: Final = "sandbox-key-secret-of-razorpayx"  # noqa: S105 # opens this sandbox only

_BLANK: Final = {
    "account_status": None,
    "registered_name": None,
    "details": None,
    "name_match_score": None,
}

Record = dict[str, Any]


def settings(base_url: str) -> dict[str, object]:
    """Return settings for an adapter."""
    return {
        "base_url": base_url,
        "account": SANDBOX_KEY_ID,
        "key_id": SANDBOX_KEY_ID,
        "key_secret": SANDBOX_KEY_SECRET,
        "source_account": SANDBOX_ACCOUNT,
    }


class RazorpayX:
    """The validator of bank accounts."""

    name = "razorpayx"

    def __init__(self, world: World) -> None:
        self._world = world
        self._checks = world.state("razorpayx")

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as the vendor does."""
        if not entitled(request, SANDBOX_KEY_ID, SANDBOX_KEY_SECRET):
            return error(401, "Authentication failed")
        match request.method, segments(request):
            case "POST", ["v1", "fund_accounts", "validations"]:
                return self._start(request)
            case "GET", ["v1", "fund_accounts", "validations"]:
                return self._list(request)
            case "GET", ["v1", "fund_accounts", "validations", check_id]:
                return self._fetch(check_id)
            case _:
                return error(400, "The requested URL was not found on the server.")

    def actions(self) -> Mapping[str, Callable[..., object]]:
        """Return what a person may do: give a check any status."""
        return {"set_status": self.set_status}

    def checks(self) -> list[Record]:
        """Return every check begun: each sent a rupee."""
        return list(self._checks.all().values())

    def set_status(self, check_id: str, status: str) -> Record:
        """Give a check any status, also one nobody has heard of. Raises: KeyError."""
        check = self._checks.get(check_id)
        if check is None:
            raise KeyError(check_id)
        self._checks.put(check_id, {**check, "status": status})
        return {**check, "status": status}

    def _start(self, request: httpx.Request) -> httpx.Response:
        try:
            asked = json.loads(request.content)
            account = asked["fund_account"]["bank_account"]
            fault = _fault(asked, account)
        except (ValueError, KeyError, TypeError, AttributeError):
            return error(400, "The fund_account is required.", field="fund_account")
        if fault:
            return error(400, fault[1], field=fault[0], reason="input_validation_failed")
        check: Record = {
            "id": _new_id("fav"),
            "entity": "fund_account.validation",
            "fund_account": {
                "id": _new_id("fa"),
                "entity": "fund_account",
                "account_type": "bank_account",
                "active": True,
                "bank_account": account,
                "contact": asked["fund_account"]["contact"],
            },
            "status": "created",
            "utr": None,
            "validation_results": _BLANK,
            "status_details": {
                "description": "The validation was requested.",
                "source": "internal",
                "reason": "validation_request_created",
            },
            "reference_id": asked.get("reference_id"),
            "notes": asked.get("notes") or [],
            "created_at": int(self._world.clock().timestamp()),
        }
        self._checks.put(check["id"], check)
        return httpx.Response(200, json=check)

    def _list(self, request: httpx.Request) -> httpx.Response:
        wanted = request.url.params.get("reference_id")
        found = [
            check
            for check in self._checks.all().values()
            if wanted is None or check["reference_id"] == wanted
        ]
        return collection(found, request)

    def _fetch(self, check_id: str) -> httpx.Response:
        check = self._checks.get(check_id)
        if check is None:
            return unknown_id()
        if check["status"] == "created":
            check = self._finished(check)
            self._checks.put(check_id, check)
        return httpx.Response(200, json=check)

    def _finished(self, check: Record) -> Record:
        """Return a check as it ends: by the persona whose account it is, if any."""
        account = check["fund_account"]["bank_account"]
        persona = self._world.personas.by_account(account["account_number"], account["ifsc"])
        details = {"source": "internal", "reason": "validation_completed", "description": "Done."}
        if persona is None or "closed_account" in persona.behaviours:
            results = _BLANK | {"account_status": "invalid"}
            return {
                **check,
                "status": "completed",
                "status_details": details,
                "validation_results": results,
            }
        name = persona.bank.name_at_bank
        return {
            **check,
            "status": "completed",
            "status_details": details,
            "utr": f"{self._checks.next_number('utr'):012d}",
            "validation_results": _BLANK
            | {
                "account_status": "active",
                "registered_name": name,
                "name_match_score": _score(account["name"], name),
            },
        }


def _fault(asked: Mapping[str, Any], account: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return (field, description) for the first rule a request breaks."""
    fund = asked["fund_account"]
    kinds = ("pennydrop", "penniless", "optimized")
    name = str(account.get("name") or "").strip()
    rules = (
        ("source_account_number", asked.get("source_account_number") == SANDBOX_ACCOUNT),
        ("validation_type", asked.get("validation_type") in kinds),
        ("reference_id", len(str(asked.get("reference_id") or "")) <= 40),
        ("account_type", fund.get("account_type") == "bank_account"),
        ("ifsc", re.fullmatch(r"[A-Z]{4}0[A-Z0-9]{6}", str(account.get("ifsc")))),
        ("account_number", re.fullmatch(r"[A-Za-z0-9]{5,35}", account.get("account_number", ""))),
        ("name", 3 <= len(name) <= 120),
        ("contact", str(fund["contact"].get("name") or "").strip()),
    )
    broken = next((field for field, holds in rules if not holds), None)
    return None if broken is None else (broken, f"The {broken} is missing or invalid.")


def _score(given: str, at_bank: str) -> int:
    return int(fuzz.token_sort_ratio(given.upper(), at_bank.upper()))


def _new_id(prefix: str) -> str:
    letters = string.ascii_letters + string.digits
    return prefix + "_" + "".join(secrets.choice(letters) for _ in range(14))
