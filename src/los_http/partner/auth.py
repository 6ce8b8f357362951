"""Staff log in by password and second factor, and set both.

Super administrators log in here too; their token is of another audience. Who has yet to enrol the
second factor that their role needs is let in here and nowhere else.
"""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Router
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from los_core.domain.access import Role
from los_core.domain.brand import Brand
from los_core.domain.errors import NotFound
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.addresses import address_of
from los_http.auth import ENROLMENT, PUBLIC, SESSION
from los_http.fields import END, Body, Secret, Shown, View
from los_http.routes import get, post
from los_http.sessions import RefreshBody, SentView, TokensView, device_of, tokens_view

Address = Annotated[str, Meta(min_length=3, max_length=250)]
"""Of whom an e-mail address may be anybody's: it is looked for, not parsed."""
Factor = Annotated[str, Meta(pattern=r"^([0-9]{6})?" + END, description="Six digits, or nothing")]


class LoginBody(Body):
    """A log-in; `totp` where a second factor is enrolled."""

    email: Address
    password: Secret
    totp: Factor = ""


class LoggedInView(TokensView):
    """A fresh pair; with `must_enrol`, it is good only for enrolling a second factor."""

    must_enrol: bool


class EnrolBody(Body):
    """One's password once more, and the present factor's code where one is replaced."""

    password: Secret
    totp: Factor = ""


class EnrolmentView(View):
    """What an authenticator app scans, or a person types; shown this once."""

    secret: Shown
    uri: Shown


class ConfirmBody(Body):
    """The first code of the new factor."""

    totp: Annotated[str, Meta(pattern=r"^[0-9]{6}" + END, description="Six digits")]


class ChangeBody(Body):
    """Another password for the present one."""

    present: Secret
    password: Secret


class ForgottenBody(Body):
    """Whose password is forgotten."""

    email: Address


class ResetBody(Body):
    """A new password, by the code that was mailed or handed over."""

    email: Address
    code: Annotated[str, Meta(min_length=6, max_length=12)]
    password: Secret


class DoneView(View):
    """It is done."""

    done: bool = True


class BrandLine(View):
    """A brand one works for, and which versions of the console's parts it has switched on."""

    id: UUID
    code: str
    name: str
    dashboard_version: int
    loan_ops_version: int
    collection_version: int


class MeView(View):
    """The signed-in member of staff; a permission covers ALL rows, or OWN ones."""

    id: UUID
    name: str
    email: str
    roles: list[str]
    permissions: dict[str, str]
    second_factor: bool
    must_enrol: bool
    brands: list[BrandLine]


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/partner/auth",
        tags=["Staff: log-in"],
        route_handlers=[
            login,
            refresh_token,
            logout,
            me,
            enrol,
            confirm,
            change_password,
            forgot_password,
            reset_password,
        ],
    )


@post("/login", PUBLIC)
def login(
    request: Request[Any, Any, Any],
    data: JSONBody[LoginBody],
    services: NamedDependency[Services],
) -> LoggedInView:
    """Exchange password and second factor for tokens."""
    member, pair = services.staff_login.log_in(
        data.email,
        data.password,
        data.totp,
        device=device_of(request),
        ip=address_of(request),
    )
    return LoggedInView(
        access_token=pair.access,
        refresh_token=pair.refresh,
        expires_at=pair.expires_at,
        must_enrol=member.must_enrol,
    )


@post("/refresh-token", PUBLIC)
def refresh_token(
    request: Request[Any, Any, Any],
    data: JSONBody[RefreshBody],
    services: NamedDependency[Services],
) -> TokensView:
    """Exchange a refresh token for a new pair; one shown twice ends its session."""
    pair = services.sessions.refresh(
        data.refresh_token,
        audience="partner",
        device=device_of(request),
        ip=address_of(request),
    )
    return tokens_view(pair)


@post("/logout", ENROLMENT, status=204)
def logout(partner_user: NamedDependency[StaffCaller], services: NamedDependency[Services]) -> None:
    """End the session."""
    services.sessions.log_out(partner_user)
    services.attendance.leave(partner_user)


@post("/totp/enrol", ENROLMENT)
def enrol(
    data: JSONBody[EnrolBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> EnrolmentView:
    """Begin a second factor, or its replacement."""
    begun = services.staff_login.enrol(partner_user, password=data.password, code=data.totp)
    return EnrolmentView(secret=begun.secret, uri=begun.uri)


@post("/totp/confirm", ENROLMENT)
def confirm(
    data: JSONBody[ConfirmBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> DoneView:
    """Put the begun second factor in force; one's other log-ins end."""
    services.staff_login.confirm(partner_user, data.totp)
    return DoneView()


@post("/change-password", SESSION)
def change_password(
    data: JSONBody[ChangeBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> DoneView:
    """Set another password; one's other log-ins end."""
    services.staff_secrets.change(partner_user, present=data.present, new=data.password)
    return DoneView()


@post("/forgot-password", PUBLIC, status=202)
def forgot_password(
    request: Request[Any, Any, Any],
    data: JSONBody[ForgottenBody],
    services: NamedDependency[Services],
) -> SentView:
    """Mail a code that sets a new password; the answer never tells whether there is anybody."""
    services.staff_secrets.forget(data.email, ip=address_of(request))
    return SentView()


@post("/reset-password", PUBLIC)
def reset_password(
    request: Request[Any, Any, Any],
    data: JSONBody[ResetBody],
    services: NamedDependency[Services],
) -> DoneView:
    """Set a new password by a code; all log-ins of the person end."""
    services.staff_secrets.reset(data.email, data.code, data.password, ip=address_of(request))
    return DoneView()


@get("/me", ENROLMENT)
def me(partner_user: NamedDependency[StaffCaller], services: NamedDependency[Services]) -> MeView:
    """Show who is signed in, and what they may do where."""
    member = services.platform.staff(partner_user.staff_id)
    if member is None:
        raise NotFound("no such member of staff")
    everywhere = Role.SUPER_ADMIN in member.roles
    return MeView(
        id=member.id,
        name=member.name,
        email=member.email.reveal(),
        roles=sorted(member.roles),
        permissions={name: scope.value for name, scope in sorted(partner_user.permissions.items())},
        second_factor=member.totp_confirmed,
        must_enrol=member.must_enrol,
        brands=[
            _line(services, brand)
            for brand in services.platform.brands()
            if brand.active and (everywhere or brand.id in member.brands)
        ],
    )


def _line(services: Services, brand: Brand) -> BrandLine:
    with services.begin(brand.id) as uow:
        settings = uow.lender.settings()
    return BrandLine(
        id=brand.id,
        code=brand.code,
        name=brand.name,
        dashboard_version=settings.dashboard_version,
        loan_ops_version=settings.loan_ops_version,
        collection_version=settings.collection_version,
    )
