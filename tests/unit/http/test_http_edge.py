from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import attrs
import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from los_http.app import create_app
from los_http.middleware import JSON_LIMIT, SECURITY_HEADERS

LOGIN = "/api/v1/web/auth/login"


@pytest.mark.parametrize("path", ["/health/live", "/nowhere", "/api/v1/web/loans", "/schema"])
def test_every_answer_has_the_security_headers(still: Any, path: str) -> None:
    answer = still.client("GET", path)

    for name, value in SECURITY_HEADERS:
        assert answer.headers[name.decode()] == value.decode()
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


def test_a_request_keeps_the_id_it_came_with_and_gets_one_otherwise(still: Any) -> None:
    given = still.client("GET", "/health/live", headers={"X-Request-Id": "trace-0123456789"})
    forged = still.client("GET", "/health/live", headers={"X-Request-Id": "x y"})

    assert given.headers["x-request-id"] == "trace-0123456789"
    assert len(forged.headers["x-request-id"]) == 32


def test_a_body_beyond_the_limit_is_refused_before_the_route_is_looked_for(still: Any) -> None:
    answer = still.client("POST", "/nowhere", content=b"x" * (JSON_LIMIT + 1))

    assert still.problem(answer, 413, "TOO_LARGE")["path"] == "/nowhere"


def test_a_body_of_undeclared_length_is_cut_off_at_the_limit(still: Any) -> None:
    async def endless() -> Any:
        for _ in range(JSON_LIMIT // 1000 + 2):
            yield b"x" * 1000

    answer = still.client(
        "POST", LOGIN, content=endless(), headers={"content-type": "application/json"}
    )

    still.problem(answer, 413, "TOO_LARGE")


@pytest.mark.parametrize("length", ["-1", "1e3", "abc", "9" * 40])
def test_a_length_that_is_no_number_is_refused(still: Any, length: str) -> None:
    answer = still.client("POST", LOGIN, content=b"{}", headers={"content-length": length})

    still.problem(answer, 413, "TOO_LARGE")


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "BREW"])
def test_a_method_no_route_takes_is_answered_with_those_that_are(still: Any, method: str) -> None:
    answer = still.client(method, "/health")

    still.problem(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, HEAD, POST, PUT, PATCH, DELETE"


@pytest.mark.parametrize("path", ["/health/live", "/api/v1/web/loans", "/nowhere"])
def test_head_is_get_without_its_body(still: Any, path: str) -> None:
    got, head = still.client("GET", path), still.client("HEAD", path)

    told = [
        {k: v for k, v in answer.headers.items() if k != "x-request-id"} for answer in (got, head)
    ]
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert told[0] == told[1]


def test_head_of_what_is_not_read_is_405(still: Any) -> None:
    answer = still.client("HEAD", LOGIN)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_method_the_route_does_not_take_is_answered_with_its_own(still: Any, method: str) -> None:
    answer = still.client(method, "/health")

    still.problem(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, HEAD"


def test_the_wrong_one_of_two_methods_is_405_too(still: Any) -> None:
    still.problem(still.client("GET", LOGIN), 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("path", ["/health%00", "/health?x=%00"])
def test_a_nul_in_the_address_is_refused(still: Any, path: str) -> None:
    still.problem(still.client("GET", path), 400, "BAD_REQUEST")


def test_the_path_of_an_error_is_told_without_its_query(still: Any) -> None:
    body = still.problem(still.client("GET", "/nowhere?token=secret"), 404, "NOT_FOUND")

    assert body["path"] == "/nowhere"
    assert body["message"] == "no such address"


@pytest.fixture
def picky(still: Any) -> Iterator[Any]:
    client = type(still.client)(
        create_app(still.fakes.services, threads=1, hosts=["api.bharat.example"])
    )
    yield client
    client.close()


def test_only_hosts_that_are_named_are_served(still: Any, picky: Any) -> None:
    ours = picky("GET", "/health/live", headers={"Host": "API.bharat.example:8000"})
    theirs = picky("GET", "/health/live", headers={"Host": "evil.example"})

    assert ours.status_code == 200
    still.problem(theirs, 400, "BAD_REQUEST")


def test_a_closed_application_has_no_page_and_no_description(still: Any) -> None:
    client = type(still.client)(create_app(still.fakes.services, threads=1, described=False))
    for path in ("/schema", "/schema/openapi.json", "/schema/static/page.js", "/metrics", "/docs"):
        still.problem(client("GET", path), 404, "NOT_FOUND")
    client.close()


def test_a_request_is_one_line_with_its_template_brand_and_actor(still: Any) -> None:
    token, loan = still.staff("manager"), uuid4()
    with capture_logs(processors=[merge_contextvars]) as log:
        still.client("GET", f"{still.brand}/loans/{loan}?token=hunter2", token=token)
        still.client("GET", f"/nowhere/{loan}", headers={"X-Request-Id": "trace-01"})
    [found, lost] = [line for line in log if line["event"] == "request"]

    assert set(found) == {
        "event", "log_level", "method", "route", "status", "ms", "brand", "actor", "request_id",
    }  # fmt: skip
    assert found["route"] == "/api/v1/partner/brand/{brand_id}/loans/{loan_id}"
    assert (found["brand"], found["status"]) == (str(still.brand_id), 404)
    assert UUID(found["actor"]).version
    assert (lost["route"], lost["request_id"]) == ("-", "trace-01")
    assert str(loan) not in str(log)


def test_health_tells_of_the_database_and_readiness_of_the_shutdown(world: Any) -> None:
    health = world.client("GET", "/health").json()
    ready = world.client("GET", "/health/ready")
    world.client.app.state["pulse"].drain()
    draining = world.client("GET", "/health/ready")

    assert (health["status"], health["database"]) == ("ok", "up")
    assert (ready.status_code, draining.status_code) == (200, 503)


class BrokenPlatform:
    """Every question to it ends in a bug that holds a secret."""

    def __getattr__(self, name: str) -> Any:
        def ask(*_: Any) -> Any:
            raise KeyError("hunter2")

        return ask


@pytest.fixture
def broken(still: Any) -> Iterator[Any]:
    catalogue = attrs.evolve(still.fakes.services.catalogue, platform=BrokenPlatform())
    services = attrs.evolve(still.fakes.services, platform=BrokenPlatform(), catalogue=catalogue)
    client = type(still.client)(create_app(services, threads=1))
    yield client
    client.close()


def test_a_bug_is_told_as_such_with_the_requests_id_and_nothing_else(
    still: Any, broken: Any
) -> None:
    answer = broken("GET", f"/api/v1/web/brand?brandId={still.brand_id}")

    told = still.problem(answer, 500, "INTERNAL_ERROR")
    assert told["message"] == "Internal server error"
    assert told["details"] == {"requestId": answer.headers["x-request-id"]}
    assert "hunter2" not in answer.text


def test_health_is_503_while_the_database_does_not_answer(broken: Any) -> None:
    answer = broken("GET", "/health")

    assert answer.status_code == 503
    assert (answer.json()["status"], answer.json()["database"]) == ("down", "down")
    assert broken("GET", "/health/live").status_code == 200


def test_a_message_of_a_vendor_is_limited_whatever_it_calls_itself(still: Any) -> None:
    answer = still.client(
        "POST",
        "/api/v1/webhook/razorpay/token",
        content=b"x" * (JSON_LIMIT + 1),
        headers={"content-type": "multipart/form-data; boundary=x"},
    )

    still.problem(answer, 413, "TOO_LARGE")


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "a;q=x,,;;=/"},
        {"Accept": "\xff"},
        {"Cookie": "===;;;"},
        {"X-Forwarded-For": "1.2.3.4, evil"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-Original-URL": "/api/v1/admin/jobs/runs"},
        {"Content-Type": 'application/json; charset="'},
        {"If-None-Match": "*"},
        {"Range": "bytes=0-1"},
    ],
)
def test_odd_headers_change_nothing(still: Any, headers: dict[str, str]) -> None:
    sent = {name: value.encode("latin-1") for name, value in headers.items()}

    assert still.client("GET", "/health/live", headers=sent).json() == {"status": "ok"}
