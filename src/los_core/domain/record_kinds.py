"""The table of a brand's settings: every kind of record there is.

A module of the settings is a line here, a class with its rules in a module of its own, an example
in `los_core.testing.settings` and a line in the table of routes; whatever else happens when a
record changes is an effect, which the container ties to the kind.
"""

from typing import Any, Final

import attrs

from los_core.domain.appearance import Appearance
from los_core.domain.blocklist import Block
from los_core.domain.brand import NonRepaymentDate
from los_core.domain.card import Card
from los_core.domain.coupon import Coupon
from los_core.domain.offers import LoanProduct
from los_core.domain.own_account import OwnAccount
from los_core.domain.record import Kind

APPEARANCE: Final = Kind(name="appearance", holds=Appearance, called="appearance", first=Appearance)
CARDS: Final = Kind(
    name="brand-cards", holds=Card, called="card", key=lambda card: card.name.casefold()
)
BLOCKLIST: Final = Kind(name="blocklist", holds=Block, called="block", key=lambda block: block.key)
PRODUCTS: Final = Kind(
    name="loan-rules",
    holds=LoanProduct,
    called="loan rule",
    key=lambda product: product.code,
    dual=frozenset({"price"}),
)
HOLIDAYS: Final = Kind(
    name="non-repayment-dates",
    holds=NonRepaymentDate,
    called="holiday",
    key=lambda day: day.on.isoformat(),
)

OWN_ACCOUNTS: Final = Kind(
    name="brand-bank-accounts",
    holds=OwnAccount,
    called="bank account",
    key=lambda account: account.key,
    chief=lambda account: account.purpose if account.is_primary else "",
    demoted=lambda account: attrs.evolve(account, is_primary=False),
    sealed=frozenset({"number", "beneficiary_name"}),
    dual=frozenset({"purpose", "number_index", "ifsc", "beneficiary_name", "is_primary"}),
)
COUPONS: Final = Kind(
    name="brand-coupons", holds=Coupon, called="coupon", key=lambda coupon: coupon.code
)

RECORDS: Final[tuple[Kind[Any], ...]] = (
    APPEARANCE,
    CARDS,
    BLOCKLIST,
    PRODUCTS,
    HOLIDAYS,
    OWN_ACCOUNTS,
    COUPONS,
)
