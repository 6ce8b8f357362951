"""The laws of a store about the desk: approvals, webhooks, messages, the inbox, the trail."""

# ruff: noqa: D102 # a law's name is its sentence

from datetime import timedelta
from uuid import UUID

import attrs

from los_core.domain.errors import Conflict
from los_core.domain.ids import JobId, StaffId
from los_core.domain.work import WebhookStatus
from los_core.testing import records
from los_core.testing.store import StoreRig, together


class DeskLaws:
    """Approvals, webhooks, messages, trail, the inbox."""

    def test_an_approval_comes_back_until_it_is_decided(self, rig: StoreRig) -> None:
        first, second = (records.approval(rig.brand_id, rig.entropy.uuid()) for _ in range(2))
        with rig.begin(rig.brand_id) as uow:
            uow.approvals.add(first)
            uow.approvals.add(second)
            assert uow.approvals.get(first.id) == first
            assert list(uow.approvals.pending(limit=9)) == [first, second]
            assert list(uow.approvals.pending(limit=1)) == [first]
            first.approve(StaffId(UUID(int=9)), records.AT)
            uow.approvals.save(first)
            assert uow.approvals.get(first.id) == first
            assert list(uow.approvals.pending(limit=9)) == [second]
            assert list(uow.approvals.about(first.entity, first.entity_id)) == [first, second]
            assert list(uow.approvals.about("other", first.entity_id)) == []

    def test_of_many_checkers_one_decides(self, rig: StoreRig) -> None:
        asked = records.approval(rig.brand_id, rig.entropy.uuid())
        with rig.begin(rig.brand_id) as uow:
            uow.approvals.add(asked)

        def race(number: int) -> bool:
            try:
                with rig.begin(rig.brand_id) as uow:
                    mine = uow.approvals.get(asked.id)
                    assert mine is not None
                    mine.approve(StaffId(UUID(int=100 + number)), records.AT)
                    uow.approvals.save(mine)
            except Conflict:
                return False
            return True

        assert sum(together(race)) == 1

    def test_a_webhook_is_kept_once_and_its_repeats_are_counted(self, rig: StoreRig) -> None:
        event = records.event(rig.brand_id, rig.entropy.uuid())
        with rig.begin(rig.brand_id) as uow:
            assert uow.desk.add_event(event)
            assert not uow.desk.add_event(attrs.evolve(event, id=rig.entropy.uuid()))
            elsewhere = attrs.evolve(event, id=rig.entropy.uuid(), account="acc_2")
            assert uow.desk.add_event(elsewhere)
            assert uow.desk.event(event.id) == attrs.evolve(event, deliveries=2)
            uow.desk.settle_events([event.id], WebhookStatus.PARKED, "no such order")
            parked = attrs.evolve(
                event, deliveries=2, status=WebhookStatus.PARKED, reason="no such order"
            )
            assert list(uow.desk.parked()) == [parked]

    def test_of_many_deliveries_at_once_one_is_new(self, rig: StoreRig) -> None:
        def race(_: int) -> bool:
            with rig.begin(rig.brand_id) as uow:
                return uow.desk.add_event(records.event(rig.brand_id, rig.entropy.uuid()))

        assert sum(together(race)) == 1
        with rig.begin(rig.brand_id) as uow:
            assert not uow.desk.add_event(records.event(rig.brand_id, rig.entropy.uuid()))

    def test_a_consumer_handles_a_message_once(self, rig: StoreRig) -> None:
        def race(_: int) -> bool:
            with rig.begin(rig.brand_id) as uow:
                return uow.desk.once("closure", "job-1")

        assert together(race).count(True) == 1
        with rig.begin(rig.brand_id) as uow:
            assert uow.desk.once("messaging", "job-1")
            assert uow.desk.once("closure", "job-2")

    def test_an_event_is_settled_once(self, rig: StoreRig) -> None:
        made = [
            attrs.evolve(
                records.event(rig.brand_id, rig.entropy.uuid(), f"evt_{n}"),
                received_at=records.AT - timedelta(seconds=n),
            )
            for n in range(3)
        ]
        with rig.begin(rig.brand_id) as uow:
            for event in made:
                assert uow.desk.add_event(event)
            ids = [event.id for event in made]
            assert list(uow.desk.events([*ids[:2], rig.entropy.uuid()])) == [made[1], made[0]]
            assert list(uow.desk.events([])) == []
            uow.desk.settle_events(ids[:2], WebhookStatus.APPLIED)
            uow.desk.settle_events(ids, WebhookStatus.IGNORED, "carries no payment")
            uow.desk.settle_events([], WebhookStatus.PARKED, "nothing")
            kept = [(event.status, event.reason) for event in uow.desk.events(ids)]
        applied = (WebhookStatus.APPLIED, "")
        assert kept == [(WebhookStatus.IGNORED, "carries no payment"), applied, applied]

    def test_a_message_is_kept_once(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        message = records.message(rig.brand_id, loan.id, "disbursed:1")
        with rig.begin(rig.brand_id) as uow:
            assert uow.desk.add_message(message)
            assert not uow.desk.add_message(attrs.evolve(message, template="other"))
            sent = attrs.evolve(message, status="SENT", provider="msg91", repeated=True)
            uow.desk.save_message(sent)
            assert uow.desk.message(message.id) == sent
            assert list(uow.desk.messages(loan_id=loan.id)) == [sent]

    def test_a_job_is_added_once_per_kind_and_key(self, rig: StoreRig) -> None:
        job = records.job(rig.brand_id, rig.entropy.uuid(), key="loan-1")
        with rig.begin(rig.brand_id) as uow:
            assert uow.desk.add_job(job)
            again = attrs.evolve(job, id=JobId(rig.entropy.uuid()))
            assert not uow.desk.add_job(again)
            assert uow.desk.add_job(attrs.evolve(again, kind="closure.noc"))
        claimed = rig.platform.claim_jobs(limit=9, now=records.AT, lease_s=60, worker="w")
        assert all(rig.platform.finish_job(each) for each in claimed)
        with rig.begin(rig.brand_id) as uow:
            assert not uow.desk.add_job(again)

    def test_many_jobs_are_added_as_one(self, rig: StoreRig) -> None:
        known = records.job(rig.brand_id, rig.entropy.uuid(), key="loan-1")
        fresh = [records.job(rig.brand_id, rig.entropy.uuid(), key=f"loan-{n}") for n in (1, 2, 3)]
        with rig.begin(rig.brand_id) as uow:
            assert uow.desk.add_job(known)
            uow.desk.add_jobs([*fresh, attrs.evolve(fresh[1], id=JobId(rig.entropy.uuid()))])
            uow.desk.add_jobs([])
        claimed = rig.platform.claim_jobs(limit=9, now=records.AT, lease_s=60, worker="w")
        assert {job.id for job in claimed} == {known.id, fresh[1].id, fresh[2].id}

    def test_the_trail_is_appended_to(self, rig: StoreRig) -> None:
        with rig.begin(rig.brand_id) as uow:
            uow.desk.audit([records.audit(rig.brand_id, rig.entropy.uuid()) for _ in range(3)])
            uow.desk.audit([])

    def test_numbers_of_series_are_apart(self, rig: StoreRig) -> None:
        with rig.begin(rig.brand_id) as uow:
            drawn = [uow.desk.next_number(series) for series in ("loan", "loan", "receipt")]
        assert drawn == [1, 2, 1]

    def test_many_numbers_are_drawn_as_one_by_one(self, rig: StoreRig) -> None:
        with rig.begin(rig.brand_id) as uow:
            assert uow.desk.next_number("loan") == 1
            assert list(uow.desk.next_numbers("loan", 3)) == [2, 3, 4]
            assert list(uow.desk.next_numbers("receipt", 2)) == [1, 2]
            assert uow.desk.next_number("loan") == 5
