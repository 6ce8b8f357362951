import pytest

from los_core.domain.access import PERMISSIONS, Role, may_give
from los_core.domain.api_key import SCOPES
from los_core.domain.authority import WAIVER_BY_MANAGER, Item, may_check
from los_core.domain.errors import Invalid
from los_core.domain.passwords import check_password


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "Brand@123",
        "Brand@123456",
        "Sahya-1",
        "passwordpassword",
        "P@ssw0rd12345",
        "qwertyuiop123",
        "123456789012",
        "aaaaaaaaaaaaaa",
        "Welcome@2026!!",
        "Mumbai-Monsoon-2026",
        "x" * 201,
    ],
)
def test_43_a_password_that_others_try_first_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        check_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "Sahyadri-monsoon-2026",
        "the long phrase of a careful person who likes to type rather a lot",
        "मेरी बिल्ली शाम को गाती है",
        "tr0ub4dor&3-lamp",
    ],
)
def test_43_a_long_phrase_of_ones_own_is_accepted(password: str) -> None:
    check_password(password)


def test_ones_own_name_and_address_are_no_password() -> None:
    with pytest.raises(Invalid):
        check_password("Ravi-Kulkarni-77", about=["Ravi Kulkarni", "ravi@bharat.example"])


def test_an_administrator_gives_every_role_but_the_highest() -> None:
    given = [role for role in Role if may_give({Role.ADMIN}, (), roles={role})]
    assert given == [role for role in Role if role is not Role.SUPER_ADMIN]


def test_a_permission_is_given_by_who_holds_it_or_stands_highest() -> None:
    assert may_give({Role.ADMIN}, {"staff:write"}, granted={"staff:write"})
    assert not may_give({Role.ADMIN}, {"staff:write"}, granted={"pii.export"})
    assert may_give({Role.SUPER_ADMIN}, (), granted={"payments:record"})


def test_no_key_decides_or_takes_personal_data_out() -> None:
    assert {"loans:read", "payments:record"} <= SCOPES < PERMISSIONS
    assert not {name for name in SCOPES if name.endswith(":approve") or name.startswith("pii")}


def test_a_collection_manager_waives_up_to_a_limit() -> None:
    manager = {Role.COLLECTION_MANAGER}
    assert may_check(Item.CHARGE_WAIVER, manager, WAIVER_BY_MANAGER)
    assert not may_check(Item.CHARGE_WAIVER, manager, WAIVER_BY_MANAGER + 1)
    assert may_check(Item.CHARGE_WAIVER, {Role.ADMIN}, WAIVER_BY_MANAGER + 1)
