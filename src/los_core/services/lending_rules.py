"""What a brand lends by, read from its settings inside a transaction."""

from collections.abc import Sequence
from datetime import date

from los_core.domain.offers import LoanProduct
from los_core.domain.record_kinds import HOLIDAYS, PRODUCTS
from los_core.ports.work import UnitOfWork


def products(uow: UnitOfWork) -> Sequence[LoanProduct]:
    """Return the products that may be applied for, by code."""
    found = (record.value for record in uow.records.all(PRODUCTS))
    return sorted((each for each in found if each.active), key=lambda each: each.code)


def product_of(uow: UnitOfWork, code: str) -> LoanProduct | None:
    """Return the brand's active product of that code, None if it has none."""
    found = uow.records.by_key(PRODUCTS, code)
    return found.value if found is not None and found.value.active else None


def holidays(uow: UnitOfWork) -> frozenset[date]:
    """Return the days on which nothing falls due."""
    return frozenset(record.value.on for record in uow.records.all(HOLIDAYS))
