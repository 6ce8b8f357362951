"""Setting up the demo's lender before the play: a brand, its product, its people, its vendors.

This is what an operator does with `los brand create` and `los admin create`; everything after it
goes through the API. Seeding again finds what is there.
"""

from datetime import date
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from los_adapters.sandbox import mail, vendors
from los_cli.demo.children import HOST, Ports
from los_cli.demo.lender import BRAND, PASSWORD, PEOPLE, PRODUCT, Lender, address_of
from los_core.domain.access import needs_totp
from los_core.domain.brand import Brand, NonRepaymentDate, Officer, PolicyLinks, Settings
from los_core.domain.charges import FeeRule
from los_core.domain.due_rules import FixedDay
from los_core.domain.ids import BrandId
from los_core.domain.kyc import Email
from los_core.domain.offers import LoanProduct
from los_core.domain.policies import DayCount, ForeclosurePolicy, Method, PenalPolicy
from los_core.domain.pricing import Product
from los_core.ports.work import ProviderRow
from los_core.services import Services

_INDIA: Final = ZoneInfo("Asia/Kolkata")


def seed(services: Services, ports: Ports, *, today: date) -> Lender:
    """Set the lender up, and return what the driver needs to know of it."""
    brand_id = _brand(services, today)
    totp = {name: _hire(services, brand_id, name) for name in PEOPLE}
    _vendors(services, brand_id, ports)
    return Lender(
        brand_id=str(brand_id),
        webhook_url=services.webhooks.address(brand_id, "razorpay"),
        totp={name: secret for name, secret in totp.items() if secret},
    )


def _brand(services: Services, today: date) -> BrandId:
    known = services.platform.brand_by_code(BRAND)
    if known is not None:
        return known.id
    officer = Officer(
        name="Meera Iyer", phone="02067001234", email="grievance@bharat-credit.example"
    )
    brand = Brand(
        id=services.brands.new_brand_id(),
        code=BRAND,
        subdomain=BRAND,
        name="Bharat Credit",
        lender="bharat-finance",
        legal_name="Bharat Finance Private Limited",
        rbi_reg_no="N-13.02345",
        address="4th Floor, Sahyadri House, Senapati Bapat Road, Pune 411016",
        gst_state="MH",
        grievance_officer=officer,
        nodal_officer=Officer(
            name="Arvind Joshi", phone="02067001200", email="nodal@bharat-credit.example"
        ),
        policy_links=PolicyLinks(
            terms="https://bharat-credit.example/terms",
            privacy="https://bharat-credit.example/privacy",
            faq="https://bharat-credit.example/faq",
        ),
    )
    settings = Settings(is_cam_required=True, is_selfie_required=False, is_autopay_required=False)
    republic_day = NonRepaymentDate(
        on=date(today.year + 1, 1, 26),
        name="Republic Day",
    )
    services.brands.create(brand, settings, products=[_product()], holidays=[republic_day])
    return brand.id


def _product() -> LoanProduct:
    return LoanProduct(
        code=PRODUCT,
        name="Salaried personal loan",
        min_amount=10_000_00,
        max_amount=60_000_00,
        step=1_000_00,
        tenures=(3, 6, 9, 12),
        price=Product(
            method=Method.REDUCING,
            rate_pct=Decimal(24),
            due_rule=FixedDay(cycle_days=(5,), min_first_gap_days=15),
            fee_rule=FeeRule(pct=Decimal("2.5"), minimum=750_00, maximum=5_000_00),
            day_count=DayCount.MONTHLY,
            penal=PenalPolicy(
                rate_per_day_pct=Decimal("0.1"), grace_days=3, max_per_instalment=1_000_00
            ),
            foreclosure=ForeclosurePolicy(fee_pct=Decimal(4), disclosed=True),
        ),
    )


def _hire(services: Services, brand_id: BrandId, person: str) -> str:
    """Create a member of staff and return their second factor's secret, "" where none is needed."""
    address = address_of(person)
    if services.platform.staff_by_email(address) is not None:
        return ""
    name, roles = PEOPLE[person]
    hired = services.brands.hire(
        email=Email.parse(address),
        name=name,
        password=PASSWORD,
        roles=roles,
        brands=frozenset({brand_id}),
        second_factor=needs_totp(roles),
    )
    return hired.totp_secret


def _vendors(services: Services, brand_id: BrandId, ports: Ports) -> None:
    rows = [
        ("message", "msg91", "msg91"),
        ("identity", "digitap", "digitap"),
        ("employment", "digitap", "digitap"),
        ("bankaccount", "razorpayx", "razorpayx"),
        ("bureau", "equifax", "equifax"),
        ("esign", "signzy", "signzy"),
        ("payout", "idfc", "idfc"),
        ("payment", "razorpay", "razorpay"),
    ]
    for port, name, vendor in rows:
        if any(row.name == name for row in services.platform.provider_rows(brand_id, port)):
            continue
        settings = vendors.settings(vendor, f"{ports.sandbox_url}/{vendor}")
        services.brands.connect(
            ProviderRow(brand_id=brand_id, port=port, name=name, settings=settings, is_primary=True)
        )
    relay = mail.settings(HOST, ports.mail)
    services.brands.connect(
        ProviderRow(brand_id=brand_id, port="message", name="smtp", settings=relay)
    )
