"""The lending core: what other Python services import to lend money.

No input or output, three small dependencies. Money is whole paise (`int`), a rate is a `Decimal` in
per cent per year, a day is a `date` in India and an instant an aware `datetime`. Functions read
nothing but their arguments, and refuse what no loan may be with a `DomainError` that names the rule
and the values. `docs/library.md` shows each part in examples that run.

Where to begin:

- **Schedules**: `Terms` are the contract as data, `build_schedule` its instalments; due dates by
  `first_due`, rounding by `Rounding`, shapes by `Step` and `Moratorium`, credits in parts by
  `build_in_tranches`.
- **Cost**: a `Product` and `price` give terms, schedule, fee and annual rate; `key_facts` the
  statement; `charges_to_invoice` and `invoices_to_issue` the tax documents.
- **Money over time**: facts (`Disbursed`, `Received`, `Levied`, `Reversed`, ...) and `fold` give a
  `State`; `timeline`, `quote`, `cooling_off_quote`, `dpd` and `projection` (the ledger) read it.
- **Endings**: `SettlementProposal`, `write_off_booking`, `recover`, `provision`,
  `split_collection` for co-lending.
- **Decisions**: an `Applicant` against a `RuleSet` (`run_rules`), an `EvaluationConfig`
  (`evaluate`) or a `Scorecard` (`score_applicant`); `emi_limit` and `bullet_limit` for amounts;
  `counterfactual`, `compare_rule_sets` and the `replay_...` functions to explain and check.
- **The loan's life**: `Loan` moves along `TRANSITIONS` only, past `GUARDS`; `onboarding` and
  `next_step` by a brand's `Settings`; `timeout_due` for what waits too long.
- **Operations**: `assign`, `plan_reminders`, `send_at`, `reloan_bar`, `read_leads`, `redeem`,
  `target_progress`, `metrics`.

Names load when they are first used, so that importing the package costs nothing.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

EXPORTS: Final[Mapping[str, Mapping[str, str]]] = {
    "Money, days, refusals": {
        "money": "LIMIT:MONEY_LIMIT Paise checked:checked_money pct_of split:split_paise",
        "rupees": "format_rupees parse_rupees rupees_in_words",
        "daycount": "year_fraction",
        "workdays": (
            "add_months add_working_days days_between is_working_day shifted:shift_due_date "
            "working_days_between"
        ),
        "ids": "BrandId CustomerId LoanId StaffId",
        "errors": (
            "Conflict DomainError GuardFailed Invalid InvalidMoney InvalidTerms "
            "InvalidTransition NotFound"
        ),
    },
    "Terms and schedules": {
        "policies": (
            "AllocationMode AllocationPolicy AssetClass BrokenPeriod ChargeKind ChargesPosition "
            "Component CoolingOff DayCount ForeclosurePolicy GraceMode Gst InterestOnShift "
            "Method PenalPolicy PostDueInterest ProcessingFee RateUnit ShiftRule Supply Tax"
        ),
        "repayment": "Frequency Moratorium MoratoriumInterest Step",
        "rounding": "Residue Rounding RoundingMode",
        "excess": "Excess ExcessPolicy",
        "waterfall": "Slot Waterfall When",
        "due_rules": (
            "AfterOneMonth AfterOnePeriod DueRule FixedDay FixedWeekday SalaryDate TenureDays "
            "first_due"
        ),
        "terms": "Terms terms_document terms_from_document terms_hash",
        "schedule": "Instalment Schedule build:build_schedule",
        "tranches": "Tranche build_in_tranches",
    },
    "Charges, annual rates, the Key Facts Statement": {
        "charges": "Discount FeeRule gst_on penal_charge processing_fee",
        "pricing": "Pricing Product net_disbursal price price_terms",
        "apr": (
            "AprMethod effective_annual_pct level_nominal_pct periodic_nominal_pct "
            "single_payment_simple_pct xirr_pct"
        ),
        "keyfacts": (
            "Contact KeyFacts Lender key_facts key_facts_document key_facts_hash "
            "valid_until:key_facts_valid_until"
        ),
        "invoice": (
            "Invoice Note:InvoiceNote charged:charges_to_invoice place_of_supply supply_of "
            "to_issue:invoices_to_issue"
        ),
    },
    "Money over time": {
        "facts": (
            "Change ChargedBack Classified Disbursed Fact Instructed Intent Levied Received "
            "Refunded Reversed SettlementAgreed Tag TermsChanged Waived WrittenOff "
            "effective:effective_facts fact_document fact_from_document"
        ),
        "fold": "advance apply begin fold is_in_order",
        "state": "State",
        "holdings": "Closure ClosureKind",
        "timeline": "Row:TimelineRow Status:InstalmentStatus timeline",
        "allocation": "Due allocate in_order:dues_in_order",
        "foreclosure": (
            "Quote cooling_off_quote may_exit:may_cool_off prepaid_quote quote settlement_quote"
        ),
        "newrows": "rows_hash",
        "ledger": (
            "Account Entry Posting Projection balances:ledger_balances posting projection "
            "totals:ledger_totals trial_balance"
        ),
        "arrears": (
            "SmaClass asset_class bucket:arrears_bucket classification_dates days_late dpd "
            "loan_class npa_since sma_class"
        ),
        "provisioning": "Exposure Layer provision report:provision_report",
        "settlement": (
            "Decider Dues Fault:SettlementFault Limits:SettlementLimits "
            "Payment:SettlementPayment Proposal:SettlementProposal Standing:SettlementStanding "
            "faults:settlement_faults level_needed:settlement_level "
            "standing:settlement_standing waived:settlement_waiver"
        ),
        "writeoff": (
            "Claim Fault:WriteOffFault Kind:WriteOffKind Recovery booking:write_off_booking "
            "claim_of faults:write_off_faults recover"
        ),
        "colending": (
            "Arrangement ArrangementType Balances Shares Standing:TransferStanding "
            "blended_rate_pct disbursal_shares reconcile:reconcile_partner "
            "settle_on:partner_settle_on shared_npa_since split:split_collection "
            "standing:transfer_standing totals:shares_total transfer_by"
        ),
        "dlg": "DlgPool",
    },
    "Decisions": {
        "applicant": (
            "Applicant Datum KEYS:APPLICANT_KEYS Key:ApplicantKey Kind:KeyKind Report age_on"
        ),
        "derived": "derive:derive_ratios",
        "rule": "OnMissing Operator Rule Severity",
        "bre": (
            "Decision Explained Outcome RuleOutcome RuleSet Verdict replay:replay_decision "
            "run:run_rules"
        ),
        "bre_rules": "Policy:RulePolicy default_rules:default_rule_library",
        "words": "customer_text principal_reasons staff_text",
        "counterfactual": (
            "Basis:CounterfactualBasis Change:SuggestedChange Counterfactual counterfactual"
        ),
        "compare": "Comparison Moved compare:compare_rule_sets",
        "evaluation": "Evaluation Grading evaluate replay:replay_evaluation",
        "evaluation_items": (
            "Band:EvaluationBand Config:EvaluationConfig DEFAULT_CONFIG:DEFAULT_EVALUATION "
            "Item:EvaluationItem WhenMissing require_full_weight"
        ),
        "scorecard_model": "Attribute Bin Calibration GRADES Grade Model:Scorecard",
        "scorecard": "Scored replay:replay_score score:score_applicant",
        "woe": "Binning Evidence Tally coarse:coarse_bins evidence:weigh_evidence fine:fine_bins",
        "calibration": "Performed fit:fit_calibration",
        "experiment": (
            "Arm Experiment Release Trial bucket:experiment_bucket in_force:model_in_force try_both"
        ),
        "monitoring": "GradeRecord Override bad_rates gini_pct ks_pct override_rate_pct psi",
        "eligibility": (
            "Basis:CapacityBasis BulletCase Cap Debt EmiCase FoirMode KycCap KycLoan Limit "
            "bullet_limit emi_limit foir_cap_pct kyc_cap monthly_obligations"
        ),
        "offers": "LoanProduct Offer",
        "cam": "Cam CamInputs Priced SalaryCredit compute:appraise",
        "rating": (
            "COLLECTION_MATRIX CUSTOMER_MATRIX Criterion Matrix:RatingMatrix Rating "
            "SALES_MATRIX rate_customer rate_staff"
        ),
        "bda": "Analysis:BureauAnalysis",
        "names": "NameBand band:name_band match_firm_pct match_pct:match_name_pct",
    },
    "People and the lender's settings": {
        "kyc": "Aadhaar AadhaarLast4 AccountNumber Email Ifsc KycMode Pan Phone Uan",
        "customer": "Customer Step:OnboardingStep StepState",
        "onboarding": (
            "StepView current_step is_mandatory:is_step_mandatory next_step onboarding "
            "reopened:reopened_steps"
        ),
        "brand": "Brand Settings",
        "consent": "Consent Purpose missing:missing_consents",
        "access": "Role Scope may_sanction permissions_of sanction_limit",
    },
    "The loan's life": {
        "lifecycle": (
            "Actor ClosureType Command Stage Status TABLE:TRANSITIONS Transition allowed_from"
        ),
        "loan": "By Loan Move Position",
        "timeouts": (
            "Action:TimeoutAction Due:TimeoutDue Limits:TimeoutLimits Start:TimeoutStart "
            "Timeout Waiting due:timeout_due next_poll:next_payout_inquiry table:timeouts"
        ),
        "guards": "GUARDS Unmet require",
        "loan_rule": "Deviation LoanRule Recommended deviations:rule_deviations",
        "amendment": (
            "Amendment Figure StatusReason changeable:changeable_figures "
            "differences:amendment_differences faults:amendment_faults"
        ),
        "bypass": "Bypass Bypassable bypassed_reports needs_second_person",
        "approval": "Approval ApprovalStatus",
        "authority": (
            "Chain Item:ApprovalItem Level Signature chain_for level_of missing_signatures"
        ),
    },
    "Operations": {
        "assignment": (
            "Assignment Case Executive Method:AssignmentMethod Pool assign assign_all tilt "
            "waited_too_long"
        ),
        "contact": (
            "CallBar Party Recovery:RecoveryContact Traffic Window business_day call_bar "
            "is_quiet send_at"
        ),
        "notices": "Channel NOTICES Notice",
        "reminder_rules": (
            "Halt Kind:ReminderKind Rule:ReminderRule default_rules:default_reminder_rules "
            "halted lacks_penal_terms"
        ),
        "reminder": (
            "Occasion Plan:ReminderPlan Recipient Reminder Sending class_occasions "
            "due_occasions plan:plan_reminders sending_day sending_days"
        ),
        "followup": (
            "Disposition MEASURES:QUEUE_MEASURES Measure Note:StaffNote NoteFigures Promise "
            "PromiseState Queue note_figures promise_state queue_of"
        ),
        "manual_payment": (
            "ManualPayment faults:manual_payment_faults is_duplicate:is_duplicate_payment"
        ),
        "presentation": (
            "AfterReturn Instalment:PresentedInstalment Mandate NoDebit Return:DebitReturn "
            "after_return amount_to_present no_debit"
        ),
        "reloan": (
            "Bar:ReloanBar Draft:ReloanDraft Record:ReloanRecord ReloanConfig bar:reloan_bar "
            "ceiling:reloan_ceiling draft:reloan_draft"
        ),
        "lead": (
            "Details:LeadDetails Lead Outcome:LeadOutcome Status:LeadStatus outcomes:lead_outcomes"
        ),
        "lead_file": "LeadFile neutral:neutral_cell read_leads",
        "coupon": (
            "Coupon Redemption Refusal:CouponRefusal Use:CouponUse fee_discount interest_rebate "
            "redeem refusal:coupon_refusal release:release_coupon"
        ),
        "target": "Pace Progress Target doubts:target_doubts progress:target_progress",
        "metrics": "Metrics Movement Period Turnaround metrics movement percent turnaround",
        "activity": "Presence summary:activity_summary",
        "deadlines": "Duty bureau_compensation due_at:duty_due_at rekyc_due_on",
        "bureau_calendar": "Cycle:ReportingCycle cycles:reporting_cycles",
        "bureau_reporting": "Account:ReportedAccount reported why_in_increment",
        "retention": "Record:RetainedRecord keep_until may_erase may_purge",
    },
}
"""Public names by group and by module in `los_core.domain`; `own:public` where the module's name
says too little outside it. `__init__.pyi` says the same to type checkers (tested)."""

_HOMES: Final[Mapping[str, tuple[str, str]]] = {
    word.rpartition(":")[2]: (module, word.partition(":")[0])
    for group in EXPORTS.values()
    for module, words in group.items()
    for word in words.split()
}
__all__ = tuple(_HOMES)


def __getattr__(name: str) -> object:
    """Load a public name from its module, once. Raises: AttributeError."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, own = _HOMES[name]
    value = getattr(import_module(f"{__name__}.domain.{module}"), own)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
