"""The laws of `AccountVerifier`."""

# ruff: noqa: D102 # a law's name is its sentence

from collections.abc import Callable

import attrs
import pytest

from los_core.ports.bankaccount import AccountCheck, AccountState, AccountVerifier
from los_core.ports.errors import ProviderError, Rejected
from los_core.testing.provider import Fault, ProviderLaws, Rig, outcome


@attrs.frozen(kw_only=True)
class Claim:
    """An account and who is said to hold it."""

    account_number: str = attrs.field(repr=False)
    ifsc: str
    holder: str = attrs.field(repr=False)

    def start(self, verifier: AccountVerifier, reference: str) -> AccountCheck:
        """Begin a check of it."""
        return verifier.start(
            account_number=self.account_number,
            ifsc=self.ifsc,
            holder=self.holder,
            reference=reference,
        )


@attrs.frozen(kw_only=True)
class AccountRig(Rig[AccountVerifier]):
    """What the laws of penny drops need.

    Attributes:
        good: an account that exists, by its holder.
        name_at_bank: what the bank calls that holder.
        bad: one that takes no money.
        refused: one the vendor does not look at; None if it looks at anything.
        accounts: the account numbers that rupees were sent to under a reference of ours.
        give_word: gives a check, by the vendor's id, a status; False if this vendor has no words
            of its own.
    """

    good: Claim
    name_at_bank: str = attrs.field(repr=False)
    bad: Claim
    refused: Claim | None
    accounts: Callable[[str], list[str]]
    give_word: Callable[[str, str], bool]


class AccountLaws(ProviderLaws):
    """What a caller may rely on, whoever looks behind the number."""

    def test_a_good_account_is_valid_and_tells_its_holders_name(self, rig: AccountRig) -> None:
        begun = rig.good.start(rig.adapter, "BA-1")
        found = rig.adapter.inquire(begun.provider_ref)
        assert begun.state is AccountState.PENDING
        assert begun.name_at_bank == ""
        assert found.state is AccountState.VALID
        assert found.provider_ref == begun.provider_ref
        assert found.name_at_bank == rig.name_at_bank
        assert found.name_match_pct is None or 0 <= found.name_match_pct <= 100
        assert found.utr

    def test_an_account_that_takes_no_money_is_invalid(self, rig: AccountRig) -> None:
        begun = rig.bad.start(rig.adapter, "BA-1")
        found = rig.adapter.inquire(begun.provider_ref)
        assert found.state is AccountState.INVALID
        assert found.raw_code

    def test_the_same_reference_twice_sends_one_rupee(self, rig: AccountRig) -> None:
        first = rig.good.start(rig.adapter, "BA-1")
        rig.adapter.inquire(first.provider_ref)
        again = rig.good.start(rig.adapter, "BA-1")
        assert again.provider_ref == first.provider_ref
        assert again.state is AccountState.VALID
        assert rig.accounts("BA-1") == [rig.good.account_number]

    @pytest.mark.parametrize("fault", Fault)
    def test_after_a_failed_start_the_reference_finds_what_was_begun(
        self, rig: AccountRig, fault: Fault
    ) -> None:
        if not rig.meet(fault, "start"):
            return
        with pytest.raises(ProviderError) as caught:
            rig.good.start(rig.adapter, "BA-1")
        assert type(caught.value) is outcome(fault, effect=True)
        assert (rig.adapter.find("BA-1") is not None) is fault.done
        rig.good.start(rig.adapter, "BA-1")
        assert len(rig.accounts("BA-1")) == 1

    def test_a_reference_never_used_finds_nothing(self, rig: AccountRig) -> None:
        rig.good.start(rig.adapter, "BA-1")
        assert rig.adapter.find("BA-") is None

    def test_a_check_the_vendor_does_not_know_is_rejected(self, rig: AccountRig) -> None:
        with pytest.raises(Rejected):
            rig.adapter.inquire("no/such?check")

    def test_an_account_number_keeps_its_leading_zeros(self, rig: AccountRig) -> None:
        padded = attrs.evolve(rig.good, account_number="000" + rig.good.account_number)
        padded.start(rig.adapter, "BA-1")
        assert rig.accounts("BA-1") == [padded.account_number]

    def test_what_the_vendor_does_not_look_at_is_rejected_with_its_code(
        self, rig: AccountRig
    ) -> None:
        if rig.refused is None:
            return
        with pytest.raises(Rejected) as caught:
            rig.refused.start(rig.adapter, "BA-1")
        assert caught.value.code
        assert rig.accounts("BA-1") == []

    def test_a_status_nobody_has_heard_of_is_pending(self, rig: AccountRig) -> None:
        begun = rig.good.start(rig.adapter, "BA-1")
        if rig.give_word(begun.provider_ref, "consulting-the-stars"):
            assert rig.adapter.inquire(begun.provider_ref).state is AccountState.PENDING

    def test_a_check_that_failed_says_nothing_about_the_account(self, rig: AccountRig) -> None:
        begun = rig.good.start(rig.adapter, "BA-1")
        if rig.give_word(begun.provider_ref, "failed"):
            assert rig.adapter.inquire(begun.provider_ref).state is AccountState.UNCLEAR
