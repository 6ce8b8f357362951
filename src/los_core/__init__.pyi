# What `los_core` exports, for type checkers: the table of __init__.py, written as imports.
# ruff: isort: skip_file
# fmt: off
from collections.abc import Mapping
from typing import Final

# Money, days, refusals
from los_core.domain.money import (
    LIMIT as MONEY_LIMIT, Paise, checked as checked_money, pct_of, split as split_paise,
)
from los_core.domain.rupees import format_rupees, parse_rupees, rupees_in_words
from los_core.domain.daycount import year_fraction
from los_core.domain.workdays import (
    add_months, add_working_days, days_between, is_working_day, shifted as shift_due_date,
    working_days_between,
)
from los_core.domain.ids import BrandId, CustomerId, LoanId, StaffId
from los_core.domain.errors import (
    Conflict, DomainError, GuardFailed, Invalid, InvalidMoney, InvalidTerms, InvalidTransition,
    NotFound,
)

# Terms and schedules
from los_core.domain.policies import (
    AllocationMode, AllocationPolicy, AssetClass, BrokenPeriod, ChargeKind, ChargesPosition,
    Component, CoolingOff, DayCount, ForeclosurePolicy, GraceMode, Gst, InterestOnShift, Method,
    PenalPolicy, PostDueInterest, ProcessingFee, RateUnit, ShiftRule, Supply, Tax,
)
from los_core.domain.repayment import Frequency, Moratorium, MoratoriumInterest, Step
from los_core.domain.rounding import Residue, Rounding, RoundingMode
from los_core.domain.excess import Excess, ExcessPolicy
from los_core.domain.waterfall import Slot, Waterfall, When
from los_core.domain.due_rules import (
    AfterOneMonth, AfterOnePeriod, DueRule, FixedDay, FixedWeekday, SalaryDate, TenureDays,
    first_due,
)
from los_core.domain.terms import Terms, terms_document, terms_from_document, terms_hash
from los_core.domain.schedule import Instalment, Schedule, build as build_schedule
from los_core.domain.tranches import Tranche, build_in_tranches

# Charges, annual rates, the Key Facts Statement
from los_core.domain.charges import Discount, FeeRule, gst_on, penal_charge, processing_fee
from los_core.domain.pricing import Pricing, Product, net_disbursal, price, price_terms
from los_core.domain.apr import (
    AprMethod, effective_annual_pct, level_nominal_pct, periodic_nominal_pct,
    single_payment_simple_pct, xirr_pct,
)
from los_core.domain.keyfacts import (
    Contact, KeyFacts, Lender, key_facts, key_facts_document, key_facts_hash,
    valid_until as key_facts_valid_until,
)
from los_core.domain.invoice import (
    Invoice, Note as InvoiceNote, charged as charges_to_invoice, place_of_supply, supply_of,
    to_issue as invoices_to_issue,
)

# Money over time
from los_core.domain.facts import (
    Change, ChargedBack, Classified, Disbursed, Fact, Instructed, Intent, Levied, Received,
    Refunded, Reversed, SettlementAgreed, Tag, TermsChanged, Waived, WrittenOff,
    effective as effective_facts, fact_document, fact_from_document,
)
from los_core.domain.fold import advance, apply, begin, fold, is_in_order
from los_core.domain.state import State
from los_core.domain.holdings import Closure, ClosureKind
from los_core.domain.timeline import Row as TimelineRow, Status as InstalmentStatus, timeline
from los_core.domain.allocation import Due, allocate, in_order as dues_in_order
from los_core.domain.foreclosure import (
    Quote, cooling_off_quote, may_exit as may_cool_off, prepaid_quote, quote, settlement_quote,
)
from los_core.domain.newrows import rows_hash
from los_core.domain.ledger import (
    Account, Entry, Posting, Projection, balances as ledger_balances, posting, projection,
    totals as ledger_totals, trial_balance,
)
from los_core.domain.arrears import (
    SmaClass, asset_class, bucket as arrears_bucket, classification_dates, days_late, dpd,
    loan_class, npa_since, sma_class,
)
from los_core.domain.provisioning import Exposure, Layer, provision, report as provision_report
from los_core.domain.settlement import (
    Decider, Dues, Fault as SettlementFault, Limits as SettlementLimits,
    Payment as SettlementPayment, Proposal as SettlementProposal, Standing as SettlementStanding,
    faults as settlement_faults, level_needed as settlement_level, standing as settlement_standing,
    waived as settlement_waiver,
)
from los_core.domain.writeoff import (
    Claim, Fault as WriteOffFault, Kind as WriteOffKind, Recovery, booking as write_off_booking,
    claim_of, faults as write_off_faults, recover,
)
from los_core.domain.colending import (
    Arrangement, ArrangementType, Balances, Shares, Standing as TransferStanding, blended_rate_pct,
    disbursal_shares, reconcile as reconcile_partner, settle_on as partner_settle_on,
    shared_npa_since, split as split_collection, standing as transfer_standing,
    totals as shares_total, transfer_by,
)
from los_core.domain.dlg import DlgPool

# Decisions
from los_core.domain.applicant import (
    Applicant, Datum, KEYS as APPLICANT_KEYS, Key as ApplicantKey, Kind as KeyKind, Report, age_on,
)
from los_core.domain.derived import derive as derive_ratios
from los_core.domain.rule import OnMissing, Operator, Rule, Severity
from los_core.domain.bre import (
    Decision, Explained, Outcome, RuleOutcome, RuleSet, Verdict, replay as replay_decision,
    run as run_rules,
)
from los_core.domain.bre_rules import Policy as RulePolicy, default_rules as default_rule_library
from los_core.domain.words import customer_text, principal_reasons, staff_text
from los_core.domain.counterfactual import (
    Basis as CounterfactualBasis, Change as SuggestedChange, Counterfactual, counterfactual,
)
from los_core.domain.compare import Comparison, Moved, compare as compare_rule_sets
from los_core.domain.evaluation import Evaluation, Grading, evaluate, replay as replay_evaluation
from los_core.domain.evaluation_items import (
    Band as EvaluationBand, Config as EvaluationConfig, DEFAULT_CONFIG as DEFAULT_EVALUATION,
    Item as EvaluationItem, WhenMissing, require_full_weight,
)
from los_core.domain.scorecard_model import (
    Attribute, Bin, Calibration, GRADES, Grade, Model as Scorecard,
)
from los_core.domain.scorecard import Scored, replay as replay_score, score as score_applicant
from los_core.domain.woe import (
    Binning, Evidence, Tally, coarse as coarse_bins, evidence as weigh_evidence, fine as fine_bins,
)
from los_core.domain.calibration import Performed, fit as fit_calibration
from los_core.domain.experiment import (
    Arm, Experiment, Release, Trial, bucket as experiment_bucket, in_force as model_in_force,
    try_both,
)
from los_core.domain.monitoring import (
    GradeRecord, Override, bad_rates, gini_pct, ks_pct, override_rate_pct, psi,
)
from los_core.domain.eligibility import (
    Basis as CapacityBasis, BulletCase, Cap, Debt, EmiCase, FoirMode, KycCap, KycLoan, Limit,
    bullet_limit, emi_limit, foir_cap_pct, kyc_cap, monthly_obligations,
)
from los_core.domain.offers import LoanProduct, Offer
from los_core.domain.cam import Cam, CamInputs, Priced, SalaryCredit, compute as appraise
from los_core.domain.rating import (
    COLLECTION_MATRIX, CUSTOMER_MATRIX, Criterion, Matrix as RatingMatrix, Rating, SALES_MATRIX,
    rate_customer, rate_staff,
)
from los_core.domain.bda import Analysis as BureauAnalysis
from los_core.domain.names import (
    NameBand, band as name_band, match_firm_pct, match_pct as match_name_pct,
)

# People and the lender's settings
from los_core.domain.kyc import (
    Aadhaar, AadhaarLast4, AccountNumber, Email, Ifsc, KycMode, Pan, Phone, Uan,
)
from los_core.domain.customer import Customer, Step as OnboardingStep, StepState
from los_core.domain.onboarding import (
    StepView, current_step, is_mandatory as is_step_mandatory, next_step, onboarding,
    reopened as reopened_steps,
)
from los_core.domain.brand import Brand, Settings
from los_core.domain.consent import Consent, Purpose, missing as missing_consents
from los_core.domain.access import Role, Scope, may_sanction, permissions_of, sanction_limit

# The loan's life
from los_core.domain.lifecycle import (
    Actor, ClosureType, Command, Stage, Status, TABLE as TRANSITIONS, Transition, allowed_from,
)
from los_core.domain.loan import By, Loan, Move, Position
from los_core.domain.timeouts import (
    Action as TimeoutAction, Due as TimeoutDue, Limits as TimeoutLimits, Start as TimeoutStart,
    Timeout, Waiting, due as timeout_due, next_poll as next_payout_inquiry, table as timeouts,
)
from los_core.domain.guards import GUARDS, Unmet, require
from los_core.domain.loan_rule import (
    Deviation, LoanRule, Recommended, deviations as rule_deviations,
)
from los_core.domain.amendment import (
    Amendment, Figure, StatusReason, changeable as changeable_figures,
    differences as amendment_differences, faults as amendment_faults,
)
from los_core.domain.bypass import Bypass, Bypassable, bypassed_reports, needs_second_person
from los_core.domain.approval import Approval, ApprovalStatus
from los_core.domain.authority import (
    Chain, Item as ApprovalItem, Level, Signature, chain_for, level_of, missing_signatures,
)

# Operations
from los_core.domain.assignment import (
    Assignment, Case, Executive, Method as AssignmentMethod, Pool, assign, assign_all, tilt,
    waited_too_long,
)
from los_core.domain.contact import (
    CallBar, Party, Recovery as RecoveryContact, Traffic, Window, business_day, call_bar, is_quiet,
    send_at,
)
from los_core.domain.notices import Channel, NOTICES, Notice
from los_core.domain.reminder_rules import (
    Halt, Kind as ReminderKind, Rule as ReminderRule, default_rules as default_reminder_rules,
    halted, lacks_penal_terms,
)
from los_core.domain.reminder import (
    Occasion, Plan as ReminderPlan, Recipient, Reminder, Sending, class_occasions, due_occasions,
    plan as plan_reminders, sending_day, sending_days,
)
from los_core.domain.followup import (
    Disposition, MEASURES as QUEUE_MEASURES, Measure, Note as StaffNote, NoteFigures, Promise,
    PromiseState, Queue, note_figures, promise_state, queue_of,
)
from los_core.domain.manual_payment import (
    ManualPayment, faults as manual_payment_faults, is_duplicate as is_duplicate_payment,
)
from los_core.domain.presentation import (
    AfterReturn, Instalment as PresentedInstalment, Mandate, NoDebit, Return as DebitReturn,
    after_return, amount_to_present, no_debit,
)
from los_core.domain.reloan import (
    Bar as ReloanBar, Draft as ReloanDraft, Record as ReloanRecord, ReloanConfig, bar as reloan_bar,
    ceiling as reloan_ceiling, draft as reloan_draft,
)
from los_core.domain.lead import (
    Details as LeadDetails, Lead, Outcome as LeadOutcome, Status as LeadStatus,
    outcomes as lead_outcomes,
)
from los_core.domain.lead_file import LeadFile, neutral as neutral_cell, read_leads
from los_core.domain.coupon import (
    Coupon, Redemption, Refusal as CouponRefusal, Use as CouponUse, fee_discount, interest_rebate,
    redeem, refusal as coupon_refusal, release as release_coupon,
)
from los_core.domain.target import (
    Pace, Progress, Target, doubts as target_doubts, progress as target_progress,
)
from los_core.domain.metrics import (
    Metrics, Movement, Period, Turnaround, metrics, movement, percent, turnaround,
)
from los_core.domain.activity import Presence, summary as activity_summary
from los_core.domain.deadlines import Duty, bureau_compensation, due_at as duty_due_at, rekyc_due_on
from los_core.domain.bureau_calendar import Cycle as ReportingCycle, cycles as reporting_cycles
from los_core.domain.bureau_reporting import Account as ReportedAccount, reported, why_in_increment
from los_core.domain.retention import Record as RetainedRecord, keep_until, may_erase, may_purge

EXPORTS: Final[Mapping[str, Mapping[str, str]]]

__all__ = [  # noqa: RUF022 - by group, as above
    # Money, days, refusals
    "MONEY_LIMIT", "Paise", "checked_money", "pct_of", "split_paise", "format_rupees",
    "parse_rupees", "rupees_in_words", "year_fraction", "add_months", "add_working_days",
    "days_between", "is_working_day", "shift_due_date", "working_days_between", "BrandId",
    "CustomerId", "LoanId", "StaffId", "Conflict", "DomainError", "GuardFailed", "Invalid",
    "InvalidMoney", "InvalidTerms", "InvalidTransition", "NotFound",
    # Terms and schedules
    "AllocationMode", "AllocationPolicy", "AssetClass", "BrokenPeriod", "ChargeKind",
    "ChargesPosition", "Component", "CoolingOff", "DayCount", "ForeclosurePolicy", "GraceMode",
    "Gst", "InterestOnShift", "Method", "PenalPolicy", "PostDueInterest", "ProcessingFee",
    "RateUnit", "ShiftRule", "Supply", "Tax", "Frequency", "Moratorium", "MoratoriumInterest",
    "Step", "Residue", "Rounding", "RoundingMode", "Excess", "ExcessPolicy", "Slot", "Waterfall",
    "When", "AfterOneMonth", "AfterOnePeriod", "DueRule", "FixedDay", "FixedWeekday", "SalaryDate",
    "TenureDays", "first_due", "Terms", "terms_document", "terms_from_document", "terms_hash",
    "Instalment", "Schedule", "build_schedule", "Tranche", "build_in_tranches",
    # Charges, annual rates, the Key Facts Statement
    "Discount", "FeeRule", "gst_on", "penal_charge", "processing_fee", "Pricing", "Product",
    "net_disbursal", "price", "price_terms", "AprMethod", "effective_annual_pct",
    "level_nominal_pct", "periodic_nominal_pct", "single_payment_simple_pct", "xirr_pct", "Contact",
    "KeyFacts", "Lender", "key_facts", "key_facts_document", "key_facts_hash",
    "key_facts_valid_until", "Invoice", "InvoiceNote", "charges_to_invoice", "place_of_supply",
    "supply_of", "invoices_to_issue",
    # Money over time
    "Change", "ChargedBack", "Classified", "Disbursed", "Fact", "Instructed", "Intent", "Levied",
    "Received", "Refunded", "Reversed", "SettlementAgreed", "Tag", "TermsChanged", "Waived",
    "WrittenOff", "effective_facts", "fact_document", "fact_from_document", "advance", "apply",
    "begin", "fold", "is_in_order", "State", "Closure", "ClosureKind", "TimelineRow",
    "InstalmentStatus", "timeline", "Due", "allocate", "dues_in_order", "Quote",
    "cooling_off_quote", "may_cool_off", "prepaid_quote", "quote", "settlement_quote", "rows_hash",
    "Account", "Entry", "Posting", "Projection", "ledger_balances", "posting", "projection",
    "ledger_totals", "trial_balance", "SmaClass", "asset_class", "arrears_bucket",
    "classification_dates", "days_late", "dpd", "loan_class", "npa_since", "sma_class", "Exposure",
    "Layer", "provision", "provision_report", "Decider", "Dues", "SettlementFault",
    "SettlementLimits", "SettlementPayment", "SettlementProposal", "SettlementStanding",
    "settlement_faults", "settlement_level", "settlement_standing", "settlement_waiver", "Claim",
    "WriteOffFault", "WriteOffKind", "Recovery", "write_off_booking", "claim_of",
    "write_off_faults", "recover", "Arrangement", "ArrangementType", "Balances", "Shares",
    "TransferStanding", "blended_rate_pct", "disbursal_shares", "reconcile_partner",
    "partner_settle_on", "shared_npa_since", "split_collection", "transfer_standing",
    "shares_total", "transfer_by", "DlgPool",
    # Decisions
    "Applicant", "Datum", "APPLICANT_KEYS", "ApplicantKey", "KeyKind", "Report", "age_on",
    "derive_ratios", "OnMissing", "Operator", "Rule", "Severity", "Decision", "Explained",
    "Outcome", "RuleOutcome", "RuleSet", "Verdict", "replay_decision", "run_rules", "RulePolicy",
    "default_rule_library", "customer_text", "principal_reasons", "staff_text",
    "CounterfactualBasis", "SuggestedChange", "Counterfactual", "counterfactual", "Comparison",
    "Moved", "compare_rule_sets", "Evaluation", "Grading", "evaluate", "replay_evaluation",
    "EvaluationBand", "EvaluationConfig", "DEFAULT_EVALUATION", "EvaluationItem", "WhenMissing",
    "require_full_weight", "Attribute", "Bin", "Calibration", "GRADES", "Grade", "Scorecard",
    "Scored", "replay_score", "score_applicant", "Binning", "Evidence", "Tally", "coarse_bins",
    "weigh_evidence", "fine_bins", "Performed", "fit_calibration", "Arm", "Experiment", "Release",
    "Trial", "experiment_bucket", "model_in_force", "try_both", "GradeRecord", "Override",
    "bad_rates", "gini_pct", "ks_pct", "override_rate_pct", "psi", "CapacityBasis", "BulletCase",
    "Cap", "Debt", "EmiCase", "FoirMode", "KycCap", "KycLoan", "Limit", "bullet_limit", "emi_limit",
    "foir_cap_pct", "kyc_cap", "monthly_obligations", "LoanProduct", "Offer", "Cam", "CamInputs",
    "Priced", "SalaryCredit", "appraise", "COLLECTION_MATRIX", "CUSTOMER_MATRIX", "Criterion",
    "RatingMatrix", "Rating", "SALES_MATRIX", "rate_customer", "rate_staff", "BureauAnalysis",
    "NameBand", "name_band", "match_firm_pct", "match_name_pct",
    # People and the lender's settings
    "Aadhaar", "AadhaarLast4", "AccountNumber", "Email", "Ifsc", "KycMode", "Pan", "Phone", "Uan",
    "Customer", "OnboardingStep", "StepState", "StepView", "current_step", "is_step_mandatory",
    "next_step", "onboarding", "reopened_steps", "Brand", "Settings", "Consent", "Purpose",
    "missing_consents", "Role", "Scope", "may_sanction", "permissions_of", "sanction_limit",
    # The loan's life
    "Actor", "ClosureType", "Command", "Stage", "Status", "TRANSITIONS", "Transition",
    "allowed_from", "By", "Loan", "Move", "Position", "TimeoutAction", "TimeoutDue",
    "TimeoutLimits", "TimeoutStart", "Timeout", "Waiting", "timeout_due", "next_payout_inquiry",
    "timeouts", "GUARDS", "Unmet", "require", "Deviation", "LoanRule", "Recommended",
    "rule_deviations", "Amendment", "Figure", "StatusReason", "changeable_figures",
    "amendment_differences", "amendment_faults", "Bypass", "Bypassable", "bypassed_reports",
    "needs_second_person", "Approval", "ApprovalStatus", "Chain", "ApprovalItem", "Level",
    "Signature", "chain_for", "level_of", "missing_signatures",
    # Operations
    "Assignment", "Case", "Executive", "AssignmentMethod", "Pool", "assign", "assign_all", "tilt",
    "waited_too_long", "CallBar", "Party", "RecoveryContact", "Traffic", "Window", "business_day",
    "call_bar", "is_quiet", "send_at", "Channel", "NOTICES", "Notice", "Halt", "ReminderKind",
    "ReminderRule", "default_reminder_rules", "halted", "lacks_penal_terms", "Occasion",
    "ReminderPlan", "Recipient", "Reminder", "Sending", "class_occasions", "due_occasions",
    "plan_reminders", "sending_day", "sending_days", "Disposition", "QUEUE_MEASURES", "Measure",
    "StaffNote", "NoteFigures", "Promise", "PromiseState", "Queue", "note_figures", "promise_state",
    "queue_of", "ManualPayment", "manual_payment_faults", "is_duplicate_payment", "AfterReturn",
    "PresentedInstalment", "Mandate", "NoDebit", "DebitReturn", "after_return", "amount_to_present",
    "no_debit", "ReloanBar", "ReloanDraft", "ReloanRecord", "ReloanConfig", "reloan_bar",
    "reloan_ceiling", "reloan_draft", "LeadDetails", "Lead", "LeadOutcome", "LeadStatus",
    "lead_outcomes", "LeadFile", "neutral_cell", "read_leads", "Coupon", "Redemption",
    "CouponRefusal", "CouponUse", "fee_discount", "interest_rebate", "redeem", "coupon_refusal",
    "release_coupon", "Pace", "Progress", "Target", "target_doubts", "target_progress", "Metrics",
    "Movement", "Period", "Turnaround", "metrics", "movement", "percent", "turnaround", "Presence",
    "activity_summary", "Duty", "bureau_compensation", "duty_due_at", "rekyc_due_on",
    "ReportingCycle", "reporting_cycles", "ReportedAccount", "reported", "why_in_increment",
    "RetainedRecord", "keep_until", "may_erase", "may_purge",
]
