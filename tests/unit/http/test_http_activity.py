"""Signs of life of staff, what their silence leads to, and who hears of it."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from los_core.domain.access import Role
from los_core.domain.brand import NonRepaymentDate
from los_core.domain.kyc import Email
from los_core.domain.record_kinds import HOLIDAYS
from los_core.domain.staff import Staff
from los_core.services.callers import StaffCaller

INDIA = ZoneInfo("Asia/Kolkata")
MINUTE = timedelta(minutes=1)
ME = "/api/v1/partner/auth/me"


@pytest.fixture
def desk(world: Any) -> Any:
    """A Wednesday noon, with an administrator to hear of things."""
    world.fakes.clock.move_to(datetime(2026, 11, 25, 12, tzinfo=INDIA))
    hired = world.fakes.services.brands.hire(
        email=Email.parse("admin@bharat.example"),
        name="Admin",
        password="Sahyadri-monsoon-2026",
        roles=frozenset({Role.ADMIN}),
        brands=frozenset({world.brand_id}),
        second_factor=True,
    )
    world.secrets["admin"] = hired.totp_secret
    return world


def _ping(world: Any, token: str, brand: str = "") -> Any:
    return world.client("POST", f"{brand or world.brand}/activity/ping", token=token)


def _look(world: Any) -> int:
    found: int = world.fakes.services.attendance.look(world.brand_id)
    return found


def _sessions(world: Any, query: str = "") -> Any:
    world.fakes.clock.advance(timedelta(seconds=31))
    return world.client(
        "GET", f"{world.brand}/activity/sessions{query}", token=world.staff("admin")
    )


@attrs.define
class Console:
    """A member of staff's console, which renews its token when it needs one."""

    world: Any
    tokens: dict[str, str]

    @classmethod
    def of(cls, world: Any, name: str) -> "Console":
        body = {"email": f"{name}@bharat.example", "password": "Sahyadri-monsoon-2026"}
        secret = world.secrets[name]
        if secret:
            body["totp"] = world.fakes.second_factor.code(secret, world.fakes.clock.now())
        answer = world.client("POST", "/api/v1/partner/auth/login", json=body)
        return cls(world, answer.json())

    def renewed(self) -> str:
        body = {"refreshToken": self.tokens["refreshToken"]}
        answer = self.world.client("POST", "/api/v1/partner/auth/refresh-token", json=body)
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()
        return self.tokens["accessToken"]


def _person(world: Any, name: str) -> Staff:
    found: Staff = world.fakes.services.platform.staff_by_email(f"{name}@bharat.example")
    return found


def _told(world: Any, name: str = "admin") -> list[str]:
    services, person = world.fakes.services, _person(world, name)
    box = services.platform.mailbox.page(person.id, person.brands, skip=0, limit=100)
    return [each.body for each in box]


def test_a_person_is_at_work_from_the_first_sign_of_life(desk: Any) -> None:
    token = desk.staff("collector")
    assert _ping(desk, token).status_code == 204
    desk.fakes.clock.advance(6 * MINUTE)
    assert _ping(desk, token).status_code == 204
    body = _sessions(desk, f"?userId={_person(desk, 'collector').id}").json()
    [sitting] = body["sessions"]
    assert (sitting["name"], sitting["idleSeconds"], sitting["presence"]) == (
        "Collector",
        360,
        "ACTIVE",
    )
    assert body["total"] == 1
    assert body["summary"]["onlineSeconds"] == 360
    assert body["summary"]["activePct"] == "0.00"


def test_63_a_hundred_signs_a_second_write_one_row_once(desk: Any) -> None:
    token = desk.staff("collector")
    request = desk.client.http.build_request(
        "POST", f"{desk.brand}/activity/ping", headers={"Authorization": f"Bearer {token}"}
    )
    answers = desk.client.together(*[request] * 100)
    assert {answer.status_code for answer in answers} == {204}
    before = desk.fakes.store._shelves.sittings.rows  # noqa: SLF001 - the rows themselves
    [kept] = before.values()
    desk.fakes.clock.advance(timedelta(seconds=29))
    _ping(desk, token)
    [same] = desk.fakes.store._shelves.sittings.rows.values()  # noqa: SLF001
    assert same == kept


def test_silence_ends_the_session_and_a_late_sign_does_not_revive_it(desk: Any) -> None:
    console = Console.of(desk, "collector")
    _ping(desk, console.tokens["accessToken"])
    desk.fakes.clock.advance(30 * MINUTE)
    token = console.renewed()
    desk.problem(_ping(desk, token), 401, "SESSION_ENDED")
    desk.problem(desk.client("GET", ME, token=token), 401, "SESSION_ENDED")


def test_the_clockwork_ends_who_is_silent_and_who_was_logged_out_elsewhere(desk: Any) -> None:
    silent = Console.of(desk, "collector")
    for token in (silent.tokens["accessToken"], desk.staff("checker")):
        _ping(desk, token)
    desk.fakes.services.platform.revoke_all(_person(desk, "checker").id, desk.fakes.clock.now())
    assert _look(desk) == 1
    desk.fakes.clock.advance(30 * MINUTE)
    assert _look(desk) == 1
    assert _look(desk) == 0
    ended = {each["name"]: each["endReason"] for each in _sessions(desk).json()["sessions"]}
    assert ended == {"Collector": "IDLE", "Checker": "REVOKED"}
    renewed = {"refreshToken": silent.tokens["refreshToken"]}
    answer = desk.client("POST", "/api/v1/partner/auth/refresh-token", json=renewed)
    desk.problem(answer, 401, "SESSION_ENDED")


def test_who_logs_out_is_no_longer_at_work(desk: Any) -> None:
    token = desk.staff("collector")
    _ping(desk, token)
    desk.client("POST", "/api/v1/partner/auth/logout", token=token)
    [sitting] = _sessions(desk).json()["sessions"]
    assert (sitting["endReason"], sitting["presence"]) == ("LOGOUT", "ENDED")
    assert sitting["logoutAt"] is not None


def test_a_log_in_that_works_in_another_brand_does_not_end(desk: Any) -> None:
    services = desk.fakes.services
    person = _person(desk, "collector")
    person.brands = frozenset({desk.brand_id, desk.other_brand_id})
    services.platform.save_staff(person)
    console = Console.of(desk, "collector")
    _ping(desk, console.tokens["accessToken"])
    other = f"/api/v1/partner/brand/{desk.other_brand_id}"
    for _ in range(4):
        desk.fakes.clock.advance(10 * MINUTE)
        assert _ping(desk, console.renewed(), other).status_code == 204
    assert _look(desk) == 1
    assert desk.client("GET", ME, token=console.renewed()).status_code == 200


def test_a_manager_hears_of_an_idle_colleague_once_for_each_silence(desk: Any) -> None:
    console = Console.of(desk, "collector")
    for _ in range(2):
        _ping(desk, console.renewed())
        desk.fakes.clock.advance(19 * MINUTE)
        assert _look(desk) == 0
        desk.fakes.clock.advance(MINUTE)
        assert [_look(desk), _look(desk)] == [1, 0]
    assert _told(desk) == ["Collector is idle since 12:20.", "Collector is idle since 12:00."]


def test_the_brand_says_who_hears_and_after_how_long(desk: Any) -> None:
    manager = _person(desk, "manager").id
    with desk.fakes.services.begin(desk.brand_id) as uow:
        settings = uow.lender.settings()
        uow.lender.save_settings(
            attrs.evolve(settings, section_managers=(manager,), idle_alert_minutes=10)
        )
    _ping(desk, desk.staff("collector"))
    desk.fakes.clock.advance(10 * MINUTE)
    assert _look(desk) == 1
    assert (_told(desk), _told(desk, "manager")) == ([], ["Collector is idle since 12:00."])


@pytest.mark.parametrize("hour", [8, 19])
def test_nobody_hears_of_it_outside_working_hours(desk: Any, hour: int) -> None:
    desk.fakes.clock.move_to(datetime(2026, 11, 26, hour, tzinfo=INDIA))
    _ping(desk, desk.staff("collector"))
    desk.fakes.clock.advance(25 * MINUTE)
    assert _look(desk) == 0


def test_nobody_hears_of_it_on_a_holiday(desk: Any) -> None:
    services, admin = desk.fakes.services, _person(desk, "admin")
    today = NonRepaymentDate(desk.fakes.clock.business_date(), "Guru Nanak Jayanti")
    services.records.add(StaffCaller.of(admin, desk.brand_id), HOLIDAYS, today)
    _ping(desk, desk.staff("collector"))
    desk.fakes.clock.advance(25 * MINUTE)
    assert _look(desk) == 0


def test_staff_do_not_see_when_others_were_at_work(desk: Any) -> None:
    found = desk.client("GET", f"{desk.brand}/activity/sessions", token=desk.staff("collector"))
    desk.problem(found, 403, "FORBIDDEN")


def test_a_person_of_another_brand_is_none(desk: Any) -> None:
    found = _sessions(desk, "?userId=00000000-0000-0000-0000-000000000007")
    desk.problem(found, 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 1),
        ("?fromDate=2026-11-25", 1),
        ("?toDate=2026-11-24", 0),
        ("?fromDate=2026-11-24&toDate=2026-11-25", 1),
    ],
)
def test_sittings_are_found_by_day(desk: Any, query: str, count: int) -> None:
    _ping(desk, desk.staff("collector"))
    assert _sessions(desk, query).json()["total"] == count


@pytest.mark.parametrize(
    "query", ["?fromDate=2026-11-25&toDate=2026-11-24", "?fromDate=2026-01-01"]
)
def test_a_span_has_bounds(desk: Any, query: str) -> None:
    body = desk.problem(_sessions(desk, query), 400, "VALIDATION_FAILED")
    assert body["message"][0]["field"] == "toDate"
