"""Receipts of messages, in any order."""

from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.delivery import Delivery, after_receipt, after_receipts


def test_a_lower_state_never_overwrites_a_higher_one() -> None:
    assert after_receipt(Delivery.DELIVERED, Delivery.SENT) is Delivery.DELIVERED
    assert after_receipt(Delivery.DELIVERED, Delivery.FAILED) is Delivery.DELIVERED
    assert after_receipt(Delivery.SENT, Delivery.FAILED) is Delivery.FAILED
    assert after_receipt(Delivery.FAILED, Delivery.DELIVERED) is Delivery.DELIVERED
    assert after_receipt(Delivery.DELIVERED, Delivery.READ) is Delivery.READ


def test_only_what_arrived_is_evidence() -> None:
    assert {each for each in Delivery if each.arrived} == {Delivery.DELIVERED, Delivery.READ}
    assert {each for each in Delivery if each.is_final} == {Delivery.READ}


receipts = st.lists(st.sampled_from(Delivery), max_size=8)


@given(receipts.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_and_number_of_receipts_do_not_matter(
    pair: tuple[list[Delivery], list[Delivery]],
) -> None:
    given_order, other = pair
    assert after_receipts(given_order) is after_receipts([*other, *given_order])
