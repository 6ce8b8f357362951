"""Services in memory with brands to work for."""

from uuid import UUID

import pytest

from los_adapters.container import InMemory, in_memory
from los_core.domain.brand import Brand, Officer, Settings
from los_core.domain.ids import BrandId


@pytest.fixture
def memory() -> InMemory:
    """Return services in memory with the brands 1 and 2."""
    made = in_memory()
    officer = Officer(name="Meera Iyer", phone="02067001234", email="grievance@bharat.example")
    for number, code in ((1, "one"), (2, "two")):
        brand = Brand(
            id=BrandId(UUID(int=number)),
            code=code,
            name=code.title(),
            lender="bharat-finance",
            legal_name="Bharat Finance Private Limited",
            rbi_reg_no="N-13.02345",
            address="Pune",
            gst_state="MH",
            grievance_officer=officer,
            nodal_officer=officer,
        )
        made.services.brands.create(brand, Settings())
    return made
