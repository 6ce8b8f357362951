"""The applicant document: the one flat set of facts that rules, scores and limits read.

Adapters translate each vendor's report into these keys; rules know nothing else. A fact that is not
known is absent (or None), never 0: a missing bounce count and no bounces are different things. Who
computes the derived keys is `derived`; what a rule makes of a value is `bre` and `evaluation`.
Units: money keys hold paise, `…Pct` keys per cent, months are completed months.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Self, TypeAlias

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.money import LIMIT

Value: TypeAlias = int | Decimal | bool | str | None


class Kind(StrEnum):
    """What a key holds: MONEY int paise, COUNT int, NUMBER Decimal, FLAG bool, TEXT str."""

    MONEY = "MONEY"
    COUNT = "COUNT"
    NUMBER = "NUMBER"
    FLAG = "FLAG"
    TEXT = "TEXT"


class Sensitivity(StrEnum):
    """Who sees a value: OPEN all who may read the loan, PERSONAL with `pii.view`, SECRET nobody."""

    OPEN = "OPEN"
    PERSONAL = "PERSONAL"
    SECRET = "SECRET"  # noqa: S105 - a class of data, not a password


class Report(StrEnum):
    """A bought or fetched report that staff may, with a reason, go on without."""

    BUREAU = "BUREAU"
    BSA = "BSA"
    EPFO = "EPFO"
    SELFIE_MATCH = "SELFIE_MATCH"


@attrs.frozen(kw_only=True)
class Key:
    """One key of the document. `report` is the report it comes from; None: declared or internal."""

    name: str
    kind: Kind
    sensitivity: Sensitivity
    report: Report | None

    @property
    def is_early(self) -> bool:
        """Whether the value is there before any report is bought (a pre-check may read it)."""
        return self.report is None and not self.name.startswith("derived.")


@attrs.frozen
class Datum:
    """A value and where it came from; `fetched_at` is when the source said so (None: undated)."""

    value: Value
    source: str
    fetched_at: datetime | None = None
    report_id: str | None = None


def _data(given: Mapping[str, Datum]) -> Mapping[str, Datum]:
    return MappingProxyType(dict(sorted(given.items())))


@attrs.frozen
class Applicant:
    """Facts by key. Building one checks every key and type, so rules never meet a wrong value.

    Raises: Invalid: an unknown key or a value of another type; `fields` names each.
    """

    data: Mapping[str, Datum] = attrs.field(factory=dict, converter=_data)

    def __attrs_post_init__(self) -> None:
        wrong = [
            (name, says)
            for name, datum in self.data.items()
            if (says := _complaint(name, datum.value))
        ]
        if wrong:
            raise Invalid("the applicant document is not well formed", fields=wrong)

    @classmethod
    def of(
        cls,
        values: Mapping[str, Value],
        *,
        source: str,
        fetched_at: datetime | None = None,
        report_id: str | None = None,
    ) -> Self:
        """Return a document whose values all come from one source."""
        return cls(
            {key: Datum(value, source, fetched_at, report_id) for key, value in values.items()}
        )

    def with_data(self, later: "Applicant | Mapping[str, Datum]") -> "Applicant":
        """Return this document with `later` laid over it, key by key.

        An absent value (None) does not erase a known one: a second report that is silent on a key
        is not evidence against the first.
        """
        over = later.data if isinstance(later, Applicant) else later
        kept = {k: d for k, d in over.items() if d.value is not None or k not in self.data}
        return Applicant({**self.data, **kept})

    def without(self, *keys: str) -> "Applicant":
        """Return this document without these keys (a report that has expired)."""
        return Applicant({k: d for k, d in self.data.items() if k not in keys})

    def get(self, key: str) -> Value:
        """Return the value under `key`, None if it is missing. Raises: KeyError: no such key."""
        KEYS[key]
        datum = self.data.get(key)
        return None if datum is None else datum.value

    def values(self) -> dict[str, Value]:
        """Return the known values by key; a missing one is not in it."""
        return {key: datum.value for key, datum in self.data.items() if datum.value is not None}

    def document(self) -> dict[str, object]:
        """Return the JSON-ready form: {key: {value, source, fetchedAt, reportId}}."""
        return {
            key: {
                "value": value_document(datum.value),
                "source": datum.source,
                "fetchedAt": datum.fetched_at.isoformat() if datum.fetched_at else None,
                "reportId": datum.report_id,
            }
            for key, datum in self.data.items()
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the applicant that `document()` described. Raises: Invalid."""
        data = {}
        for key, entry in document.items():
            at, report = entry.get("fetchedAt"), entry.get("reportId")
            data[key] = Datum(
                value_from_document(key, entry.get("value")),
                str(entry["source"]),
                datetime.fromisoformat(str(at)) if at is not None else None,
                str(report) if report is not None else None,
            )
        return cls(data)


def value_document(value: Value) -> int | bool | str | None:
    """Return the JSON form of one value: a decimal becomes plain text, all else stays."""
    return f"{value:f}" if isinstance(value, Decimal) else value


def value_from_document(key: str, raw: object) -> Value:
    """Return the value of `key` that `raw` stands for.

    Numbers of NUMBER keys arrive as text or as int. Raises: Invalid: unknown key, or not its kind.
    """
    found = KEYS.get(key)
    value: object = raw
    if found is not None and found.kind is Kind.NUMBER and type(raw) in {int, str}:
        try:
            value = Decimal(str(raw))
        except InvalidOperation as err:
            raise Invalid(f"{key} is not a number", fields=((key, "is not a number"),)) from err
    if says := _complaint(key, value):
        raise Invalid(f"{key} {says}", fields=((key, says),))
    return value  # type: ignore[return-value]  # _complaint has checked it against the key's kind


def age_on(born: date, on: date) -> int:
    """Return the completed years on a date; one born on 29 February is a year older on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def masked(key: str, value: Value) -> str | None:
    """Return what a person without `pii.view` sees of a value; None stays None.

    OPEN values are shown as they are, PERSONAL ones keep their first character and their length
    (a salary of 4200000 paise is `4xxxxxx`), SECRET ones keep nothing. An unknown key is SECRET.
    """
    if value is None:
        return None
    found = KEYS.get(key)
    text = shown(value)
    if found is None or found.sensitivity is Sensitivity.SECRET:
        return "xxxx"
    if found.sensitivity is Sensitivity.OPEN or isinstance(value, bool):
        return text
    return text[:1] + "x" * (len(text) - 1)


def shown(value: Value) -> str:
    """Return a known value as text: yes/no for flags, plain digits for numbers."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


_TYPES: Final[Mapping[Kind, type]] = {
    Kind.MONEY: int,
    Kind.COUNT: int,
    Kind.NUMBER: Decimal,
    Kind.FLAG: bool,
    Kind.TEXT: str,
}


def _complaint(name: str, value: object) -> str | None:
    found = KEYS.get(name)
    if found is None:
        return "is no key of the applicant document"
    if value is None:
        return None
    if type(value) is not _TYPES[found.kind]:
        return f"must be {found.kind.value}, not {type(value).__name__}"
    if isinstance(value, Decimal) and not value.is_finite():
        return "must be a finite number"
    if isinstance(value, int) and abs(value) > LIMIT:
        return "is beyond any possible amount"
    return None


_TABLE: Final = """
kyc.panVerified                       FLAG    OPEN      -
kyc.panNameMatchPct                   COUNT   OPEN      -
kyc.aadhaarVerified                   FLAG    OPEN      -
kyc.panAadhaarSeeded                  FLAG    OPEN      -
kyc.faceMatchPct                      COUNT   OPEN      SELFIE_MATCH
kyc.kycMode                           TEXT    OPEN      -
applicant.age                         COUNT   PERSONAL  -
applicant.pan                         TEXT    SECRET    -
applicant.phone                       TEXT    SECRET    -
applicant.residenceType               TEXT    OPEN      -
applicant.monthsAtAddress             COUNT   OPEN      -
income.netMonthlySalary               MONEY   PERSONAL  -
income.householdAnnualIncome          MONEY   PERSONAL  -
income.salaryMode                     TEXT    OPEN      -
income.salaryDay                      COUNT   OPEN      -
income.salaryVariancePct              NUMBER  OPEN      -
income.employerCategory               TEXT    OPEN      -
income.companyType                    TEXT    OPEN      -
employment.monthsInCurrentJob         COUNT   OPEN      -
employment.totalMonths                COUNT   OPEN      -
employment.epfoEmployerMatch          FLAG    OPEN      EPFO
employment.lastPfContributionMonth    TEXT    OPEN      EPFO
address.pincode                       TEXT    PERSONAL  -
address.pincodeServiceable            FLAG    OPEN      -
address.pincodeNegative               FLAG    OPEN      -
address.cityCategory                  TEXT    OPEN      -
address.geoDistanceKm                 NUMBER  OPEN      -
bureau.score                          COUNT   PERSONAL  BUREAU
bureau.isNtc                          FLAG    OPEN      BUREAU
bureau.vintageMonths                  COUNT   OPEN      BUREAU
bureau.activeLoans                    COUNT   OPEN      BUREAU
bureau.activeUnsecuredLoans           COUNT   OPEN      BUREAU
bureau.activePersonalLoansUnder50k    COUNT   OPEN      BUREAU
bureau.totalOverdueAmount             MONEY   PERSONAL  BUREAU
bureau.maxDpd3m                       COUNT   OPEN      BUREAU
bureau.maxDpd6m                       COUNT   OPEN      BUREAU
bureau.maxDpd12m                      COUNT   OPEN      BUREAU
bureau.maxDpd24m                      COUNT   OPEN      BUREAU
bureau.maxDpd36m                      COUNT   OPEN      BUREAU
bureau.currentDpd                     COUNT   OPEN      BUREAU
bureau.writtenOffSettled36m           COUNT   OPEN      BUREAU
bureau.suitFiledWilful                FLAG    OPEN      BUREAU
bureau.enquiries7d                    COUNT   OPEN      BUREAU
bureau.enquiries30d                   COUNT   OPEN      BUREAU
bureau.enquiries60d                   COUNT   OPEN      BUREAU
bureau.enquiries90d                   COUNT   OPEN      BUREAU
bureau.unsecuredOpened3m              COUNT   OPEN      BUREAU
bureau.monthlyObligations             MONEY   PERSONAL  BUREAU
bureau.unsecuredOutstanding           MONEY   PERSONAL  BUREAU
bureau.ccUtilPct                      NUMBER  OPEN      BUREAU
bureau.addressMatch                   FLAG    OPEN      BUREAU
bank.monthsCovered                    COUNT   OPEN      BSA
bank.salaryCreditsCount               COUNT   OPEN      BSA
bank.abb                              MONEY   PERSONAL  BSA
bank.abbToEmi                         NUMBER  OPEN      BSA
bank.inwardBounces1m                  COUNT   OPEN      BSA
bank.inwardBounces3m                  COUNT   OPEN      BSA
bank.inwardBounces6m                  COUNT   OPEN      BSA
bank.emiDebits                        MONEY   PERSONAL  BSA
bank.loanCredits30d                   COUNT   OPEN      BSA
bank.gamblingDebitsPct                NUMBER  OPEN      BSA
bank.cashDepositPct                   NUMBER  OPEN      BSA
bank.tamperFlag                       FLAG    OPEN      BSA
bank.negativeBalanceDays              COUNT   OPEN      BSA
internal.blocklistHit                 FLAG    OPEN      -
internal.blocklistHitPan              FLAG    OPEN      -
internal.blocklistHitAadhaar          FLAG    OPEN      -
internal.blocklistHitPhone            FLAG    OPEN      -
internal.blocklistHitDevice           FLAG    OPEN      -
internal.blocklistHitAccount          FLAG    OPEN      -
internal.activeLoansSameBrand         COUNT   OPEN      -
internal.activeLoansAllBrands         COUNT   OPEN      -
internal.lastRejectDays               COUNT   OPEN      -
internal.priorWriteOff                FLAG    OPEN      -
internal.priorSettledMonths           COUNT   OPEN      -
internal.priorMaxDpd                  COUNT   OPEN      -
internal.sharedPhoneUsers             COUNT   OPEN      -
internal.sharedAccountUsers           COUNT   OPEN      -
loan.requestedAmount                  MONEY   OPEN      -
brand.allowNtc                        FLAG    OPEN      -
brand.allowMicrofinance               FLAG    OPEN      -
derived.preLoanFoirPct                NUMBER  OPEN      -
derived.postLoanFoirPct               NUMBER  OPEN      -
derived.loanToSalaryPct               NUMBER  OPEN      -
derived.ageAtMaturity                 COUNT   PERSONAL  -
derived.isMicrofinance                FLAG    OPEN      -
derived.householdFoirPct              NUMBER  OPEN      -
derived.kycCapHeadroom                MONEY   OPEN      -
"""


def _keys() -> Iterator[tuple[str, Key]]:
    for line in _TABLE.strip().splitlines():
        name, kind, sensitivity, report = line.split()
        yield (
            name,
            Key(
                name=name,
                kind=Kind(kind),
                sensitivity=Sensitivity(sensitivity),
                report=None if report == "-" else Report(report),
            ),
        )


KEYS: Final[Mapping[str, Key]] = MappingProxyType(dict(_keys()))
"""Every key a document may hold and a rule may name."""
