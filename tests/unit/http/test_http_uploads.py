"""Pictures that staff put on file: told by their content, kept apart for each brand."""

from typing import Any

import pytest

from los_core.testing.picture import HIDDEN, png


@pytest.fixture
def root(world: Any) -> str:
    token: str = world.staff("root")
    return token


def _send(
    world: Any, token: str, content: bytes, purpose: str = "LOGO", name: str = "a.png"
) -> Any:
    return world.client(
        "POST",
        f"{world.brand}/uploads?purpose={purpose}",
        token=token,
        files={"file": (name, content, "image/png")},
    )


def test_a_picture_is_kept_without_what_else_was_in_it(world: Any, root: str) -> None:
    made = _send(world, root, png() + b"behind", name="../../etc/passwd.svg")
    assert made.status_code == 201, made.text
    told = made.json()
    assert told["key"].startswith(f"uploads/{world.brand_id}/logo/")
    shown = world.client("GET", told["url"])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert shown.headers["content-disposition"].startswith("attachment")
    assert HIDDEN not in shown.content
    assert not shown.content.endswith(b"behind")
    assert len(shown.content) == told["size"]


def test_the_same_picture_is_kept_once(world: Any, root: str) -> None:
    keys = {_send(world, root, png()).json()["key"] for _ in range(2)}
    assert len(keys) == 1
    assert len(world.fakes.storage.files) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "UPLOAD_TYPE"),
        (b"<html><script>1</script>", "UPLOAD_TYPE"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "UPLOAD_TYPE"),
        (b"MZ\x90\x00", "UPLOAD_TYPE"),
        (b"GIF89a/*<script>*/=1", "UPLOAD_TYPE"),
        (b"%PDF-1.7\n", "UPLOAD_TYPE"),
        (png()[:40], "UPLOAD_DAMAGED"),
        (png(claimed=25_000_000), "UPLOAD_TOO_LARGE"),
        (png() + bytes(2**20), "UPLOAD_TOO_LARGE"),
    ],
)
def test_89_what_is_no_picture_of_ours_is_refused_and_not_kept(
    world: Any, root: str, content: bytes, code: str
) -> None:
    world.problem(_send(world, root, content), 422, code)
    assert world.fakes.storage.files == {}


def test_each_purpose_is_for_those_whose_work_it_is(world: Any, root: str) -> None:
    collector = world.staff("collector")
    proof = _send(world, collector, png(), "PAYMENT_PROOF")
    assert proof.status_code == 201, proof.text
    world.problem(_send(world, collector, png(), "LOGO"), 403, "FORBIDDEN")
    world.problem(_send(world, world.staff("executive"), png(), "LOGO"), 403, "FORBIDDEN")
    assert _send(world, root, png(), "NO_SUCH").status_code == 400


def test_an_upload_is_shown_with_the_blog_that_names_it(world: Any, root: str) -> None:
    key = _send(world, root, png(), "BLOG_IMAGE").json()["key"]
    blog = {"slug": "a", "title": "A", "body": "<p>a</p>", "published": True, "imageKey": key}
    made = world.client("POST", f"{world.brand}/settings/blogs", token=root, json=blog)
    assert made.status_code == 201, made.text
    [shown] = world.client("GET", f"/api/v1/web/blogs?brandId={world.brand_id}").json()["blogs"]
    assert world.client("GET", shown["imageUrl"]).headers["content-type"] == "image/png"


@pytest.mark.parametrize("foreign", ["kyc/them/pan.png", "uploads/{other}/logo/a.png"])
def test_a_theme_names_a_logo_of_its_own_brand(world: Any, root: str, foreign: str) -> None:
    theme = {"primary": "#112233", "secondary": "#aabbcc", "font": "Noto Sans"}
    path = f"{world.brand}/settings/appearance"

    def put(key: str) -> Any:
        body = {**theme, "logoKey": key}
        return world.client("PUT", path, token=root, json=body, headers={"If-Match": '"0"'})

    body = world.problem(put(foreign.format(other=world.other_brand_id)), 400, "VALIDATION_FAILED")
    assert body["message"][0]["field"] == "logoKey"
    assert put(_send(world, root, png()).json()["key"]).status_code == 200
    told = world.client("GET", f"/api/v1/web/brand?brandId={world.brand_id}").json()["appearance"]
    assert world.client("GET", told["logoUrl"]).headers["content-type"] == "image/png"
