"""Who the demo's lender is: its name, its people and their log-ins. `seed` sets it up."""

from typing import Final

import attrs

from los_core.domain.access import Role

BRAND: Final = "bharat"
PRODUCT: Final = "SALARY_EMI"
PASSWORD: Final = "Sahyadri-monsoon-2026"  # noqa: S105 - the demo's own, printed on purpose
PEOPLE: Final = {
    "admin": ("Anita Desai", frozenset({Role.SUPER_ADMIN})),
    "executive": ("Rohan Mehta", frozenset({Role.CREDIT_EXECUTIVE})),
    "manager": ("Farah Khan", frozenset({Role.CREDIT_MANAGER})),
    "maker": ("Vikram Rao", frozenset({Role.DISBURSEMENT})),
    "checker": ("Leela Nair", frozenset({Role.ACCOUNTS})),
    "collector": ("Sunil Patil", frozenset({Role.COLLECTION_MANAGER})),
}


@attrs.frozen(kw_only=True)
class Lender:
    """What the driver needs to know of the lender; the secrets are the demo's own."""

    brand_id: str
    webhook_url: str
    totp: dict[str, str] = attrs.field(factory=dict)


def address_of(person: str) -> str:
    """Return a staff member's address."""
    return f"{person}@bharat-credit.example"
