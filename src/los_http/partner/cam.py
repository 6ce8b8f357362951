"""The credit appraisal memo."""

from uuid import UUID

import attrs
from litestar import Response, Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from los_core.domain.access import Role
from los_core.domain.errors import NotFound
from los_core.domain.ids import LoanId
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.auth import requires
from los_http.fields import Amount, Body, Count, Remark, Text
from los_http.idempotency import Promise
from los_http.routes import get, post
from los_http.views.decisions import CamView, cam_view


class CamBody(Body):
    """What the memo argues for; its figures come from what is on file."""

    loan_id: UUID
    amount_paise: Amount
    tenure: Count
    end_use: Text = ""
    remarks: Remark = ""


def router() -> Router:
    """Return the routes of this file."""
    return Router("/loans", tags=["Staff: loans"], route_handlers=[save_cam, cam])


@post("/brand/{brand_id:uuid}/cam-calculator/save", requires(permissions=["cam:write"]), status=201)
def save_cam(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
    data: JSONBody[CamBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    promise: NamedDependency[Promise],
) -> Response[CamView]:
    """Save the next version of a loan's memo."""
    return promise.keep(
        lambda once: services.underwriting.save_cam(
            partner_user,
            LoanId(data.loan_id),
            amount=data.amount_paise,
            tenure=data.tenure,
            end_use=data.end_use,
            remarks=data.remarks,
            once=once,
        ),
        cam_view,
        of=data,
        status=201,
    )


@get("/cam-calculator/{loan_id:uuid}", requires(permissions=["cam:read"]))
def cam(
    loan_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> CamView:
    """Show a loan's latest memo; the loan is looked for in the caller's brands only."""
    member = services.platform.staff(partner_user.staff_id)
    everywhere = Role.SUPER_ADMIN in partner_user.roles
    for brand in services.platform.brands():
        if brand.active and (everywhere or (member is not None and brand.id in member.brands)):
            try:
                here = attrs.evolve(partner_user, brand_id=brand.id)
                return cam_view(services.underwriting.cam(here, LoanId(loan_id)))
            except NotFound:
                continue
    raise NotFound("no such loan")
