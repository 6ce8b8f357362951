"""The settings a brand has one of: its switches and limits, policy links, scoring, hard rules.

Each is replaced whole, by whoever says which version they saw, with a row of the trail that names
what differs. Hard rules take a second person and hold from the next day (`record_approvals`).
Source: settings modules (General, Evaluation Items, Policy Links); operations §5.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

import attrs

from los_core.domain.approval import HELD, Approval
from los_core.domain.brand import Brand, PolicyLinks, Settings
from los_core.domain.bre import RuleSet
from los_core.domain.documents import to_document
from los_core.domain.errors import Conflict, Invalid, PreconditionFailed
from los_core.domain.evaluation_items import Config, require_full_weight
from los_core.domain.ids import ApprovalId, StaffId
from los_core.domain.letters import check_template
from los_core.domain.record import Coming
from los_core.domain.rule import Rule
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import Begin, UnitOfWork
from los_core.services.access_log import AccessLog
from los_core.services.callers import StaffCaller
from los_core.services.notifying import tell_of_versions
from los_core.services.records import ENTITY, READ, WRITE

RULES: Final = "bre-rules"


@attrs.frozen(kw_only=True)
class BrandRules:
    """Keeps what a brand has one of."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    log: AccessLog

    def settings(self, caller: StaffCaller) -> Settings:
        """Return switches and limits, with their version."""
        caller.need(READ)
        with self.begin(caller.brand_id) as uow:
            return uow.lender.settings()

    def change_settings(
        self, caller: StaffCaller, change: Callable[[Settings], Settings], *, version: int
    ) -> Settings:
        """Put `change` of the settings in their place, and tell staff of a new console version.

        Raises: PreconditionFailed; Invalid: limits that contradict each other, a header or footer
            that cannot be printed.
        """
        caller.need(WRITE)
        with self.begin(caller.brand_id) as uow:
            kept = uow.lender.settings()
            _at(kept.version, version)
            new = attrs.evolve(change(kept), version=kept.version)
            _sound(new)
            uow.lender.save_settings(new)
            before, after = to_document(kept), to_document(new)
            self._note(uow, caller, "brand", before, after)
            now = self.clock.now()
            tell_of_versions(uow, kept, new, at=now, entropy=self.entropy)
            return uow.lender.settings()

    def links(self, caller: StaffCaller) -> Brand:
        """Return the brand, whose version is that of its policy links."""
        caller.need(READ)
        with self.begin(caller.brand_id) as uow:
            return uow.lender.brand()

    def change_links(self, caller: StaffCaller, links: PolicyLinks, *, version: int) -> Brand:
        """Replace the policy links. Raises: PreconditionFailed."""
        caller.need(WRITE)
        with self.begin(caller.brand_id) as uow:
            kept = uow.lender.brand()
            _at(kept.version, version)
            uow.lender.save_links(links, version=version)
            before, after = to_document(kept.policy_links), to_document(links)
            self._note(uow, caller, "brand-paths", before, after)
            return uow.lender.brand()

    def evaluation(self, caller: StaffCaller) -> Config:
        """Return the scoring's items and lines."""
        caller.need(READ)
        with self.begin(caller.brand_id) as uow:
            return uow.lender.evaluation()

    def replace_evaluation(self, caller: StaffCaller, config: Config, *, version: int) -> Config:
        """Replace them. Raises: PreconditionFailed; Invalid: the weights do not total 100."""
        caller.need(WRITE)
        require_full_weight(config)
        with self.begin(caller.brand_id) as uow:
            kept = uow.lender.evaluation()
            _at(kept.version, version)
            uow.lender.save_evaluation(attrs.evolve(config, version=version))
            before, after = _by_code(kept.document()), _by_code(config.document())
            self._note(uow, caller, "evaluation-items", before, after)
            return uow.lender.evaluation()

    def rules(self, caller: StaffCaller) -> tuple[int, Sequence[Rule]]:
        """Return the hard rules with their version."""
        caller.need(READ)
        with self.begin(caller.brand_id) as uow:
            return uow.lender.rules()

    def ask_for_rules(
        self, caller: StaffCaller, rules: Sequence[Rule], *, version: int
    ) -> Approval:
        """Ask a second person to replace the hard rules from the next day.

        Raises: PreconditionFailed; Invalid: rules that are not well formed; Conflict: another
            change awaits a decision.
        """
        caller.need(WRITE)
        _well_formed(rules, version, self.clock.business_date())
        with self.begin(caller.brand_id) as uow:
            kept, known = uow.lender.rules()
            _at(kept, version)
            about = uuid5(uow.brand_id, RULES)
            now = self.clock.now()
            if any(one.is_open(now) for one in uow.approvals.about(ENTITY, about)):
                raise Conflict("another change of it awaits a decision", code="CHANGE_PENDING")
            documents = [rule.document() for rule in rules]
            changes = _differences(
                {rule.code: rule.document() for rule in known},
                {rule.code: rule.document() for rule in rules},
            )
            approval = Approval.ask(
                id=ApprovalId(self.entropy.uuid()),
                brand_id=uow.brand_id,
                entity=ENTITY,
                entity_id=about,
                action="change",
                payload={"kind": RULES, "version": version, "changes": changes, HELD: documents},
                maker=caller.staff_id,
                at=now,
            )
            uow.approvals.add(approval)
            facts = {"approval_id": str(approval.id)}
            self.log.note(uow, "settings.asked", by=caller, about=about, entity=RULES, facts=facts)
        return approval

    def carry_out(self, uow: UnitOfWork, coming: Coming) -> bool:
        """Replace the hard rules as two people agreed; False if others are in force by now."""
        kept, known = uow.lender.rules()
        if kept != coming.version:
            return False
        rules = [Rule.from_document(each) for each in coming.document]
        uow.lender.save_rules(rules)
        before = {rule.code: rule.document() for rule in known}
        after = {rule.code: rule.document() for rule in rules}
        self._note(uow, coming.maker, RULES, before, after)
        return True

    def _note(
        self,
        uow: UnitOfWork,
        by: StaffCaller | StaffId,
        what: str,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> None:
        about: UUID = uow.brand_id
        facts = _differences(before, after)
        facts.pop("version", None)
        self.log.note(uow, "settings.changed", by=by, about=about, entity=what, facts=facts)


def _at(kept: int, version: int) -> None:
    if kept != version:
        raise PreconditionFailed(
            "somebody changed this since it was read; read it again", details={"version": kept}
        )


def _sound(new: Settings) -> None:
    """Raises: Invalid: limits that contradict each other, or texts that cannot be printed."""
    check_template(new.agreement_header)
    check_template(new.agreement_footer)
    check_template(new.esign_docket_title)
    faults = []
    if new.age_min > new.age_max:
        faults.append(("ageMax", "must not lie below ageMin"))
    if new.name_match_review_pct > new.name_match_pass_pct:
        faults.append(("nameMatchReviewPct", "must not lie above nameMatchPassPct"))
    if faults:
        raise Invalid("these settings contradict each other", fields=faults)


def _well_formed(rules: Sequence[Rule], version: int, on: date) -> None:
    """Raises: Invalid: a set that could not run, on whatever day its rules are in force."""
    always = [attrs.evolve(rule, effective_from=None, effective_to=None) for rule in rules]
    RuleSet.compile(always, version=version + 1, on=on)


def _by_code(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return an evaluation's document with each item under its code."""
    lines = {name: value for name, value in document.items() if name != "items"}
    return {**lines, **{item["code"]: item for item in document["items"]}}


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [before.get(name), after.get(name)]
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    }
