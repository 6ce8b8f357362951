"""Nobody's secret and nobody's number comes out in the clear, but where it is meant to.

Every operation was asked by everybody who may; what was planted is looked for in all answers, in
all that was logged and in the trail. Source: issue 5, what must hold.
"""

import base64
import gzip
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import pytest
from tests.contract.http.driven import Asked, Driven
from tests.contract.http.planted import found_in, issued, planted

pytestmark = pytest.mark.xdist_group("http-driven")
OWN: Final = "their own"
COLLEAGUES: Final = "staff know each other by it: it is the name they log in by"
SHOWN: Final[Mapping[str, Mapping[str, str]]] = {
    "GET /api/v1/web/personal-details": {"email": OWN},
    "POST /api/v1/web/personal-details/update": {"email": OWN},
    "GET /api/v1/partner/auth/me": {"email": COLLEAGUES},
    "GET /api/v1/partner/brand/{brand_id}/user": {"email": COLLEAGUES},
    "PUT /api/v1/partner/brand/{brand_id}/user/{user_id}/update": {"email": COLLEAGUES},
    "GET /api/v1/admin/users": {"email": COLLEAGUES},
    "PUT /api/v1/admin/users/{user_id}": {"email": COLLEAGUES},
}
"""Operation → kind of value → why it shows it unmasked. Another one here is a decision."""


def test_no_answer_shows_what_it_is_not_meant_to(driven: Driven) -> None:
    values = planted(driven)
    faults = [
        f"{asked.op.name} shows {kind}: {sorted(shown)}"
        for asked in driven.asked
        for kind, known in values.items()
        if kind not in SHOWN.get(asked.op.name, {})
        if (shown := found_in(_all(asked), known))
    ]

    assert faults == [], "\n".join(faults)


def test_what_is_shown_is_named_and_nothing_else_is_named(driven: Driven) -> None:
    values = planted(driven)
    shown = {
        (asked.op.name, kind)
        for asked in driven.asked
        for kind, known in values.items()
        if found_in(_all(asked), known)
    }

    assert {(name, kind) for name, kinds in SHOWN.items() for kind in kinds} == shown


def test_who_is_shown_their_own_is_shown_nobody_elses(driven: Driven) -> None:
    values = planted(driven)
    for asked in driven.asked:
        for kind, why in SHOWN.get(asked.op.name, {}).items():
            if why is OWN:
                shown = found_in(_all(asked), values[kind])
                assert {values[kind][value] for value in shown} <= {asked.actor, ""}, asked.op.name


@pytest.mark.parametrize("where", ["logged", "trail"])
def test_no_line_and_no_row_of_the_trail_holds_any(driven: Driven, where: str) -> None:
    lines: list[str] = getattr(driven, where)
    whole = "\n".join(lines).encode()
    values = {**planted(driven), "issued": issued(driven)}

    assert len(lines) > 100
    assert values["issued"]
    found = {kind: found_in(whole, known) for kind, known in values.items()}
    assert {kind: values for kind, values in found.items() if values} == {}


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
def test_a_value_is_found_in_every_form(before: str) -> None:
    value = "asha.7@mail.example"
    text = f"{before}{value} and more"
    for form in (
        text.encode(),
        text.upper().lower().encode(),
        text.encode().hex().encode(),
        gzip.compress(text.encode()),
        base64.b64encode(text.encode()),
        quote(text).encode(),
    ):
        assert found_in(form, {value: ""}) == {value}
    assert found_in(b"asha.8@mail.example", {value: ""}) == set()
    assert found_in(b"12345678901234", {"2345678901": ""}) == set()


def _all(asked: Asked) -> bytes:
    """Return head and body of an answer."""
    head = "\n".join(f"{name}: {value}" for name, value in asked.answer.headers.items())
    return (
        asked.answer.content if _is_packed(asked) else head.encode() + b"\n" + asked.answer.content
    )


def _is_packed(asked: Asked) -> bool:
    return asked.answer.content.startswith((b"\x1f\x8b", b"PK", b"%PDF"))
