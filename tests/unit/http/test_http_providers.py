"""A brand's vendors by the API: secrets go in and never come out."""

from typing import Any

import pytest

SECRET = "hush-5f3a9c"
OTHER = "hush-77b2e1"
MEMORY = {"type": "payment", "name": "memory", "settings": {"account": "a", "key_secret": SECRET}}


@pytest.fixture
def root(world: Any) -> str:
    token: str = world.staff("root")
    return token


def _ask(
    world: Any, token: str, verb: str, path: str = "", version: object = None, **more: Any
) -> Any:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    url = f"{world.brand}/settings/brand-providers{path}"
    return world.client(verb, url, token=token, headers=headers, **more)


def test_a_providers_secret_never_comes_back(world: Any, root: str) -> None:
    answers = [_ask(world, root, "POST", json=MEMORY)]
    made = answers[0].json()
    assert answers[0].status_code == 201, answers[0].text
    assert made["settings"] == {"account": "a"}
    assert made["withheld"] == ["key_secret"]
    path = f"/{made['id']}"
    answers.append(_ask(world, root, "GET"))
    rotated = {**MEMORY, "settings": {"account": "a", "key_secret": OTHER}}
    answers.append(_ask(world, root, "PUT", path, 1, json=rotated))
    answers.append(_ask(world, root, "POST", json=MEMORY))
    assert [answer.status_code for answer in answers] == [201, 200, 200, 409]
    with world.fakes.store.begin(world.brand_id) as uow:
        told = [e for e in uow.trail.unsealed(limit=1000) if e.entity == "brand-providers"]
    assert [e.facts["key_secret"] for e in told] == [[None, "[hidden]"], ["[hidden]", "[hidden]"]]
    everything = [answer.text for answer in answers] + [repr(told)]
    assert not [text for text in everything if SECRET in text or OTHER in text]


def test_a_secret_that_is_not_sent_stays(world: Any, root: str) -> None:
    path = f"/{_ask(world, root, 'POST', json=MEMORY).json()['id']}"
    changed = _ask(world, root, "PUT", path, 1, json={**MEMORY, "settings": {"account": "b"}})
    assert changed.status_code == 200, changed.text
    [row] = world.fakes.services.platform.providers(world.brand_id)
    assert row.settings == {"account": "b", "key_secret": SECRET}


def test_one_provider_of_a_capability_is_primary_and_the_others_fall_back(
    world: Any, root: str
) -> None:
    for name in ("memory", "other"):
        body = {**MEMORY, "name": name, "isPrimary": True}
        assert _ask(world, root, "POST", json=body).status_code == 201
    items = _ask(world, root, "GET").json()["items"]
    assert [(each["name"], each["isPrimary"]) for each in items] == [
        ("other", True),
        ("memory", False),
    ]


def test_a_provider_that_is_retired_takes_no_new_work_and_stays_on_file(
    world: Any, root: str
) -> None:
    made = _ask(world, root, "POST", json={**MEMORY, "isPrimary": True}).json()
    path = f"/{made['id']}"
    world.problem(_ask(world, root, "DELETE", path), 428, "PRECONDITION_REQUIRED")
    world.problem(_ask(world, root, "DELETE", path, 9), 412, "STALE_VERSION")
    assert _ask(world, root, "DELETE", path, 1).status_code == 204
    [kept] = _ask(world, root, "GET").json()["items"]
    assert (kept["isActive"], kept["isPrimary"], kept["version"]) == (False, False, 2)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "nobody"}, "name"),
        ({"settings": {"account": "a"}}, "settings.key_secret"),
        ({"settings": {"account": "a", "key_secret": SECRET, "x": 1}}, "settings.x"),
        ({"isPrimary": True, "isActive": False}, "isPrimary"),
    ],
)
def test_settings_that_do_not_serve_are_told_by_field_without_their_values(
    world: Any, root: str, wrong: Any, field: str
) -> None:
    answer = _ask(world, root, "POST", json={**MEMORY, **wrong})
    told = world.problem(answer, 400, "VALIDATION_FAILED")
    assert [fault["field"] for fault in told["message"]] == [field]
    assert SECRET not in answer.text


def test_who_only_reads_settings_changes_no_provider(world: Any) -> None:
    manager = world.staff("manager")
    world.problem(_ask(world, manager, "POST", json=MEMORY), 403, "FORBIDDEN")
