"""Customers register and log in by a code sent to their phone."""

from typing import Any

from litestar import Request, Router
from litestar.di import NamedDependency
from litestar.params import JSONBody

from los_core.domain.kyc import Phone
from los_core.services import Services
from los_core.services.callers import CustomerCaller
from los_http.auth import CUSTOMER, PUBLIC
from los_http.fields import Body, Code, Digits, PhoneText
from los_http.routes import post
from los_http.sessions import (
    RefreshBody,
    SentView,
    TokensView,
    address_of,
    device_of,
    tokens_view,
)


class PhoneBody(Body):
    """A phone at a brand, named by its code."""

    brand: Code
    phone: PhoneText


class OtpBody(Body):
    """The code that was sent to the phone."""

    brand: Code
    phone: PhoneText
    otp: Digits


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/web/auth",
        tags=["Customer: log-in"],
        route_handlers=[register, login, resend_otp, verify_otp, refresh_token, logout],
    )


@post("/register", PUBLIC, status=202)
def register(data: JSONBody[PhoneBody], services: NamedDependency[Services]) -> SentView:
    """Send a log-in code to any mobile number."""
    services.identity.send_code(data.brand, Phone.parse(data.phone), register=True)
    return SentView()


@post("/login", PUBLIC, status=202)
def login(data: JSONBody[PhoneBody], services: NamedDependency[Services]) -> SentView:
    """Send a log-in code to a customer; the answer never tells whether the number is one's."""
    services.identity.send_code(data.brand, Phone.parse(data.phone), register=False)
    return SentView()


@post("/resend-otp", PUBLIC, status=202)
def resend_otp(data: JSONBody[PhoneBody], services: NamedDependency[Services]) -> SentView:
    """Send another code; the one before is void."""
    services.identity.send_code(data.brand, Phone.parse(data.phone), register=True)
    return SentView()


@post("/verify-otp", PUBLIC)
def verify_otp(
    request: Request[Any, Any, Any],
    data: JSONBody[OtpBody],
    services: NamedDependency[Services],
) -> TokensView:
    """Exchange a code for tokens; the first time, the customer comes into being."""
    pair = services.identity.redeem_code(
        data.brand,
        Phone.parse(data.phone),
        data.otp,
        device=device_of(request),
        ip=address_of(request),
    )
    return tokens_view(pair)


@post("/refresh-token", PUBLIC)
def refresh_token(data: JSONBody[RefreshBody], services: NamedDependency[Services]) -> TokensView:
    """Exchange a refresh token for a new pair; one shown twice ends its session."""
    return tokens_view(services.identity.refresh(data.refresh_token, audience="web"))


@post("/logout", CUSTOMER, status=204)
def logout(customer: NamedDependency[CustomerCaller], services: NamedDependency[Services]) -> None:
    """End the session."""
    services.identity.log_out(customer)
