"""Pages of other origins: those a brand allows read its answers, nobody else's do."""

from typing import Any

import attrs
import pytest

from los_core.domain.brand import Settings
from los_core.domain.errors import Invalid, StoreAway
from los_http.app import create_app
from los_http.origins import KEPT_S, Origins

OURS, THEIRS = "https://apply.bharat.example", "https://apply.other.example"
LOANS = "/api/v1/web/loans"
ASKS = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization",
}


@pytest.fixture
def opened(world: Any) -> Any:
    for brand_id, origin in ((world.brand_id, OURS), (world.other_brand_id, THEIRS)):
        with world.fakes.services.begin(brand_id) as uow:
            settings = uow.lender.settings()
            uow.lender.save_settings(attrs.evolve(settings, allowed_origins=(origin,)))
    return world


def readable(answer: Any) -> str | None:
    found: str | None = answer.headers.get("access-control-allow-origin")
    assert "access-control-allow-credentials" not in answer.headers
    return found


def test_a_page_of_the_brand_reads_its_answers_errors_included(opened: Any) -> None:
    loans = f"{opened.brand}/loans"
    token = opened.staff("manager")

    for sent in (token, None):
        answer = opened.client("GET", loans, token=sent, headers={"Origin": OURS})
        assert readable(answer) == OURS
        assert "origin" in answer.headers["vary"]
        assert "x-request-id" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "*",
        f"{OURS}.evil.example",
        "https://evil-apply.bharat.example",
        OURS.upper(),
        f"{OURS}:8443",
        "http://apply.bharat.example",
        "\xff",
    ],
)
def test_no_other_page_does(opened: Any, origin: str) -> None:
    sent = {"Origin": origin.encode("latin-1")}

    assert readable(opened.client("GET", "/health", headers=sent)) is None
    assert opened.client("OPTIONS", LOANS, headers=ASKS | sent).status_code == 405


def test_a_page_of_another_brand_reads_nothing_of_ours(opened: Any) -> None:
    loans, token = f"{opened.brand}/loans", opened.customer()
    theirs, ours = {"Origin": THEIRS}, {"Origin": OURS}

    assert readable(opened.client("GET", loans, headers=theirs)) is None
    assert opened.client("OPTIONS", loans, headers=ASKS | theirs).status_code == 405
    assert readable(opened.client("GET", LOANS, token=token, headers=theirs)) is None
    assert readable(opened.client("GET", LOANS, token=token, headers=ours)) == OURS


def test_a_brands_own_host_is_for_its_own_pages(opened: Any) -> None:
    host = {"Host": "bharat.los.test"}

    assert readable(opened.client("GET", LOANS, headers=host | {"Origin": THEIRS})) is None
    assert readable(opened.client("GET", LOANS, headers=host | {"Origin": OURS})) == OURS


def test_administration_has_no_page_elsewhere(opened: Any) -> None:
    path = "/api/v1/admin/users"

    assert readable(opened.client("GET", path, headers={"Origin": OURS})) is None
    assert opened.client("OPTIONS", path, headers=ASKS | {"Origin": OURS}).status_code == 405


def test_a_page_may_ask_what_it_may_send(opened: Any) -> None:
    answer = opened.client("OPTIONS", f"{opened.brand}/loans", headers=ASKS | {"Origin": OURS})

    assert (answer.status_code, answer.content) == (204, b"")
    assert readable(answer) == OURS
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert "idempotency-key" in answer.headers["access-control-allow-headers"]
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert answer.headers["strict-transport-security"]


def test_a_question_that_is_none_is_405_to_every_page(opened: Any) -> None:
    opened.problem(
        opened.client("OPTIONS", LOANS, headers={"Origin": OURS}), 405, "METHOD_NOT_ALLOWED"
    )


@pytest.mark.parametrize(
    "origin",
    ["*", "null", "https://a", "http://apply.example", "https://a.example/", "HTTPS://a.b"],
)
def test_a_brand_names_whole_origins_only(origin: str) -> None:
    with pytest.raises(Invalid):
        Settings(allowed_origins=(origin,))


def test_while_the_store_is_away_what_was_known_goes_on(opened: Any) -> None:
    now, sites = 0.0, opened.fakes.services.brands.sites

    def asked() -> Any:
        if now > 0:
            raise StoreAway("the store does not answer")
        return sites()

    client = type(opened.client)(create_app(opened.fakes.services, threads=1))
    edge: Any = client.app.asgi_handler
    edge.origins = Origins(asked, edge.reading, timer=lambda: now)

    assert readable(client("GET", "/health", headers={"Origin": OURS})) == OURS
    now = KEPT_S
    assert readable(client("GET", "/health", headers={"Origin": OURS})) == OURS
    client.close()
