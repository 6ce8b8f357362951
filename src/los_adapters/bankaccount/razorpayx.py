"""RazorpayX: looking behind an account number by sending a rupee to it.

API: fund-account validation, composite request. Source: razorpay/markdown-docs, api/x and
    webhooks/account-validation.md, 2026-11.
Auth: HTTP Basic with the keys of RazorpayX, which are not those of the gateway.
Units: paise; unix seconds. The vendor takes its rupee from `source_account`.
Idempotency: none documented. Our reference is `reference_id`: a check begun under it is looked up
    before a new one starts.
Webhook: optional, and not used: a pending check is asked for again.
Limits: the reference has 40 characters. The test mode has no validation. `completed` with
    `invalid` is a bad account; `failed` is no finding at all: the two are kept apart. Inferred:
    the list can be narrowed by `reference_id`, as the vendor's lists of payouts can.
"""

from typing import Final
from urllib.parse import quote

import httpx
from pydantic import Field, SecretStr

from los_adapters.client import Http
from los_adapters.provider import Provider, ProviderSettings
from los_adapters.vendors.razorpay import Collection, Wire, basic, refusal
from los_core.ports.bankaccount import AccountCheck, AccountState, AccountVerifier

_PATH: Final = "/v1/fund_accounts/validations"


class Settings(ProviderSettings, frozen=True):
    """One RazorpayX account; `source_account` is the number the rupee is taken from."""

    base_url: str = "https://api.razorpay.com"
    key_id: str
    key_secret: SecretStr
    source_account: SecretStr


class _Results(Wire):
    account_status: str | None = None
    registered_name: str | None = None
    name_match_score: float | None = None


class _Check(Wire):
    id: str
    status: str
    utr: str | None = None
    reference_id: str | None = None
    created_at: int = 0
    results: _Results | None = None
    validation_results: _Results | None = None
    details: dict[str, object] = Field(default_factory=dict, alias="status_details")


class RazorpayXAccounts:
    """RazorpayX as an `AccountVerifier`."""

    def __init__(self, settings: Settings, http: Http) -> None:
        self._settings = settings
        self._http = http

    def start(self, *, account_number: str, ifsc: str, holder: str, reference: str) -> AccountCheck:
        """Return the check begun under the reference, or begin one; see the port."""
        earlier = self.find(reference)
        if earlier is not None:
            return earlier
        response = self._http.call(
            "POST",
            self._settings.base_url + _PATH,
            operation="validate account",
            effect=True,
            auth=basic(self._settings.key_id, self._settings.key_secret),
            json={
                "source_account_number": self._settings.source_account.get_secret_value(),
                "validation_type": "pennydrop",
                "reference_id": reference,
                "notes": {},
                "fund_account": {
                    "account_type": "bank_account",
                    "bank_account": {
                        "name": holder,
                        "ifsc": ifsc,
                        "account_number": account_number,
                    },
                    "contact": {"name": holder, "type": "customer", "reference_id": reference},
                },
            },
        )
        if not response.is_success:
            raise refusal(self._http, response)
        return _to_check(self._http.parsed(response, _Check, effect=True))

    def inquire(self, provider_ref: str) -> AccountCheck:
        """Return the check as it stands; see the port."""
        response = self._get(f"{_PATH}/{quote(provider_ref, safe='')}", operation="validation")
        return _to_check(self._http.parsed(response, _Check, effect=False))

    def find(self, reference: str) -> AccountCheck | None:
        """Return the first check begun under our reference; see the port."""
        response = self._get(_PATH, operation="find validation", reference_id=reference)
        found = self._http.parsed(response, Collection[_Check], effect=False)
        ours = [check for check in found.items if check.reference_id == reference]
        first = min(ours, key=lambda check: check.created_at, default=None)
        return None if first is None else _to_check(first)

    def _get(self, path: str, *, operation: str, **params: str) -> httpx.Response:
        response = self._http.call(
            "GET",
            self._settings.base_url + path,
            operation=operation,
            effect=False,
            auth=basic(self._settings.key_id, self._settings.key_secret),
            params=params or None,
        )
        if not response.is_success:
            raise refusal(self._http, response)
        return response


def _to_check(check: _Check) -> AccountCheck:
    results = check.validation_results or check.results or _Results()
    score = results.name_match_score
    reason = str(check.details.get("reason") or "")
    return AccountCheck(
        state=_status(check.status, results.account_status),
        provider_ref=check.id,
        name_at_bank=results.registered_name or "",
        name_match_pct=None if score is None else round(score),
        utr=check.utr or "",
        raw_code="/".join(filter(None, (check.status, results.account_status, reason))),
    )


def _status(status: str, account_status: str | None) -> AccountState:
    match status, account_status:
        case "completed", "active":
            return AccountState.VALID
        case "completed", "invalid":
            return AccountState.INVALID
        case "failed", _:
            return AccountState.UNCLEAR
        case _:
            return AccountState.PENDING


PROVIDER: Provider[Settings, AccountVerifier] = Provider(Settings, RazorpayXAccounts)
