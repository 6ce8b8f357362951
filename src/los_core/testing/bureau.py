"""The laws of `CreditBureau`."""

# ruff: noqa: D102 # a law's name is its sentence

from datetime import date

import attrs
import pytest

from los_core.domain.bureau import CreditReport, Outcome
from los_core.domain.bureau_figures import derive
from los_core.ports.bureau import CreditBureau, Inquiry
from los_core.ports.errors import ProviderError, Rejected
from los_core.testing.provider import Fault, ProviderLaws, Rig


@attrs.frozen(kw_only=True)
class BureauRig(Rig[CreditBureau]):
    """What the laws of bureaus need.

    Attributes:
        today: the bureau's date.
        known: an inquiry about a person with accounts, whose score is `score`.
        new_to_credit: one about a person who has a file and no loan.
        unknown: one about a person the bureau does not know.
        malformed: one the bureau refuses.
    """

    today: date
    known: Inquiry
    score: int
    new_to_credit: Inquiry
    unknown: Inquiry
    malformed: Inquiry


class BureauLaws(ProviderLaws):
    """What a caller may rely on, whichever bureau answers."""

    def test_a_known_person_has_a_report_with_score_and_accounts(self, rig: BureauRig) -> None:
        report = rig.adapter.pull(rig.known).report
        assert report.outcome is Outcome.HIT
        assert report.bureau_date == rig.today
        assert report.report_id
        assert report.score == rig.score
        assert report.tradelines

    def test_accounts_are_whole_paise_with_the_newest_month_first(self, rig: BureauRig) -> None:
        for line in rig.adapter.pull(rig.known).report.tradelines:
            months = [entry.month for entry in line.history]
            assert months == sorted(set(months), reverse=True)
            amounts = (line.sanctioned, line.balance, line.overdue, line.emi, line.credit_limit)
            assert all(amount is None or type(amount) is int for amount in amounts)

    def test_a_report_gives_the_figures_rules_read(self, rig: BureauRig) -> None:
        report = rig.adapter.pull(rig.known).report
        figures = derive(report, as_of=rig.today, pincode=rig.known.pincode)
        assert figures["bureau.score"] == rig.score
        assert figures["bureau.isNtc"] is False
        assert isinstance(figures["bureau.monthlyObligations"], int)

    def test_a_report_survives_being_kept(self, rig: BureauRig) -> None:
        for inquiry in (rig.known, rig.new_to_credit, rig.unknown):
            report = rig.adapter.pull(inquiry).report
            assert CreditReport.from_document(report.document()) == report

    def test_a_person_without_loans_is_new_to_credit(self, rig: BureauRig) -> None:
        report = rig.adapter.pull(rig.new_to_credit).report
        assert report.outcome is Outcome.NTC
        assert derive(report, as_of=rig.today)["bureau.isNtc"] is True

    def test_no_such_consumer_is_a_report_and_no_error(self, rig: BureauRig) -> None:
        pulled = rig.adapter.pull(rig.unknown)
        assert pulled.report.outcome is Outcome.NO_HIT
        assert pulled.report.tradelines == ()
        assert pulled.report.score is None

    def test_the_vendors_own_words_come_along_and_stay_out_of_the_repr(
        self, rig: BureauRig
    ) -> None:
        pulled = rig.adapter.pull(rig.known)
        assert pulled.raw
        assert [secret for secret in rig.secrets if secret in repr(pulled)] == []
        assert rig.known.first_name not in repr(pulled)

    def test_the_same_inquiry_again_tells_the_same_accounts(self, rig: BureauRig) -> None:
        first, second = rig.adapter.pull(rig.known), rig.adapter.pull(rig.known)
        assert first.report.tradelines == second.report.tradelines
        assert first.report.score == second.report.score

    def test_a_request_the_bureau_refuses_is_rejected_with_its_code(self, rig: BureauRig) -> None:
        with pytest.raises(Rejected) as caught:
            rig.adapter.pull(rig.malformed)
        assert caught.value.code
        assert caught.value.provider == rig.name

    @pytest.mark.parametrize("fault", Fault)
    def test_after_a_failed_pull_asking_again_serves(self, rig: BureauRig, fault: Fault) -> None:
        if rig.meet(fault, "pull"):
            with pytest.raises(ProviderError):
                rig.adapter.pull(rig.known)
        assert rig.adapter.pull(rig.known).report.outcome is Outcome.HIT
