"""The customer's consents, details and employment, and how far onboarding has come."""

from typing import Annotated

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from los_core.domain.consent import Purpose
from los_core.domain.customer import Employment, PersonalDetails, Residence
from los_core.domain.kyc import Email, Uan
from los_core.services import Services
from los_core.services.callers import CustomerCaller
from los_http.auth import CUSTOMER
from los_http.fields import (
    END,
    Amount,
    Body,
    Code,
    Day,
    EmailText,
    Name,
    Pincode,
    State,
    Text,
    UanText,
    Whole,
)
from los_http.routes import get, post
from los_http.views.people import (
    ConsentsView,
    DetailsView,
    ProgressView,
    consents_view,
    details_view,
    progress_view,
)

Language = Annotated[
    str, Meta(pattern=r"^[a-z]{2}" + END, description="Two letters", examples=["en"])
]


class ConsentBody(Body):
    """What the customer agrees to, in the words of one version of the text."""

    purposes: Annotated[list[Purpose], Meta(min_length=1, max_length=20)]
    text_version: Code
    language: Language


class ResidenceBody(Body):
    """An address in India."""

    line1: Annotated[str, Meta(min_length=1, max_length=200)]
    city: Name
    state: State
    pincode: Pincode
    line2: Text = ""
    residence_type: Annotated[str, Meta(max_length=40)] = ""
    since: Day | None = None


class DetailsBody(Body):
    """What a customer tells of themselves; it replaces what they told before."""

    email: EmailText
    residence: ResidenceBody
    marital_status: Annotated[str, Meta(max_length=40)] = ""
    language: Language = "en"
    household_income_paise: Whole | None = None


class EmploymentBody(Body):
    """The employment a customer declares."""

    employer: Name
    joined_on: Day
    net_salary_paise: Amount
    salary_day: Annotated[int, Meta(ge=1, le=31)]
    designation: Text = ""
    salary_mode: Code = "BANK_TRANSFER"
    employer_category: Code = "UNLISTED"
    company_type: Code = "PVT_LTD"


class UanBody(Body):
    """A provident-fund number; without one it is looked for by phone."""

    uan: UanText | None = None


def routers() -> list[Router]:
    """Return the routes of this file."""
    tags = ["Customer: onboarding"]
    return [
        Router("/web/onboarding", tags=tags, route_handlers=[onboarding]),
        Router("/web/consents", tags=tags, route_handlers=[consents, give_consent]),
        Router("/web/personal-details", tags=tags, route_handlers=[details, update_details]),
        Router("/web/employment", tags=tags, route_handlers=[add_employment, verify_uan]),
    ]


@get("/", CUSTOMER)
def onboarding(
    customer: NamedDependency[CustomerCaller], services: NamedDependency[Services]
) -> ProgressView:
    """Show what is proved, what comes next and what is mandatory."""
    return progress_view(services.onboarding.progress(customer))


@get("/", CUSTOMER)
def consents(
    customer: NamedDependency[CustomerCaller], services: NamedDependency[Services]
) -> ConsentsView:
    """List all consents ever given."""
    return consents_view(services.onboarding.consents(customer), services.clock.now())


@post("/", CUSTOMER, status=201)
def give_consent(
    data: JSONBody[ConsentBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> ConsentsView:
    """Give consents; one already in force stays as it is."""
    given = services.onboarding.consent(
        customer, data.purposes, text_version=data.text_version, language=data.language
    )
    return consents_view(given, services.clock.now())


@get("/", CUSTOMER)
def details(
    customer: NamedDependency[CustomerCaller], services: NamedDependency[Services]
) -> DetailsView:
    """Show what the customer told."""
    return details_view(services.onboarding.progress(customer).customer)


@post("/update", CUSTOMER)
def update_details(
    data: JSONBody[DetailsBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> DetailsView:
    """Replace what the customer told."""
    home = data.residence
    told = PersonalDetails(
        email=Email.parse(data.email),
        residence=Residence(
            line1=home.line1,
            line2=home.line2,
            city=home.city,
            state=home.state,
            pincode=home.pincode,
            residence_type=home.residence_type,
            since=home.since,
        ),
        marital_status=data.marital_status,
        language=data.language,
        household_income=data.household_income_paise,
    )
    return details_view(services.onboarding.update_details(customer, told))


@post("/add", CUSTOMER)
def add_employment(
    data: JSONBody[EmploymentBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> ProgressView:
    """Declare the present employment."""
    declared = Employment(
        employer=data.employer,
        designation=data.designation,
        joined_on=data.joined_on,
        net_salary=data.net_salary_paise,
        salary_day=data.salary_day,
        salary_mode=data.salary_mode,
        employer_category=data.employer_category,
        company_type=data.company_type,
    )
    return progress_view(services.onboarding.add_employment(customer, declared))


@post("/verify-uan", CUSTOMER)
def verify_uan(
    data: JSONBody[UanBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> ProgressView:
    """Ask the provident fund about the declared employment."""
    return progress_view(
        services.onboarding.verify_uan(
            customer, Uan.parse(data.uan) if data.uan is not None else None
        )
    )
