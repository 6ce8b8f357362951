"""Which brand a caller without a token means, and where a request comes from."""

from ipaddress import ip_network
from typing import Any
from uuid import uuid4

import attrs
import pytest

from los_http.addresses import Hosts

REGISTER = "/api/v1/web/auth/register"
BRAND = "/api/v1/web/brand"


def _register(world: Any, host: str, **body: str) -> Any:
    told = {"phone": "9876543210", **body}
    return world.client("POST", REGISTER, json=told, headers={"Host": host})


def test_the_hosts_brand_is_meant_without_its_id(world: Any) -> None:
    assert _register(world, "bharat.los.test").status_code == 202
    assert _register(world, "OTHER.los.test:8443").status_code == 202
    same = _register(world, "bharat.los.test", brandId=str(world.brand_id), phone="9876543211")
    assert same.status_code == 202


def test_host_and_id_of_two_brands_are_refused(world: Any) -> None:
    answer = _register(world, "bharat.los.test", brandId=str(world.other_brand_id))
    told = world.problem(answer, 400, "VALIDATION_FAILED")
    assert [fault["field"] for fault in told["message"]] == ["brandId"]


def test_a_brand_has_to_be_named_somehow(world: Any) -> None:
    world.problem(_register(world, "los.test"), 400, "VALIDATION_FAILED")
    world.problem(_register(world, "bharat.los.test.evil.example"), 400, "VALIDATION_FAILED")


def test_unknown_and_resting_brands_look_the_same(world: Any) -> None:
    shelves = world.fakes.store._shelves  # noqa: SLF001 - no command puts a brand to rest
    token = world.customer(brand_id=world.other_brand_id)
    resting = attrs.evolve(shelves.brands.get(world.other_brand_id), active=False)
    shelves.brands.put(resting, world.other_brand_id)
    answers = [
        _register(world, "nobody.los.test"),
        _register(world, "other.los.test"),
        _register(world, "los.test", brandId=str(uuid4())),
        _register(world, "los.test", brandId=str(world.other_brand_id)),
        world.client("GET", f"{BRAND}?brandId={world.other_brand_id}"),
        world.client("GET", "/api/v1/web/loans", token=token),
        world.client(
            "GET", f"/api/v1/partner/brand/{world.other_brand_id}/loans", token=world.staff("root")
        ),
    ]
    told = [world.problem(answer, 404, "NOT_FOUND")["message"] for answer in answers]
    assert set(told) == {"no such brand"}


def test_with_a_token_the_host_says_nothing(world: Any) -> None:
    token = world.customer()
    answer = world.client(
        "GET", "/api/v1/web/loans", token=token, headers={"Host": "other.los.test"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("peer", "told", "client"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "198.51.100.1, 10.0.0.3", "198.51.100.1"),
        ("10.0.0.2", "1.1.1.1, nonsense, 10.0.0.3", "10.0.0.3"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("::ffff:10.0.0.2", "::ffff:198.51.100.1", "198.51.100.1"),
    ],
)
def test_33_a_forwarded_address_is_believed_from_our_own_proxies_only(
    peer: str, told: str, client: str
) -> None:
    hosts = Hosts(proxies=[ip_network("10.0.0.0/8")])
    headers = [(b"x-forwarded-for", told.encode())] if told else []
    scope: Any = {"client": (peer, 1), "headers": headers}
    assert hosts.client(scope) == client
