"""Setting up lenders: brands, their staff, products, rules and vendors."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import attrs

from los_core.domain.access import Role
from los_core.domain.brand import Brand, NonRepaymentDate, Settings
from los_core.domain.bre_rules import default_rules
from los_core.domain.ids import BrandId, StaffId
from los_core.domain.kyc import Email
from los_core.domain.letters import check_template
from los_core.domain.offers import LoanProduct
from los_core.domain.passwords import check_password
from los_core.domain.record import Record
from los_core.domain.record_kinds import HOLIDAYS, PRODUCTS
from los_core.domain.staff import Staff, totp_place
from los_core.domain.work import AuditEvent
from los_core.ports.cipher import Secrets
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.passwords import Passwords, SecondFactor
from los_core.ports.work import Begin, Platform, ProviderRow
from los_core.services.appraisal import policy_of

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class NewStaff:
    """A member of staff just created; `totp_secret` is shown this once, "" where none is needed."""

    staff: Staff
    totp_secret: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class Site:
    """Where on the web a brand's customers and staff are.

    Attributes:
        subdomain: the label of the host it is asked by; None: it has none of its own.
        origins: of the pages that may call from a browser.
    """

    brand_id: BrandId
    subdomain: str | None
    origins: frozenset[str]


@attrs.frozen(kw_only=True)
class Brands:
    """Creates and configures lenders. Who may do it is the caller's to have checked."""

    begin: Begin
    platform: Platform
    clock: Clock
    entropy: Entropy
    secrets: Secrets
    passwords: Passwords
    second_factor: SecondFactor

    def create(
        self,
        brand: Brand,
        settings: Settings,
        *,
        products: Sequence[LoanProduct] = (),
        holidays: Sequence[NonRepaymentDate] = (),
    ) -> Brand:
        """Create a brand with the default rule library for its settings.

        Raises: Conflict: the code is taken; Invalid: a header or footer that cannot be printed.
        """
        check_template(settings.agreement_header)
        check_template(settings.agreement_footer)
        self.platform.add_brand(brand, settings)
        with self.begin(brand.id) as uow:
            uow.lender.save_rules(default_rules(policy_of(settings)))
            for product in products:
                uow.records.add(PRODUCTS, self._record(product))
            for holiday in holidays:
                uow.records.add(HOLIDAYS, self._record(holiday))
        return brand

    def sites(self) -> list[Site]:
        """Return the site of every active brand."""
        found = []
        for brand in self.platform.brands():
            if brand.active:
                with self.begin(brand.id) as uow:
                    origins = frozenset(uow.lender.settings().allowed_origins)
                found.append(Site(brand_id=brand.id, subdomain=brand.subdomain, origins=origins))
        return found

    def new_brand_id(self) -> BrandId:
        """Return an id for a brand about to be created."""
        return BrandId(self.entropy.uuid())

    def hire(
        self,
        *,
        email: Email,
        name: str,
        password: str,
        roles: frozenset[Role],
        brands: frozenset[BrandId],
        granted: frozenset[str] = frozenset(),
        denied: frozenset[str] = frozenset(),
        second_factor: bool = False,
        told: Callable[[Staff], Sequence[AuditEvent]] = lambda _: (),
    ) -> NewStaff:
        """Create a member of staff, with a confirmed second factor if one is asked for.

        `told` gives the rows of the trail that are written with them.

        Raises: Conflict: the address is taken; Invalid: the password is too short or too common.
        """
        check_password(password, about=[name, email.reveal()])
        staff = Staff(
            id=StaffId(self.entropy.uuid()),
            email=email,
            name=name,
            password_hash=self.passwords.hash(password),
            roles=roles,
            brands=brands,
            granted=granted,
            denied=denied,
            created_at=self.clock.now(),
        )
        secret = ""
        if second_factor:
            secret = self.second_factor.new_secret()
            sealed = self.secrets.seal(totp_place(staff.id), secret.encode())
            staff.totp_secret, staff.totp_confirmed = sealed.hex(), True
        self.platform.add_staff(staff, trail=told(staff))
        return NewStaff(staff=staff, totp_secret=secret)

    def _record(self, value: T) -> Record[T]:
        now = self.clock.now()
        return Record(id=self.entropy.uuid(), value=value, created_at=now, updated_at=now)

    def connect(self, row: ProviderRow) -> None:
        """Add or replace a vendor of a brand."""
        self.platform.save_provider(row)
