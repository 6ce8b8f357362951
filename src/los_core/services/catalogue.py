"""What a lender offers, before anybody applies: its products, each with an example of its cost.

The example is a loan of the largest amount over the longest tenure, credited today: figures of the
same pricing as every offer, with fee, GST and APR. Working them out is worth remembering; they
depend on the brand's own rules and on the business date, and on nobody who asks.
Source: RBI Digital Lending Directions 2025 (what is lent, and its cost, is shown to everyone).
"""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import attrs

from los_core.domain.appearance import Appearance
from los_core.domain.brand import Brand
from los_core.domain.documents import from_document, to_document
from los_core.domain.due_rules import TenureDays
from los_core.domain.errors import NotFound
from los_core.domain.ids import BrandId
from los_core.domain.money import Paise
from los_core.domain.offers import LoanProduct
from los_core.domain.pricing import price
from los_core.domain.record_kinds import APPEARANCE
from los_core.ports.clock import Clock
from los_core.ports.work import Begin, Platform
from los_core.services.lending_rules import holidays, products
from los_core.services.records import only
from los_core.services.remembered import Remembered


@attrs.frozen(kw_only=True)
class Example:
    """A loan as it would cost today; `tenure` in instalments, or in days for a bullet product."""

    amount: Paise
    tenure: int
    emi: Paise
    total_interest: Paise
    fee: Paise
    net_disbursal: Paise
    apr_pct: Decimal


@attrs.frozen(kw_only=True)
class OnOffer:
    """A product with its example."""

    code: str
    name: str
    min_amount: Paise
    max_amount: Paise
    step: Paise
    tenures: tuple[int, ...]
    example: Example


@attrs.frozen(kw_only=True)
class Catalogue:
    """Shows what there is to borrow."""

    begin: Begin
    platform: Platform
    clock: Clock
    remembered: Remembered

    def of(self, brand_id: BrandId) -> tuple[Brand, Appearance, Sequence[OnOffer]]:
        """Return a brand, how it looks, and its active products, by code.

        Raises: NotFound: no such brand.
        """
        brand = self.platform.brand(brand_id)
        if brand is None:
            raise NotFound("no such brand")
        today = self.clock.business_date()
        generation = self.platform.generation(brand.id)
        key = f"catalogue.2|{brand.id}|{generation}|{today}"
        found = self.remembered.get(key, lambda: self._worked_out(brand.id, today))
        shown = json.loads(found)
        on_offer = [from_document(OnOffer, document) for document in shown["products"]]
        return brand, from_document(Appearance, shown["appearance"], fill=True), on_offer

    def _worked_out(self, brand_id: BrandId, today: date) -> bytes:
        with self.begin(brand_id) as uow:
            found, free = products(uow), holidays(uow)
            theme = only(uow, APPEARANCE).value
        on_offer = [_on_offer(product, today, free) for product in found]
        shown = {
            "appearance": to_document(theme),
            "products": [to_document(each) for each in on_offer],
        }
        return json.dumps(shown).encode()


def _on_offer(product: LoanProduct, today: date, free: frozenset[date]) -> OnOffer:
    tenure = max(product.tenures)
    pricing = price(
        product.price,
        amount=product.max_amount,
        credited_on=today,
        instalments=1 if product.is_bullet else tenure,
        due_rule=TenureDays(days=tenure) if product.is_bullet else None,
        holidays=free,
    )
    return OnOffer(
        code=product.code,
        name=product.name,
        min_amount=product.min_amount,
        max_amount=product.max_amount,
        step=product.step,
        tenures=product.tenures,
        example=Example(
            amount=product.max_amount,
            tenure=tenure,
            emi=pricing.emi,
            total_interest=pricing.total_interest,
            fee=pricing.terms.fee.total,
            net_disbursal=pricing.net_disbursal,
            apr_pct=pricing.apr_pct,
        ),
    )
