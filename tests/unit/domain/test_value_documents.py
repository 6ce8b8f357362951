import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.access import Role
from los_core.domain.brand import Settings
from los_core.domain.customer import Customer
from los_core.domain.documents import document_hash, from_document, to_document
from los_core.domain.due_rules import AfterOneMonth, FixedDay, SalaryDate, TenureDays
from los_core.domain.errors import Invalid
from los_core.domain.ids import BrandId, StaffId
from los_core.domain.kyc import Pan
from los_core.domain.offers import LoanProduct
from los_core.domain.terms import Terms
from los_core.testing import money, records

NAIVE = records.AT.replace(tzinfo=None)


@attrs.frozen(kw_only=True)
class Everything:
    at: datetime
    pairs: tuple[tuple[str, int], ...]
    roles: frozenset[Role]
    by_code: Mapping[str, Decimal]
    staff: frozenset[StaffId]
    pan: Pan | None = None
    raw: object = None


def everything() -> st.SearchStrategy[Everything]:
    hours = st.integers(-12, 14).map(lambda hour: timezone(timedelta(hours=hour)))
    sums = st.decimals(allow_nan=False, allow_infinity=False, places=2)
    return st.builds(
        Everything,
        at=st.datetimes(min_value=NAIVE, max_value=NAIVE.replace(year=2099), timezones=hours),
        pairs=st.lists(st.tuples(st.text(), st.integers())).map(tuple),
        roles=st.frozensets(st.sampled_from(Role)),
        by_code=st.dictionaries(st.text(), sums),
        staff=st.frozensets(st.uuids()),
        pan=st.none() | st.just(Pan(records.PAN)),
        raw=st.none() | st.booleans() | st.integers() | st.lists(st.text()),
    )


@given(value=everything())
def test_a_value_comes_back_from_its_json(value: Everything) -> None:
    written = json.dumps(to_document(value))
    assert from_document(Everything, json.loads(written)) == value


@given(value=everything())
def test_equal_values_have_one_document(value: Everything) -> None:
    again = from_document(Everything, to_document(value))
    assert document_hash(to_document(again)) == document_hash(to_document(value))


@given(terms=money.terms())
def test_terms_come_back_digit_by_digit(terms: Terms) -> None:
    assert repr(from_document(Terms, json.loads(json.dumps(to_document(terms))))) == repr(terms)


def test_a_customer_comes_back_with_every_identifier() -> None:
    customer = records.customer(BrandId(uuid4()), uuid4())
    document = to_document(customer)
    assert document["pan"]["pan"] == records.PAN
    assert from_document(Customer, document) == customer


@pytest.mark.parametrize(
    "rule",
    [
        AfterOneMonth(),
        FixedDay(cycle_days=(1, 15)),
        TenureDays(days=30),
        SalaryDate(salary_day=31, offset_days=1),
    ],
    ids=lambda rule: type(rule).__name__,
)
def test_a_field_of_several_classes_names_the_one_it_holds(rule: Any) -> None:
    product = records.product()
    product = attrs.evolve(product, price=attrs.evolve(product.price, due_rule=rule))
    document = to_document(product)
    assert document["price"]["due_rule"]["kind"] == type(rule).__name__
    assert from_document(LoanProduct, document) == product


def test_a_class_that_is_none_of_those_is_refused() -> None:
    document = to_document(records.product())
    document["price"]["due_rule"]["kind"] = "Whenever"
    with pytest.raises(Invalid, match="must name its kind"):
        from_document(LoanProduct, document)


def test_an_instant_is_written_in_utc() -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))
    at = datetime(2026, 1, 5, 12, 0, tzinfo=kolkata)
    assert to_document(at) == "2026-01-05T06:30:00+00:00"
    assert at == datetime(2026, 1, 5, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [b"raw", 0.1, NAIVE, {1, 2}], ids=["bytes", "float", "naive", "set"]
)
def test_what_has_no_exact_form_has_no_document(value: object) -> None:
    with pytest.raises(TypeError):
        to_document((value,))


def test_a_missing_field_is_refused_unless_the_default_is_asked_for() -> None:
    document = to_document(Settings())
    del document["age_min"]
    with pytest.raises(Invalid, match="age_min"):
        from_document(Settings, document)
    assert from_document(Settings, document, fill=True) == Settings()


def test_a_field_that_has_no_default_is_always_needed() -> None:
    document = to_document(records.product())
    del document["code"]
    with pytest.raises(Invalid, match="code"):
        from_document(LoanProduct, document, fill=True)


def test_an_unknown_field_is_refused_in_any_case() -> None:
    document = {**to_document(Settings()), "unheard_of": 1}
    with pytest.raises(Invalid, match="unheard_of"):
        from_document(Settings, document, fill=True)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"at": "2026-01-05T06:30:00"}, "at is no datetime"),
        ({"pairs": [["a"]]}, "must have 2 items"),
        ({"pairs": [["a", True]]}, "must be int"),
        ({"roles": ["KING"]}, "is no Role"),
        ({"roles": "ADMIN"}, "must be a list"),
        ({"by_code": []}, "must be an object"),
        ({"pan": "abc"}, "a PAN"),
        ({"staff": ["1"]}, "is no UUID"),
    ],
)
def test_what_a_field_cannot_hold_is_refused(change: dict[str, object], says: str) -> None:
    value = Everything(
        at=records.AT,
        pairs=(),
        roles=frozenset(),
        by_code={},
        staff=frozenset({StaffId(UUID(int=1))}),
    )
    with pytest.raises(Invalid, match=says):
        from_document(Everything, {**to_document(value), **change})
