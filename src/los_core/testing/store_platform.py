"""The laws of what belongs to no single brand, and of the rules a brand lends by."""

# ruff: noqa: D102 # a law's name is its sentence

from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest

from los_core.domain.brand import PolicyLinks, Settings
from los_core.domain.bre_rules import default_rules
from los_core.domain.errors import Conflict, StaleVersion
from los_core.domain.evaluation_items import DEFAULT_CONFIG
from los_core.domain.staff import Session, Staff
from los_core.domain.work import Due, Job
from los_core.ports.work import ANY, Backlog, LenderRules, ProviderRow, Which
from los_core.testing import records
from los_core.testing.store import StoreRig, together, undone


class LenderLaws:
    """A brand and its rules."""

    def test_a_brand_and_its_settings_come_back(self, rig: StoreRig) -> None:
        with rig.begin(rig.brand_id) as uow:
            assert uow.lender.brand() == rig.ours
            assert uow.lender.settings() == Settings()

    def test_settings_are_replaced_whole_by_who_read_the_latest(self, rig: StoreRig) -> None:
        new = attrs.evolve(Settings(), age_min=23, esign_final_copy_recipients=("a@b.example",))
        with rig.begin(rig.brand_id) as uow:
            uow.lender.save_settings(new)
            assert uow.lender.settings() == attrs.evolve(new, version=1)
            with pytest.raises(StaleVersion):
                uow.lender.save_settings(new)
        with rig.begin(rig.theirs.id) as uow:
            assert uow.lender.settings() == Settings()

    def test_policy_links_are_replaced_by_who_read_the_latest(self, rig: StoreRig) -> None:
        links = PolicyLinks(terms="https://new.example/terms")
        with rig.begin(rig.brand_id) as uow:
            uow.lender.save_links(links, version=0)
            assert uow.lender.brand() == attrs.evolve(rig.ours, policy_links=links, version=1)
            with pytest.raises(StaleVersion):
                uow.lender.save_links(links, version=0)
        with rig.begin(rig.theirs.id) as uow:
            assert uow.lender.brand() == rig.theirs

    def test_rules_are_replaced_whole_under_a_new_version(self, rig: StoreRig) -> None:
        rules = default_rules()
        with rig.begin(rig.brand_id) as uow:
            assert uow.lender.rules() == (0, ())
            assert uow.lender.save_rules(rules) == 1
            assert uow.lender.save_rules(rules[:2]) == 2
            version, kept = uow.lender.rules()
            assert (version, list(kept)) == (2, list(rules[:2]))

    def test_the_evaluation_is_the_default_until_it_is_saved(self, rig: StoreRig) -> None:
        with rig.begin(rig.brand_id) as uow:
            assert uow.lender.evaluation() == DEFAULT_CONFIG
            uow.lender.save_evaluation(attrs.evolve(DEFAULT_CONFIG, max_soft_flags=2))
            kept = attrs.evolve(DEFAULT_CONFIG, max_soft_flags=2, version=2)
            assert uow.lender.evaluation() == kept
            with pytest.raises(StaleVersion):
                uow.lender.save_evaluation(DEFAULT_CONFIG)

    def test_each_change_of_the_rules_begins_a_generation(self, rig: StoreRig) -> None:
        changes: tuple[Callable[[LenderRules], object], ...] = (
            lambda lender: lender.save_settings(lender.settings()),
            lambda lender: lender.save_rules(default_rules()),
            lambda lender: lender.save_evaluation(lender.evaluation()),
        )
        theirs = rig.platform.generation(rig.theirs.id)
        seen = [rig.platform.generation(rig.brand_id)]
        for change in changes:
            with rig.begin(rig.brand_id) as uow:
                change(uow.lender)
            seen.append(rig.platform.generation(rig.brand_id))
        assert sorted(set(seen)) == seen
        with undone(rig) as uow:
            changes[0](uow.lender)
        assert rig.platform.generation(rig.brand_id) == seen[-1]
        assert rig.platform.generation(rig.theirs.id) == theirs

    def test_executives_are_the_brands_active_staff_as_it_sees_them(self, rig: StoreRig) -> None:
        both = self._add(rig, records.staff(rig.entropy.uuid(), rig.brand_id, rig.theirs.id))
        mine = self._add(rig, records.staff(rig.entropy.uuid(), rig.brand_id))
        gone = records.staff(rig.entropy.uuid(), rig.brand_id)
        gone.active = False
        self._add(rig, gone)
        with rig.begin(rig.brand_id) as uow:
            seen = attrs.evolve(both, brands=frozenset({rig.brand_id}))
            assert list(uow.lender.executives()) == [seen, mine]
            assert uow.lender.colleague(both.id) == seen
            assert uow.lender.colleague(gone.id) is None
            seen.last_allocated_at = records.AT + timedelta(days=1)
            uow.lender.save_staff(seen)
        both.last_allocated_at, both.version = seen.last_allocated_at, 1
        with rig.begin(rig.theirs.id) as uow:
            theirs = attrs.evolve(both, brands=frozenset({rig.theirs.id}))
            assert list(uow.lender.executives()) == [theirs]
            assert uow.lender.colleague(mine.id) is None
        assert rig.platform.staff(both.id) == both

    def _add(self, rig: StoreRig, staff: Staff) -> Staff:
        rig.platform.add_staff(staff)
        return staff


class PlatformLaws:
    """Brands, staff, sessions, providers."""

    def test_brands_are_found_by_id_and_code(self, rig: StoreRig) -> None:
        assert list(rig.platform.brands()) == [rig.ours, rig.theirs]
        assert rig.platform.brand(rig.brand_id) == rig.ours
        assert rig.platform.brand_by_code("theirs") == rig.theirs
        assert rig.platform.brand_by_code("nobody") is None

    def test_a_brands_code_is_taken_once(self, rig: StoreRig) -> None:
        with pytest.raises(Conflict) as refused:
            rig.platform.add_brand(records.brand("ours"), Settings())
        assert refused.value.code == "BRAND_CODE_TAKEN"

    def test_staff_come_back_whole(self, rig: StoreRig) -> None:
        staff = records.staff(rig.entropy.uuid(), rig.brand_id, email="ravi@lender.example")
        rig.platform.add_staff(staff)
        assert rig.platform.staff(staff.id) == staff
        assert rig.platform.staff_by_email("ravi@lender.example") == staff
        assert rig.platform.staff_by_email("nobody@lender.example") is None
        stale = attrs.evolve(staff)
        staff.brands = frozenset({rig.theirs.id})
        rig.platform.save_staff(staff)
        assert rig.platform.staff(staff.id) == staff
        with pytest.raises(StaleVersion):
            rig.platform.save_staff(stale)

    def test_an_address_is_taken_once(self, rig: StoreRig) -> None:
        rig.platform.add_staff(records.staff(rig.entropy.uuid(), email="ravi@lender.example"))
        twin = records.staff(rig.entropy.uuid(), email="ravi@lender.example")
        with pytest.raises(Conflict) as refused:
            rig.platform.add_staff(twin)
        assert refused.value.code == "EMAIL_TAKEN"

    def test_wrong_passwords_at_once_are_all_counted(self, rig: StoreRig) -> None:
        staff = records.staff(rig.entropy.uuid())
        rig.platform.add_staff(staff)
        until = records.AT + timedelta(minutes=15)

        def race(_: int) -> None:
            rig.platform.count_failure(staff.id, limit=5, lock_until=until)

        together(race, racers=4)
        counted = rig.platform.staff(staff.id)
        assert counted is not None
        assert (counted.failures, counted.locked_until) == (4, None)
        race(0)
        locked = rig.platform.staff(staff.id)
        assert locked is not None
        assert (locked.failures, locked.locked_until) == (5, until)
        with pytest.raises(StaleVersion):
            rig.platform.save_staff(staff)

    def test_a_session_is_found_by_its_present_and_previous_token(self, rig: StoreRig) -> None:
        session = self._log_in(rig)
        at, until = records.AT + timedelta(minutes=1), records.AT + timedelta(days=31)
        assert rig.platform.session(session.id) == session
        assert rig.platform.rotate(
            session.id, old_hash="t-1", new_hash="t-2", at=at, expires_at=until
        )
        rotated = attrs.evolve(
            session,
            token_hash="t-2",  # noqa: S106 - of a record in a test
            previous_hash="t-1",
            rotated_at=at,
            expires_at=until,
        )
        assert rig.platform.session_by_token("t-1") == rotated
        assert rig.platform.session_by_token("t-2") == rotated
        assert rig.platform.session_by_token("") is None

    def test_of_many_who_exchange_a_token_one_wins(self, rig: StoreRig) -> None:
        session = self._log_in(rig)

        def race(number: int) -> bool:
            return rig.platform.rotate(
                session.id,
                old_hash="t-1",
                new_hash=f"t-2-{number}",
                at=records.AT,
                expires_at=records.AT,
            )

        assert sum(together(race)) == 1

    def test_a_revoked_session_rotates_no_more(self, rig: StoreRig) -> None:
        session = self._log_in(rig)
        rig.platform.revoke(session.id, records.AT)
        rig.platform.revoke(session.id, records.AT + timedelta(days=1))
        kept = rig.platform.session(session.id)
        assert kept is not None
        assert kept.revoked_at == records.AT
        assert not rig.platform.rotate(
            session.id, old_hash="t-1", new_hash="t-2", at=records.AT, expires_at=records.AT
        )

    def test_a_primary_provider_demotes_the_others(self, rig: StoreRig) -> None:
        def provider(name: str, *, primary: bool) -> ProviderRow:
            return ProviderRow(
                brand_id=rig.brand_id,
                port="payment",
                name=name,
                settings={"key": name, "retries": 2},
                is_primary=primary,
            )

        rig.platform.save_provider(provider("razorpay", primary=True))
        rig.platform.save_provider(provider("cashfree", primary=False))
        rig.platform.save_provider(provider("memory", primary=True))
        rig.platform.save_provider(attrs.evolve(provider("razorpay", primary=False), version=1))
        found = rig.platform.provider_rows(rig.brand_id, "payment")
        assert [row.name for row in found] == ["memory", "cashfree", "razorpay"]
        assert [row.is_primary for row in found] == [True, False, False]
        assert [row.version for row in found] == [1, 1, 2]
        assert found[0].settings == {"key": "memory", "retries": 2}
        assert list(rig.platform.provider_rows(rig.brand_id, "payout")) == []
        assert list(rig.platform.providers(rig.brand_id)) == list(found)
        assert list(rig.platform.providers(rig.theirs.id)) == []
        told = records.audit(rig.brand_id, rig.entropy.uuid())
        with pytest.raises(StaleVersion) as caught:
            rig.platform.save_provider(provider("razorpay", primary=True), seen=1, trail=[told])
        assert caught.value.details == {"version": 2}
        assert list(rig.platform.providers(rig.brand_id)) == list(found)
        rig.platform.save_provider(provider("razorpay", primary=True), seen=2, trail=[told])
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.trail.unsealed(limit=9)) == [told]
        assert list(rig.platform.provider_rows(rig.theirs.id, "payment")) == []

    def _log_in(self, rig: StoreRig) -> Session:
        staff = records.staff(rig.entropy.uuid())
        rig.platform.add_staff(staff)
        session = records.session(rig.entropy.uuid(), staff.id, "t-1")
        rig.platform.add_session(session)
        return session


class QueueLaws:
    """Jobs: claimed with a lease, by one worker at a time."""

    def test_due_jobs_are_claimed_oldest_first(self, rig: StoreRig) -> None:
        later = self._add(rig, due_at=records.AT + timedelta(seconds=30))
        new = self._add(rig)
        old = self._add(rig, due_at=records.AT - timedelta(minutes=1))
        claimed = self._claim(rig, limit=2)
        assert [job.id for job in claimed] == [old.id, new.id]
        assert [job.attempts for job in claimed] == [1, 1]
        assert all(job.payload == new.payload for job in claimed)
        assert self._claim(rig) == []
        rig.clock.advance(timedelta(seconds=30))
        assert [job.id for job in self._claim(rig)] == [later.id]

    def test_many_workers_never_share_a_job(self, rig: StoreRig) -> None:
        added = {self._add(rig).id for _ in range(30)}
        claimed = [job.id for jobs in together(lambda _: self._claim(rig, limit=4)) for job in jobs]
        assert len(claimed) == len(set(claimed))
        claimed += [job.id for job in self._claim(rig, limit=30)]
        assert set(claimed) == added

    def test_a_lease_that_ran_out_is_claimed_again_and_the_first_worker_loses(
        self, rig: StoreRig
    ) -> None:
        self._add(rig)
        (first,) = self._claim(rig)
        rig.clock.advance(timedelta(seconds=60))
        (second,) = self._claim(rig)
        assert (second.id, second.attempts) == (first.id, 2)
        assert not rig.platform.finish_job(first)
        assert not rig.platform.fail_job(first, error="late", again_at=rig.clock.now())
        assert rig.platform.finish_job(second)
        assert not rig.platform.finish_job(second)

    def test_many_jobs_are_finished_as_one_but_for_those_that_were_lost(
        self, rig: StoreRig
    ) -> None:
        lost, *_ = [self._add(rig) for _ in range(3)]
        early = self._claim(rig, limit=1)
        rig.clock.advance(timedelta(seconds=60))
        late = self._claim(rig)
        assert [job.id for job in early] == [lost.id]
        assert set(rig.platform.finish_jobs(early)) == set()
        mine = [*early, *late[1:]]
        assert set(rig.platform.finish_jobs(mine)) == {job.id for job in late[1:]}
        assert set(rig.platform.finish_jobs(late)) == {lost.id}
        assert set(rig.platform.finish_jobs(late)) == set()
        assert set(rig.platform.finish_jobs([])) == set()

    def test_a_failed_job_comes_again_when_it_is_due(self, rig: StoreRig) -> None:
        self._add(rig)
        (job,) = self._claim(rig)
        again_at = records.AT + timedelta(seconds=2)
        assert rig.platform.fail_job(job, error="vendor was away", again_at=again_at)
        assert rig.platform.idle(rig.clock.now())
        assert self._claim(rig) == []
        rig.clock.advance(timedelta(seconds=2))
        (again,) = self._claim(rig)
        assert (again.id, again.attempts) == (job.id, 2)
        assert again.last_error == "vendor was away"

    def test_a_dead_letter_rests_until_it_is_replayed(self, rig: StoreRig) -> None:
        self._add(rig)
        (job,) = self._claim(rig)
        assert rig.platform.fail_job(job, error="no such loan", again_at=None, dead=True)
        assert self._claim(rig) == []
        assert rig.platform.idle(rig.clock.now())
        (dead,) = rig.platform.dead_letters()
        assert (dead.id, dead.last_error) == (job.id, "no such loan")
        assert rig.platform.replay_job(job.id, rig.clock.now())
        assert not rig.platform.replay_job(job.id, rig.clock.now())
        (again,) = self._claim(rig)
        assert again.attempts == 1
        assert list(rig.platform.dead_letters()) == []

    def test_the_backlog_is_what_is_due_and_what_is_buried(self, rig: StoreRig) -> None:
        assert rig.platform.backlog(records.AT) == []
        jobs = [records.job(rig.brand_id, rig.entropy.uuid()) for _ in range(3)]
        with rig.begin(rig.brand_id) as uow:
            for job in jobs:
                uow.desk.add_job(job)
        [kind] = {job.kind for job in jobs}
        since = min(job.due_at for job in jobs)
        assert rig.platform.backlog(since - timedelta(seconds=1)) == []
        assert rig.platform.backlog(records.AT) == [Backlog(kind=kind, due=3, since=since)]
        [claimed] = rig.platform.claim_jobs(limit=1, now=records.AT, lease_s=60, worker="w")
        rig.platform.fail_job(claimed, error="KeyError", again_at=None, dead=True)
        [told] = rig.platform.backlog(records.AT)
        assert (told.due, told.buried) == (2, 1)

    def test_idle_means_nothing_due_and_nothing_running(self, rig: StoreRig) -> None:
        assert rig.platform.idle(records.AT)
        self._add(rig)
        assert not rig.platform.idle(records.AT)
        assert rig.platform.idle(records.AT - timedelta(seconds=1))
        (job,) = self._claim(rig)
        assert not rig.platform.idle(records.AT)
        rig.platform.finish_job(job)
        assert rig.platform.idle(records.AT)

    def test_a_worker_claims_the_jobs_it_wants(self, rig: StoreRig) -> None:
        sent, late = self._add(rig, kind="notice.send"), self._add(rig, kind="payout.send")
        assert [job.id for job in self._claim(rig, which=Which(kinds=["notice.send"]))] == [sent.id]
        early = Which(due_by=records.AT - timedelta(seconds=5))
        assert self._claim(rig, which=early) == []
        assert self._claim(rig, which=Which(ids=[sent.id])) == []
        assert [job.id for job in self._claim(rig, which=Which(ids=[late.id]))] == [late.id]
        assert self._claim(rig, which=Which(kinds=[], ids=[])) == []

    def test_a_due_job_is_put_into_the_queue_once(self, rig: StoreRig) -> None:
        old = self._add(rig, due_at=records.AT - timedelta(minutes=1))
        new = self._add(rig)
        self._add(rig, due_at=records.AT + timedelta(seconds=1))
        assert [job.id for job in self._queue(rig, limit=1)] == [old.id]
        assert [job.id for job in self._queue(rig)] == [new.id]
        assert self._queue(rig) == []
        rig.platform.unqueue_jobs([old.id])
        assert [job.id for job in self._queue(rig)] == [old.id]

    def test_many_relays_never_queue_the_same_job(self, rig: StoreRig) -> None:
        added = {self._add(rig).id for _ in range(30)}
        queued = [job.id for jobs in together(lambda _: self._queue(rig, limit=4)) for job in jobs]
        queued += [job.id for job in self._queue(rig, limit=30)]
        assert len(queued) == len(added)
        assert set(queued) == added

    def test_a_queued_job_is_claimed_like_any_other(self, rig: StoreRig) -> None:
        job = self._add(rig)
        self._queue(rig)
        (claimed,) = self._claim(rig)
        assert claimed.id == job.id
        assert self._queue(rig) == []

    def test_a_job_that_comes_back_is_queued_again(self, rig: StoreRig) -> None:
        job = self._add(rig)
        self._queue(rig)
        (claimed,) = self._claim(rig)
        rig.platform.fail_job(claimed, error="away", again_at=records.AT + timedelta(seconds=2))
        assert self._queue(rig) == []
        rig.clock.advance(timedelta(seconds=2))
        assert [found.id for found in self._queue(rig)] == [job.id]
        (claimed,) = self._claim(rig)
        rig.platform.give_back("w", now=rig.clock.now())
        assert [found.id for found in self._queue(rig)] == [job.id]
        (claimed,) = self._claim(rig)
        rig.platform.fail_job(claimed, error="bug", again_at=None, dead=True)
        assert self._queue(rig) == []
        rig.platform.replay_job(job.id, rig.clock.now())
        assert [found.id for found in self._queue(rig)] == [job.id]

    def test_old_finished_jobs_are_purged_in_chunks_and_nothing_else(self, rig: StoreRig) -> None:
        old = [self._add(rig, due_at=records.AT - timedelta(days=31)) for _ in range(3)]
        dead = self._add(rig, due_at=records.AT - timedelta(days=31))
        for job in self._claim(rig, which=Which(ids=[job.id for job in old])):
            rig.platform.finish_job(job)
        (buried,) = self._claim(rig)
        rig.platform.fail_job(buried, error="bug", again_at=None, dead=True)
        fresh = self._add(rig)
        for job in self._claim(rig):
            rig.platform.finish_job(job)
        waiting = self._add(rig, due_at=records.AT - timedelta(days=31))
        theirs = records.job(rig.theirs.id, rig.entropy.uuid(), due_at=old[0].due_at)
        with rig.begin(rig.theirs.id) as uow:
            uow.desk.add_job(theirs)
        before = records.AT - timedelta(days=30)
        purged = []
        for _ in range(3):
            with rig.begin(rig.brand_id) as uow:
                purged.append(uow.desk.purge_jobs(before=before, limit=2))
        assert purged == [2, 1, 0]
        with rig.begin(rig.brand_id) as uow:
            assert all(uow.desk.add_job(job) for job in old)
            assert not any(uow.desk.add_job(job) for job in (dead, fresh, waiting))
        with rig.begin(rig.theirs.id) as uow:
            assert not uow.desk.add_job(theirs)

    def _add(self, rig: StoreRig, **changes: object) -> Job:
        job = records.job(rig.brand_id, rig.entropy.uuid(), **changes)
        with rig.begin(rig.brand_id) as uow:
            assert uow.desk.add_job(job)
        return job

    def _claim(self, rig: StoreRig, limit: int = 9, which: Which = ANY) -> list[Job]:
        return rig.platform.claim_jobs(
            limit=limit, now=rig.clock.now(), lease_s=60, worker="w", which=which
        )

    def _queue(self, rig: StoreRig, limit: int = 9) -> list[Due]:
        return rig.platform.queue_jobs(limit=limit, now=rig.clock.now())
