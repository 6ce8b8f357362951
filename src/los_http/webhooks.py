"""Vendors' messages: raw bytes in, an empty answer out, once they are proved and kept.

The body is never parsed here: what proves it is a signature over the bytes as they came.
Source: reliability design §5.
"""

from typing import Any

from litestar import Request, Router
from litestar.di import NamedDependency
from litestar.params import FromPath, RawBody

from los_core.services import Services
from los_http.auth import VENDOR
from los_http.fields import View
from los_http.middleware import JSON_LIMIT
from los_http.routes import post


class Kept(View):
    """The message is kept; there is nothing more to say."""


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/webhook",
        tags=["Vendors"],
        route_handlers=[payment, esign],
        request_max_body_size=JSON_LIMIT,
    )


@post("/{provider:str}/{brand_token:str}", VENDOR)
def payment(
    request: Request[Any, Any, Any],
    provider: FromPath[str],
    brand_token: FromPath[str],
    body: RawBody,
    services: NamedDependency[Services],
) -> Kept:
    """Take in a payment event of a gateway, such as `razorpay`."""
    services.webhooks.receive(provider, brand_token, _headers(request), body)
    return Kept()


@post("/esign/{brand_token:str}", VENDOR)
def esign(
    request: Request[Any, Any, Any],
    brand_token: FromPath[str],
    body: RawBody,
    services: NamedDependency[Services],
) -> Kept:
    """Take in a report about a document that was sent to be signed."""
    services.agreements.callback(brand_token, _headers(request), body)
    return Kept()


def _headers(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return the headers by lower-case name; the last one counts where a name is given twice."""
    return {name.lower(): value for name, value in request.headers.items()}
