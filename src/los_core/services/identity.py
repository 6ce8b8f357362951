"""Customers prove who they are: by their phone and a code sent to it.

Nobody can tell from an answer, or from its time, whether a phone is known: a code goes to any
mobile number, and whoever gives it back is a customer from then on. Codes are stored as keyed
hashes; guesses are counted in the store by single conditional updates.
Source: operations §14, reliability design §8; threat rows 31–39.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import attrs

from los_core.domain import limits
from los_core.domain.customer import Customer, CustomerStatus
from los_core.domain.errors import Invalid, NotFound, Unauthenticated
from los_core.domain.ids import BrandId, CustomerId
from los_core.domain.kyc import Phone
from los_core.domain.staff import Guess, OtpChallenge
from los_core.ports.blindindex import BlindIndex
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.limiter import Limiter
from los_core.ports.message import Channel
from los_core.ports.passwords import CodeHasher
from los_core.ports.work import Begin, Platform, UnitOfWork
from los_core.services.callers import CustomerCaller
from los_core.services.limiting import network_of, spend, too_many
from los_core.services.messaging import Messaging
from los_core.services.sessions import Sessions, TokenPair

OTP_LIFE: Final = timedelta(minutes=5)
OTP_TRIES: Final = 5
OTP_PER_HOUR: Final = 5
LOGIN: Final = "LOGIN"


@attrs.frozen(kw_only=True)
class Identity:
    """Codes to phones, and the customers they prove."""

    begin: Begin
    platform: Platform
    clock: Clock
    entropy: Entropy
    indexes: BlindIndex
    hasher: CodeHasher
    limiter: Limiter
    messaging: Messaging
    sessions: Sessions

    def brand(self, *, subdomain: str | None, brand_id: BrandId | None) -> BrandId:
        """Return the brand that a caller without a token means.

        Raises: Invalid: none is named, or two different ones; NotFound: none such, or not active.
        """
        named = self.platform.brand(brand_id) if brand_id is not None else None
        hosted = self.platform.brand_at(subdomain) if subdomain is not None else None
        if subdomain is None and brand_id is None:
            raise Invalid("name the brand", fields=[("brandId", "is required at this host")])
        if hosted is not None and brand_id is not None and brand_id != hosted.id:
            raise Invalid(
                "the host is another brand's", fields=[("brandId", "is not the brand of this host")]
            )
        found = hosted if subdomain is not None else named
        if found is None or not found.active:
            raise NotFound("no such brand")
        return found.id

    def send_code(self, brand_id: BrandId, phone: Phone, *, ip: str = "") -> None:
        """Send a log-in code; the one before is void.

        Raises: TooMany: asked again too soon or too often; Unavailable.
        """
        index = self._index(brand_id, phone)
        spend(self.limiter, limits.CODE_GAP, index)
        spend(self.limiter, limits.CODES_BY_ADDRESS, network_of(ip))
        spend(self.limiter, limits.CODES_BY_BRAND, str(brand_id))
        now = self.clock.now()
        code = self.entropy.digits(6)
        with self.begin(brand_id) as uow:
            _limit(uow.people.otps_since(index, now - timedelta(hours=1)), now)
            uow.people.add_otp(
                OtpChallenge(
                    id=self.entropy.uuid(),
                    brand_id=brand_id,
                    purpose=LOGIN,
                    phone_index=index,
                    code_hash=self._code_hash(code, index),
                    sent_at=now,
                    expires_at=now + OTP_LIFE,
                )
            )
        self.messaging.send_now(
            brand_id,
            channel=Channel.SMS,
            to=phone.reveal(),
            template="OTP",
            values={"otp": code, "minutes": str(OTP_LIFE.seconds // 60)},
        )

    def redeem_code(
        self, brand_id: BrandId, phone: Phone, code: str, *, device: str = "", ip: str = ""
    ) -> TokenPair:
        """Exchange a code for tokens; the first time, the customer comes into being.

        Raises: Unauthenticated: wrong, used or expired; TooMany: the code had all its tries, or
            the phone had too many.
        """
        index = self._index(brand_id, phone)
        spend(self.limiter, limits.CODE_CHECKS_BY_ADDRESS, network_of(ip))
        spend(self.limiter, limits.CODE_CHECKS, index)
        with self.begin(brand_id) as uow:
            guess = uow.people.try_otp(
                phone_index=index,
                purpose=LOGIN,
                code_hash=self._code_hash(code, index),
                at=self.clock.now(),
                limit=OTP_TRIES,
            )
            customer = self._customer(uow, phone, index) if guess is Guess.RIGHT else None
        if guess is Guess.SPENT:
            raise too_many(limits.CODE_GAP.per.total_seconds())
        if customer is None:
            raise Unauthenticated("this code is wrong or no longer good", code="OTP_REFUSED")
        if customer.status is not CustomerStatus.ACTIVE:
            raise Unauthenticated("this account is not active", code="ACCOUNT_INACTIVE")
        return self.sessions.open(customer, device=device, ip=ip)

    def customer(self, token: str, *, ip: str = "", device: str = "") -> CustomerCaller:
        """Return the customer an access token speaks for; the token's brand is the only one.

        Raises: Unauthenticated; NotFound: the brand is not active.
        """
        claims = self.sessions.claims(token, "web")
        if claims.brand_id is None:
            raise Unauthenticated("this token is not good here")
        brand_id, customer_id = BrandId(claims.brand_id), CustomerId(claims.subject)
        found = self.sessions.customer(brand_id, customer_id)
        if found.security_version != claims.version:
            raise Unauthenticated("log in again", code="SESSION_ENDED")
        return CustomerCaller(
            customer_id=customer_id,
            brand_id=brand_id,
            session_id=claims.session,
            ip=ip,
            device=device,
        )

    def _index(self, brand_id: BrandId, phone: Phone) -> str:
        return self.indexes.blind_index(str(brand_id), "phone", phone.reveal())

    def _code_hash(self, code: str, index: str) -> str:
        return self.hasher.code(code, bound_to=f"{index}|{LOGIN}")

    def _customer(self, uow: UnitOfWork, phone: Phone, index: str) -> Customer:
        found = uow.customers.by_phone(index)
        if found is None:
            now = self.clock.now()
            found = Customer(
                id=CustomerId(self.entropy.uuid()),
                brand_id=uow.brand_id,
                phone=phone,
                created_at=now,
                phone_verified_at=now,
            )
            uow.customers.add(found, phone_index=index)
        return found


def _limit(sent: Sequence[datetime], now: datetime) -> None:
    """Raises: TooMany: the phone has had its codes of this hour."""
    if len(sent) >= OTP_PER_HOUR:
        raise too_many((timedelta(hours=1) - (now - sent[0])).total_seconds())
