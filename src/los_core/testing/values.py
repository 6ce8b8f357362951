"""Every public value type that others test against, with the strategy that makes legal ones.

`VALUES[Terms]` is a strategy for `Terms`; the functions behind the table take arguments where one
wants other values. All of them generate only what the domain accepts.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from hypothesis import strategies as st

from los_core.domain.allocation import Due
from los_core.domain.applicant import Applicant
from los_core.domain.assignment import Case, Executive
from los_core.domain.brand import Settings
from los_core.domain.charges import Discount, FeeRule
from los_core.domain.colending import Arrangement
from los_core.domain.contact import Recovery, Window
from los_core.domain.coupon import Coupon, Use
from los_core.domain.dlg import DlgPool
from los_core.domain.eligibility import BulletCase, Debt, EmiCase, KycLoan
from los_core.domain.evaluation_items import Config
from los_core.domain.followup import Promise
from los_core.domain.lead import Details
from los_core.domain.loan_rule import LoanRule
from los_core.domain.manual_payment import ManualPayment
from los_core.domain.metrics import Period
from los_core.domain.offers import LoanProduct
from los_core.domain.policies import AllocationPolicy, PenalPolicy
from los_core.domain.presentation import Instalment, Mandate
from los_core.domain.pricing import Product
from los_core.domain.reloan import Record, ReloanConfig
from los_core.domain.reminder import Occasion, Recipient
from los_core.domain.reminder_rules import Rule as ReminderRule
from los_core.domain.rounding import Rounding
from los_core.domain.rule import Rule
from los_core.domain.scorecard_model import Model
from los_core.domain.settlement import Dues, Proposal
from los_core.domain.target import Target
from los_core.domain.terms import Terms
from los_core.domain.waterfall import Waterfall
from los_core.testing import credit, decisions, money, money_sagas, money_stories, operations


def _one_of(many: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return many.filter(bool).flatmap(st.sampled_from)


VALUES: Final[Mapping[type, st.SearchStrategy[Any]]] = MappingProxyType(
    {
        Terms: money_sagas.loans(),
        Rounding: money.roundings(),
        PenalPolicy: money.penal_policies(),
        AllocationPolicy: money_stories.policies() | money.allocation_policies(),
        Waterfall: money_stories.waterfalls(),
        Due: _one_of(money_stories.dues()),
        FeeRule: credit.fee_rules(),
        Discount: credit.discounts(),
        Product: credit.products(),
        LoanProduct: credit.loan_products(),
        LoanRule: credit.loan_rules(),
        Applicant: decisions.applicants(),
        Rule: _one_of(decisions.rules()),
        Config: credit.evaluation_configs(),
        Model: credit.scorecards(),
        Debt: credit.debts(),
        EmiCase: credit.emi_cases(),
        BulletCase: credit.bullet_cases(),
        KycLoan: credit.kyc_loans(),
        Settings: operations.settings(),
        Executive: operations.executives(),
        Case: operations.cases(),
        Window: operations.windows(),
        ReminderRule: operations.reminder_rules(),
        Occasion: operations.occasions(),
        Recipient: operations.recipients(),
        Recovery: operations.recoveries(),
        Promise: operations.promises(),
        Mandate: operations.mandates(),
        Instalment: operations.debits(),
        ReloanConfig: operations.reloan_configs(),
        Record: operations.reloan_records(),
        Coupon: operations.coupons(),
        Use: operations.coupon_uses(),
        Target: operations.targets(),
        Period: operations.periods(),
        Dues: operations.dues(),
        Proposal: operations.settlement_proposals(),
        Arrangement: operations.arrangements(),
        DlgPool: operations.dlg_pools(),
        Details: operations.lead_details(),
        ManualPayment: operations.manual_payments(),
    }
)
"""Facts come with the loan they are of: `money.stories()` and `money_sagas.sagas()`."""
