"""The worked examples of schedules, charges, rates and money over time, every figure of them.

The file beside this one holds inputs and expected figures in rupees; here each example's inputs
become the library's own values, and its answer is spelled back the same way and compared whole.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from los_core.domain import apr
from los_core.domain.allocation import Due, allocate
from los_core.domain.arrears import dpd, loan_class, npa_since, sma_class
from los_core.domain.charges import Discount, FeeRule, penal_charge, processing_fee
from los_core.domain.daycount import year_fraction
from los_core.domain.facts import Disbursed, Fact, Intent, Levied, Received
from los_core.domain.fold import fold
from los_core.domain.foreclosure import cooling_off_quote, quote
from los_core.domain.money import round_half_up
from los_core.domain.policies import (
    AllocationMode,
    AllocationPolicy,
    ChargeKind,
    ChargesPosition,
    Component,
    CoolingOff,
    DayCount,
    ForeclosurePolicy,
    Gst,
    InterestOnShift,
    Method,
    PenalPolicy,
    ProcessingFee,
    RateUnit,
    ShiftRule,
    Supply,
    Tax,
)
from los_core.domain.pricing import price_terms
from los_core.domain.provisioning import Exposure, Layer, provision
from los_core.domain.rounding import Rounding
from los_core.domain.rupees import parse_rupees
from los_core.domain.schedule import Schedule, build, interest_for
from los_core.domain.state import State
from los_core.domain.terms import Terms
from los_core.domain.workdays import add_months, days_between, shifted

Inputs = Mapping[str, Any]
EXAMPLES = json.loads(Path(__file__).with_name("worked_examples.json").read_text("utf-8"))
DAY_COUNTS = {
    "ACT_365": DayCount.ACT_365,
    "ACT_360": DayCount.ACT_360,
    "30_360": DayCount.THIRTY_360,
    "ACT_ACT": DayCount.ACT_ACT,
}
ROUNDINGS = {"RUPEE": Rounding.RUPEE, "PAISE": Rounding.PAISE, "NONE": Rounding.UNROUNDED}


def paise(text: str) -> int:
    return parse_rupees(text)


def rupees(amount: int) -> str:
    return str(Decimal(amount).scaleb(-2))


def day(text: str) -> date:
    return date.fromisoformat(text)


def days(texts: list[str]) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, texts))


def terms(given: Inputs, **changes: Any) -> Terms:
    """An example's loan; what it does not name is monthly from 5 January 2026."""
    planned = day(given.get("disbursalDate", "2026-01-05"))
    bullet = given.get("method") == "BULLET"
    first = day(given.get("dueDate" if bullet else "firstDueDate", "2026-02-05"))
    chosen = {
        "method": Method(given.get("method", "REDUCING")),
        "principal": paise(given["principal"]),
        "rate_pct": Decimal(given.get("annualRatePct") or given["rate"]),
        "rate_unit": RateUnit(given.get("rateUnit", "ANNUAL")),
        "instalments": given.get("instalments", 1),
        "planned_on": planned,
        "first_due_on": first,
        "anchor_day": given.get("anchorDay", first.day),
        "day_count": DayCount.ACT_365 if bullet else DayCount.MONTHLY,
        "rounding": ROUNDINGS[given.get("emiRounding") or given.get("amountRounding") or "PAISE"],
        "shift_rule": ShiftRule(given.get("shiftRule", "NONE")),
        "non_repayment_dates": days(given.get("nonRepaymentDates", [])),
    }
    return Terms(**{**chosen, **changes})


def built(loan: Terms) -> Schedule:
    return build(loan, disbursed_on=loan.planned_on)


def loan_state(loan: Terms, on: date, *facts: Fact) -> State:
    credit = Disbursed(
        fact_id=UUID(int=1),
        value_date=loan.planned_on,
        source="bank",
        reference="utr",
        amount=loan.principal - loan.fee.total,
    )
    return fold(loan, [credit, *facts], on=on)


def received(amount: int, on: date, reference: str, intent: Intent = Intent.INSTALMENT) -> Fact:
    return Received(
        fact_id=UUID(int=int.from_bytes(reference.encode(), "big") + 2),
        value_date=on,
        source="bank",
        reference=reference,
        amount=amount,
        intent=intent,
    )


def schedule_example(given: Inputs) -> dict[str, Any]:
    """Every key that any example of a schedule names; the comparison takes those it expects."""
    loan = terms(given)
    schedule = built(loan)
    rows = [
        {
            "no": row.no,
            "dueDate": row.due_on.isoformat(),
            "adjustedDueDate": row.adjusted_due_on.isoformat(),
            "opening": rupees(row.opening),
            "principal": rupees(row.principal),
            "interest": rupees(row.interest),
            "amount": rupees(row.amount),
            "closing": rupees(row.closing),
        }
        for row in schedule
    ]
    return {
        "emi": rupees(schedule.emi),
        "days": days_between(loan.planned_on, loan.first_due_on),
        "interest": rupees(schedule.total_interest),
        "amountDue": rupees(schedule.emi),
        "totalInterest": rupees(schedule.total_interest),
        "totalPayable": rupees(schedule.total_payable),
        "rows": rows,
        "cycleStart": add_months(loan.first_due_on, -1, anchor_day=loan.anchor_day).isoformat(),
        "brokenDays": schedule.broken_days,
        "brokenPeriodInterest": rupees(schedule.broken_interest),
        "firstPeriodDays": days_between(loan.planned_on, loan.first_due_on),
        "firstInterest": rupees(schedule.interest[0]),
        "firstInstalment": rupees(schedule.amount[0]),
        "lastInstalment": rupees(schedule.amount[-1]),
        "upfrontDeduction": rupees(schedule.upfront_interest),
    }


def day_count_example(given: Inputs) -> dict[str, Any]:
    start, end = day(given["startDate"]), day(given["endDate"])
    found = {}
    for name, count in DAY_COUNTS.items():
        over, under = year_fraction(count, start, end)
        loan = terms(given, planned_on=start, first_due_on=end, anchor_day=end.day,
                     method=Method.BULLET, day_count=count)  # fmt: skip
        found[name] = {
            "interest": rupees(interest_for(loan, loan.principal, start, end)),
            "yearFraction": str((Decimal(over) / under).quantize(Decimal("1e-8"))),
        }
    return {"days": days_between(start, end), "byConvention": found}


def shift_example(given: Inputs) -> dict[str, Any]:
    closed = set(days(given["nonRepaymentDates"]))
    if "principal" not in given:
        due_on = day(given["dueDate"])
        rules = [rule for rule in ShiftRule if rule is not ShiftRule.NONE]
        return {rule.value: shifted(due_on, rule, closed).isoformat() for rule in rules}
    by_shift = {}
    for choice in InterestOnShift:
        schedule = built(terms(given, interest_on_shift=choice))
        by_shift[choice.value] = {
            "days": days_between(day(given["disbursalDate"]), schedule.accrued_on[0]),
            "interest": rupees(schedule.interest[0]),
            "amountDue": rupees(schedule.amount[0]),
        }
    return {
        "adjustedDueDate": built(terms(given)).adjusted_due_on[0].isoformat(),
        "byInterestOnShift": by_shift,
    }


def fee_example(given: Inputs) -> dict[str, Any]:
    supply = Supply.INTRA_STATE if given["placeOfSupplyIntraState"] else Supply.INTER_STATE
    discount = None
    if given["coupon"]:
        coupon = given["coupon"]
        discount = Discount(pct=Decimal(coupon["value"]), cap=paise(coupon["maxDiscount"]))
    rule = FeeRule(
        pct=Decimal(given["feeValue"]),
        minimum=paise(given["minFee"]) if given["minFee"] else 0,
        maximum=paise(given["maxFee"]) if given["maxFee"] else None,
    )
    tax = Tax(supply=supply, processing_pct=Decimal(given["gstRatePct"]))
    principal = paise(given["principal"])
    fee = processing_fee(principal, rule, tax=tax, discount=discount)
    return {
        "grossFee": rupees(fee.gross),
        "discount": rupees(fee.discount),
        "netFee": rupees(fee.net),
        "gst": rupees(fee.gst.total),
        "cgst": rupees(fee.gst.cgst),
        "sgst": rupees(fee.gst.sgst),
        "igst": rupees(fee.gst.igst),
        "netDisbursal": rupees(principal - fee.total),
    }


def apr_example(given: Inputs) -> dict[str, Any]:
    if given.get("aprMethod") == "XIRR_EFFECTIVE":
        dates = [day(flow["date"]) for flow in given["flows"]]
        amounts = [paise(flow["amount"]) for flow in given["flows"]]
        start = day(given["disbursalDate"])
        return {"aprPct": str(apr.xirr_pct(paise(given["netDisbursed"]), start, dates, amounts))}
    if given.get("aprMethod") == "SINGLE_PAYMENT_SIMPLE":
        return single_payment(given)
    return displayed(given) if "displayRounding" in given else level_payments(given)


def single_payment(given: Inputs) -> dict[str, Any]:
    start, end = day(given["disbursalDate"]), day(given["dueDate"])
    due = paise(given["amountDue"])
    net = paise(given["principal"]) - paise(given["upfrontChargesInclGst"])
    return {
        "days": days_between(start, end),
        "netDisbursed": rupees(net),
        "aprPct": str(apr.single_payment_simple_pct(net, due, days=days_between(start, end))),
        "xirrEffectivePct": str(apr.xirr_pct(net, start, [end], [due])),
    }


def level_payments(given: Inputs) -> dict[str, Any]:
    fee = ProcessingFee(gross=paise(given["upfrontChargesInclGst"]), gst=Gst())
    priced = price_terms(terms(given, fee=fee))
    return {
        "emi": rupees(priced.emi),
        "netDisbursed": rupees(priced.net_disbursal),
        "totalInterest": rupees(priced.total_interest),
        "totalPayable": rupees(priced.total_payable),
        "aprPct": str(priced.apr_pct),
        "effectiveAnnualPct": str(priced.effective_annual_pct),
    }


def displayed(given: Inputs) -> dict[str, Any]:
    schedule = built(terms(given))
    return {
        "displayedInstalment": round_half_up(schedule.emi, 100),
        "rows": [
            {
                "no": row.no,
                "outstandingPrincipal": round_half_up(row.opening, 100),
                "principal": round_half_up(row.principal, 100),
                "interest": round_half_up(row.interest, 100),
            }
            for row in schedule
        ],
    }


def penal_example(given: Inputs) -> dict[str, Any]:
    owed = paise(given["instalmentDue"])
    policy = PenalPolicy(
        rate_per_day_pct=Decimal(given["ratePerDayPct"]), grace_days=given["graceDays"]
    )
    since = date.fromordinal(day(given["dueDate"]).toordinal() + given["graceDays"])
    segments, base = [], owed
    for payment in given["payments"]:
        on = day(payment["date"])
        segments.append((base, days_between(since, on)))
        base, since = base - paise(payment["appliedToInstalment"]), on
    charge = penal_charge(sum(b * n for b, n in segments), policy, instalment=owed)
    loan = terms(
        {"principal": "100000", "annualRatePct": "24", "instalments": 12, "emiRounding": "RUPEE"},
        planned_on=date(2026, 2, 5), first_due_on=date(2026, 3, 5), penal=policy,
    )  # fmt: skip
    facts = [
        received(paise(each["appliedToInstalment"]), day(each["date"]), f"pay{number}")
        for number, each in enumerate(given["payments"])
    ]
    state = loan_state(loan, since, *facts)
    assert state.penal(0) == charge, "the fold charges what the formula does"
    assert state.outstanding_principal + sum(state.paid_principal) == loan.principal
    return {
        "segments": [{"base": rupees(base), "days": count} for base, count in segments],
        "penalCharge": rupees(charge),
        "gst": rupees(state.penal(0) - charge),
        "capitalised": False,
    }


def allocation_example(given: Inputs) -> dict[str, Any]:
    chosen = given["policy"]
    policy = AllocationPolicy(
        mode=AllocationMode(chosen["mode"]),
        charges=ChargesPosition(chosen["chargesPosition"]),
        components=tuple(map(Component, chosen["componentOrder"])),
        charge_order=tuple(map(ChargeKind, chosen["chargeOrder"])),
    )
    rows = {
        (each["no"], component): paise(each[component.lower()])
        for each in given["dueInstalments"]
        for component in ("PRINCIPAL", "INTEREST")
    }
    charges = {each["ref"]: (each["kind"], paise(each["amount"])) for each in given["charges"]}
    dues = [
        *(Due(Component(component), amount, no=no) for (no, component), amount in rows.items()),
        *(
            Due(Component(kind), amount, charge=("los", ref))
            for ref, (kind, amount) in charges.items()
        ),
    ]
    paid, excess = allocate(paise(given["payment"]), dues, policy)
    shares: list[dict[str, Any]] = []
    for due in paid:
        what = {"component": due.component.value, "amount": rupees(due.amount)}
        if due.charge:
            shares.append({"target": "CHARGE", "ref": due.charge[1], **what})
            kind, amount = charges[due.charge[1]]
            charges[due.charge[1]] = kind, amount - due.amount
        else:
            assert due.no is not None
            shares.append({"target": "INSTALMENT", "no": due.no, **what})
            rows[due.no, due.component.value] -= due.amount
    return {
        "allocations": shares,
        "excess": rupees(excess),
        "remaining": {
            "instalments": [
                {
                    "no": each["no"],
                    "principal": rupees(rows[each["no"], "PRINCIPAL"]),
                    "interest": rupees(rows[each["no"], "INTEREST"]),
                }
                for each in given["dueInstalments"]
            ],
            "charges": [
                {"ref": ref, "amount": rupees(amount)} for ref, (_, amount) in charges.items()
            ],
        },
    }


def foreclosure_example(given: Inputs) -> dict[str, Any]:
    """Interest alone is collected, so that the principal stays what the example says."""
    accrued_from, on = day(given["lastAccrualDate"]), day(given["foreclosureDate"])
    overdue = paise(given["overdueInterest"])
    began = add_months(accrued_from, -1 if overdue else 0, anchor_day=accrued_from.day)
    first = add_months(began, 1, anchor_day=began.day)
    loan = terms(
        {**given, "principal": given["outstandingPrincipal"]},
        method=Method.INTEREST_ONLY, instalments=9, planned_on=began, first_due_on=first,
        foreclosure=ForeclosurePolicy(
            fee_pct=Decimal(given["feePct"]), disclosed=True, exempt=not given["feeApplicable"]
        ),
    )  # fmt: skip
    facts: list[Fact] = []
    if charges := paise(given["unpaidCharges"]):
        facts.append(
            Levied(
                fact_id=UUID(int=2),
                value_date=on,
                source="los",
                reference="bounce",
                charge=ChargeKind.BOUNCE,
                amount=charges,
            )
        )
    before = quote(loan_state(loan, on, *facts))
    assert before.due_interest == overdue
    if advance := paise(given["advanceHeld"]):
        # Money held pays what is due at once; what is left to pay is the same.
        facts.append(received(advance, on, "advance"))
    asked = quote(loan_state(loan, on, *facts))
    return {
        "accruedDays": days_between(accrued_from, on),
        "accruedInterest": rupees(asked.accrued_interest),
        "foreclosureFee": rupees(asked.fee),
        "gstOnFee": rupees(asked.gst.total),
        "foreclosureAmount": rupees(asked.amount),
    }


def prepayment_example(given: Inputs) -> dict[str, Any]:
    began = date(2026, 4, 5)
    on = date.fromordinal(began.toordinal() + given["daysSinceLastAccrual"])
    loan = terms(
        {**given, "principal": given["outstandingPrincipal"], "emiRounding": "RUPEE"},
        instalments=given["remainingInstalments"], planned_on=began,
        first_due_on=add_months(began, 1, anchor_day=5),
    )  # fmt: skip
    part = received(paise(given["payment"]), on, "part", Intent(given["strategy"]))
    state = loan_state(loan, on, part)
    paid = state.paid_by(("bank", "part"))
    assert state.schedule is not None
    return {
        "accruedInterestTaken": rupees(paid[Component.INTEREST]),
        "principalReduced": rupees(paid[Component.PRINCIPAL]),
        "newPrincipal": rupees(state.outstanding_principal),
        "newEmi": rupees(state.schedule.emi),
        "newInstalments": len(state.schedule),
    }


def cooling_off_example(given: Inputs) -> dict[str, Any]:
    fee = ProcessingFee(gross=paise(given["processingFee"]), gst=Gst(igst=paise(given["gst"])))
    loan = terms(
        {**given, "method": "BULLET", "dueDate": "2026-02-04"},
        fee=fee,
        cooling_off=CoolingOff(
            days=given["coolingOffDays"], keeps_fee=given["retainProcessingFee"]
        ),
    )
    on = day(given["exitDate"])
    state = loan_state(loan, on)
    asked = cooling_off_quote(state)
    assert state.cooling_off_until is not None
    return {
        "lastEligibleDate": state.cooling_off_until.isoformat(),
        "eligible": on <= state.cooling_off_until,
        "days": days_between(loan.planned_on, on),
        "proportionateCharge": rupees(asked.accrued_interest),
        "exitAmount": rupees(asked.amount),
        "penalty": rupees(asked.fee + asked.charges),
    }


def dpd_example(given: Inputs) -> list[dict[str, Any]]:
    oldest = day(given["oldestUnpaidDueDate"])
    found = [(on, dpd(oldest, day(on))) for on in given["asOf"]]
    return [{"asOfEod": on, "dpdEod": n, "bucket": sma_class(n).value} for on, n in found]


def npa_example(given: Inputs) -> list[dict[str, Any]]:
    """Four instalments of ₹9,456 of the loan of SCH-RED-01, credited a month before the first."""
    first = day(given["dues"][0]["dueDate"])
    loan = terms(
        {"principal": "100000", "annualRatePct": "24", "instalments": 12, "emiRounding": "RUPEE"},
        planned_on=add_months(first, -1, anchor_day=first.day), first_due_on=first,
    )  # fmt: skip
    asked = [{"dueDate": r.due_on.isoformat(), "amount": rupees(r.amount)} for r in built(loan)]
    assert asked[: len(given["dues"])] == given["dues"]
    facts = [
        received(paise(each["amount"]), day(each["date"]), f"pay{number}")
        for number, each in enumerate(given["payments"])
    ]
    since: date | None = None
    found = []
    for text in given["asOf"]:
        on = day(text)
        oldest = loan_state(loan, on, *facts).oldest_unpaid_due_on
        since = npa_since(since, oldest, on)
        found.append(
            {
                "asOfEod": text,
                "oldestUnpaid": oldest.isoformat() if oldest and oldest <= on else None,
                "dpdEod": dpd(oldest, on),
                "bucket": loan_class(since, dpd(oldest, on)).value,
                "npa": since is not None,
            }
        )
    return found


def provision_example(given: Inputs) -> list[dict[str, str]]:
    layers = {"NBFC_BL": Layer.BASE, "NBFC_ML": Layer.MIDDLE, "NBFC_UL": Layer.UPPER}
    assert not given["secured"], "only unsecured loans are made"
    found = []
    for each in given["accounts"]:
        since = day(each["npaSince"]) if each["npaSince"] else None
        owed = paise(each["principalOutstanding"])
        asset = Exposure(principal=owed, npa_since=since).asset_class(day(each["asOf"]))
        amount = provision(owed, asset, layers[given["layer"]])
        found.append({"assetClass": asset.value, "provision": rupees(amount)})
    return found


ANSWERS: Mapping[str, Callable[[Inputs], Any]] = {
    "schedule": schedule_example,
    "day-count": day_count_example,
    "due-date-shift": shift_example,
    "fees": fee_example,
    "apr": apr_example,
    "penal": penal_example,
    "allocation": allocation_example,
    "foreclosure": foreclosure_example,
    "part-prepayment": prepayment_example,
    "cooling-off": cooling_off_example,
    "dpd": dpd_example,
    "npa": lambda given: npa_example(given) if "dues" in given else provision_example(given),
}
MINE = [each for each in EXAMPLES if each["category"] in ANSWERS]


def narrowed(answer: Any, expected: Any) -> Any:
    """Leave of an answer what the example names: a schedule has more figures than it prints."""
    if isinstance(expected, dict) and isinstance(answer, dict):
        return {key: narrowed(answer[key], expected[key]) for key in expected}
    if isinstance(expected, list) and isinstance(answer, list):
        if len(expected) != len(answer):
            return answer
        return [narrowed(a, e) for a, e in zip(answer, expected, strict=True)]
    return answer


@pytest.mark.parametrize("example", MINE, ids=[each["id"] for each in MINE])
def test_the_worked_example_comes_out_to_the_last_figure(example: Inputs) -> None:
    answer = ANSWERS[example["category"]](example["inputs"])
    assert narrowed(answer, example["expected"]) == example["expected"]
