"""Use cases: a module per area, a method per verb.

`Services` is all of them, wired once by `los_adapters.container`.
"""

from collections.abc import Callable, Mapping, Sequence

import attrs

from los_core.domain.work import Job
from los_core.ports.clock import Clock
from los_core.ports.limiter import Limiter
from los_core.ports.storage import Storage
from los_core.ports.work import Begin, Platform
from los_core.services import jobs
from los_core.services.access_log import AccessLog
from los_core.services.agreements import Agreements
from los_core.services.applications import Applications
from los_core.services.approvals import Approvals
from los_core.services.arrears import Arrears
from los_core.services.attendance import Attendance
from los_core.services.audit import Audit
from los_core.services.banking import Banking
from los_core.services.belongings import Belongings
from los_core.services.brand_rules import BrandRules
from los_core.services.brands import Brands
from los_core.services.calendar_changes import CalendarChanges
from los_core.services.call_log import CallLog
from los_core.services.casework import Casework
from los_core.services.catalogue import Catalogue
from los_core.services.closure import Closure
from los_core.services.decisions import Decisions
from los_core.services.disbursals import Disbursals
from los_core.services.erasures import Erasures
from los_core.services.housekeeping import Housekeeping
from los_core.services.identity import Identity
from los_core.services.keys import Keys
from los_core.services.messaging import Messaging
from los_core.services.notifying import Notifications
from los_core.services.offering import Offering
from los_core.services.onboarding import Onboarding
from los_core.services.providers import Providers
from los_core.services.published import Published
from los_core.services.record_approvals import RecordApprovals
from los_core.services.records import Records
from los_core.services.repayments import Repayments
from los_core.services.rulings import Rulings
from los_core.services.selfcheck import Selfcheck
from los_core.services.sessions import Sessions
from los_core.services.settlements import Settlements
from los_core.services.staff import Staffing
from los_core.services.staff_login import StaffLogin
from los_core.services.staff_secrets import StaffSecrets
from los_core.services.targets import Targets
from los_core.services.trails import Trails
from los_core.services.transfers import Transfers
from los_core.services.underwriting import Underwriting
from los_core.services.uploads import Uploads
from los_core.services.webhooks import Webhooks

__all__ = ["Services"]


@attrs.frozen(kw_only=True)
class Services:
    """Every use case, and the few ports that edges use directly."""

    begin: Begin
    platform: Platform
    clock: Clock
    storage: Storage
    limiter: Limiter
    access_log: AccessLog
    calls: CallLog
    sessions: Sessions
    identity: Identity
    staff_login: StaffLogin
    staff_secrets: StaffSecrets
    staffing: Staffing
    keys: Keys
    records: Records
    record_approvals: RecordApprovals
    brand_rules: BrandRules
    providers: Providers
    onboarding: Onboarding
    banking: Banking
    applications: Applications
    decisions: Decisions
    underwriting: Underwriting
    casework: Casework
    offering: Offering
    agreements: Agreements
    disbursals: Disbursals
    transfers: Transfers
    rulings: Rulings
    approvals: Approvals
    repayments: Repayments
    settlements: Settlements
    erasures: Erasures
    belongings: Belongings
    arrears: Arrears
    calendar_changes: CalendarChanges
    catalogue: Catalogue
    closure: Closure
    housekeeping: Housekeeping
    messaging: Messaging
    notifications: Notifications
    published: Published
    targets: Targets
    uploads: Uploads
    attendance: Attendance
    trails: Trails
    webhooks: Webhooks
    brands: Brands
    audit: Audit
    selfcheck: Selfcheck

    def handlers(self) -> Mapping[str, Callable[[Job], None]]:
        """Return what carries out each kind of job. Each may run twice and acts once."""
        return {
            jobs.DECIDE: self.decisions.decide,
            jobs.RENDER_AGREEMENT: self.agreements.render,
            jobs.INQUIRE_AGREEMENT: self.agreements.inquire,
            jobs.SEND_PAYOUT: self.transfers.send,
            jobs.INQUIRE_PAYOUT: self.transfers.inquire,
            jobs.LOOK_AT_PAYOUT: self.transfers.look,
            jobs.INQUIRE_ORDER: self.repayments.inquire,
            jobs.APPLY_REPORT: self.agreements.apply,
            jobs.APPLY_WEBHOOK: self.webhooks.apply,
            jobs.ISSUE_NO_DUES: self.closure.issue,
            jobs.SEND_NOTICE: self.messaging.deliver,
            jobs.TRACE_NOTICE: self.messaging.trace,
            jobs.SEND_SECURE_CODE: self.staff_secrets.deliver,
            jobs.MOVE_DUE_DATES: self.calendar_changes.move,
            jobs.ERASE_FILES: self.erasures.delete_files,
        }

    def together(self) -> Mapping[str, Callable[[Sequence[Job]], None]]:
        """Return what carries out many jobs of a kind and a brand in one transaction, or none."""
        return {jobs.APPLY_WEBHOOK: self.webhooks.apply_all}
