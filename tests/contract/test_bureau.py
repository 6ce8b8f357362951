"""The laws of bureaus, tried on every one; and what only Equifax's wire shows."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_adapters import registry
from los_adapters.directory import ProviderRow
from los_adapters.sandbox import equifax as sandbox
from los_core.domain.bureau import (
    CreditReport,
    Enquiry,
    Frequency,
    Mark,
    MonthStatus,
    Outcome,
    Ownership,
    Score,
    Tradeline,
)
from los_core.domain.bureau_figures import derive
from los_core.ports.bureau import Inquiry
from los_core.ports.errors import ProviderError, Rejected, Unavailable
from los_core.testing.bureau import BureauLaws, BureauRig
from los_core.testing.provider import Call

TODAY = date(2026, 11, 25)
ASHA = Inquiry(
    reference="app-0190c0de-0000-7000-8000-00000000",
    first_name="Asha",
    middle_name="Vinayak",
    last_name="Deshpande",
    born_on=date(1993, 7, 14),
    gender="F",
    pan="AAKPD2468F",
    phone="9822010101",
    email="asha.deshpande@example.in",
    address="Flat 12, Sarita Apartments, Karve Road",
    city="Pune",
    state="Maharashtra",
    pincode="411038",
    amount=5_000_000,
)
NISHA = attrs.evolve(
    ASHA, first_name="Nisha", middle_name="", last_name="Thomas", born_on=date(2001, 12, 5),
    pan="EXTPT7315M",
)  # fmt: skip
UNKNOWN = attrs.evolve(ASHA, pan="ZZZPZ9999Z")
MALFORMED = attrs.evolve(ASHA, first_name="")

REPORT = CreditReport(
    bureau="MEMORY",
    report_id="memory-report",
    bureau_date=TODAY,
    outcome=Outcome.HIT,
    scores=(Score(name="MEMORY", value=768),),
    tradelines=(
        Tradeline(
            ref="1",
            type_code="05",
            ownership=Ownership.INDIVIDUAL,
            open=True,
            opened_on=date(2026, 1, 5),
            balance=9_831_000,
            emi=724_000,
            history=(MonthStatus("2026-10", 0), MonthStatus("2026-09", 12)),
        ),
    ),
)
THIN = attrs.evolve(REPORT, outcome=Outcome.NTC, scores=(), tradelines=())

Stand = Callable[..., Any]


@pytest.fixture(params=registry.cases("bureau"))
def rig(request: pytest.FixtureRequest, stand: Stand) -> BureauRig:
    place = stand("bureau", request.param)
    if place.fake:
        place.adapter.reports.update({ASHA.pan: REPORT, NISHA.pan: THIN})
    return BureauRig(
        name=place.name,
        adapter=place.adapter,
        calls=(Call("pull", effect=False, make=lambda bureau: bureau.pull(ASHA)),),
        meet=place.meet,
        secrets=(*place.secrets, ASHA.pan, ASHA.phone, "Deshpande", "DESHPANDE"),
        today=TODAY,
        known=ASHA,
        score=768,
        new_to_credit=NISHA,
        unknown=UNKNOWN,
        malformed=MALFORMED,
    )


class TestBureau(BureauLaws):
    pass


# -- the imitated bureau ------------------------------------------------------------------------


def test_a_good_file_gives_the_figures_of_the_person(stand: Stand) -> None:
    report = stand("bureau", "equifax").adapter.pull(ASHA).report
    figures = derive(report, as_of=TODAY, pincode=ASHA.pincode)
    assert figures["bureau.activeLoans"] == 2
    assert figures["bureau.maxDpd36m"] == 0
    assert figures["bureau.currentDpd"] == 0
    assert figures["bureau.monthlyObligations"] == 312_000 + 47_250
    assert figures["bureau.enquiries90d"] == 0
    assert figures["bureau.addressMatch"] is True
    assert figures["bureau.vintageMonths"] == 51


def test_a_bad_file_shows_delays_and_a_write_off(stand: Stand) -> None:
    place = stand("bureau", "equifax")
    person = place.world.personas["ravi"]
    inquiry = attrs.evolve(
        ASHA, first_name=person.first_name, born_on=person.born_on, pan=person.pan
    )
    figures = derive(place.adapter.pull(inquiry).report, as_of=TODAY)
    assert figures["bureau.score"] == 541
    lines = person.bureau.tradelines
    assert figures["bureau.currentDpd"] == max(line.history[0] for line in lines)
    assert figures["bureau.writtenOffSettled36m"] == sum(line.written_off > 0 for line in lines) > 0
    assert figures["bureau.totalOverdueAmount"] == sum(line.overdue for line in lines) > 500_000


def test_another_date_of_birth_is_nobody_the_bureau_knows(stand: Stand) -> None:
    adapter = stand("bureau", "equifax").adapter
    other = attrs.evolve(ASHA, born_on=date(1993, 7, 15))
    assert adapter.pull(other).report.outcome is Outcome.NO_HIT


def test_a_pull_leaves_an_enquiry_in_later_reports(stand: Stand) -> None:
    adapter = stand("bureau", "equifax").adapter
    before = derive(adapter.pull(ASHA).report, as_of=TODAY)["bureau.enquiries7d"]
    after = derive(adapter.pull(ASHA).report, as_of=TODAY)["bureau.enquiries7d"]
    assert (before, after) == (0, 1)


@pytest.mark.parametrize(
    "field", ["customer_id", "user_id", "password", "member_number", "security_code"]
)
def test_wrong_credentials_are_our_fault(stand: Stand, field: str) -> None:
    adapter = stand("bureau", "equifax", settings={field: "other"}).adapter
    with pytest.raises(Unavailable) as caught:
        adapter.pull(ASHA)
    assert caught.value.misconfigured is True
    assert caught.value.code == "E0401"


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "Atlantis"},
        {"pincode": "0411"},
        {"address": ""},
        {"phone": "12345"},
        {"pan": "ABC"},
        {"amount": 0},
        {"gender": "X"},
        {"reference": "x" * 41},
    ],
)
def test_a_missing_or_malformed_field_is_rejected(stand: Stand, changes: dict[str, Any]) -> None:
    adapter = stand("bureau", "equifax").adapter
    with pytest.raises(Rejected, match=r"E04\d\d"):
        adapter.pull(attrs.evolve(ASHA, **changes))


def test_the_request_has_the_vendors_fields(stand: Stand) -> None:
    place = stand("bureau", "equifax")
    place.adapter.pull(ASHA)
    [request] = place.sent
    body = json.loads(request.content)
    assert request.url.path == "/equifax/cir360service/cir360report"
    assert body["RequestHeader"]["ProductCode"] == ["CCR"]
    assert body["RequestBody"]["InquiryPurpose"] == "00"
    assert body["RequestBody"]["TransactionAmount"] == "50000"
    assert body["RequestBody"]["InquiryAddresses"][0]["State"] == "MH"
    assert body["RequestBody"]["IDDetails"] == [
        {"seq": "1", "IDType": "T", "IDValue": ASHA.pan, "Source": "Inquiry"}
    ]


# -- Equifax's wire -----------------------------------------------------------------------------

HEADER = {
    "CustRefField": "",
    "ReportOrderNO": "260000001",
    "SuccessCode": "1",
    "Date": "2026-11-23",
}
# Shape of the vendor's report samples; the person and the lenders are made up.
DATA: dict[str, Any] = {
    "ScoreDetails": [
        {
            "Type": "ERS",
            "Version": "4.0",
            "Name": "RTL.ERS4.0",
            "Value": "731",
            "ScoringElements": [
                {"type": "RES", "seq": "1", "code": "7a", "Description": "Low balance to limit"}
            ],
        }
    ],
    "RetailAccountDetails": [
        {
            "seq": "1",
            "AccountNumber": "XXXX4411",
            "Institution": "SAMPLE FINANCE",
            "AccountType": "Personal Loan",
            "OwnershipType": "Individual",
            "Balance": "98310",
            "PastDueAmount": "0",
            "Open": "Yes",
            "SanctionAmount": "1,50,000",
            "LastPaymentDate": "2026-10-05",
            "DateReported": "2026-10-31",
            "DateOpened": "2026-01-05",
            "DateClosed": "",
            "InterestRate": "",
            "RepaymentTenure": "24",
            "InstallmentAmount": "7240.50",
            "TermFrequency": "Monthly",
            "AccountStatus": "Current Account",
            "AssetClassification": "Standard",
            "source": "INDIVIDUAL",
            "History48Months": [
                {
                    "key": "09-26",
                    "PaymentStatus": "012",
                    "SuitFiledStatus": "*",
                    "AssetClassificationStatus": "STD",
                },
                {
                    "key": "10-26",
                    "PaymentStatus": "000",
                    "SuitFiledStatus": "*",
                    "AssetClassificationStatus": "STD",
                },
            ],
        }
    ],
    "Enquiries": [
        {
            "seq": "0",
            "Institution": "SAMPLE BANK",
            "Date": "2026-09-02",
            "Time": "11:20",
            "RequestPurpose": "00",
            "Amount": "100000",
        }
    ],
}


def equifax(answer: object, *, status: int = 200) -> Any:
    """Return the adapter beside a bureau that answers so."""
    row = ProviderRow(name="equifax", settings=sandbox.settings("http://127.0.0.1/equifax"))
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json=answer))
    return registry.opened("bureau", row, transport=transport).adapter


def ccr(*entries: object, **header: object) -> dict[str, object]:
    return {
        "InquiryResponseHeader": {**HEADER, **header},
        "CCRResponse": {"Status": "1", "CIRReportDataLst": list(entries)},
    }


def read(**changes: object) -> CreditReport:
    report: CreditReport = equifax(ccr({"CIRReportData": {**DATA, **changes}})).pull(ASHA).report
    return report


def account(**changes: object) -> Tradeline:
    [line] = read(RetailAccountDetails=[{**DATA["RetailAccountDetails"][0], **changes}]).tradelines
    return line


def month(key: str, status: str, **more: str) -> dict[str, str]:
    return {"key": key, "PaymentStatus": status, **more}


def test_the_vendors_sample_is_read_whole() -> None:
    report = read()
    assert report.outcome is Outcome.HIT
    assert (report.bureau, report.report_id) == ("EQUIFAX", "260000001")
    assert report.bureau_date == date(2026, 11, 23)
    assert report.scores == (
        Score(name="RTL.ERS4.0", value=731, raw="731", reasons=("Low balance to limit",)),
    )
    assert report.enquiries == (
        Enquiry(made_on=date(2026, 9, 2), lender="SAMPLE BANK", purpose="00", amount=10_000_000),
    )
    assert report.tradelines == (
        Tradeline(
            ref="1",
            lender="SAMPLE FINANCE",
            account_masked="XXXX4411",
            type_code="05",
            type_label="Personal Loan",
            ownership=Ownership.INDIVIDUAL,
            open=True,
            opened_on=date(2026, 1, 5),
            reported_on=date(2026, 10, 31),
            last_payment_on=date(2026, 10, 5),
            sanctioned=15_000_000,
            balance=9_831_000,
            overdue=0,
            emi=724_050,
            frequency=Frequency.MONTHLY,
            tenure_months=24,
            history=(MonthStatus("2026-10", 0, "000"), MonthStatus("2026-09", 12, "012")),
        ),
    )


def test_one_report_may_come_without_its_list() -> None:
    answer = ccr()
    answer["CCRResponse"] = {"CIRReportDataLst": {"CIRReportData": DATA}}
    assert equifax(answer).pull(ASHA).report == read()


def test_the_raw_answer_is_handed_over_byte_for_byte() -> None:
    answer = ccr({"CIRReportData": DATA})
    assert json.loads(equifax(answer).pull(ASHA).raw) == answer


def test_consumer_not_found_is_no_hit() -> None:
    entry = {"Error": {"ErrorCode": "GSWDOE116", "ErrorDesc": "Consumer record not found"}}
    assert equifax(ccr(entry)).pull(ASHA).report.outcome is Outcome.NO_HIT


@pytest.mark.parametrize("value", ["-1", "0", "1", "5", "10"])
def test_a_score_that_is_a_code_means_new_to_credit(value: str) -> None:
    assert read(ScoreDetails=[{"Type": "ERS", "Value": value}]).outcome is Outcome.NTC


def test_accounts_without_a_score_are_a_partial_report() -> None:
    assert read(ScoreDetails=[{"Type": "ERS", "Value": ""}]).outcome is Outcome.PARTIAL
    assert read(ScoreDetails=None).outcome is Outcome.PARTIAL


def test_a_file_without_accounts_is_new_to_credit() -> None:
    assert read(RetailAccountDetails="").outcome is Outcome.NTC


@pytest.mark.parametrize(
    ("status", "dpd"),
    [
        ("000", 0),
        ("012", 12),
        ("999", 999),
        ("30+", 30),
        ("NEW", 0),
        ("CLSD", 0),
        ("STD", 0),
        ("SMA", 61),
        ("SUB", 91),
        ("DBT", 181),
        ("LSS", 361),
        ("XXX", None),
        ("*", None),
        ("", None),
        ("???", None),
    ],
)
def test_a_months_word_is_its_conservative_count_of_days(status: str, dpd: int | None) -> None:
    [entry] = account(History48Months=[month("10-26", status)]).history
    assert (entry.dpd, entry.token) == (dpd, status)


def test_a_bad_asset_class_speaks_where_the_payment_status_is_silent() -> None:
    silent = month("10-26", "*", AssetClassificationStatus="SUB")
    good = month("09-26", "*", AssetClassificationStatus="STD")
    counted = month("08-26", "*", DaysPastDue="47")
    assert [entry.dpd for entry in account(History48Months=[silent, good, counted]).history] == [
        91,
        None,
        47,
    ]


def test_a_doubled_month_counts_at_its_worst_and_a_strange_key_not_at_all() -> None:
    months = [month("10-26", "005"), month("10-26", "040"), month("13-26", "900"), month("", "1")]
    assert account(History48Months=months).history == (MonthStatus("2026-10", 40, "040"),)


def test_the_accounts_own_days_past_due_stand_for_an_unreported_month() -> None:
    line = account(DaysPastDue="61", History48Months=[month("10-26", "*")])
    assert line.history == (MonthStatus("2026-10", 61, "61"),)


@pytest.mark.parametrize(
    ("said", "marks"),
    [
        ("Suit Filed", {Mark.SUIT_FILED}),
        ("Suit Filed and Written Off", {Mark.SUIT_FILED, Mark.WRITTEN_OFF}),
        ("Suit Filed-Willful Default", {Mark.SUIT_FILED, Mark.WILFUL_DEFAULT}),
        (
            "Suit Filed, Willful Default and Written off",
            {Mark.SUIT_FILED, Mark.WILFUL_DEFAULT, Mark.WRITTEN_OFF},
        ),
        ("Settled", {Mark.SETTLED}),
        ("Post Written Off/Settled", {Mark.WRITTEN_OFF, Mark.SETTLED}),
        ("Restructured Loan", {Mark.RESTRUCTURED}),
        ("No Suit Filed", set()),
        ("*", set()),
        ("", set()),
    ],
)
def test_a_status_text_gives_its_marks(said: str, marks: set[Mark]) -> None:
    assert account(SuitFiledStatus=said).marks == marks


def test_an_amount_written_off_is_a_write_off_though_nobody_says_so() -> None:
    line = account(WriteOffAmount="28,960.50")
    assert line.marks == {Mark.WRITTEN_OFF}
    assert line.written_off == 2_896_050


def test_the_first_marked_month_dates_a_write_off() -> None:
    months = [
        month("10-26", "*", SuitFiledStatus="Written-off"),
        month("05-24", "*", SuitFiledStatus="Written-off"),
        month("04-24", "180", SuitFiledStatus="*"),
    ]
    line = account(History48Months=months, AccountStatus="Written-off")
    assert line.marks_since == date(2024, 5, 1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Open": "No"}, False),
        ({"Open": ""}, True),
        ({"Open": "", "DateClosed": "2026-02-01"}, False),
        ({"Open": None, "AccountStatus": "Closed Account"}, False),
    ],
)
def test_an_account_is_open_if_it_says_so_or_shows_no_end(
    changes: dict[str, object], *, expected: bool
) -> None:
    assert account(**changes).open is expected


def test_blanks_are_missing_and_never_nothing() -> None:
    line = account(Balance="", PastDueAmount="-", SanctionAmount=None, HighCredit="1,00,000.00")
    assert (line.balance, line.overdue, line.sanctioned) == (None, None, 10_000_000)


def test_an_amount_that_is_none_makes_the_report_unreadable() -> None:
    with pytest.raises(Unavailable):
        account(Balance="98310 approx")


def test_credit_balances_and_nul_characters_are_read() -> None:
    line = account(Balance="-1,250.75", Institution="SAMPLE\u0000 BANK ")
    assert (line.balance, line.lender) == (-125_075, "SAMPLE BANK")


@pytest.mark.parametrize("code", ["E0405", "E0773"])
def test_an_error_of_the_request_is_rejected_without_its_text(code: str) -> None:
    error = {"ErrorCode": code, "ErrorDesc": "PAN AAKPD2468F is strange"}
    answer = {"InquiryResponseHeader": {**HEADER, "SuccessCode": "0"}, "Error": error}
    with pytest.raises(Rejected) as caught:
        equifax(answer).pull(ASHA)
    assert caught.value.code == code
    assert "AAKPD2468F" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        ccr(),
        ccr({"CIRReportData": DATA}, SuccessCode="0"),
        ccr({"CIRReportData": DATA}, Date=""),
        ccr({"CIRReportData": DATA}, CustRefField="somebody-else"),
        {},
        [],
    ],
)
def test_what_is_neither_report_nor_error_is_no_answer(answer: object) -> None:
    with pytest.raises(Unavailable):
        equifax(answer).pull(ASHA)


def test_an_unexpected_client_error_is_rejected_by_its_status() -> None:
    with pytest.raises(Rejected, match="404"):
        equifax({}, status=404).pull(ASHA)


def test_enquiries_are_counted_back_from_the_reports_date() -> None:
    bureau_date = date(2026, 11, 23)
    told = [
        {"Institution": f"LENDER {days}", "Date": (bureau_date - timedelta(days=days)).isoformat()}
        for days in (3, 20, 31, 100)
    ]
    figures = derive(read(Enquiries=told), as_of=date(2026, 12, 20))
    assert [figures[f"bureau.enquiries{n}d"] for n in (7, 30, 60, 90)] == [1, 2, 3, 3]


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*DATA, *DATA["RetailAccountDetails"][0]]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*DATA, *DATA["RetailAccountDetails"][0]]), junk))
def test_whatever_a_bureau_sends_is_a_report_or_a_provider_error(changes: dict[str, Any]) -> None:
    account = {**DATA["RetailAccountDetails"][0], **changes}
    data = {**DATA, "RetailAccountDetails": [account], **changes}
    try:
        report = equifax(ccr({"CIRReportData": data})).pull(ASHA).report
    except ProviderError:
        return
    derive(report, as_of=TODAY, pincode="411038")
    assert CreditReport.from_document(report.document()) == report
