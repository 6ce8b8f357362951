"""A brand's settings by the API: rights, versions, pages and the trail, alike for every module."""

from typing import Any

import pytest

CARD = {"name": "Sahyadri Gold", "type": "CREDIT", "limitPaise": 1_00_000_00, "ratePct": "36"}
THEME = {"primary": "#112233", "secondary": "#aabbcc", "font": "Noto Sans"}


@pytest.fixture
def root(world: Any) -> str:
    token: str = world.staff("root")
    return token


def _ask(world: Any, token: str, verb: str, path: str, version: object = None, **more: Any) -> Any:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    url = f"{world.brand}/settings/{path}"
    return world.client(verb, url, token=token, headers=headers, **more)


def _trail(world: Any, entity: str) -> list[Any]:
    with world.fakes.store.begin(world.brand_id) as uow:
        return [event for event in uow.trail.unsealed(limit=1000) if event.entity == entity]


def test_a_record_is_added_listed_changed_and_removed(world: Any, root: str) -> None:
    made = _ask(world, root, "POST", "brand-cards", json=CARD)
    assert made.status_code == 201, made.text
    assert made.headers["ETag"] == '"1"'
    card = made.json()
    path = f"brand-cards/{card['id']}"

    new = CARD | {"limitPaise": 2_00_000_00}
    changed = _ask(world, root, "PUT", path, 1, json=new)
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] == '"2"'
    [listed] = _ask(world, root, "GET", "brand-cards").json()["items"]
    assert listed == changed.json()
    assert (listed["limitPaise"], listed["version"]) == (2_00_000_00, 2)
    assert listed["createdBy"] == listed["updatedBy"] == card["createdBy"]

    assert _ask(world, root, "DELETE", path, 2).status_code == 204
    assert _ask(world, root, "GET", "brand-cards").json()["items"] == []
    world.problem(_ask(world, root, "DELETE", path, 3), 404, "NOT_FOUND")
    world.problem(_ask(world, root, "PUT", path, 3, json=new), 404, "NOT_FOUND")


def test_each_change_is_one_row_of_the_trail_with_the_fields_that_differ(
    world: Any, root: str
) -> None:
    card = _ask(world, root, "POST", "brand-cards", json=CARD).json()
    path = f"brand-cards/{card['id']}"
    new = CARD | {"name": "call 9876543210", "limitPaise": 5_00}
    assert _ask(world, root, "PUT", path, 1, json=new).status_code == 200
    assert _ask(world, root, "DELETE", path, 2).status_code == 204

    added, changed, removed = _trail(world, "brand-cards")
    assert [e.action for e in (added, changed, removed)] == [
        "settings.added",
        "settings.changed",
        "settings.removed",
    ]
    assert {str(e.entity_id) for e in (added, changed, removed)} == {card["id"]}
    assert {str(e.actor_id) for e in (added, changed, removed)} == {card["createdBy"]}
    assert changed.facts == {
        "name": ["Sahyadri Gold", "call [hidden]"],
        "limit": [1_00_000_00, 5_00],
    }
    assert added.facts["limit"] == [None, 1_00_000_00]
    assert removed.facts["limit"] == [5_00, None]


@pytest.mark.parametrize("verb", ["PUT", "DELETE"])
def test_a_change_names_the_version_it_is_of(world: Any, root: str, verb: str) -> None:
    card = _ask(world, root, "POST", "brand-cards", json=CARD).json()
    path = f"brand-cards/{card['id']}"
    more = {"json": CARD} if verb == "PUT" else {}

    world.problem(_ask(world, root, verb, path, **more), 428, "PRECONDITION_REQUIRED")
    stale = world.problem(_ask(world, root, verb, path, 7, **more), 412, "STALE_VERSION")
    assert stale["details"] == {"version": 1}
    for tag in ("1", "*", "W/1", '"1", "2"', '"one"', '"-1"'):
        url = f"{world.brand}/settings/{path}"
        answer = world.client(verb, url, token=root, headers={"If-Match": tag}, **more)
        assert world.problem(answer, 400, "VALIDATION_FAILED")["message"][0]["field"] == "If-Match"
    [listed] = _ask(world, root, "GET", "brand-cards").json()["items"]
    assert listed["version"] == 1


def test_of_two_tabs_that_read_the_same_one_writes(world: Any, root: str) -> None:
    card = _ask(world, root, "POST", "brand-cards", json=CARD).json()
    url = f"{world.brand}/settings/brand-cards/{card['id']}"
    headers = {"Authorization": f"Bearer {root}", "If-Match": '"1"'}
    requests = [
        world.client.http.build_request("PUT", url, headers=headers, json=CARD | {"order": n})
        for n in (1, 2)
    ]
    answers = world.client.together(*requests)
    assert sorted(answer.status_code for answer in answers) == [200, 412]


def test_the_one_record_of_a_kind_starts_with_its_defaults(world: Any, root: str) -> None:
    first = _ask(world, root, "GET", "appearance")
    assert first.headers["ETag"] == '"0"'
    assert first.json()["primary"] == "#1F3A5F"
    assert first.json()["updatedAt"] is None

    written = _ask(world, root, "PUT", "appearance", 0, json=THEME)
    assert written.status_code == 200, written.text
    assert written.json()["secondary"] == "#AABBCC"
    world.problem(_ask(world, root, "PUT", "appearance", 0, json=THEME), 412, "STALE_VERSION")
    assert _ask(world, root, "GET", "appearance").json() == written.json()
    assert _ask(world, root, "PUT", "appearance", 1, json=THEME).headers["ETag"] == '"2"'


def test_two_records_do_not_share_a_name_and_a_repeat_is_the_same_record(
    world: Any, root: str
) -> None:
    first = world.client(
        "POST",
        f"{world.brand}/settings/brand-cards",
        token=root,
        json=CARD,
        headers={"Idempotency-Key": "one"},
    )
    again = world.client(
        "POST",
        f"{world.brand}/settings/brand-cards",
        token=root,
        json=CARD,
        headers={"Idempotency-Key": "one"},
    )
    assert again.json() == first.json()
    other = _ask(world, root, "POST", "brand-cards", json=CARD | {"name": "SAHYADRI gold"})
    world.problem(other, 409, "RECORD_ON_FILE")


def test_a_value_that_its_rules_refuse_is_told_by_field(world: Any, root: str) -> None:
    ages = {"eligibility": {"minAge": 60, "maxAge": 30}}
    refused = _ask(world, root, "POST", "brand-cards", json=CARD | ages)
    assert world.problem(refused, 400, "VALIDATION_FAILED")["message"][0]["field"] == "eligibility"
    assert _ask(world, root, "GET", "brand-cards").json()["total"] == 0


def test_pages_are_of_at_most_a_hundred(world: Any, root: str) -> None:
    for number in range(5):
        card = CARD | {"name": f"card {number}"}
        assert _ask(world, root, "POST", "brand-cards", json=card).status_code == 201
    told = [
        _ask(world, root, "GET", f"brand-cards?page={page}&limit=2").json() for page in (1, 2, 3, 4)
    ]
    assert [[card["name"] for card in page["items"]] for page in told] == [
        ["card 0", "card 1"],
        ["card 2", "card 3"],
        ["card 4"],
        [],
    ]
    assert {page["total"] for page in told} == {5}
    for query in ("limit=101", "limit=0", "page=0", "page=1000000000000"):
        world.problem(_ask(world, root, "GET", f"brand-cards?{query}"), 400, "VALIDATION_FAILED")


@pytest.mark.parametrize(("person", "may"), [("manager", True), ("collector", False)])
def test_who_may_read_settings_may_not_write_them(world: Any, person: str, may: bool) -> None:  # noqa: FBT001 - a case
    token = world.staff(person)
    read = _ask(world, token, "GET", "brand-cards")
    assert read.status_code == (200 if may else 403)
    world.problem(_ask(world, token, "POST", "brand-cards", json=CARD), 403, "FORBIDDEN")
    world.problem(_ask(world, token, "PUT", "appearance", 0, json=THEME), 403, "FORBIDDEN")
