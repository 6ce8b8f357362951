"""The customer's bank accounts and bank statement."""

from typing import Any
from uuid import UUID

from litestar import Router
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import JSONBody, MultipartBody

from los_core.domain.customer import BankAccount
from los_core.domain.ids import AccountId
from los_core.domain.kyc import AccountNumber, Ifsc
from los_core.services import Services
from los_core.services.callers import CustomerCaller
from los_http.auth import CUSTOMER
from los_http.fields import AccountText, Body, IfscText, Name, Text
from los_http.routes import post
from los_http.views.people import ProgressView, progress_view

STATEMENT_NAME = "Bank statement.pdf"
"""What an uploaded statement is called: a client's file name is not kept."""
PLACE = AccountId(UUID(int=0))
"""Stands where the service gives the account its id."""


class AccountBody(Body):
    """An account; a primary one takes the place of the present primary."""

    holder: Name
    account_number: AccountText
    ifsc: IfscText
    is_primary: bool = True


class VerifyBody(Body):
    """Which account to check."""

    account_id: UUID


class StatementBody(Body):
    """A statement as the bank made it: a PDF with text; `password` where it has one."""

    file: UploadFile
    password: Text | None = None


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/web/bank",
        tags=["Customer: onboarding"],
        route_handlers=[add_account, verify_account, upload_statement],
    )


@post("/add-account", CUSTOMER, status=201)
def add_account(
    data: JSONBody[AccountBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> ProgressView:
    """Put an account on file."""
    account = BankAccount(
        id=PLACE,
        holder=data.holder,
        number=AccountNumber.parse(data.account_number),
        ifsc=Ifsc.parse(data.ifsc),
        is_primary=data.is_primary,
    )
    return progress_view(services.banking.add_account(customer, account))


@post("/verify", CUSTOMER)
def verify_account(
    data: JSONBody[VerifyBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> ProgressView:
    """Send a rupee and compare the name; ask again while the account is IN_PROGRESS."""
    return progress_view(services.banking.verify_account(customer, AccountId(data.account_id)))


@post("/upload-statement", CUSTOMER)
def upload_statement(
    data: MultipartBody[StatementBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> ProgressView:
    """Read a bank statement and keep the figures rules read of it."""
    file: Any = data.file.file
    return progress_view(
        services.banking.read_statement(
            customer,
            file.read(),
            password=data.password or None,
            name=STATEMENT_NAME,
        )
    )
