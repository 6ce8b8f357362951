"""Hypothesis strategies for the rules of operations: settings, desks, reminders, reloans, targets.

Only values the domain accepts come out. Days lie within two years of 2025, instants are aware.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from los_core.domain.assignment import Case, Executive, Pool
from los_core.domain.brand import AllocationType, Settings
from los_core.domain.colending import Arrangement
from los_core.domain.contact import Party, Recovery, Window
from los_core.domain.coupon import AppliesTo, Coupon, Use
from los_core.domain.customer import CustomerStatus, Step, StepState
from los_core.domain.dlg import DlgPool
from los_core.domain.followup import PROMISE_DAYS, Promise
from los_core.domain.ids import CustomerId, LoanId, StaffId
from los_core.domain.kyc import KycMode, Phone
from los_core.domain.lead import Details
from los_core.domain.lifecycle import Status
from los_core.domain.manual_payment import ManualPayment, Mode
from los_core.domain.metrics import Period
from los_core.domain.notices import Channel
from los_core.domain.presentation import Instalment, Mandate
from los_core.domain.reloan import Record, ReloanConfig
from los_core.domain.reminder import Occasion, Recipient
from los_core.domain.reminder_rules import Halt, Kind, Rule, default_rules
from los_core.domain.settlement import Dues, Payment, Proposal
from los_core.domain.target import Metric, PeriodKind, Scope, Target
from los_core.testing import money
from los_core.testing.credit import amounts, codes, discounts
from los_core.testing.decisions import phones

LOANS = st.integers(1, 10**6).map(lambda number: LoanId(UUID(int=number)))
PEOPLE = st.integers(1, 50).map(lambda number: StaffId(UUID(int=number)))
CUSTOMERS = st.integers(1, 10**6).map(lambda number: CustomerId(UUID(int=number)))


def instants(days: int = 700) -> st.SearchStrategy[datetime]:
    """Aware instants (UTC) within `days` of 2025, to the second."""
    first = datetime(2025, 1, 1, tzinfo=UTC)
    return st.integers(0, days * 86_400).map(lambda ahead: first + timedelta(seconds=ahead))


def closed_days() -> st.SearchStrategy[frozenset[date]]:
    """Days on which a brand does nothing."""
    return st.frozensets(money.dates(), max_size=20)


def settings() -> st.SearchStrategy[Settings]:
    """A brand's switches and limits in any combination that holds together."""
    return st.builds(
        Settings,
        salary_threshold=amounts(5_000_00, 1_00_000_00),
        rejection_duration_days=st.integers(0, 180),
        bank_statement_months=st.integers(1, 12),
        is_aadhaar_required=st.booleans(),
        is_mobile_verification_required=st.booleans(),
        is_selfie_required=st.booleans(),
        is_bank_step_early=st.booleans(),
        is_employment_required=st.booleans(),
        is_bank_statement_required=st.booleans(),
        is_cam_required=st.booleans(),
        allocation=st.sampled_from(AllocationType),
        max_active_loans=st.integers(1, 5),
        auto_approve_limit=amounts(),
        offer_validity_days=st.integers(1, 30),
    )


def step_states() -> st.SearchStrategy[dict[Step, StepState]]:
    """Where the steps of onboarding stand, each in any state or not begun."""
    steps = [step for step in Step if step not in (Step.EVALUATION, Step.DONE)]
    return st.dictionaries(st.sampled_from(steps), st.sampled_from(StepState))


def executives() -> st.SearchStrategy[Executive]:
    """Members of staff as allocation sees them."""
    return st.builds(
        Executive,
        id=PEOPLE,
        active=st.booleans(),
        pools=st.frozensets(st.sampled_from(Pool)),
        open=st.integers(0, 60),
        capacity=st.integers(1, 60),
        rating=st.integers(1, 5),
        last_allocated_at=st.none() | instants(),
        products=st.none() | st.frozensets(codes(), max_size=3),
        languages=st.none() | st.frozensets(st.sampled_from(["en", "hi", "ta", "mr"])),
        unavailable=closed_days(),
    )


def cases() -> st.SearchStrategy[Case]:
    """Cases to be given out."""
    return st.builds(
        Case,
        loan_id=LOANS,
        pool=st.sampled_from(Pool),
        on=money.dates(),
        language=st.none() | st.sampled_from(["en", "hi", "ta", "mr"]),
        previous_executive_id=st.none() | PEOPLE,
        customer_rating=st.integers(0, 5),
        requested=amounts(),
        waiting_since=st.none() | instants(),
    )


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Hours within a day, in India."""
    opens, closes = sorted(draw(st.sets(st.integers(0, 23 * 60 + 59), min_size=2, max_size=2)))
    return Window(time(*divmod(opens, 60)), time(*divmod(closes, 60)))


def reminder_rules() -> st.SearchStrategy[Rule]:
    """The default rules, on or off, by any channels."""
    channels = st.lists(st.sampled_from(Channel), min_size=1, unique=True).map(tuple)
    parts = st.tuples(st.sampled_from(default_rules()), channels, st.booleans())
    return parts.map(
        lambda part: Rule(
            kind=part[0].kind,
            offset_days=part[0].offset_days,
            channels=part[1],
            template=part[0].template,
            active=part[2],
        )
    )


def occasions() -> st.SearchStrategy[Occasion]:
    """Dates worth reminding of."""
    return st.builds(
        Occasion,
        kind=st.sampled_from(Kind),
        on=money.dates(),
        about=st.sampled_from("123"),
        amount=st.integers(0, 50_000_00),
    )


def recipients() -> st.SearchStrategy[Recipient]:
    """Borrowers, with what stops messages to them."""
    return st.builds(
        Recipient,
        loan_id=LOANS,
        microfinance=st.booleans(),
        halts=st.frozensets(st.sampled_from(Halt)),
        marketing_consent=st.booleans(),
    )


def recoveries() -> st.SearchStrategy[Recovery]:
    """What is known of a borrower when a collector reaches for the phone."""
    return st.builds(
        Recovery,
        party=st.sampled_from(Party),
        status=st.sampled_from(CustomerStatus),
        in_dispute=st.booleans(),
        bankrupt=st.booleans(),
        microfinance=st.booleans(),
        calls_today=st.integers(0, 5),
        by_agency=st.booleans(),
        agent_announced=st.booleans(),
        festivals=closed_days(),
        bereaved=closed_days(),
    )


@st.composite
def promises(draw: st.DrawFn) -> Promise:
    """Promises to pay, within the days they may be for."""
    made_on = draw(money.dates())
    return Promise(
        loan_id=draw(LOANS),
        made_on=made_on,
        by=made_on + timedelta(days=draw(st.integers(0, PROMISE_DAYS))),
        amount=draw(amounts(1, 1_00_000_00)),
        taken_by=draw(PEOPLE),
    )


def mandates() -> st.SearchStrategy[Mandate]:
    """What borrowers authorised."""
    return st.builds(
        Mandate,
        active=st.booleans(),
        max_amount=amounts(),
        expires_on=st.none() | money.dates(),
        covers_charges=st.booleans(),
    )


@st.composite
def debits(draw: st.DrawFn) -> Instalment:
    """Instalments to be presented to a bank."""
    due_on = draw(money.dates())
    return Instalment(
        due_on=due_on,
        outstanding=draw(st.integers(0, 1_00_000_00)),
        charges=draw(st.integers(0, 1_000_00)),
        bounces=draw(st.integers(0, 2)),
        present_on=due_on + timedelta(days=draw(st.integers(0, 10))),
        notified_at=draw(st.none() | instants()),
    )


def reloan_configs() -> st.SearchStrategy[ReloanConfig]:
    """A brand's settings for asking customers back."""
    return st.builds(
        ReloanConfig,
        min_days_since_closure=st.integers(0, 60),
        min_rating=st.integers(1, 5),
        max_active_loans=st.integers(0, 3),
        max_dpd_last_loan=st.integers(0, 90),
        min_on_time_pct=money.rates(100),
        cooldown_after_decline_days=st.integers(0, 90),
        increase_pct_by_rating=st.dictionaries(st.integers(1, 5), money.rates(100)),
        auto_create=st.booleans(),
    )


def reloan_records() -> st.SearchStrategy[Record]:
    """Customers whose last loan may be followed by another."""
    return st.builds(
        Record,
        last_status=st.sampled_from([Status.COMPLETED, Status.SETTLED, Status.DISBURSED]),
        closed_on=st.none() | money.dates(),
        rating=st.none() | st.integers(1, 5),
        active_loans=st.integers(0, 3),
        max_dpd_last_loan=st.integers(0, 120),
        on_time_pct=st.none() | money.rates(100),
        kyc_mode=st.sampled_from(KycMode),
        kyc_verified_on=money.dates(),
        marketing_consent=st.booleans(),
        blocklisted=st.booleans(),
        open_application=st.booleans(),
        declined_on=st.none() | money.dates(),
        blocked_until=st.none() | money.dates(),
    )


@st.composite
def coupons(draw: st.DrawFn) -> Coupon:
    """Coupons on fees and on interest, used now and then."""
    first, last = sorted(draw(st.tuples(money.dates(), money.dates())))
    most = draw(st.none() | st.integers(0, 1000))
    return Coupon(
        code=draw(codes()),
        discount=draw(discounts()),
        applies_to=draw(st.sampled_from(AppliesTo)),
        min_loan=draw(st.integers(0, 1_00_000_00)),
        first_loan_only=draw(st.booleans()),
        per_customer=draw(st.integers(1, 3)),
        max_uses=most,
        used=draw(st.integers(0, 1000 if most is None else most)),
        valid_from=first,
        valid_to=last,
        active=draw(st.booleans()),
    )


def coupon_uses() -> st.SearchStrategy[Use]:
    """Loans that a coupon is tried on."""
    return st.builds(
        Use,
        loan_id=LOANS,
        customer_id=CUSTOMERS,
        product=codes(),
        amount=amounts(),
        is_first_loan=st.booleans(),
        by_customer=st.integers(0, 3),
    )


@st.composite
def targets(draw: st.DrawFn) -> Target:
    """Targets of brands, teams and people, for months and quarters."""
    period, scope = draw(st.sampled_from(PeriodKind)), draw(st.sampled_from(Scope))
    metric = draw(st.sampled_from(Metric))
    months = [1, 4, 7, 10] if period is PeriodKind.QUARTER else range(1, 13)
    return Target(
        id=UUID(int=draw(st.integers(1, 1000))),
        period=period,
        starts_on=date(draw(st.integers(2025, 2026)), draw(st.sampled_from(months)), 1),
        scope=scope,
        owner_id=None if scope is Scope.BRAND else UUID(int=draw(st.integers(1, 50))),
        metric=metric,
        value=draw(st.integers(1, 10**12 if metric.adds_up else 10_000)),
    )


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Figures of a period in which no part exceeds its whole."""

    def of(most: int) -> int:
        return draw(st.integers(0, most))

    def pair(most: int) -> tuple[int, int]:
        whole = of(most)
        return whole, of(whole)

    chosen: dict[str, Any] = {}
    chosen["due"], chosen["collected_against_due"] = pair(10**12)
    chosen["outstanding"], chosen["outstanding_dpd_over_30"] = pair(10**12)
    chosen["outstanding_npa"] = of(chosen["outstanding_dpd_over_30"])
    chosen["accounts_opening"], chosen["rolled_forward"] = pair(10_000)
    chosen["cured"] = of(chosen["accounts_opening"] - chosen["rolled_forward"])
    chosen["presented"], chosen["bounced"] = pair(10_000)
    chosen["promises"], chosen["promises_kept"] = pair(1_000)
    chosen["approved"], chosen["disbursed"] = pair(10_000)
    return Period(**chosen, rejected=of(10_000), opening_overdue=of(10**11), collected=of(10**12))


@st.composite
def dues(draw: st.DrawFn) -> Dues:
    """What a borrower owes by component; something is owed."""
    parts = draw(st.tuples(*(st.integers(0, 50_000_00) for _ in range(4))))
    return Dues(
        principal=draw(st.integers(1, 50_000_00)),
        interest=parts[0],
        penal=parts[1],
        bounce=parts[2],
        other=parts[3],
    )


@st.composite
def settlement_proposals(draw: st.DrawFn) -> Proposal:
    """Settlements for part or all of the dues, in one to three payments."""
    owed, agreed_on = draw(dues()), draw(money.dates())
    days = sorted(draw(st.sets(st.integers(0, 200), min_size=1, max_size=3)))
    payments = []
    left = owed.total
    for place, ahead in enumerate(days):
        later = len(days) - place - 1
        if left - later < 1:
            break
        amount = draw(st.integers(1, left - later))
        payments.append(Payment(on=agreed_on + timedelta(days=ahead), amount=amount))
        left -= amount
    return Proposal(dues=owed, payments=tuple(payments), agreed_on=agreed_on)


@st.composite
def arrangements(draw: st.DrawFn) -> Arrangement:
    """Co-lending agreements, with one rate or a rate for each lender."""
    own, partner = draw(st.none() | st.tuples(money.rates(36), money.rates(36))) or (None, None)
    return Arrangement(
        partner_share_pct=draw(st.integers(1000, 9000).map(lambda n: Decimal(n).scaleb(-2))),
        partner_charge_share_pct=draw(money.rates(100)),
        own_rate_pct=own,
        partner_rate_pct=partner,
        agreed_on=draw(money.dates()),
    )


@st.composite
def dlg_pools(draw: st.DrawFn) -> DlgPool:
    """Guaranteed sets of loans, disbursed in part and called in part."""
    whole = draw(amounts(1_000_00, 10**12))
    cap = draw(st.integers(1, 500).map(lambda n: Decimal(n).scaleb(-2)))
    fresh = DlgPool(sanctioned=whole, cap_pct=cap)
    return DlgPool(
        sanctioned=whole,
        disbursed=draw(st.integers(0, whole)),
        invoked=draw(st.integers(0, fresh.max_cover)),
        cap_pct=cap,
    )


def lead_details() -> st.SearchStrategy[Details]:
    """What a lead's source tells."""
    return st.builds(
        Details,
        name=st.sampled_from(["Asha Rao", "Ravi Kumar", "Fatima Sheikh"]),
        phone=phones().map(Phone),
        employer=st.sampled_from(["", "Vistara Components Pvt Ltd"]),
        net_salary=st.none() | amounts(),
        city=st.sampled_from(["", "PUNE"]),
        loan_amount=st.none() | amounts(),
        consent_at=st.none() | instants(),
    )


def manual_payments() -> st.SearchStrategy[ManualPayment]:
    """Payments entered by hand, acceptable or not."""
    return st.builds(
        ManualPayment,
        amount=amounts(1, 5_00_000_00),
        mode=st.sampled_from(Mode),
        utr=st.sampled_from(["", "UTR1", "UTR2"]),
        value_date=money.dates(),
    )
