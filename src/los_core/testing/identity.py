"""The laws of `IdentityVerifier`."""

# ruff: noqa: D102 # a law's name is its sentence

from collections.abc import Callable

import attrs
import pytest

from los_core.ports.errors import ProviderError, Rejected
from los_core.ports.identity import AadhaarRecord, IdentityVerifier, OtpRefused, PanRecord
from los_core.testing.provider import Fault, ProviderLaws, Rig

REFERENCE = "kyc-0190c0de-0000-7000-8000-000000000001"
WRONG_OTP = "000000"


@attrs.frozen(kw_only=True)
class IdentityRig(Rig[IdentityVerifier]):
    """What the laws of identity need.

    Attributes:
        pan, person: a PAN the authority knows, and what it says of it; names in any case.
        unknown_pan: a well-formed one it does not know.
        aadhaar, holder: an Aadhaar number, and what e-KYC tells of its holder.
        unknown_aadhaar: a well-formed one UIDAI does not know.
        otp: returns the OTP the holder received for a session.
        late: returns the OTP for a session such that redeeming it now is too late.
    """

    pan: str = attrs.field(repr=False)
    person: PanRecord
    unknown_pan: str
    aadhaar: str = attrs.field(repr=False)
    holder: AadhaarRecord
    unknown_aadhaar: str
    otp: Callable[[str], str]
    late: Callable[[str], str]

    def start(self) -> str:
        """Begin e-KYC of the holder."""
        return self.adapter.start_aadhaar(self.aadhaar, reference=REFERENCE)


class IdentityLaws(ProviderLaws):
    """What a caller may rely on, whoever asks the authorities."""

    def test_a_known_pan_tells_its_holder(self, rig: IdentityRig) -> None:
        record = rig.adapter.pan(rig.pan, reference=REFERENCE)
        assert record.valid is True
        assert record.full_name.upper() == rig.person.full_name.upper()
        assert record.born_on == rig.person.born_on
        assert record.gender == rig.person.gender
        assert record.holder_type == rig.person.holder_type
        assert record.aadhaar_linked is rig.person.aadhaar_linked
        assert record.aadhaar_last4 == rig.person.aadhaar_last4

    def test_a_pan_that_does_not_exist_is_an_answer(self, rig: IdentityRig) -> None:
        record = rig.adapter.pan(rig.unknown_pan, reference=REFERENCE)
        assert attrs.evolve(record, provider_ref="") == PanRecord(valid=False, status=record.status)
        assert record.status

    def test_a_malformed_pan_is_rejected_with_the_vendors_code(self, rig: IdentityRig) -> None:
        with pytest.raises(Rejected) as caught:
            rig.adapter.pan("ABC", reference=REFERENCE)
        assert caught.value.code
        assert caught.value.provider == rig.name

    def test_the_right_otp_tells_the_holder(self, rig: IdentityRig) -> None:
        session = rig.start()
        record = rig.adapter.finish_aadhaar(session, rig.otp(session))
        assert record.reference
        assert attrs.evolve(record, reference="") == attrs.evolve(rig.holder, reference="")

    def test_the_number_is_in_neither_session_nor_record(self, rig: IdentityRig) -> None:
        session = rig.start()
        record = rig.adapter.finish_aadhaar(session, rig.otp(session))
        kept = f"{session} {attrs.asdict(record)}"
        assert rig.aadhaar not in kept
        assert rig.aadhaar[:8] not in kept
        assert record.last4 == rig.aadhaar[-4:]

    def test_a_wrong_otp_is_refused_and_the_right_one_still_good(self, rig: IdentityRig) -> None:
        session = rig.start()
        with pytest.raises(OtpRefused) as caught:
            rig.adapter.finish_aadhaar(session, WRONG_OTP)
        assert caught.value.expired is False
        assert rig.adapter.finish_aadhaar(session, rig.otp(session)).last4 == rig.holder.last4

    def test_after_three_wrong_ones_a_new_otp_is_needed(self, rig: IdentityRig) -> None:
        session = rig.start()
        for _ in range(3):
            with pytest.raises(OtpRefused):
                rig.adapter.finish_aadhaar(session, WRONG_OTP)
        with pytest.raises(OtpRefused) as caught:
            rig.adapter.finish_aadhaar(session, rig.otp(session))
        assert caught.value.expired is True

    def test_an_otp_that_comes_too_late_says_so(self, rig: IdentityRig) -> None:
        session = rig.start()
        with pytest.raises(OtpRefused) as caught:
            rig.adapter.finish_aadhaar(session, rig.late(session))
        assert caught.value.expired is True

    def test_an_otp_is_good_once(self, rig: IdentityRig) -> None:
        session = rig.start()
        otp = rig.otp(session)
        rig.adapter.finish_aadhaar(session, otp)
        with pytest.raises(OtpRefused) as caught:
            rig.adapter.finish_aadhaar(session, otp)
        assert caught.value.expired is True

    def test_an_otp_opens_no_other_session(self, rig: IdentityRig) -> None:
        first, second = rig.start(), rig.start()
        with pytest.raises(OtpRefused):
            rig.adapter.finish_aadhaar(second, rig.otp(first))

    def test_a_session_that_is_not_ours_opens_nothing(self, rig: IdentityRig) -> None:
        with pytest.raises((ValueError, Rejected)):
            rig.adapter.finish_aadhaar("somebody else's", "123456")

    def test_an_aadhaar_that_does_not_exist_is_rejected(self, rig: IdentityRig) -> None:
        with pytest.raises(Rejected) as caught:
            rig.adapter.start_aadhaar(rig.unknown_aadhaar, reference=REFERENCE)
        assert caught.value.code
        assert rig.unknown_aadhaar not in str(caught.value)

    @pytest.mark.parametrize("fault", Fault)
    def test_whatever_befell_the_first_start_a_second_serves(
        self, rig: IdentityRig, fault: Fault
    ) -> None:
        if rig.meet(fault, "start_aadhaar"):
            with pytest.raises(ProviderError):
                rig.start()
        session = rig.start()
        assert rig.adapter.finish_aadhaar(session, rig.otp(session)).last4 == rig.holder.last4

    @pytest.mark.parametrize("fault", Fault)
    def test_an_otp_whose_answer_was_lost_is_spent_only_if_it_was_redeemed(
        self, rig: IdentityRig, fault: Fault
    ) -> None:
        session = rig.start()
        otp = rig.otp(session)
        met = rig.meet(fault, "finish_aadhaar")
        if met:
            with pytest.raises(ProviderError):
                rig.adapter.finish_aadhaar(session, otp)
        if met and fault.done:
            with pytest.raises(OtpRefused):
                rig.adapter.finish_aadhaar(session, otp)
        else:
            assert rig.adapter.finish_aadhaar(session, otp).last4 == rig.holder.last4
