"""The laws of `ESigner`."""

# ruff: noqa: D102 # a law's name is its sentence

from collections.abc import Callable
from datetime import datetime

import attrs
import pytest

from los_core.ports.errors import BadSignature, ProviderError, Rejected
from los_core.ports.esign import DocketReport, DocketRequest, DocketState, ESigner
from los_core.testing.provider import Fault, ProviderLaws, Rig, outcome


@attrs.frozen(kw_only=True)
class SignRig(Rig[ESigner]):
    """What the laws of signing need.

    Attributes:
        request: a docket the vendor accepts.
        refused: one it refuses.
        sign: plays the signer of a docket, at `now`.
        decline: plays a signer who will not.
        dockets: how many dockets the vendor has.
    """

    request: DocketRequest
    refused: DocketRequest
    now: datetime
    sign: Callable[[str], object]
    decline: Callable[[str], object]
    dockets: Callable[[], int]


class SignLaws(ProviderLaws):
    """What a caller may rely on, whoever has agreements signed."""

    def test_a_docket_waits_for_its_signer(self, rig: SignRig) -> None:
        docket = rig.adapter.create(rig.request)
        report = rig.adapter.inquire(docket.docket_id)
        assert docket.signing_url
        assert report.docket_id == docket.docket_id
        assert report.state is DocketState.SENT
        assert report.signed_file == ""
        assert report.signed_at is None

    def test_a_signed_docket_says_who_signed_and_when(self, rig: SignRig) -> None:
        report = self._signed(rig)
        assert report.state is DocketState.SIGNED
        assert report.signer_name.casefold() == rig.request.signer.casefold()
        assert report.signed_at == rig.now

    def test_the_signed_file_is_a_pdf_other_than_the_document(self, rig: SignRig) -> None:
        file = rig.adapter.fetch_signed(self._signed(rig))
        assert file.startswith(b"%PDF-")
        assert file != rig.request.pdf

    def test_the_signed_file_is_the_same_whenever_it_is_fetched(self, rig: SignRig) -> None:
        report = self._signed(rig)
        assert rig.adapter.fetch_signed(report) == rig.adapter.fetch_signed(report)

    def test_a_declined_docket_has_no_file(self, rig: SignRig) -> None:
        docket = rig.adapter.create(rig.request)
        rig.decline(docket.docket_id)
        report = rig.adapter.inquire(docket.docket_id)
        assert report.state is DocketState.DECLINED
        assert report.failure
        with pytest.raises(Rejected):
            rig.adapter.fetch_signed(report)

    def test_a_file_that_does_not_match_its_hash_is_rejected(self, rig: SignRig) -> None:
        report = attrs.evolve(self._signed(rig), signed_sha256="0" * 64)
        with pytest.raises(Rejected):
            rig.adapter.fetch_signed(report)

    @pytest.mark.parametrize(
        "place",
        [
            "https://elsewhere.example/signed.pdf",
            "http://127.0.0.1.elsewhere.example/signed.pdf",
            "http://169.254.169.254/latest/meta-data",
            "file:///etc/passwd",
            "signed.pdf",
        ],
    )
    def test_a_file_elsewhere_is_rejected_unread(self, rig: SignRig, place: str) -> None:
        report = attrs.evolve(self._signed(rig), signed_file=place)
        with pytest.raises(Rejected):
            rig.adapter.fetch_signed(report)

    @pytest.mark.parametrize("fault", Fault)
    def test_a_failed_create_says_whether_a_docket_may_exist(
        self, rig: SignRig, fault: Fault
    ) -> None:
        before = rig.dockets()
        if not rig.meet(fault, "create"):
            return
        with pytest.raises(ProviderError) as caught:
            rig.adapter.create(rig.request)
        assert type(caught.value) is outcome(fault, effect=True)
        assert rig.dockets() == before + (1 if fault.done else 0)

    def test_a_refused_docket_is_rejected_with_the_vendors_code(self, rig: SignRig) -> None:
        before = rig.dockets()
        with pytest.raises(Rejected) as caught:
            rig.adapter.create(rig.refused)
        assert caught.value.code
        assert rig.dockets() == before

    def test_a_docket_the_vendor_does_not_know_is_rejected(self, rig: SignRig) -> None:
        with pytest.raises(Rejected):
            rig.adapter.inquire("no-such-docket")

    def test_the_value_we_gave_proves_a_callback(self, rig: SignRig) -> None:
        secret = rig.request.callback_secret
        rig.adapter.verify(secret, secret=secret)

    @pytest.mark.parametrize("given", ["", " ", "wrong", "Bearer callback", "é\udcff"])
    def test_another_value_or_none_proves_nothing(self, rig: SignRig, given: str) -> None:
        with pytest.raises(BadSignature):
            rig.adapter.verify(given, secret=rig.request.callback_secret)

    @pytest.mark.parametrize("given", ["", "anything"])
    def test_without_a_secret_nothing_is_proven(self, rig: SignRig, given: str) -> None:
        with pytest.raises(BadSignature):
            rig.adapter.verify(given, secret="")

    def _signed(self, rig: SignRig) -> DocketReport:
        docket = rig.adapter.create(rig.request)
        rig.sign(docket.docket_id)
        return rig.adapter.inquire(docket.docket_id)
