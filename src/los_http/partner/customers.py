"""What staff do about a customer as a person, whatever loans there are."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from los_core.domain.ids import CustomerId
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.auth import requires
from los_http.fields import Body
from los_http.idempotency import Promise
from los_http.routes import post
from los_http.views.money import ApprovalView, approval_view


class ErasureBody(Body):
    """How the customer asked to be forgotten."""

    remark: Annotated[str, Meta(min_length=1, max_length=1000)]


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/partner/brand/{brand_id:uuid}/customers/{customer_id:uuid}",
        tags=["Staff: customers"],
        route_handlers=[erasure],
    )


@post("/erasure", requires(permissions=["erasures:write"]), status=202)
def erasure(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
    customer_id: FromPath[UUID],
    data: JSONBody[ErasureBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    firm_promise: NamedDependency[Promise],
) -> Response[ApprovalView]:
    """Ask that a customer be forgotten; it is done, for good, once a second person approves it."""
    return firm_promise.keep(
        lambda once: services.erasures.ask(
            partner_user, CustomerId(customer_id), remark=data.remark, once=once
        ),
        approval_view,
        of=data,
        status=202,
    )
