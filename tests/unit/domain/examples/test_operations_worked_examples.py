"""The worked examples of allocation, reminders, co-lending, settlement, metrics and compliance.

Inputs and expected figures stand in the file beside this one, money in rupees.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from los_core.domain.assignment import Case, Executive, Pool, assign
from los_core.domain.bureau_calendar import cycles
from los_core.domain.colending import (
    Arrangement,
    blended_rate_pct,
    disbursal_shares,
    interest_for,
    split,
    totals,
)
from los_core.domain.contact import INDIA, Traffic, send_at
from los_core.domain.deadlines import bureau_compensation
from los_core.domain.dlg import DlgPool
from los_core.domain.eligibility import KycLoan, kyc_cap
from los_core.domain.ids import LoanId, StaffId
from los_core.domain.kyc import KycMode
from los_core.domain.metrics import Period, metrics
from los_core.domain.policies import Component
from los_core.domain.reminder import sending_days
from los_core.domain.rupees import parse_rupees
from los_core.domain.settlement import Dues, Payment, Proposal
from los_core.domain.target import Metric, PeriodKind, Scope, Target, progress
from los_core.domain.workdays import is_working_day

Inputs = Mapping[str, Any]
EXAMPLES = json.loads(Path(__file__).with_name("worked_examples.json").read_text("utf-8"))
AGREED = date(2026, 1, 1)


def paise(text: str) -> int:
    return parse_rupees(text)


def rupees(amount: int) -> str:
    return str(Decimal(amount).scaleb(-2))


def day(text: str) -> date:
    return date.fromisoformat(text)


def allocation_example(given: Inputs) -> dict[str, Any]:
    lead, named = given["lead"], {}
    team = []
    for number, each in enumerate(given["executives"], start=1):
        staff_id = StaffId(UUID(int=number))
        named[staff_id] = each["id"]
        team.append(
            Executive(
                id=staff_id,
                active=each["status"] == "ACTIVE",
                pools=frozenset({Pool.ORIGINATION}),
                open=each["open"],
                capacity=each["capacity"],
                rating=each["rating"],
                last_allocated_at=datetime.fromisoformat(each["lastAllocatedAt"]),
                products=frozenset(each["products"]),
                languages=frozenset(each["languages"]),
                unavailable=frozenset(map(day, each["unavailableDates"])),
            )
        )
    ids = {name: staff_id for staff_id, name in named.items()}
    case = Case(
        loan_id=LoanId(UUID(int=1)),
        pool=Pool.ORIGINATION,
        on=day(lead["date"]),
        product=lead["product"],
        language=lead.get("language"),
        previous_executive_id=ids.get(lead.get("previousExecutiveId")),
    )
    weights = {int(rating): Decimal(text) for rating, text in given["ratingWeights"].items()}
    found = assign(case, team, weights=weights)
    assert found.executive_id is not None
    return {
        "assignedTo": named[found.executive_id],
        "method": found.how,
        "effectiveLoads": {named[staff]: str(load) for staff, load in found.loads.items()},
        "excluded": [{"id": named[who], "reason": why.value} for who, why in found.excluded],
    }


def reminder_example(given: Inputs) -> list[dict[str, Any]]:
    if "messages" in given:
        return [quiet_hours(each) for each in given["messages"]]
    closed = set(map(day, given["partnerUnavailabilityDates"]))
    return [
        {
            "sendOn": each.send_on.isoformat(),
            "offset": each.offset_days,
            "nominalDate": each.nominal_on.isoformat(),
        }
        for each in sending_days(day(given["dueDate"]), given["offsetsDays"], closed)
    ]


def quiet_hours(message: Inputs) -> dict[str, str]:
    sent = send_at(datetime.fromisoformat(message["requestedAt"]), Traffic(message["kind"]))
    return {**message, "sendAt": sent.astimezone(INDIA).isoformat()}


def co_lending_example(given: Inputs) -> dict[str, Any]:
    if "dlgSetSanctioned" in given:
        pool = DlgPool(
            sanctioned=paise(given["dlgSetSanctioned"]),
            disbursed=paise(given["disbursedToDate"]),
            invoked=paise(given["dlgInvokedToDate"]),
            cap_pct=Decimal(given["capPct"]),
        )
        return {"maxCover": rupees(pool.max_cover), "coverAvailable": rupees(pool.available)}
    return rate_split(given) if "ownRatePct" in given else collection_split(given)


def collection_split(given: Inputs) -> dict[str, Any]:
    arrangement = Arrangement(
        agreed_on=AGREED,
        partner_share_pct=Decimal(given["partnerSharePct"]),
        partner_charge_share_pct=Decimal(given["partnerChargeSharePct"]),
    )
    collected = {Component(k.upper()): paise(v) for k, v in given["collection"].items()}
    found = split(collected, arrangement)
    total = totals(found)
    return {
        "components": {
            each.value.lower(): {"partner": rupees(part.partner), "own": rupees(part.own)}
            for each, part in found.items()
        },
        "partnerTotal": rupees(total.partner),
        "ownTotal": rupees(total.own),
    }


def rate_split(given: Inputs) -> dict[str, Any]:
    partner_rate = Decimal(given["partnerRatePct"])
    arrangement = Arrangement(
        agreed_on=AGREED,
        partner_share_pct=Decimal(given["partnerSharePct"]),
        own_rate_pct=Decimal(given["ownRatePct"]),
        partner_rate_pct=partner_rate,
    )
    principal, month = paise(given["principal"]), (1, 12)
    shares = disbursal_shares(principal, arrangement)
    rate = blended_rate_pct(arrangement)
    borrower = interest_for(principal, rate, month)
    earned = interest_for(shares.partner, partner_rate, month)
    interest = split({Component.INTEREST: borrower}, arrangement, partner_interest_due=earned)
    return {
        "partnerDisbursal": rupees(shares.partner),
        "ownDisbursal": rupees(shares.own),
        "blendedRatePct": str(rate),
        "borrowerInterest": rupees(borrower),
        "partnerInterest": rupees(interest[Component.INTEREST].partner),
        "ownInterest": rupees(interest[Component.INTEREST].own),
    }


def settlement_example(given: Inputs) -> dict[str, Any]:
    spelled = {"otherCharges": "other"}
    dues = Dues(**{spelled.get(k, k): paise(v) for k, v in given["dues"].items()})
    amount, last_on = paise(given["settlementAmount"]), day(given["lastPaymentDate"])
    proposal = Proposal(
        dues=dues,
        payments=(Payment(on=last_on, amount=amount),),
        agreed_on=day(given["agreedOn"]),
        order=tuple(Component(spelled.get(k, k).upper()) for k in given["waiverOrder"]),
    )
    return {
        "totalDues": rupees(dues.total),
        "totalWaiver": rupees(proposal.waiver.total),
        "waiverPct": str(proposal.waiver_pct),
        "waiver": {
            name: rupees(getattr(proposal.waiver, spelled.get(name, name)))
            for name in given["waiverOrder"]
        },
        "treatAsRestructuring": proposal.is_restructuring,
        "reloanBlockedUntil": proposal.reloan_blocked_until.isoformat(),
    }


def metrics_example(given: Inputs) -> dict[str, str]:
    count = {name: int(text) for name, text in given.items()}
    found = metrics(
        Period(
            due=paise(given["dueInPeriod"]),
            collected_against_due=paise(given["collectedAgainstDueInPeriod"]),
            opening_overdue=paise(given["openingOverdue"]),
            collected=paise(given["collectedTotal"]),
            outstanding=paise(given["principalOutstanding"]),
            outstanding_dpd_over_30=paise(given["principalOutstandingDpdOver30"]),
            outstanding_npa=paise(given["principalOutstandingNpa"]),
            accounts_opening=count["accountsBucketOpening"],
            rolled_forward=count["accountsRolledForward"],
            cured=count["accountsCured"],
            approved=count["approved"],
            rejected=count["decided"] - count["approved"],
            disbursed=count["disbursed"],
        )
    )
    target = target_progress(given)
    return {
        "currentCollectionEfficiencyPct": str(found.current_collection_efficiency_pct),
        "overallCollectionEfficiencyPct": str(found.overall_collection_efficiency_pct),
        "par30Pct": str(found.par_30_pct),
        "gnpaPct": str(found.gnpa_pct),
        "rollForwardPct": str(found.roll_forward_pct),
        "cureRatePct": str(found.cure_rate_pct),
        "approvalRatePct": str(found.approval_rate_pct),
        "disbursalConversionPct": str(found.disbursal_conversion_pct),
        "targetAchievementPct": str(target[0]),
        "expectedRunRatePct": str(target[1]),
    }


def target_progress(given: Inputs) -> tuple[Decimal | None, Decimal | None]:
    """A month whose last days are closed has as many working days as the example says."""
    first = date(2026, 3, 1)
    month = [first + timedelta(days=ahead) for ahead in range(31)]
    days = [each for each in month if is_working_day(each, frozenset())]
    target = Target(
        id=UUID(int=1),
        period=PeriodKind.MONTH,
        starts_on=first,
        scope=Scope.BRAND,
        metric=Metric.DISBURSAL_AMOUNT,
        value=paise(given["target"]),
    )
    found = progress(
        target,
        paise(given["achieved"]),
        days[int(given["workingDaysElapsed"]) - 1],
        closed=set(days[int(given["workingDaysTotal"]) :]),
    )
    return found.achievement_pct, found.expected_run_rate_pct


def compliance_example(given: Inputs) -> Any:
    if "month" in given:
        year, month = map(int, given["month"].split("-"))
        return [
            {
                "referenceDate": each.reference_on.isoformat(),
                "submitBy": each.submit_by.isoformat(),
                "file": each.file.value,
            }
            for each in cycles(year, month)
        ]
    if "priorLoans" in given:
        cap = kyc_cap(
            [
                KycLoan(
                    sanctioned_on=day(each["sanctionedOn"]),
                    amount=paise(each["amount"]),
                    kyc_mode=KycMode(each["kycMode"]),
                )
                for each in given["priorLoans"]
            ],
            day(given["asOf"]),
            cap=paise(given["capPerYear"]),
        )
        asked = paise(given["requestedAmount"])
        return {
            "used": rupees(cap.used),
            "remaining": rupees(cap.remaining),
            "allowed": cap.allows(asked),
        }
    late = bureau_compensation(
        day(given["complaintFiledOn"]),
        day(given["resolvedOn"]),
        limit_days=given["slaDays"],
        per_day=paise(given["perDay"]),
    )
    return {"delayDays": late.delay_days, "compensation": rupees(late.amount)}


ANSWERS: Mapping[str, Callable[[Inputs], Any]] = {
    "auto-allocation": allocation_example,
    "reminders": reminder_example,
    "co-lending": co_lending_example,
    "settlement": settlement_example,
    "metrics": metrics_example,
    "compliance": compliance_example,
}
MINE = [each for each in EXAMPLES if each["category"] in ANSWERS]


@pytest.mark.parametrize("example", MINE, ids=[each["id"] for each in MINE])
def test_the_worked_example_comes_out_to_the_last_figure(example: Inputs) -> None:
    answer = ANSWERS[example["category"]](example["inputs"])
    assert answer == example["expected"]
