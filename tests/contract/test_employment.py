"""The laws of employment, tried on every verifier; and what only Digitap's wire shows."""

from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest

from los_adapters import registry
from los_adapters.directory import ProviderRow
from los_adapters.sandbox import digitap as sandbox
from los_core.ports.employment import EmploymentRecord, Job
from los_core.ports.errors import Rejected, Unavailable
from los_core.testing.employment import REFERENCE, EmploymentLaws, EmploymentRig
from los_core.testing.provider import Call

PHONE = "9822010101"
UAN = "100904110101"
RECORD = EmploymentRecord(
    uans=(UAN,),
    employed=True,
    member_name="Asha Vinayak Deshpande",
    jobs=(Job(employer="Sahyadri Precision Tools Private Limited", joined_on=date(2021, 6, 7)),),
)
WIRE = {"find_uans": "POST /svc/cv/uan_lookup", "history": "POST /svc/cv/v4"}

Stand = Callable[..., Any]


@pytest.fixture(params=registry.cases("employment"))
def rig(request: pytest.FixtureRequest, stand: Stand) -> EmploymentRig:
    place = stand("employment", request.param, wire=WIRE)
    if place.fake:
        place.adapter.knows(PHONE, RECORD)
    return EmploymentRig(
        name=place.name,
        adapter=place.adapter,
        calls=(
            Call(
                "find_uans", effect=False, make=lambda it: it.find_uans(PHONE, reference=REFERENCE)
            ),
            Call("history", effect=False, make=lambda it: it.history(UAN, reference=REFERENCE)),
        ),
        meet=place.meet,
        secrets=(*place.secrets, PHONE, UAN, "Deshpande", "DESHPANDE"),
        phone=PHONE,
        record=RECORD,
        unknown_phone="9000000001",
        unknown_uan="100000000001",
    )


class TestEmployment(EmploymentLaws):
    pass


# -- Digitap's wire ---------------------------------------------------------------------------


def digitap(code: int, result: object = None) -> Any:
    """Return the adapter beside a vendor that gives this result."""
    body = {"http_response_code": 200, "result_code": code, "request_id": "r1", "result": result}
    row = ProviderRow(name="digitap", settings=sandbox.settings("http://127.0.0.1/digitap"))
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    return registry.opened("employment", row, transport=transport).adapter


def test_too_many_accounts_are_ambiguous() -> None:
    with pytest.raises(Rejected) as caught:
        digitap(104).find_uans(PHONE, reference=REFERENCE)
    assert caught.value.code == "AMBIGUOUS"


def test_one_uan_may_come_without_a_list_and_twice() -> None:
    assert digitap(101, {"uan": UAN}).find_uans(PHONE, reference=REFERENCE) == (UAN,)
    assert digitap(101, {"uan": [UAN, UAN, ""]}).find_uans(PHONE, reference=REFERENCE) == (UAN,)


# Shape of the vendor's version 4 answer; the persons and companies are made up.
HISTORY = {
    "uan": [UAN],
    "summary": {
        "recent_employer_data": {
            "establishment_name": "SAMPLE SOFTWARE PRIVATE LIMITED",
            "date_of_joining": "2021-06-01",
            "date_of_exit": "",
        },
        "is_employed": True,
    },
    "uan_details": {UAN: {"basic_details": {"name": "ASHA RAMESH KULKARNI"}}},
    "employment_history": [
        {
            "establishment_name": "DEMO RETAIL LIMITED",
            "date_of_joining": "03-07-2017",
            "date_of_exit": "2021-05-20",
        },
        {
            "establishment_name": "SAMPLE SOFTWARE PRIVATE LIMITED",
            "date_of_joining": "2021-06-01",
            "date_of_exit": "",
        },
        {"establishment_name": "UNDATED WORKS", "date_of_joining": "", "date_of_exit": None},
    ],
}


def test_a_history_is_sorted_and_an_empty_exit_means_still_employed() -> None:
    record = digitap(101, HISTORY).history(UAN, reference=REFERENCE)
    assert [job.employer for job in record.jobs] == [
        "SAMPLE SOFTWARE PRIVATE LIMITED",
        "DEMO RETAIL LIMITED",
        "UNDATED WORKS",
    ]
    assert record.current == Job(
        employer="SAMPLE SOFTWARE PRIVATE LIMITED", joined_on=date(2021, 6, 1)
    )
    assert record.jobs[1].left_on == date(2021, 5, 20)
    assert record.member_name == "ASHA RAMESH KULKARNI"


def test_the_latest_employer_stands_for_a_missing_history() -> None:
    record = digitap(101, {**HISTORY, "employment_history": None}).history(UAN, reference=REFERENCE)
    assert [job.employer for job in record.jobs] == ["SAMPLE SOFTWARE PRIVATE LIMITED"]


def test_what_the_fund_does_not_tell_stays_unknown() -> None:
    record = digitap(101, {"uan": [UAN]}).history(UAN, reference=REFERENCE)
    assert record.employed is None
    assert record.jobs == ()
    assert record.member_name == ""


def test_the_history_of_another_uan_is_not_believed() -> None:
    with pytest.raises(Unavailable):
        digitap(101, HISTORY).history("100000000001", reference=REFERENCE)
