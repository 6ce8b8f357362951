"""A bank-account check in memory: for tests, for `in_memory()`, for developers without a vendor.

Accounts are valid and belong to whoever is claimed to hold them, unless `know` said otherwise. A
check is pending until it is asked about.
"""

import threading

import attrs

from los_adapters.script import Script
from los_core.ports.bankaccount import AccountCheck, AccountState
from los_core.ports.errors import Rejected


@attrs.define
class MemoryAccounts:
    """An `AccountVerifier` that sends no rupee; `checks` has every check by its id."""

    script: Script = attrs.field(factory=Script)
    checks: dict[str, AccountCheck] = attrs.field(factory=dict)
    _known: dict[str, AccountCheck] = attrs.field(factory=dict, repr=False)
    _ends: dict[str, AccountCheck] = attrs.field(factory=dict)
    _by_reference: dict[str, str] = attrs.field(factory=dict)
    _asked: dict[str, str] = attrs.field(factory=dict, repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def know(
        self,
        account_number: str,
        *,
        state: AccountState = AccountState.VALID,
        name_at_bank: str = "",
        name_match_pct: int | None = None,
    ) -> None:
        """Say what checks of an account find from now on."""
        with self._lock:
            self._known[account_number] = AccountCheck(
                state=state,
                provider_ref="",
                name_at_bank=name_at_bank,
                name_match_pct=name_match_pct,
                raw_code=state.value,
            )

    def accounts(self, reference: str) -> list[str]:
        """Return the account numbers a rupee would have gone to under a reference."""
        return [number for ours, number in self._asked.items() if ours == reference]

    def start(self, *, account_number: str, ifsc: str, holder: str, reference: str) -> AccountCheck:
        """Begin a check, or return the one begun under the reference; see the port."""
        del ifsc  # the account number alone says whose it is
        with self._lock, self.script.call("start"):
            if reference not in self._by_reference:
                check_id = f"check-{len(self.checks) + 1}"
                valid = AccountCheck(
                    state=AccountState.VALID,
                    provider_ref="",
                    name_at_bank=holder,
                    raw_code=AccountState.VALID.value,
                )
                end = self._known.get(account_number, valid)
                self._ends[check_id] = attrs.evolve(
                    end, provider_ref=check_id, utr=f"{len(self.checks) + 1:012d}"
                )
                self.checks[check_id] = AccountCheck(
                    state=AccountState.PENDING, provider_ref=check_id, raw_code="PENDING"
                )
                self._by_reference[reference] = check_id
                self._asked[reference] = account_number
            return self.checks[self._by_reference[reference]]

    def inquire(self, provider_ref: str) -> AccountCheck:
        """Return the check, which is over now; see the port."""
        with self._lock, self.script.call("inquire"):
            if provider_ref not in self.checks:
                raise Rejected("no such check", provider="memory", code="NO_SUCH_CHECK")
            self.checks[provider_ref] = self._ends[provider_ref]
            return self.checks[provider_ref]

    def find(self, reference: str) -> AccountCheck | None:
        """Return the check begun under our reference; see the port."""
        with self._lock, self.script.call("find"):
            check_id = self._by_reference.get(reference)
            return None if check_id is None else self.checks[check_id]
