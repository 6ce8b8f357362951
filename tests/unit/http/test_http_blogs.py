"""What a brand publishes is harmless whoever wrote it, and reasons are there for all its staff."""

from typing import Any

import pytest

from los_core.domain.blog import Blog
from los_core.domain.record_kinds import BLOGS
from los_core.services.callers import StaffCaller

BLOG = {"slug": "kfs", "title": "The KFS", "body": "<p>All on one page.</p>", "published": True}


@pytest.fixture
def root(world: Any) -> str:
    token: str = world.staff("root")
    return token


def _post(world: Any, token: str, kind: str, body: Any) -> Any:
    return world.client("POST", f"{world.brand}/settings/{kind}", token=token, json=body)


def _public(world: Any, query: str = "") -> Any:
    return world.client("GET", f"/api/v1/web/blogs?brandId={world.brand_id}{query}").json()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<p>fine<script>alert(1)</script></p>", "<p>fine</p>"),
        ('<img src="https://evil.example/x.png" onerror="alert(1)">', ""),
        ('<a href="javascript:alert(1)">x</a>', '<a rel="noopener noreferrer nofollow">x</a>'),
        ('<p style="background:url(https://evil.example)" onclick="x()">y</p>', "<p>y</p>"),
        ("<iframe src='https://evil.example'></iframe><svg onload=alert(1)>", ""),
        ("<!-- <script> --><b>bold</b>", "<b>bold</b>"),
    ],
)
def test_of_html_only_what_is_harmless_is_kept_and_shown(
    world: Any, root: str, written: str, kept: str
) -> None:
    made = _post(world, root, "blogs", {**BLOG, "body": f"<p>a</p>{written}"}).json()
    assert made["body"] == f"<p>a</p>{kept}"
    [shown] = _public(world)["blogs"]
    assert shown["html"] == f"<p>a</p>{kept}"


def test_what_got_in_unclean_is_cleaned_on_its_way_out(world: Any) -> None:
    staff = world.fakes.services.platform.staff_by_email("root@bharat.example")
    dirty = Blog(slug="old", title="Old", body="<p>x</p><script>1</script>", published=True)
    world.fakes.services.records.add(StaffCaller.of(staff, world.brand_id), BLOGS, dirty)
    [shown] = _public(world)["blogs"]
    assert shown["html"] == "<p>x</p>"


def test_markdown_is_shown_as_html_and_html_in_it_is_text(world: Any, root: str) -> None:
    body = {**BLOG, "markup": "MARKDOWN", "body": "**now** <script>1</script>"}
    assert _post(world, root, "blogs", body).status_code == 201
    [shown] = _public(world)["blogs"]
    assert shown["html"].startswith("<p><strong>now</strong> &lt;script&gt;1")


def test_the_public_sees_what_one_brand_has_published(world: Any, root: str) -> None:
    for number in range(3):
        body = {**BLOG, "slug": f"no-{number}", "published": number != 1}
        assert _post(world, root, "blogs", body).status_code == 201
    page = _public(world, "&limit=1")
    assert ([each["slug"] for each in page["blogs"]], page["total"]) == (["no-2"], 2)
    other = world.client("GET", f"/api/v1/web/blogs?brandId={world.other_brand_id}").json()
    assert other["blogs"] == []


def test_a_slug_is_taken_once_and_an_image_is_the_brands_own(world: Any, root: str) -> None:
    assert _post(world, root, "blogs", BLOG).status_code == 201
    world.problem(_post(world, root, "blogs", BLOG), 409, "RECORD_ON_FILE")
    foreign = {**BLOG, "slug": "x", "imageKey": f"uploads/{world.other_brand_id}/logo/a.png"}
    body = world.problem(_post(world, root, "blogs", foreign), 400, "VALIDATION_FAILED")
    assert body["message"][0]["field"] == "imageKey"


def test_any_member_of_staff_sees_the_reasons_for_a_status(world: Any, root: str) -> None:
    for code, statuses, active in (
        ("no_proof", ["REJECTED", "CANCELLED"], True),
        ("OLD", ["REJECTED"], False),
        ("MISSING", ["INFO_REQUIRED"], True),
    ):
        reason = {"code": code, "label": code, "appliesTo": statuses, "active": active}
        assert _post(world, root, "brand-status-reasons", reason).status_code == 201
    token = world.staff("collector")
    path = f"{world.brand}/status-reasons"
    found = world.client("GET", f"{path}?status=REJECTED", token=token).json()["reasons"]
    assert [each["code"] for each in found] == ["NO_PROOF"]
    assert len(world.client("GET", path, token=token).json()["reasons"]) == 2
    listed = world.client("GET", f"{world.brand}/settings/brand-status-reasons", token=token)
    world.problem(listed, 403, "FORBIDDEN")


@pytest.mark.parametrize(
    "method",
    [
        {"kind": "BAND", "bands": []},
        {"kind": "BAND", "bands": [{"low": "1", "high": "2", "score": "10"}]},
        {"kind": "HIGHER_BETTER", "floor": "50", "target": "50"},
        {"kind": "LOWER_BETTER", "ceiling": "10", "target": "20"},
    ],
)
def test_a_rating_criterion_has_a_scale_that_runs(world: Any, root: str, method: Any) -> None:
    body = {"code": "ON_TIME_PCT", "weight": "10", "method": method}
    for kind in ("brand-rating-matrix", "partner-user-rating-matrix"):
        world.problem(_post(world, root, kind, body), 400, "VALIDATION_FAILED")


def test_a_rating_criterion_reads_back_as_written(world: Any, root: str) -> None:
    bands = [
        {"low": None, "high": "1", "score": "100"},
        {"low": "1", "high": None, "score": "0"},
    ]
    body = {"code": "MAX_DPD", "weight": "12.5", "method": {"kind": "BAND", "bands": bands}}
    made = _post(world, root, "brand-rating-matrix", body).json()
    assert made["method"]["bands"] == [
        {"score": "100", "low": None, "high": "1"},
        {"score": "0", "low": "1", "high": None},
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"startsOn": "2026-11-02"},
        {"period": "QUARTER"},
        {"metric": "RECOVERY_PCT", "value": 10_001},
        {"scope": "USER"},
    ],
)
def test_a_target_makes_sense(world: Any, root: str, body: dict[str, Any]) -> None:
    sound = {
        "period": "MONTH",
        "startsOn": "2026-11-01",
        "scope": "BRAND",
        "metric": "DISBURSAL_COUNT",
        "value": 10,
    }
    world.problem(_post(world, root, "targets", {**sound, **body}), 400, "VALIDATION_FAILED")
    assert _post(world, root, "targets", sound).status_code == 201
    world.problem(_post(world, root, "targets", sound), 409, "RECORD_ON_FILE")
