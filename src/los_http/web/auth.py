"""Customers register and log in by a code sent to their phone.

Which brand they mean is said by the host's subdomain, or else by the body; from the token on, the
token says it.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Router
from litestar.di import NamedDependency
from litestar.params import JSONBody

from los_core.domain.ids import BrandId
from los_core.domain.kyc import Phone
from los_core.services import Services
from los_core.services.callers import CustomerCaller
from los_http.addresses import address_of, brand_of
from los_http.auth import CUSTOMER, PUBLIC
from los_http.fields import Body, Digits, PhoneText
from los_http.routes import post
from los_http.sessions import RefreshBody, SentView, TokensView, device_of, tokens_view


class PhoneBody(Body, kw_only=True):
    """A phone at a brand; the brand may be left out at a host of its own."""

    brand_id: UUID | None = None
    phone: PhoneText


class OtpBody(PhoneBody, kw_only=True):
    """The code that was sent to the phone."""

    otp: Digits


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/web/auth",
        tags=["Customer: log-in"],
        route_handlers=[register, login, resend_otp, verify_otp, refresh_token, logout],
    )


@post("/register", PUBLIC, status=202)
def register(
    request: Request[Any, Any, Any],
    data: JSONBody[PhoneBody],
    services: NamedDependency[Services],
) -> SentView:
    """Send a log-in code to a mobile number that may be new."""
    return _send(request, data, services)


@post("/login", PUBLIC, status=202)
def login(
    request: Request[Any, Any, Any],
    data: JSONBody[PhoneBody],
    services: NamedDependency[Services],
) -> SentView:
    """Send a log-in code; neither answer nor time tells whether the number is a customer's."""
    return _send(request, data, services)


@post("/resend-otp", PUBLIC, status=202)
def resend_otp(
    request: Request[Any, Any, Any],
    data: JSONBody[PhoneBody],
    services: NamedDependency[Services],
) -> SentView:
    """Send another code; the one before is void."""
    return _send(request, data, services)


@post("/verify-otp", PUBLIC)
def verify_otp(
    request: Request[Any, Any, Any],
    data: JSONBody[OtpBody],
    services: NamedDependency[Services],
) -> TokensView:
    """Exchange a code for tokens; the first time, the customer comes into being."""
    pair = services.identity.redeem_code(
        _brand(request, data, services),
        Phone.parse(data.phone),
        data.otp,
        device=device_of(request),
        ip=address_of(request),
    )
    return tokens_view(pair)


@post("/refresh-token", PUBLIC)
def refresh_token(
    request: Request[Any, Any, Any],
    data: JSONBody[RefreshBody],
    services: NamedDependency[Services],
) -> TokensView:
    """Exchange a refresh token for a new pair; one shown twice ends its session."""
    pair = services.sessions.refresh(
        data.refresh_token,
        audience="web",
        device=device_of(request),
        ip=address_of(request),
    )
    return tokens_view(pair)


@post("/logout", CUSTOMER, status=204)
def logout(customer: NamedDependency[CustomerCaller], services: NamedDependency[Services]) -> None:
    """End the session."""
    services.sessions.log_out(customer)


def _send(request: Request[Any, Any, Any], data: PhoneBody, services: Services) -> SentView:
    services.identity.send_code(
        _brand(request, data, services),
        Phone.parse(data.phone),
        ip=address_of(request),
    )
    return SentView()


def _brand(request: Request[Any, Any, Any], data: PhoneBody, services: Services) -> BrandId:
    named = None if data.brand_id is None else BrandId(data.brand_id)
    return brand_of(request, services.identity, named)
