"""The laws of `EmploymentVerifier`."""

# ruff: noqa: D102 # a law's name is its sentence

import attrs
import pytest

from los_core.ports.employment import EmploymentRecord, EmploymentVerifier
from los_core.ports.errors import Rejected
from los_core.testing.provider import ProviderLaws, Rig

REFERENCE = "uan-0190c0de-0000-7000-8000-000000000001"


@attrs.frozen(kw_only=True)
class EmploymentRig(Rig[EmploymentVerifier]):
    """What the laws of employment need.

    Attributes:
        phone, record: a mobile number with one UAN, and its member's history; names in any case.
        unknown_phone, unknown_uan: well formed, and not known to the fund.
    """

    phone: str = attrs.field(repr=False)
    record: EmploymentRecord
    unknown_phone: str
    unknown_uan: str


class EmploymentLaws(ProviderLaws):
    """What a caller may rely on, whoever asks the fund."""

    def test_a_mobile_number_leads_to_its_uans(self, rig: EmploymentRig) -> None:
        assert tuple(rig.adapter.find_uans(rig.phone, reference=REFERENCE)) == rig.record.uans

    def test_a_mobile_number_without_uan_is_an_answer(self, rig: EmploymentRig) -> None:
        assert tuple(rig.adapter.find_uans(rig.unknown_phone, reference=REFERENCE)) == ()

    def test_a_uan_tells_its_members_employment(self, rig: EmploymentRig) -> None:
        [uan] = rig.record.uans
        record = rig.adapter.history(uan, reference=REFERENCE)
        assert record.uans == rig.record.uans
        assert record.employed is rig.record.employed
        assert record.member_name.upper() == rig.record.member_name.upper()
        assert [_told(job) for job in record.jobs] == [_told(job) for job in rig.record.jobs]

    def test_jobs_come_with_the_most_recent_first(self, rig: EmploymentRig) -> None:
        record = rig.adapter.history(rig.record.uans[0], reference=REFERENCE)
        joined = [job.joined_on for job in record.jobs if job.joined_on is not None]
        assert joined == sorted(joined, reverse=True)

    def test_a_uan_that_does_not_exist_is_an_answer(self, rig: EmploymentRig) -> None:
        record = rig.adapter.history(rig.unknown_uan, reference=REFERENCE)
        assert attrs.evolve(record, provider_ref="") == EmploymentRecord(uans=(), employed=None)

    def test_a_malformed_number_is_rejected_with_the_vendors_code(self, rig: EmploymentRig) -> None:
        for ask in (rig.adapter.find_uans, rig.adapter.history):
            with pytest.raises(Rejected) as caught:
                ask("12345", reference=REFERENCE)
            assert caught.value.code
            assert caught.value.provider == rig.name


def _told(job: object) -> tuple[object, ...]:
    employer, *dates = attrs.astuple(job)  # type: ignore[arg-type] # Job is an attrs class
    return (employer.upper(), *dates)
