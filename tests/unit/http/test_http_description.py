import re
from pathlib import Path
from typing import Any

import pytest

import los_http

STATIC = Path(los_http.__file__).parent / "static"


@pytest.fixture
def described(still: Any) -> dict[str, Any]:
    found: dict[str, Any] = still.client("GET", "/schema/openapi.json").json()
    return found


def operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_route_is_described(still: Any, described: dict[str, Any]) -> None:
    routes = {route.path_format for route in still.client.app.routes}
    of_the_page = {path for path in routes if path.startswith("/schema")}

    assert set(described["paths"]) == routes - of_the_page
    assert len(routes) > 60


def test_every_operation_says_who_may_call_it(described: dict[str, Any]) -> None:
    public = re.compile(
        r"/health|/api/v1/(webhook|storage|web/brand|web/blogs"
        r"|(web|partner)/auth/(register|login|verify-otp|resend-otp|refresh-token"
        r"|forgot-password|reset-password))"
    )
    for method, path, operation in operations(described):
        scheme = "customer" if path.startswith("/api/v1/web") else "staff"
        expected: list[Any] = [] if public.match(path) else [{scheme: []}]
        told = [each for each in operation.get("security", []) if each != {"apiKey": []}]
        assert told == expected, f"{method} {path}"
    assert set(described["components"]["securitySchemes"]) == {"customer", "staff", "apiKey"}


def test_keys_reach_routes_of_a_brand_and_no_decision_of_persons(described: dict[str, Any]) -> None:
    keyed = {
        path
        for _, path, operation in operations(described)
        if {"apiKey": []} in operation.get("security", [])
    }

    assert "/api/v1/partner/brand/{brand_id}/loans" in keyed
    assert all(path.startswith("/api/v1/partner/brand/{brand_id}/") for path in keyed)
    persons = re.compile(r"/(approvals?|approve|reject|sanction|api-keys|user|settings)(/|$)")
    assert [path for path in keyed if persons.search(path)] == []


def test_every_operation_has_its_own_id_a_summary_and_a_tag(described: dict[str, Any]) -> None:
    found = operations(described)

    assert len({operation["operationId"] for _, _, operation in found}) == len(found)
    for _, path, operation in found:
        assert operation["summary"], path
        assert operation["tags"], path
        assert not operation["summary"].endswith(".")


def test_every_refusal_is_described_by_the_one_shape(described: dict[str, Any]) -> None:
    shape = {"$ref": "#/components/schemas/Problem"}
    for method, path, operation in operations(described):
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert answer["content"]["application/json"]["schema"] == shape, path
        if operation.get("security"):
            assert {"401", "403"} <= set(operation["responses"]), path
        if method == "post":
            assert {"400", "409", "413", "415"} <= set(operation["responses"]), path


def test_papers_are_described_as_json_and_as_pdf(described: dict[str, Any]) -> None:
    for path in (
        "/api/v1/web/loans/{loan_id}/key-facts",
        "/api/v1/web/loans/{loan_id}/repayment-timeline",
        "/api/v1/partner/brand/{brand_id}/loans/{loan_id}/repayment-timeline",
    ):
        content = described["paths"][path]["get"]["responses"]["200"]["content"]
        assert set(content) == {"application/json", "application/pdf"}


def test_request_bodies_name_every_field_and_take_no_other(described: dict[str, Any]) -> None:
    body = described["components"]["schemas"]["AccountBody"]

    assert set(body["properties"]) == {"holder", "accountNumber", "ifsc", "isPrimary"}
    assert body["required"] == ["accountNumber", "holder", "ifsc"]


def test_the_page_and_its_files_come_from_here_and_name_no_other_host(still: Any) -> None:
    page = still.client("GET", "/schema")
    assert page.headers["content-type"].startswith("text/html")
    assert "://" not in page.text
    assert "<script>" not in page.text
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert still.client("GET", address).status_code == 200
    assert "validatorUrl: null" in (STATIC / "page.js").read_text()


@pytest.mark.parametrize("path", ["../app.py", "%2e%2e/app.py", "swagger/../../app.py"])
def test_no_file_outside_the_folder_is_served(still: Any, path: str) -> None:
    assert still.client("GET", f"/schema/static/{path}").status_code == 404
